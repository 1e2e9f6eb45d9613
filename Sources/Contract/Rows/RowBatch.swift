/// A block of rows in the one cell layout that all drivers share: a rectangle of ``Cell``s and a heap for what does not fit one.
///
/// Batches carry results from the driver to the decoder and parameters from the encoder to the driver, about 64 KiB at a time.
/// A batch never changes after it was made; ``Row`` values keep it alive.
public final class RowBatch: @unchecked Sendable {
    // Sendable is true although the compiler cannot see it: both buffers are written by RowBatchBuilder before this object exists,
    // are never written again, and are freed only in deinit.

    /// Rows in this batch.
    public let rowCount: Int
    /// Cells in each row.
    public let columnCount: Int
    @usableFromInline let cells: UnsafeMutablePointer<Cell>
    @usableFromInline let heap: UnsafeMutableRawPointer
    @usableFromInline let heapCount: Int

    @usableFromInline
    init(
        rowCount: Int,
        columnCount: Int,
        cells: UnsafeMutablePointer<Cell>,
        heap: UnsafeMutableRawPointer,
        heapCount: Int
    ) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.cells = cells
        self.heap = heap
        self.heapCount = heapCount
    }

    deinit {
        cells.deallocate()
        heap.deallocate()
    }

    /// The memory the rows take, in bytes.
    public var byteCount: Int {
        rowCount * columnCount * MemoryLayout<Cell>.stride + heapCount
    }

    /// Calls `body` with the cells of one row and the heap they point into. For drivers; the pointers end with the call.
    ///
    /// - Throws: what `body` throws. An index outside the batch gives an empty row.
    @inlinable
    public func withCells<R, E: Error>(
        ofRow index: Int,
        _ body: (UnsafeBufferPointer<Cell>, UnsafeRawPointer) throws(E) -> R
    ) throws(E) -> R {
        let isInside = index >= 0 && index < rowCount
        let row = UnsafeBufferPointer(
            start: isInside ? cells + index * columnCount : cells,
            count: isInside ? columnCount : 0
        )
        return try body(row, UnsafeRawPointer(heap))
    }

    /// The value at a row and column; nil outside the batch. Copies what it returns.
    public func value(row: Int, column: Int) -> Value? {
        guard row >= 0, row < rowCount, column >= 0, column < columnCount else { return nil }
        return CellView(cell: cells[row * columnCount + column], heap: UnsafeRawPointer(heap)).value
    }
}
