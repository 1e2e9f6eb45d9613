import NIOCore
import Roost
import WireProtocol

extension MySQLSession {
    /// Bytes of rows in one command: within what every server takes (`max_allowed_packet` is 16 MiB where nobody set it).
    private static let bulkBytes = 4 << 20

    /// Writes what runs a statement once for each row of a batch: MariaDB's bulk command where it serves, otherwise one execution
    /// after the other, all in one go.
    func writeBatch(_ rows: RowBatch, _ statement: ServerStatement, _ exchange: Exchange) throws(DatabaseError) {
        if machine.capabilities.contains(.bulkOperations), exchange.passesOverRows, statement.columns.isEmpty,
            !statement.refusesBulk, let types = CellEncoding.types(of: rows)
        {
            return try writeBulk(rows, types, statement, exchange)
        }
        exchange.executionsLeft = rows.rowCount
        try transport.write { (buffer) throws(DatabaseError) in
            for row in 0..<rows.rowCount {
                var values: [Value] = []
                values.reserveCapacity(rows.columnCount)
                for column in 0..<rows.columnCount { values.append(rows.value(row: row, column: column) ?? .null) }
                var sequence: UInt8 = 0
                try buffer.writePacket(sequence: &sequence, in: frames) { (buffer) throws(DatabaseError) in
                    buffer.writeExecuteHead(statement.id)
                    try ParameterEncoding.write(values, to: &buffer)
                }
            }
        }
    }

    /// `COM_STMT_BULK_EXECUTE` (MariaDB), as many as the rows fill: the types once, then a mark and the value of each cell.
    private func writeBulk(
        _ rows: RowBatch,
        _ types: [(type: MySQLType, isUnsigned: Bool)],
        _ statement: ServerStatement,
        _ exchange: Exchange
    ) throws(DatabaseError) {
        var commands = 0
        try transport.write { (buffer) throws(DatabaseError) in
            var row = 0
            while row < rows.rowCount {
                commands += 1
                var sequence: UInt8 = 0
                try buffer.writePacket(sequence: &sequence, in: frames) { (buffer) throws(DatabaseError) in
                    let start = buffer.writerIndex
                    buffer.writeInteger(Command.bulkExecute)
                    buffer.writeInteger(statement.id, endianness: .little)
                    // The types are sent.
                    buffer.writeInteger(UInt16(128), endianness: .little)
                    for type in types {
                        buffer.writeMultipleIntegers(type.type.rawValue, UInt8(type.isUnsigned ? 0x80 : 0))
                    }
                    while row < rows.rowCount, buffer.writerIndex - start < Self.bulkBytes {
                        try buffer.writeRows(rows, from: &row, to: rows.rowCount, marksNulls: true)
                    }
                }
            }
        }
        exchange.executionsLeft = commands
    }

    /// Writes an execution whose parameters are the cells of several rows, one row after the other.
    func writeRows(_ rows: RowBatch, _ range: Range<Int>, _ statement: ServerStatement) throws(DatabaseError) {
        var sequence: UInt8 = 0
        try transport.write { (buffer) throws(DatabaseError) in
            try buffer.writePacket(sequence: &sequence, in: frames) { (buffer) throws(DatabaseError) in
                buffer.writeExecuteHead(statement.id)
                buffer.writeNulls(of: rows, range)
                buffer.writeInteger(UInt8(1))
                buffer.writeTypes(of: rows, range)
                var row = range.lowerBound
                while row < range.upperBound {
                    try buffer.writeRows(rows, from: &row, to: range.upperBound, marksNulls: false)
                }
            }
        }
    }
}

extension ByteBuffer {
    /// `COM_STMT_EXECUTE` up to the values: once, and without a cursor or with one that reads (`CURSOR_TYPE_READ_ONLY`).
    mutating func writeExecuteHead(_ id: UInt32, opensCursor: Bool = false) {
        writeInteger(Command.execute)
        writeInteger(id, endianness: .little)
        writeInteger(UInt8(opensCursor ? 1 : 0))
        writeInteger(UInt32(1), endianness: .little)
    }

    /// `COM_STMT_PREPARE`
    mutating func writePrepare(_ text: String) {
        writeInteger(Command.prepare)
        writeString(text)
    }
}

extension ByteBuffer {
    /// How many bytes of rows are written before the buffer is asked for more room.
    private static let chunkBytes = 65_536

    /// Writes the cells of rows that are not NULL, until there are no more or a chunk is full; `row` is the next one then.
    ///
    /// - Parameter marksNulls: whether each cell has a byte before it that says whether it is NULL, as `COM_STMT_BULK_EXECUTE` wants it.
    fileprivate mutating func writeRows(
        _ rows: RowBatch,
        from row: inout Int,
        to end: Int,
        marksNulls: Bool
    ) throws(DatabaseError) {
        var failure: DatabaseError?
        var next = row
        let needed = rows.withCells(ofRow: row) { cells, _ in cells.reduce(0) { $0 + CellEncoding.room(for: $1) } }
        writeWithUnsafeMutableBytes(minimumWritableBytes: max(needed, Self.chunkBytes)) { memory in
            guard let start = memory.baseAddress else { return 0 }
            var position = start
            while next < end {
                let isWritten = rows.withCells(ofRow: next) { cells, heap in
                    let room = cells.reduce(0) { $0 + CellEncoding.room(for: $1) }
                    guard memory.count - (position - start) >= room else { return false }
                    do throws(DatabaseError) {
                        for cell in cells {
                            let isNull = cell.kind == .null
                            if marksNulls { position.put(UInt8(isNull ? 1 : 0)) }
                            if !isNull { try CellEncoding.write(cell, heap: heap, to: &position) }
                        }
                    } catch {
                        failure = error
                        return false
                    }
                    return true
                }
                guard isWritten else { break }
                next += 1
            }
            return position - start
        }
        if let failure { throw failure }
        row = next
    }

    /// Writes the types of the rows' cells. That of the column where it has one, for NULL too: the server keeps what it knows of a
    /// statement whose types stay.
    fileprivate mutating func writeTypes(of rows: RowBatch, _ range: Range<Int>) {
        func bytes(_ type: (type: MySQLType, isUnsigned: Bool)) -> [UInt8] {
            [type.type.rawValue, type.isUnsigned ? 0x80 : 0]
        }
        if let types = CellEncoding.types(of: rows, range) {
            let ofRow = types.flatMap(bytes)
            for _ in range { writeBytes(ofRow) }
            return
        }
        for row in range {
            rows.withCells(ofRow: row) { cells, _ in
                for cell in cells { writeBytes(bytes(CellEncoding.type(of: cell) ?? (.null, false))) }
            }
        }
    }

    /// Writes a bit for each cell of the rows that says whether it is NULL, the lowest bit first.
    fileprivate mutating func writeNulls(of rows: RowBatch, _ range: Range<Int>) {
        var (byte, bit) = (UInt8(0), UInt8(1))
        for row in range {
            rows.withCells(ofRow: row) { cells, _ in
                for cell in cells {
                    if cell.kind == .null { byte |= bit }
                    bit <<= 1
                    guard bit == 0 else { continue }
                    writeInteger(byte)
                    (byte, bit) = (0, 1)
                }
            }
        }
        if bit != 1 { writeInteger(byte) }
    }
}
