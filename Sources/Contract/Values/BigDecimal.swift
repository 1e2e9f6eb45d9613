/// An exact decimal number of any precision (SQL `NUMERIC`, `DECIMAL`), kept as its digits.
///
/// `1.10` keeps both of its decimal places, yet equals `1.1`. `NaN` equals itself and is greater than everything, as in PostgreSQL,
/// so that values can be hashed and sorted.
public struct BigDecimal: Sendable {
    enum Class: UInt8, Sendable {
        case negativeInfinity, finite, infinity, nan
    }

    let kind: Class
    let isNegative: Bool
    /// Significant digits '0' … '9', without leading zeros; empty for zero.
    let digits: [UInt8]
    /// How many of the digits stand after the decimal point. Never negative.
    public let scale: Int

    /// The most digits, counting zeros an exponent stands for, that are read; more is refused before memory is spent on it.
    public static let maximumDigits = 1_000_000

    init(kind: Class, isNegative: Bool = false, digits: [UInt8] = [], scale: Int = 0) {
        self.kind = kind
        self.isNegative = isNegative && !digits.isEmpty
        self.digits = digits
        self.scale = scale
    }

    /// Zero.
    public static let zero = BigDecimal(kind: .finite)
    /// Not a number.
    public static let nan = BigDecimal(kind: .nan)
    /// Greater than every number.
    public static let infinity = BigDecimal(kind: .infinity)
    /// Less than every number.
    public static let negativeInfinity = BigDecimal(kind: .negativeInfinity)

    /// Whether this is a number and not infinite.
    public var isFinite: Bool { kind == .finite }
    /// How many significant digits there are; at least 1.
    public var precision: Int { max(digits.count, 1) }

    /// Reads plain or exponent notation, `NaN`, `Infinity`; nil for anything else and for more than ``maximumDigits``.
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        var index = 0
        let end = bytes.count
        var isNegative = false
        if index < end, bytes[index] == 0x2D || bytes[index] == 0x2B {
            isNegative = bytes[index] == 0x2D
            index += 1
        }
        guard index < end else { return nil }
        if bytes[index] &- 48 >= 10, bytes[index] != 0x2E {
            guard end - index <= 8 else { return nil }
            switch String(decoding: bytes[index...], as: UTF8.self).lowercased() {
            case "nan": self = .nan
            case "inf", "infinity": self = isNegative ? .negativeInfinity : .infinity
            default: return nil
            }
            return
        }
        var digits: [UInt8] = []
        digits.reserveCapacity(end - index)
        var scale = 0
        var hasPoint = false
        var digitCount = 0
        while index < end {
            let byte = bytes[index]
            if byte &- 48 < 10 {
                if byte != 48 || !digits.isEmpty { digits.append(byte) }
                if hasPoint { scale += 1 }
                digitCount += 1
            } else if byte == 0x2E, !hasPoint {
                hasPoint = true
            } else {
                break
            }
            index += 1
        }
        guard digitCount > 0, digitCount <= Self.maximumDigits else { return nil }
        if index < end {
            guard bytes[index] | 0x20 == 0x65, end - index <= 12,
                let exponent = Int(String(decoding: bytes[(index + 1)...], as: UTF8.self)),
                abs(exponent) <= Self.maximumDigits
            else { return nil }
            scale -= exponent
            if scale < 0 {
                guard digits.count - scale <= Self.maximumDigits else { return nil }
                if !digits.isEmpty { digits.append(contentsOf: repeatElement(48, count: -scale)) }
                scale = 0
            }
            guard scale <= Self.maximumDigits else { return nil }
        }
        self.init(kind: .finite, isNegative: isNegative, digits: digits, scale: scale)
    }

    /// An integer.
    public init(_ value: some BinaryInteger) {
        let text = String(value.magnitude)
        self.init(kind: .finite, isNegative: value < 0, digits: value == 0 ? [] : Array(text.utf8))
    }

    /// The shortest decimal that reads back as this double.
    public init(_ value: Double) {
        self = BigDecimal("\(value)") ?? .nan
    }

    /// The number as an integer; nil when it has a fraction or does not fit.
    public func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T? {
        guard isFinite else { return nil }
        let whole = digits.dropLast(scale)
        guard digits.suffix(min(scale, digits.count)).allSatisfy({ $0 == 48 }) else { return nil }
        if whole.isEmpty { return 0 }
        return T((isNegative ? "-" : "") + String(decoding: whole, as: UTF8.self))
    }

    /// The nearest double.
    public var doubleValue: Double { Double(description) ?? .nan }
}

extension BigDecimal: LosslessStringConvertible, Codable {
    /// Plain notation with all decimal places: `-12.340`, `NaN`, `Infinity`.
    public var description: String {
        switch kind {
        case .nan: return "NaN"
        case .infinity: return "Infinity"
        case .negativeInfinity: return "-Infinity"
        case .finite: break
        }
        var text: [UInt8] = []
        text.reserveCapacity(max(digits.count, scale) + 3)
        if isNegative { text.append(0x2D) }
        let wholeCount = digits.count - scale
        if wholeCount > 0 { text.append(contentsOf: digits[..<wholeCount]) } else { text.append(48) }
        if scale > 0 {
            text.append(0x2E)
            if wholeCount < 0 { text.append(contentsOf: repeatElement(48, count: -wholeCount)) }
            text.append(contentsOf: digits[max(wholeCount, 0)...])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads what ``init(utf8:)`` reads.
    public init?(_ text: String) {
        guard let value = text.withUTF8Bytes({ BigDecimal(utf8: $0) }) else { return nil }
        self = value
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = BigDecimal(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "Not a decimal number.")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension BigDecimal: Hashable, Comparable {
    private var normalized: (digits: ArraySlice<UInt8>, scale: Int) {
        var digits = digits[...]
        var scale = scale
        while scale > 0, digits.last == 48 {
            digits.removeLast()
            scale -= 1
        }
        return (digits, digits.isEmpty ? 0 : scale)
    }

    public static func == (left: BigDecimal, right: BigDecimal) -> Bool {
        let (a, b) = (left.normalized, right.normalized)
        return left.kind == right.kind && left.isNegative == right.isNegative && a.scale == b.scale
            && a.digits == b.digits
    }

    public func hash(into hasher: inout Hasher) {
        let normalized = normalized
        hasher.combine(kind.rawValue)
        hasher.combine(isNegative)
        hasher.combine(normalized.scale)
        hasher.combine(normalized.digits)
    }

    public static func < (left: BigDecimal, right: BigDecimal) -> Bool {
        guard left.kind == .finite, right.kind == .finite else { return left.kind.rawValue < right.kind.rawValue }
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? right.hasSmallerMagnitude(than: left) : left.hasSmallerMagnitude(than: right)
    }

    private func hasSmallerMagnitude(than other: BigDecimal) -> Bool {
        let (a, b) = (normalized, other.normalized)
        if a.digits.isEmpty || b.digits.isEmpty { return a.digits.isEmpty && !b.digits.isEmpty }
        let (wholeA, wholeB) = (a.digits.count - a.scale, b.digits.count - b.scale)
        if wholeA != wholeB { return wholeA < wholeB }
        return a.digits.lexicographicallyPrecedes(b.digits)
    }
}
