/// Reads the texts of PostgreSQL's output functions byte by byte.
struct TextScanner {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { index >= bytes.count }
    var next: UInt8? { index < bytes.count ? bytes[index] : nil }
    /// Bytes not read yet.
    var remaining: Int { bytes.count - index }

    /// What PostgreSQL's `isspace` finds blank.
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    mutating func skip(_ scalar: Unicode.Scalar) -> Bool { skip(UInt8(ascii: scalar)) }

    mutating func skipSpaces() {
        while let byte = next, Self.isSpace(byte) { index += 1 }
    }

    /// Passes over a byte and the blanks around it.
    mutating func skipSpaced(_ scalar: Unicode.Scalar) -> Bool {
        skipSpaces()
        guard skip(scalar) else { return false }
        skipSpaces()
        return true
    }

    /// Passes over a word in lower case, whatever the case it is written in.
    mutating func skip(word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard remaining >= count else { return false }
        for offset in 0..<count where bytes[index + offset] | 0x20 != word.utf8Start[offset] { return false }
        index += count
        return true
    }

    /// The bytes up to the first that is not wanted, or the end.
    mutating func take(while isWanted: (UInt8) -> Bool) -> UnsafeRawBufferPointer {
        let start = index
        while let byte = next, isWanted(byte) { index += 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<index])
    }

    /// A number of up to so many digits.
    mutating func integer(digits maximum: Int) -> Int? {
        let digits = take { $0 &- 48 < 10 }
        guard !digits.isEmpty, digits.count <= maximum else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 &- 48) }
    }

    /// A double, up to a separator or a bracket.
    mutating func double() -> Double? {
        let text = take { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return Double(String(decoding: text, as: UTF8.self))
    }

    /// A range's bound or a composite's field: the text up to a comma or bracket outside of quotes; none where nothing stands.
    ///
    /// A backslash takes the next byte as it is, and in quotes two double quotes stand for one.
    ///
    /// - Parameter endsAtSquare: whether a square bracket is one.
    mutating func element(endsAtSquare: Bool) -> Element {
        var text: [UInt8] = []
        var isInQuotes = false
        var hasQuotes = false
        while let byte = next {
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: ")"), UInt8(ascii: "]"):
                if !isInQuotes, endsAtSquare || byte != UInt8(ascii: "]") {
                    return text.isEmpty && !hasQuotes ? .none : .text(text)
                }
                text.append(byte)
            case UInt8(ascii: "\\"):
                index += 1
                guard let escaped = next else { return .malformed }
                text.append(escaped)
            case UInt8(ascii: "\""):
                if !isInQuotes {
                    isInQuotes = true
                    hasQuotes = true
                } else if index + 1 < bytes.count, bytes[index + 1] == byte {
                    index += 1
                    text.append(byte)
                } else {
                    isInQuotes = false
                }
            default: text.append(byte)
            }
            index += 1
        }
        return .malformed
    }

    enum Element {
        case none
        case text([UInt8])
        case malformed
    }
}

extension [UInt8] {
    /// Appends a range's bound or a composite's field, in quotes where its output function writes them: around blanks, nothing, and
    /// what would be taken for the text around it, which for a range are square brackets too.
    mutating func append(element text: String, in isSpecial: (UInt8) -> Bool) {
        let needsQuotes = text.isEmpty || text.utf8.contains { TextScanner.isSpace($0) || isSpecial($0) }
        guard needsQuotes else { return append(contentsOf: text.utf8) }
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(byte) }
            append(byte)
        }
        append(UInt8(ascii: "\""))
    }
}
