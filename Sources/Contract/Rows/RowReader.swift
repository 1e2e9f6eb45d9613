/// Reads the columns of one row from left to right, or in the order of ``RowDecodable/columnNames``.
///
/// It cannot be copied or kept: it points into the batch.
public struct RowReader: ~Copyable {
    @usableFromInline var cells: UnsafePointer<Cell>
    @usableFromInline let heap: UnsafeRawPointer
    // Unretained: whoever made the reader holds the columns while it is in use.
    @usableFromInline let columns: Unmanaged<ColumnList>
    @usableFromInline let width: Int
    @usableFromInline var position = 0
    // Where the n-th column asked for is; nil reads by position.
    @usableFromInline let order: UnsafePointer<Int>?

    @inlinable
    init(
        cells: UnsafePointer<Cell>,
        heap: UnsafeRawPointer,
        columns: Unmanaged<ColumnList>,
        width: Int,
        order: UnsafePointer<Int>?
    ) {
        self.cells = cells
        self.heap = heap
        self.columns = columns
        self.width = width
        self.order = order
    }

    /// The number of columns that can be read.
    public var columnCount: Int { width }

    /// Reads the next column.
    ///
    /// - Throws: `data.typeMismatch`, `data.unexpectedNull`, `data.valueOutOfRange` or `data.malformedValue`, naming the column, the
    ///   type wanted and the kind found; `programming.missingColumn` past the last column.
    @inlinable
    @inline(__always)
    public mutating func next<T: DatabaseDecodable>(_ type: T.Type = T.self) throws(DatabaseError) -> T {
        guard _fastPath(position < width) else { throw pastLastColumn() }
        let index = if let order { order[position] } else { position }
        position += 1
        do throws(CellDecodingError) {
            return try T.decode(CellView(cell: cells[index], heap: heap))
        } catch {
            throw error.error(
                column: index,
                in: columns.takeUnretainedValue(),
                found: cells[index].kind,
                wanted: T.self
            )
        }
    }

    /// Passes over the next column.
    @inlinable
    public mutating func skip() {
        position += 1
    }

    @usableFromInline
    func pastLastColumn() -> DatabaseError {
        DatabaseError(
            .programming,
            .missingColumn,
            "Column \(position + 1) was asked for, but the row has \(width).",
            hint: "Select as many columns as the type reads."
        )
    }
}
