/// Writes rows into the cell layout of ``RowBatch``.
///
/// Append one cell per column, then call ``endRow()``; ``takeBatch()`` hands the rows over and starts again. Drivers use it for
/// results, `executeMany` for parameters.
public struct RowBatchBuilder: ~Copyable {
    /// Cells in each row.
    public let columnCount: Int
    /// Rows finished since the last ``takeBatch()``.
    public var rowCount: Int { finishedRows }
    @usableFromInline var finishedRows = 0

    @usableFromInline var cells: UnsafeMutablePointer<Cell>
    @usableFromInline var cellCapacity: Int
    @usableFromInline var cellCount = 0
    @usableFromInline var heap: UnsafeMutableRawPointer
    @usableFromInline var heapCapacity: Int
    @usableFromInline var heapCount = 0
    @usableFromInline var hasOversizedValue = false
    @usableFromInline var heapCountAtRowStart = 0

    /// A builder for rows of the given width. The capacities are first guesses; both buffers grow.
    public init(columnCount: Int, rowCapacity: Int = 8, heapCapacity: Int = 256) {
        self.columnCount = max(columnCount, 0)
        cellCapacity = max(self.columnCount * max(rowCapacity, 1), 1)
        cells = .allocate(capacity: cellCapacity)
        self.heapCapacity = max(heapCapacity, 16)
        heap = .allocate(byteCount: self.heapCapacity, alignment: 16)
    }

    deinit {
        cells.deallocate()
        heap.deallocate()
    }

    /// The memory the finished and the open row take, in bytes.
    @inlinable
    public var byteCount: Int { cellCount * MemoryLayout<Cell>.stride + heapCount }

    /// Ends the open row.
    ///
    /// - Throws: `programming.parameterMismatch` when the row has too few or too many cells, `data.valueTooLong` when a value has
    ///   more than 4 GiB; the row is dropped then, and the builder can go on.
    @inlinable
    public mutating func endRow() throws(DatabaseError) {
        guard _fastPath(cellCount == (finishedRows + 1) * columnCount && !hasOversizedValue) else { throw rejectRow() }
        finishedRows += 1
        heapCountAtRowStart = heapCount
    }

    @usableFromInline
    mutating func rejectRow() -> DatabaseError {
        let given = cellCount - rowCount * columnCount
        let isOversized = hasOversizedValue
        abandonRow()
        if isOversized {
            return DatabaseError(.data, .valueTooLong, "A value of row \(rowCount + 1) is longer than 4 GiB.")
        }
        return DatabaseError(
            .programming,
            .parameterMismatch,
            "Row \(rowCount + 1) has \(given) values where \(columnCount) are expected.",
            hint: "Give every row one value per placeholder or column."
        )
    }

    /// Drops the cells appended since the last ``endRow()``.
    public mutating func abandonRow() {
        cellCount = rowCount * columnCount
        heapCount = heapCountAtRowStart
        hasOversizedValue = false
    }

    /// The finished rows as a batch; the builder starts again empty. An open row is dropped.
    public mutating func takeBatch() -> RowBatch {
        abandonRow()
        let batch = RowBatch(
            rowCount: rowCount,
            columnCount: columnCount,
            cells: cells,
            heap: heap,
            heapCount: heapCount
        )
        cellCapacity = max(Self.capacity(forAbout: cellCount), 1)
        heapCapacity = max(Self.capacity(forAbout: heapCount), 16)
        cells = .allocate(capacity: cellCapacity)
        heap = .allocate(byteCount: heapCapacity, alignment: 16)
        finishedRows = 0
        cellCount = 0
        heapCount = 0
        heapCountAtRowStart = 0
        return batch
    }

    /// Room for a batch about as large as the last one: some more than it had, so that the next need not grow in its middle, and in
    /// steps of a quarter of a power of two, so that the allocator has one size for what is nearly the same.
    private static func capacity(forAbout count: Int) -> Int {
        guard count > 1_024 else { return count }
        let wanted = count + count / 16
        let step = 1 << (Int.bitWidth - 3 - wanted.leadingZeroBitCount)
        return (wanted + step - 1) / step * step
    }

    /// The finished rows as a batch; ends the builder. An open row is dropped.
    public consuming func finish() -> RowBatch {
        abandonRow()
        let batch = RowBatch(
            rowCount: rowCount,
            columnCount: columnCount,
            cells: cells,
            heap: heap,
            heapCount: heapCount
        )
        discard self
        return batch
    }
}

extension RowBatchBuilder {
    /// Appends a cell as it is. The caller vouches for its offset and length.
    @inlinable
    @inline(__always)
    public mutating func append(_ cell: Cell) {
        if _slowPath(cellCount == cellCapacity) { growCells() }
        (cells + cellCount).initialize(to: cell)
        cellCount += 1
    }

    /// Makes room for `count` more bytes in the heap and returns where they go; the caller fills them before the next append.
    @inlinable
    @inline(__always)
    public mutating func reserveHeap(_ count: Int) -> UnsafeMutableRawPointer {
        if _slowPath(heapCapacity - heapCount < count) { growHeap(by: count) }
        let start = heap + heapCount
        heapCount += count
        return start
    }

    /// Appends a cell whose bytes are copied into the heap.
    @inlinable
    @inline(__always)
    public mutating func append(_ kind: ValueKind, copying bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= Int(UInt32.max) else {
            hasOversizedValue = true
            return append(Cell(kind: .null))
        }
        let offset = heapCount
        let target = reserveHeap(bytes.count)
        if let source = bytes.baseAddress {
            target.copyMemory(from: source, byteCount: bytes.count)
        }
        append(
            Cell(
                kind: kind,
                payload: UInt64(truncatingIfNeeded: offset),
                length: UInt32(truncatingIfNeeded: bytes.count)
            )
        )
    }

    @usableFromInline
    mutating func growCells() {
        let capacity = max(cellCapacity * 2, columnCount)
        let larger = UnsafeMutablePointer<Cell>.allocate(capacity: capacity)
        larger.moveInitialize(from: cells, count: cellCount)
        cells.deallocate()
        cells = larger
        cellCapacity = capacity
    }

    @usableFromInline
    mutating func growHeap(by count: Int) {
        let capacity = max(heapCapacity * 2, heapCount + count)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: heap, byteCount: heapCount)
        heap.deallocate()
        heap = larger
        heapCapacity = capacity
    }
}
