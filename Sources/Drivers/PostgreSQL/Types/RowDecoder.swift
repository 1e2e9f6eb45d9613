import Roost

/// Writes `DataRow` messages into batches of the shared cell layout, in one pass that checks every length.
struct RowDecoder: ~Copyable {
    private var builder: RowBatchBuilder
    private let columns: [ColumnCodec]

    init(columns: [ColumnCodec], rowCapacity: Int = 8, heapCapacity: Int = 256) {
        self.columns = columns
        builder = RowBatchBuilder(columnCount: columns.count, rowCapacity: rowCapacity, heapCapacity: heapCapacity)
    }

    var rowCount: Int { builder.rowCount }
    var byteCount: Int { builder.byteCount }

    /// The rows so far as a batch; starts again.
    mutating func takeBatch() -> RowBatch { builder.takeBatch() }

    /// The rows as a batch; ends the decoder.
    consuming func finish() -> RowBatch { builder.finish() }

    /// Decodes `DataRow` messages one after the other until another message, an incomplete one, or a full batch.
    ///
    /// - Returns: the bytes used.
    /// - Throws: `internal.protocolViolation` for a row that contradicts itself or its description.
    mutating func decodeRows(_ bytes: UnsafeRawBufferPointer, batchBytes: Int) throws(DatabaseError) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var used = 0
        let count = bytes.count
        while count &- used >= 7, builder.byteCount < batchBytes {
            let start = base + used
            guard start.load(as: UInt8.self) == BackendTag.dataRow.rawValue else { break }
            let length = Int(Int32(bigEndian: (start + 1).loadUnaligned(as: Int32.self)))
            guard length >= 6, length <= BackendTag.dataRow.maximumLength else { throw Self.malformed }
            guard count &- used > length else { break }
            try decodeRow(UnsafeRawBufferPointer(start: start + 5, count: length - 4))
            used += length + 1
        }
        return used
    }

    /// Passes over `DataRow` messages until another message or an incomplete one; returns the bytes used.
    static func skipRows(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var used = 0
        let count = bytes.count
        while count &- used >= 5, (base + used).load(as: UInt8.self) == BackendTag.dataRow.rawValue {
            let length = Int(Int32(bigEndian: (base + used + 1).loadUnaligned(as: Int32.self)))
            guard length >= 6, length <= BackendTag.dataRow.maximumLength else { throw malformed }
            guard count &- used > length else { break }
            used += length + 1
        }
        return used
    }

    /// Decodes the body of one `DataRow`.
    private mutating func decodeRow(_ body: UnsafeRawBufferPointer) throws(DatabaseError) {
        guard var position = body.baseAddress else { throw Self.malformed }
        let end = position + body.count
        guard Int(UInt16(bigEndian: position.loadUnaligned(as: UInt16.self))) == columns.count else {
            throw PostgreSQLErrors.violation("a row has another number of columns than its description")
        }
        position += 2
        for column in columns {
            guard end - position >= 4 else { throw Self.malformed }
            let length = Int(Int32(bigEndian: position.loadUnaligned(as: Int32.self)))
            position += 4
            if length < 0 {
                builder.append(Cell(kind: .null))
                continue
            }
            guard end - position >= length else { throw Self.malformed }
            let value = UnsafeRawBufferPointer(start: position, count: length)
            if column.isBinary {
                try Self.appendBinary(value, column, to: &builder)
            } else {
                try Self.appendText(value, column, to: &builder)
            }
            position += length
        }
        guard position == end else { throw Self.malformed }
        try builder.endRow()
    }

    static var malformed: DatabaseError { PostgreSQLErrors.violation("a row is malformed") }
}
