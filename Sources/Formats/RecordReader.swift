public import Roost

/// Why a text cannot be read, and where.
public struct ReadingFailure: Error, CustomStringConvertible, Sendable {
    /// The line, from 1.
    public var line: Int
    /// The position in the line in bytes, from 1.
    public var column: Int
    /// The position in the text in bytes, from 0.
    public var byteOffset: Int
    /// What is wrong. Never the value itself.
    public var reason: String
    /// Whether it is about one record alone, and the reader goes on with the next.
    public var isOfOneRecord: Bool

    /// A failure.
    public init(line: Int, column: Int, byteOffset: Int, reason: String, isOfOneRecord: Bool = false) {
        self.line = line
        self.column = column
        self.byteOffset = byteOffset
        self.reason = reason
        self.isOfOneRecord = isOfOneRecord
    }

    /// `line 3, column 7 (byte 41): a quote is not closed`
    public var description: String { "line \(line), column \(column) (byte \(byteOffset)): \(reason)" }
}

/// Reads records from a text that comes in pieces, straight into batches.
public protocol RecordReader {
    /// The names of the columns, in the order of the cells; nil before they are known.
    var columnNames: [String]? { get }

    /// The line of the text that the next record begins in, from 1.
    var line: Int { get }

    /// More of the text. Keeps what was not read yet, at most ``RecordLimits/recordBytes`` and one piece.
    mutating func append(_ bytes: UnsafeRawBufferPointer)

    /// The text is over.
    mutating func end()

    /// Reads the header of a text that has one.
    ///
    /// - Returns: false when more of the text is needed.
    mutating func readHeader() throws(ReadingFailure) -> Bool

    /// Reads the next record into a row of `builder`.
    ///
    /// - Parameter kinds: what each column's text is to be read as.
    /// - Throws: what is wrong with the record. Where that is ``ReadingFailure/isOfOneRecord`` the next call reads the one behind it.
    mutating func readRecord(
        into builder: inout RowBatchBuilder,
        as kinds: [ValueKind]
    ) throws(ReadingFailure) -> RecordOutcome
}

/// What came of reading a record.
public enum RecordOutcome: Sendable {
    /// A row was read.
    case row
    /// More of the text is needed.
    case needsInput
    /// The text is over.
    case end
}

/// Bounds of what is believed of a text from outside.
public enum RecordLimits {
    /// The most bytes of one record by default: as many as a batch should ever have to hold.
    public static let recordBytes = 64 << 20
}
