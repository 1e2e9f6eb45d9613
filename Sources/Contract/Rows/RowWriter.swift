/// Writes the cells of one row.
public struct RowWriter {
    /// Appends a cell.
    public mutating func append(_ value: Value) {}
}
