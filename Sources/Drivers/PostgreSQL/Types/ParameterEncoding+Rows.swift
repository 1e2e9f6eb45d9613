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

    /// Writes `Bind` and `Execute` for each row of a batch.
    ///
    /// - Parameter codecs: how results are asked for; nil when nobody wants them but their number.
    static func write(
        _ rows: RowBatch,
        for target: ServerStatement,
        codecs: [ColumnCodec]?,
        to buffer: inout ByteBuffer
    ) throws(DatabaseError) {
        // Bind without its values: the formats asked for end it.
        var pattern = ByteBuffer()
        try pattern.writeBind(target, codecs: codecs) { (_) throws(DatabaseError) in }
        let formats = 2 + 2 * (codecs?.count ?? 0)
        let head = Array(pattern.readableBytesView.dropLast(formats))
        var tail = ByteBuffer(bytes: pattern.readableBytesView.suffix(formats))
        tail.writeExecute()
        let frame = RowFrame(head: head, tail: Array(tail.readableBytesView), length: (offset: 1, tail: formats))
        let types = target.parameterTypes
        try buffer.writeRows(rows, as: types, in: frame) { (cell, heap, column, buffer) throws(DatabaseError) in
            try write(CellView.value(of: cell, heap: heap), as: types[column], to: &buffer)
        }
    }
}
