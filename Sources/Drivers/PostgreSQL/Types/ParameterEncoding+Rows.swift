import NIOCore
import Roost

extension ParameterEncoding {
    /// The types the columns of a batch of rows are declared as: that of their values where they agree, otherwise left to the server.
    static func types(of rows: RowBatch) -> [PostgreSQLType] {
        var types = [PostgreSQLType?](repeating: nil, count: rows.columnCount)
        for index in 0..<rows.rowCount {
            rows.withCells(ofRow: index) { cells, heap in
                for (column, cell) in cells.enumerated() where cell.kind != .null && types[column] != .unspecified {
                    let type =
                        switch cell.kind {
                        case .array, .uint: self.type(of: CellView.value(of: cell, heap: heap))
                        default: self.type(ofKind: cell.kind)
                        }
                    types[column] = types[column] == nil || types[column] == type ? type : .unspecified
                }
            }
        }
        return types.map { $0 ?? .unspecified }
    }

    /// Writes one cell of a row as a parameter; the common kinds without making a ``Value`` of them.
    @inline(__always)
    static func write(
        _ cell: Cell,
        heap: UnsafeRawPointer,
        as type: PostgreSQLType,
        to buffer: inout ByteBuffer
    ) throws(DatabaseError) {
        switch (cell.kind, type) {
        case (.null, _): buffer.writeInteger(Int32(-1))
        case (.int, .int8): buffer.writeMultipleIntegers(Int32(8), cell.payload)
        case (.double, .float8): buffer.writeMultipleIntegers(Int32(8), cell.payload)
        case (.text, _), (.json, _):
            buffer.writeInteger(Int32(truncatingIfNeeded: cell.length))
            buffer.writeBytes(
                UnsafeRawBufferPointer(start: heap + Int(truncatingIfNeeded: cell.payload), count: Int(cell.length))
            )
        default: try write(CellView.value(of: cell, heap: heap), as: type, to: &buffer)
        }
    }

    /// Writes `Bind` and `Execute` for each row of a batch, whose results nobody wants but their number.
    static func write(
        _ rows: RowBatch,
        for target: ServerStatement,
        to buffer: inout ByteBuffer
    ) throws(DatabaseError) {
        var pattern = ByteBuffer()
        try pattern.writeBind(target, codecs: nil) { (_) throws(DatabaseError) in }
        // What stands between the message's length and its values; after them come no result formats, and Execute.
        let head = Array(pattern.readableBytesView.dropFirst(5).dropLast(2))
        var tail = ByteBuffer(integer: UInt16(0))
        tail.writeExecute()
        let end = Array(tail.readableBytesView)
        let types = target.parameterTypes
        var row = 0
        while row < rows.rowCount {
            // A common value takes twelve bytes at most beside its text, less than its cell.
            let room = (rows.rowCount - row) * (5 + head.count + end.count) + rows.byteCount
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { memory in
                guard let start = memory.baseAddress else { return 0 }
                var writer = RawWriter(start, room: memory.count)
                while row < rows.rowCount, bind(rows, row, types, head, end, to: &writer) { row += 1 }
                return writer.position - start
            }
            guard row < rows.rowCount else { return }
            try buffer.writeBind(target, codecs: nil) { (buffer) throws(DatabaseError) in
                try rows.withCells(ofRow: row) { (cells, heap) throws(DatabaseError) in
                    for (cell, type) in zip(cells, types) { try write(cell, heap: heap, as: type, to: &buffer) }
                }
            }
            buffer.writeExecute()
            row += 1
        }
    }

    /// Writes both messages for a row of common kinds; false, and nothing written, when it has another or there is no room.
    @inline(__always)
    private static func bind(
        _ rows: RowBatch,
        _ row: Int,
        _ types: [PostgreSQLType],
        _ head: [UInt8],
        _ end: [UInt8],
        to writer: inout RawWriter
    ) -> Bool {
        guard writer.room >= 5 + head.count else { return false }
        let start = writer.position
        writer.store(UInt8(ascii: "B"))
        writer.store(UInt32(0))
        head.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress { writer.copy(source, count: bytes.count) }
        }
        let isCommon = rows.withCells(ofRow: row) { cells, heap in
            for index in 0..<min(cells.count, types.count) {
                let cell = cells[index]
                guard writer.room >= 12 else { return false }
                switch (cell.kind, types[index].rawValue) {
                case (.null, _): writer.store(Int32(-1))
                case (.int, 20), (.double, 701):
                    writer.store(Int32(8))
                    writer.store(cell.payload)
                case (.text, 0), (.json, 0), (.bytes, 17):
                    let length = Int(cell.length)
                    guard writer.room >= 4 + length else { return false }
                    writer.store(Int32(truncatingIfNeeded: length))
                    writer.copy(heap + Int(truncatingIfNeeded: cell.payload), count: length)
                default: return false
                }
            }
            return writer.room >= end.count
        }
        guard isCommon else {
            writer.rewind(to: start)
            return false
        }
        // The length counts itself and the result formats, which are the first two bytes of the end.
        let length = UInt32(truncatingIfNeeded: writer.position - start + 1)
        (start + 1).storeBytes(of: length.bigEndian, as: UInt32.self)
        end.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress { writer.copy(source, count: bytes.count) }
        }
        return true
    }
}
