/// The text is `empty`, or bounds in brackets: `[1,4)`, `(,2024-01-31]`, `["2024-01-01 00:00:00",infinity)` (8.17.5).
extension PostgreSQLRange: PostgreSQLTextValue {
    /// Reads `range_out`'s text in one pass.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        var scanner = TextScanner(utf8)
        guard let range = Self(&scanner), scanner.isAtEnd else { return nil }
        self = range
    }

    /// Reads a range and the blanks around it.
    init?(_ scanner: inout TextScanner) {
        scanner.skipSpaces()
        if scanner.skip(word: "empty") {
            self = .empty
        } else {
            let includesLower = scanner.skip("[")
            guard includesLower || scanner.skip("("), let lower = Self.endpoint(&scanner), scanner.skip(","),
                let upper = Self.endpoint(&scanner)
            else { return nil }
            let includesUpper = scanner.skip("]")
            guard includesUpper || scanner.skip(")") else { return nil }
            guard let range = Self(lower: lower(includesLower), upper: upper(includesUpper)) else { return nil }
            self = range
        }
        scanner.skipSpaces()
    }

    /// Reads a bound; what it is as an endpoint only the brackets say.
    private static func endpoint(_ scanner: inout TextScanner) -> ((_ isInclusive: Bool) -> Endpoint)? {
        switch scanner.element(endsAtSquare: true) {
        case .malformed: return nil
        case .none: return { _ in .unbounded }
        case .text(let text):
            guard let bound = text.withUnsafeBytes({ Bound(postgreSQLText: $0) }) else { return nil }
            return { $0 ? .inclusive(bound) : .exclusive(bound) }
        }
    }

    /// The text, with the endpoints as they are.
    public var postgreSQLText: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func append(to bytes: inout [UInt8]) {
        guard let lower, let upper else { return bytes.append(contentsOf: "empty".utf8) }
        bytes.append(lower.isInclusive ? UInt8(ascii: "[") : UInt8(ascii: "("))
        if let bound = lower.bound { bytes.append(element: bound.postgreSQLText, in: Self.isSpecial) }
        bytes.append(UInt8(ascii: ","))
        if let bound = upper.bound { bytes.append(element: bound.postgreSQLText, in: Self.isSpecial) }
        bytes.append(upper.isInclusive ? UInt8(ascii: "]") : UInt8(ascii: ")"))
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: ","):
            true
        default: false
        }
    }
}
