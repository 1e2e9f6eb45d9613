extension RowBatch {
    /// Whether two cells hold the same value in the same form; `1.0` and `1.00` of a decimal are told apart. False outside a batch.
    package func hasCell(row: Int, column: Int, equalTo other: RowBatch, row otherRow: Int, column otherColumn: Int)
        -> Bool
    {
        guard let cell = cell(row: row, column: column), let known = other.cell(row: otherRow, column: otherColumn),
            cell.kind == known.kind, cell.length == known.length, cell.extra == known.extra, cell.flags == known.flags
        else { return false }
        switch cell.kind {
        case .array, .object:
            return CellView(cell: cell, heap: UnsafeRawPointer(heap)).value
                == CellView(cell: known, heap: UnsafeRawPointer(other.heap)).value
        case .text, .json, .decimal, .bytes, .uuid, .interval:
            return CellView(cell: cell, heap: UnsafeRawPointer(heap)).withBytes { bytes in
                CellView(cell: known, heap: UnsafeRawPointer(other.heap)).withBytes { $0.elementsEqual(bytes) }
            }
        default: return cell.payload == known.payload
        }
    }

    fileprivate func cell(row: Int, column: Int) -> Cell? {
        guard row >= 0, row < rowCount, column >= 0, column < columnCount else { return nil }
        return cells[row * columnCount + column]
    }
}

extension RowBatchBuilder {
    /// Appends a copy of a batch's cell; `NULL` for one outside of it.
    package mutating func append(cellOf batch: RowBatch, row: Int, column: Int) {
        guard let cell = batch.cell(row: row, column: column) else { return append(.null) }
        let view = CellView(cell: cell, heap: UnsafeRawPointer(batch.heap))
        switch cell.kind {
        case .array, .object: append(view.value)
        case .text, .json, .decimal, .bytes, .uuid, .interval:
            view.withBytes { append(cell.kind, copying: $0) }
        default: append(cell)
        }
    }
}
