/// One row of a result: a position in a batch. Small, `Sendable`, and it keeps its batch (about 64 KiB) alive.
public struct Row: Sendable {
    let batch: RowBatch
    let index: Int
    /// The columns of the result.
    public let columns: ColumnList

    @usableFromInline
    init(batch: RowBatch, index: Int, columns: ColumnList) {
        self.batch = batch
        self.index = index
        self.columns = columns
    }

    /// The number of columns.
    public var count: Int { batch.columnCount }

    /// The value in a column, counted from 0.
    ///
    /// - Throws: `programming.missingColumn` when there is no such column.
    public subscript(column: Int) -> Value {
        get throws(DatabaseError) {
            guard let value = batch.value(row: index, column: column) else { throw noColumn(column) }
            return value
        }
    }

    /// The value in the column of this name.
    ///
    /// - Throws: `programming.missingColumn` when there is no such column.
    public subscript(name: String) -> Value {
        get throws(DatabaseError) { try self[position(of: name)] }
    }

    /// Decodes the column counted from 0.
    ///
    /// - Throws: an error that names the column, the type wanted and the kind found.
    public func decode<T: DatabaseDecodable>(_ column: Int, as type: T.Type = T.self) throws(DatabaseError) -> T {
        guard column >= 0, column < batch.columnCount else { throw noColumn(column) }
        let cell = batch.cells[index * batch.columnCount + column]
        do throws(CellDecodingError) {
            return try T.decode(CellView(cell: cell, heap: UnsafeRawPointer(batch.heap)))
        } catch {
            throw error.error(column: column, in: columns, found: cell.kind, wanted: T.self)
        }
    }

    /// Decodes the column of this name. Looks the name up each time: in a loop over many rows prefer ``ResultSet/decode(_:)``.
    public func decode<T: DatabaseDecodable>(_ name: String, as type: T.Type = T.self) throws(DatabaseError) -> T {
        try decode(position(of: name), as: type)
    }

    /// Decodes the whole row.
    public func decode<T: RowDecodable>(_ type: T.Type = T.self) throws(DatabaseError) -> T {
        let order = try ColumnOrder(T.columnNames, in: columns)
        return try order.withReader(of: batch, columns: columns) { (reader) throws(DatabaseError) in
            reader.cells += index * batch.columnCount
            return try T(from: &reader)
        }
    }

    /// Decodes the first columns by position: `row.decode((Int, String?).self)`.
    public func decode<each T: DatabaseDecodable>(_ type: (repeat each T).Type) throws(DatabaseError) -> (repeat each T)
    {
        try ColumnOrder.positional.withReader(of: batch, columns: columns) { (reader) throws(DatabaseError) in
            reader.cells += index * batch.columnCount
            return (repeat try reader.next((each T).self))
        }
    }

    /// All values in order. Copies every one of them.
    public var values: [Value] {
        (0..<batch.columnCount).map { batch.value(row: index, column: $0) ?? .null }
    }

    /// The row alone in a batch of its own, so that keeping it does not keep its neighbours.
    public func detached() -> Row {
        var builder = RowBatchBuilder(columnCount: batch.columnCount, rowCapacity: 1)
        for value in values { builder.append(value) }
        do {
            try builder.endRow()
        } catch {
            return self
        }
        return Row(batch: builder.finish(), index: 0, columns: columns)
    }

    private func position(of name: String) throws(DatabaseError) -> Int {
        guard let position = columns.index(named: name) else { throw columns.missing(name) }
        return position
    }

    private func noColumn(_ column: Int) -> DatabaseError {
        DatabaseError(
            .programming,
            .missingColumn,
            "Column \(column) was asked for, but the row has \(batch.columnCount), counted from 0."
        )
    }
}

extension Row: CustomStringConvertible {
    /// The columns' names and kinds, never their values, so that a row may be logged.
    public var description: String {
        let cells = (0..<batch.columnCount).map { column in
            let name = column < columns.count ? columns[column].name : "\(column)"
            return "\(name): \(batch.cells[index * batch.columnCount + column].kind)"
        }
        return "Row(\(cells.joined(separator: ", ")))"
    }
}
