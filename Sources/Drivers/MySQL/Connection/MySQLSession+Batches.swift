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
                try buffer.writePacket(sequence: &sequence) { (buffer) throws(DatabaseError) in
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
                try buffer.writePacket(sequence: &sequence) { (buffer) throws(DatabaseError) in
                    let start = buffer.writerIndex
                    buffer.writeInteger(Command.bulkExecute)
                    buffer.writeInteger(statement.id, endianness: .little)
                    // The types are sent.
                    buffer.writeInteger(UInt16(128), endianness: .little)
                    for type in types {
                        buffer.writeMultipleIntegers(type.type.rawValue, UInt8(type.isUnsigned ? 0x80 : 0))
                    }
                    while row < rows.rowCount, buffer.writerIndex - start < Self.bulkBytes {
                        try rows.withCells(ofRow: row) { (cells, heap) throws(DatabaseError) in
                            for cell in cells {
                                buffer.writeInteger(UInt8(cell.kind == .null ? 1 : 0))
                                if cell.kind != .null { try CellEncoding.write(cell, heap: heap, to: &buffer) }
                            }
                        }
                        row += 1
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
            try buffer.writePacket(sequence: &sequence) { (buffer) throws(DatabaseError) in
                buffer.writeExecuteHead(statement.id)
                let start = buffer.writerIndex
                let count = range.count * rows.columnCount
                buffer.writeRepeatingByte(0, count: (count + 7) / 8)
                buffer.writeInteger(UInt8(1))
                var index = 0
                for row in range {
                    rows.withCells(ofRow: row) { cells, _ in
                        for cell in cells {
                            if cell.kind == .null {
                                let place = start + index / 8
                                let byte = buffer.getInteger(at: place, as: UInt8.self) ?? 0
                                buffer.setInteger(byte | 1 << UInt8(index % 8), at: place)
                            }
                            let type = CellEncoding.type(of: cell) ?? (.null, false)
                            buffer.writeMultipleIntegers(type.type.rawValue, UInt8(type.isUnsigned ? 0x80 : 0))
                            index += 1
                        }
                    }
                }
                for row in range {
                    try rows.withCells(ofRow: row) { (cells, heap) throws(DatabaseError) in
                        for cell in cells where cell.kind != .null {
                            try CellEncoding.write(cell, heap: heap, to: &buffer)
                        }
                    }
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
}
