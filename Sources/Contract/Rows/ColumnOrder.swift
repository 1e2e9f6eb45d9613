/// Where each column a decoder reads is in the result: worked out once per result.
@usableFromInline
struct ColumnOrder: Sendable {
    @usableFromInline let indices: [Int]?

    @usableFromInline static let positional = ColumnOrder(indices: nil)

    @usableFromInline
    init(indices: [Int]?) {
        self.indices = indices
    }

    @usableFromInline
    init(_ names: [String]?, in columns: ColumnList) throws(DatabaseError) {
        guard let names else {
            indices = nil
            return
        }
        var indices: [Int] = []
        indices.reserveCapacity(names.count)
        for name in names {
            guard let index = columns.index(named: name) else { throw columns.missing(name) }
            indices.append(index)
        }
        self.indices = indices
    }

    /// Calls `body` with a reader at the first row of the batch.
    @inlinable
    @inline(__always)
    func withReader<R>(
        of batch: RowBatch,
        columns: ColumnList,
        _ body: (inout RowReader) throws(DatabaseError) -> R
    ) throws(DatabaseError) -> R {
        defer { withExtendedLifetime(columns) {} }
        guard let indices else {
            var reader = RowReader(
                cells: batch.cells,
                heap: UnsafeRawPointer(batch.heap),
                columns: .passUnretained(columns),
                width: batch.columnCount,
                order: nil
            )
            return try body(&reader)
        }
        return try indices.withUnsafeBufferPointer { (order) throws(DatabaseError) -> R in
            var reader = RowReader(
                cells: batch.cells,
                heap: UnsafeRawPointer(batch.heap),
                columns: .passUnretained(columns),
                width: order.count,
                order: order.baseAddress
            )
            return try body(&reader)
        }
    }
}
