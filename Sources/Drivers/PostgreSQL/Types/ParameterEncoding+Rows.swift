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
}
