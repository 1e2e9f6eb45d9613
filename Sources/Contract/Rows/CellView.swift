#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// One cell while it is being decoded, with access to its bytes.
///
/// It exists only inside ``DatabaseDecodable/decode(_:)`` and cannot be copied out of it.
public struct CellView: ~Copyable {
    @usableFromInline let cell: Cell
    @usableFromInline let heap: UnsafeRawPointer

    @inlinable
    @inline(__always)
    init(cell: Cell, heap: UnsafeRawPointer) {
        self.cell = cell
        self.heap = heap
    }

    /// The kind of value in the cell.
    @inlinable
    public var kind: ValueKind { cell.kind }

    /// Facts beside the kind.
    @inlinable
    public var flags: Cell.Flags { cell.flags }

    /// Whether the cell holds `NULL`.
    @inlinable
    public var isNull: Bool { cell.kind == .null }

    /// The payload as a signed integer: meaningful for ``ValueKind/int``, ``ValueKind/time``, ``ValueKind/date`` and timestamps.
    @inlinable
    public var int64: Int64 { Int64(bitPattern: cell.payload) }

    /// The payload as bits.
    @inlinable
    public var bits: UInt64 { cell.payload }

    /// The bytes of a cell whose value lies in the heap: text, JSON, decimal, bytes, UUID. Empty for every other kind.
    @inlinable
    public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        switch cell.kind {
        case .text, .json, .decimal, .bytes, .uuid, .interval:
            try body(
                UnsafeRawBufferPointer(start: heap + Int(truncatingIfNeeded: cell.payload), count: Int(cell.length))
            )
        default:
            try body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    /// The text of a text, JSON or decimal cell; nil when its bytes are not UTF-8 or the cell is of another kind.
    @inlinable
    public var string: String? {
        switch cell.kind {
        case .text, .json, .decimal:
            let bytes = UnsafeRawBufferPointer(
                start: heap + Int(truncatingIfNeeded: cell.payload),
                count: Int(cell.length)
            )
            return String(checked: bytes)
        default:
            return nil
        }
    }

    /// The number of elements of an array or of fields of an object; 0 for other kinds.
    @inlinable
    public var elementCount: Int {
        switch cell.kind {
        case .array: Int(cell.length) / MemoryLayout<Cell>.stride
        case .object: Int(cell.length) / (2 * MemoryLayout<Cell>.stride)
        default: 0
        }
    }

    /// Calls `body` with each element of an array in order, or with the name and value cells of an object in turn.
    @inlinable
    public func forEachElement<E: Error>(_ body: (borrowing CellView) throws(E) -> Void) throws(E) {
        guard cell.kind == .array || cell.kind == .object else { return }
        let start = heap + Int(truncatingIfNeeded: cell.payload)
        let stride = MemoryLayout<Cell>.stride
        for index in 0..<(Int(cell.length) / stride) {
            let element = start.loadUnaligned(fromByteOffset: index * stride, as: Cell.self)
            try body(CellView(cell: element, heap: heap))
        }
    }
}

extension CellView {
    /// The cell's value, copied. Text that is not UTF-8 comes as bytes, so that nothing is lost.
    public var value: Value {
        switch kind {
        case .null: return .null
        case .bool: return .bool(bits != 0)
        case .int: return .int(int64)
        case .uint: return .uint(bits)
        case .float: return .float(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .double: return .double(Double(bitPattern: bits))
        case .text: return string.map(Value.text) ?? .bytes(byteArray)
        case .json: return string.map { .json(JSON($0)) } ?? .bytes(byteArray)
        case .decimal: return decimal.map(Value.decimal) ?? string.map(Value.text) ?? .bytes(byteArray)
        case .bytes: return .bytes(byteArray)
        case .date: return .date(date)
        case .time: return .time(time)
        case .timeTZ: return .timeTZ(OffsetTime(time: time, utcOffset: Int32(bitPattern: cell.length)))
        case .timestamp: return .timestamp(timestamp)
        case .timestampTZ: return .timestampTZ(instant)
        case .interval: return .interval(interval)
        case .uuid: return .uuid(uuid)
        case .array:
            var elements: [Value] = []
            elements.reserveCapacity(elementCount)
            forEachElement { elements.append($0.value) }
            return .array(elements)
        case .object:
            var fields: [Value.Field] = []
            var name: String?
            forEachElement { element in
                if let known = name {
                    fields.append(Value.Field(name: known, value: element.value))
                    name = nil
                } else {
                    name = element.string ?? ""
                }
            }
            return .object(fields)
        }
    }

    /// The value of a cell that points into `heap`. For drivers, which know that it does.
    public static func value(of cell: Cell, heap: UnsafeRawPointer) -> Value {
        CellView(cell: cell, heap: heap).value
    }

    @usableFromInline
    var byteArray: [UInt8] {
        withBytes { [UInt8]($0) }
    }

    /// The bits of a ``ValueKind/date`` cell.
    @inlinable
    var date: LocalDate { LocalDate(daysSinceEpoch: Int32(truncatingIfNeeded: int64)) }

    @inlinable
    var time: LocalTime { LocalTime(nanosecondsSinceMidnight: int64) }

    @inlinable
    var timestamp: LocalDateTime {
        LocalDateTime(microsecondsSinceEpoch: int64, nanosecondRemainder: cell.extra)
    }

    @inlinable
    var instant: Instant {
        Instant(microsecondsSinceEpoch: int64, nanosecondRemainder: cell.extra)
    }

    @usableFromInline
    var interval: Interval {
        let start = heap + Int(truncatingIfNeeded: cell.payload)
        return Interval(
            months: start.loadUnaligned(fromByteOffset: 12, as: Int32.self),
            days: start.loadUnaligned(fromByteOffset: 8, as: Int32.self),
            microseconds: start.loadUnaligned(as: Int64.self)
        )
    }

    @usableFromInline
    var uuid: UUID {
        UUID(uuid: (heap + Int(truncatingIfNeeded: cell.payload)).loadUnaligned(as: uuid_t.self))
    }

    @usableFromInline
    var decimal: BigDecimal? {
        string.flatMap { BigDecimal($0) }
    }
}
