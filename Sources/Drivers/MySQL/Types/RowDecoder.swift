import Roost

/// Writes the rows of a result into batches of the shared cell layout, in one pass that checks every length.
struct RowDecoder: ~Copyable {
    typealias ZeroDates = MySQLConfiguration.ZeroDates

    private var builder: RowBatchBuilder
    private let codecs: [CellCodec]
    private let isBinary: Bool
    private let zeroDates: ZeroDates
    private var lastDate = KnownDate()

    init(_ codecs: [CellCodec], isBinary: Bool, zeroDates: ZeroDates) {
        self.codecs = codecs
        self.isBinary = isBinary
        self.zeroDates = zeroDates
        builder = RowBatchBuilder(columnCount: codecs.count)
    }

    var rowCount: Int { builder.rowCount }
    var byteCount: Int { builder.byteCount }

    /// The rows so far as a batch; starts again.
    mutating func takeBatch() -> RowBatch { builder.takeBatch() }

    /// The rows as a batch; ends the decoder.
    consuming func finish() -> RowBatch { builder.finish() }

    /// Drops the cells of a row that could not be read.
    mutating func abandonRow() { builder.abandonRow() }

    /// Decodes one row's payload.
    ///
    /// - Throws: `internal.protocolViolation` for a row that contradicts itself or its description, `data.malformedValue` for a zero
    ///   date where those are errors.
    mutating func decodeRow(_ payload: UnsafeRawBufferPointer) throws(DatabaseError) {
        if isBinary { try decodeBinaryRow(payload) } else { try decodeTextRow(payload) }
        try builder.endRow()
    }

    /// `Binary Protocol Resultset Row`: a zero byte, a bit for each column that is NULL, from the third bit on, and the others' values.
    @inline(__always)
    private mutating func decodeBinaryRow(_ payload: UnsafeRawBufferPointer) throws(DatabaseError) {
        let bitmapSize = (codecs.count + 9) / 8
        guard payload.count > bitmapSize, let start = payload.baseAddress else { throw Self.malformed }
        var reader = PacketReader(UnsafeRawBufferPointer(rebasing: payload[(1 + bitmapSize)...]))
        for index in codecs.indices {
            let bit = index + 2
            if (start + 1 + bit / 8).load(as: UInt8.self) & (1 << UInt8(bit % 8)) != 0 {
                builder.append(Cell(kind: .null))
            } else {
                let codec = codecs[index]
                switch codec {
                case .timestamp, .dateTime:
                    guard let moment = Self.plainMoment(&reader, &lastDate) else { fallthrough }
                    builder.append(Cell(kind: codec.kind, payload: UInt64(bitPattern: moment)))
                default: try Self.appendBinary(&reader, codec, zeroDates, to: &builder)
                }
            }
        }
        guard reader.remaining == 0 else { throw Self.malformed }
    }

    /// `Text Resultset Row`: every value as text with its length before it, or a mark for NULL.
    private mutating func decodeTextRow(_ payload: UnsafeRawBufferPointer) throws(DatabaseError) {
        var reader = PacketReader(payload)
        for codec in codecs {
            if reader.rest.first == 0xFB {
                _ = reader.skip(1)
                builder.append(Cell(kind: .null))
                continue
            }
            guard let value = reader.lengthEncodedBytes() else { throw Self.malformed }
            try Self.appendText(value, codec, zeroDates, to: &builder)
        }
        guard reader.remaining == 0 else { throw Self.malformed }
    }

    static var malformed: DatabaseError { MySQLErrors.violation("a row is malformed") }

    /// What becomes of a date that is none.
    static func appendZeroDate(
        _ text: @autoclosure () -> String,
        _ policy: ZeroDates,
        to builder: inout RowBatchBuilder
    ) throws(DatabaseError) {
        switch policy {
        case .null: builder.append(Cell(kind: .null))
        case .text: builder.append(text())
        case .error:
            throw DatabaseError(
                .data,
                .malformedValue,
                "Row \(builder.rowCount + 1) holds a date with a year, month or day of zero, which is none.",
                hint: "Set zero_dates=null or zero_dates=text in the URL to read such dates.",
                engine: MySQLErrors.engine
            )
        }
    }
}
