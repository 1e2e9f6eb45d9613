#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension RowBatchBuilder {
    /// Appends `NULL`.
    @inlinable
    public mutating func appendNull() {
        append(Cell(kind: .null))
    }

    /// Appends a boolean.
    @inlinable
    public mutating func append(_ value: Bool) {
        append(Cell(kind: .bool, payload: value ? 1 : 0))
    }

    /// Appends a signed integer.
    @inlinable
    public mutating func append(_ value: Int64) {
        append(Cell(kind: .int, payload: UInt64(bitPattern: value)))
    }

    /// Appends an unsigned integer.
    @inlinable
    public mutating func append(_ value: UInt64) {
        append(Cell(kind: .uint, payload: value))
    }

    /// Appends a single-precision number.
    @inlinable
    public mutating func append(_ value: Float) {
        append(Cell(kind: .float, payload: UInt64(value.bitPattern)))
    }

    /// Appends a double-precision number.
    @inlinable
    public mutating func append(_ value: Double) {
        append(Cell(kind: .double, payload: value.bitPattern))
    }

    /// Appends text. The UTF-8 is copied once.
    @inlinable
    public mutating func append(_ value: String, kind: ValueKind = .text) {
        var value = value
        value.withUTF8 { append(kind, copying: UnsafeRawBufferPointer($0)) }
    }

    /// Appends bytes.
    @inlinable
    public mutating func append(_ value: [UInt8]) {
        value.withUnsafeBytes { append(.bytes, copying: $0) }
    }

    /// Appends a date.
    @inlinable
    public mutating func append(_ value: LocalDate) {
        append(Cell(kind: .date, payload: UInt64(bitPattern: Int64(value.daysSinceEpoch))))
    }

    /// Appends a time of day.
    @inlinable
    public mutating func append(_ value: LocalTime) {
        append(Cell(kind: .time, payload: UInt64(bitPattern: value.nanosecondsSinceMidnight)))
    }

    /// Appends a time of day with its offset.
    @inlinable
    public mutating func append(_ value: OffsetTime) {
        append(
            Cell(
                kind: .timeTZ,
                payload: UInt64(bitPattern: value.time.nanosecondsSinceMidnight),
                length: UInt32(bitPattern: value.utcOffset)
            )
        )
    }

    /// Appends a timestamp without a zone. `flags` says whether the engine defines it as UTC.
    @inlinable
    public mutating func append(_ value: LocalDateTime, flags: Cell.Flags = []) {
        append(
            Cell(
                kind: .timestamp,
                payload: UInt64(bitPattern: value.microsecondsSinceEpoch),
                extra: value.nanosecondRemainder,
                flags: flags
            )
        )
    }

    /// Appends a point in time.
    @inlinable
    public mutating func append(_ value: Instant) {
        append(
            Cell(
                kind: .timestampTZ,
                payload: UInt64(bitPattern: value.microsecondsSinceEpoch),
                extra: value.nanosecondRemainder
            )
        )
    }

    /// Appends an interval.
    public mutating func append(_ value: Interval) {
        let offset = heapCount
        let target = reserveHeap(16)
        target.storeBytes(of: value.microseconds, as: Int64.self)
        target.storeBytes(of: value.days, toByteOffset: 8, as: Int32.self)
        target.storeBytes(of: value.months, toByteOffset: 12, as: Int32.self)
        append(Cell(kind: .interval, payload: UInt64(truncatingIfNeeded: offset), length: 16))
    }

    /// Appends a UUID.
    public mutating func append(_ value: UUID) {
        withUnsafeBytes(of: value.uuid) { append(.uuid, copying: $0) }
    }

    /// Appends an array: its elements' cells go into the heap.
    public mutating func append(array elements: [Value]) {
        appendNested(.array, count: elements.count) { builder, index in
            builder.append(elements[index])
        }
    }

    /// Appends an object: a name cell and a value cell for each field go into the heap.
    public mutating func append(object fields: [Value.Field]) {
        appendNested(.object, count: fields.count * 2) { builder, index in
            let field = fields[index / 2]
            if index.isMultiple(of: 2) { builder.append(field.name) } else { builder.append(field.value) }
        }
    }

    /// Appends any value.
    public mutating func append(_ value: Value) {
        switch value {
        case .null: appendNull()
        case .bool(let value): append(value)
        case .int(let value): append(value)
        case .uint(let value): append(value)
        case .float(let value): append(value)
        case .double(let value): append(value)
        case .decimal(let value): append(value.description, kind: .decimal)
        case .text(let value): append(value)
        case .bytes(let value): append(value)
        case .date(let value): append(value)
        case .time(let value): append(value)
        case .timeTZ(let value): append(value)
        case .timestamp(let value): append(value)
        case .timestampTZ(let value): append(value)
        case .interval(let value): append(value)
        case .uuid(let value): append(value)
        case .json(let value): append(value.text, kind: .json)
        case .array(let elements): append(array: elements)
        case .object(let fields): append(object: fields)
        }
    }

    /// Writes `count` cells by `write`, then moves them from the row into the heap behind one cell of `kind`.
    ///
    /// Drivers that decode arrays off the wire use it too. `write` must append exactly one cell each time; when it throws, the row
    /// is not worth ending.
    @inlinable
    public mutating func appendNested<E: Error>(
        _ kind: ValueKind,
        count: Int,
        _ write: (inout RowBatchBuilder, Int) throws(E) -> Void
    ) throws(E) {
        let first = cellCount
        for index in 0..<count { try write(&self, index) }
        moveCells(from: first, behind: kind)
    }

    @usableFromInline
    mutating func moveCells(from first: Int, behind kind: ValueKind) {
        let stride = MemoryLayout<Cell>.stride
        let written = cellCount - first
        guard written <= Int(UInt32.max) / stride else {
            hasOversizedValue = true
            cellCount = first
            return appendNull()
        }
        let offset = heapCount
        let target = reserveHeap(written * stride)
        target.copyMemory(from: cells + first, byteCount: written * stride)
        cellCount = first
        append(
            Cell(
                kind: kind,
                payload: UInt64(truncatingIfNeeded: offset),
                length: UInt32(truncatingIfNeeded: written * stride)
            )
        )
    }
}
