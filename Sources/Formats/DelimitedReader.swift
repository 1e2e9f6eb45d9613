/// Reads CSV (RFC 4180) or TSV (PostgreSQL's `COPY` text), record by record, from a text that comes whole or in pieces.
///
/// In CSV an empty unquoted value is `NULL` and `""` an empty text; in TSV `\N` is `NULL`.
public struct DelimitedReader {
    /// What is wrong with the text, and where.
    public typealias Failure = ReadingFailure

    /// Where a value of the current record lies.
    struct Field {
        enum Place: UInt8 {
            case null
            /// In the text as it is.
            case text
            /// In ``DelimitedReader/unescaped``.
            case unescaped
        }

        var place: Place
        var start: Int
        var count: Int
        /// Where it begins in the text, for messages.
        var position: Int
    }

    let isTSV: Bool
    let separator: UInt8
    let quote: UInt8
    let maximumRecordBytes: Int
    let hasHeader: Bool
    /// What was given and not read yet, and what was read of it.
    var bytes: [UInt8]
    var index = 0
    /// Where `bytes` begins in the whole text.
    var offset = 0
    /// The line of the text that the next record begins in, from 1.
    public internal(set) var line = 1
    /// Where in the whole text the line begins.
    var lineStart = 0
    var isOver: Bool
    var fields: [Field] = []
    /// Values without their quotes or escapes.
    var unescaped: [UInt8] = []
    var isAtStart = true
    /// Whether the rest of a line belongs to a record that cannot be read.
    var isPassingLine = false
    /// So many bytes are there of a long record before it is looked at again: otherwise each piece would cost as much as all before it.
    var nextTryBytes = 0

    /// The names the header gave.
    public var columnNames: [String]?

    /// A reader over a whole text.
    ///
    /// - Throws: ``Failure`` when it is not UTF-8.
    public init(_ bytes: [UInt8], isTSV: Bool) throws(Failure) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Failure(line: 1, column: 1, byteOffset: 0, reason: "the text is not UTF-8")
        }
        self.init(isTSV: isTSV, maximumRecordBytes: .max)
        self.bytes = bytes
        isOver = true
    }

    /// A reader of a text that comes in pieces (``append(_:)``).
    ///
    /// - Parameters:
    ///   - separator: what stands between values; a comma in CSV and a tab in TSV by default.
    ///   - hasHeader: whether the first record names the columns.
    ///   - maximumRecordBytes: a longer record is refused, so that memory stays bounded.
    public init(
        isTSV: Bool,
        separator: UInt8? = nil,
        hasHeader: Bool = true,
        maximumRecordBytes: Int = RecordLimits.recordBytes
    ) {
        self.isTSV = isTSV
        self.separator = separator ?? (isTSV ? 0x09 : 0x2C)
        self.hasHeader = hasHeader
        self.maximumRecordBytes = maximumRecordBytes
        quote = 0x22
        bytes = []
        isOver = false
    }

    /// The next record; nil at the end.
    public mutating func next() throws(Failure) -> [String?]? {
        guard case .row = try scan() else { return nil }
        return fields.map { field in
            switch field.place {
            case .null: nil
            case .text: String(decoding: bytes[field.start..<(field.start + field.count)], as: UTF8.self)
            case .unescaped: String(decoding: unescaped[field.start..<(field.start + field.count)], as: UTF8.self)
            }
        }
    }
}
