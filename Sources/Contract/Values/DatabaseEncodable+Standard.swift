#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Value: DatabaseEncodable {
    /// Itself.
    public var databaseValue: Value { self }
}

extension Optional: DatabaseEncodable where Wrapped: DatabaseEncodable {
    /// The wrapped value, or `NULL`.
    public var databaseValue: Value { self?.databaseValue ?? .null }

    @inlinable
    public func encode(into row: inout RowBatchBuilder) {
        if let self { self.encode(into: &row) } else { row.appendNull() }
    }
}

extension Bool: DatabaseEncodable {
    public var databaseValue: Value { .bool(self) }
    @inlinable public func encode(into row: inout RowBatchBuilder) { row.append(self) }
}

extension DatabaseEncodable where Self: FixedWidthInteger {
    /// A signed integer where it fits 64 bits, otherwise an unsigned one.
    public var databaseValue: Value {
        if let exact = Int64(exactly: self) { .int(exact) } else { .uint(UInt64(truncatingIfNeeded: self)) }
    }

    @inlinable
    public func encode(into row: inout RowBatchBuilder) {
        if let exact = Int64(exactly: self) { row.append(exact) } else { row.append(UInt64(truncatingIfNeeded: self)) }
    }
}

extension Int: DatabaseEncodable {}
extension Int8: DatabaseEncodable {}
extension Int16: DatabaseEncodable {}
extension Int32: DatabaseEncodable {}
extension Int64: DatabaseEncodable {}
extension UInt: DatabaseEncodable {}
extension UInt8: DatabaseEncodable {}
extension UInt16: DatabaseEncodable {}
extension UInt32: DatabaseEncodable {}
extension UInt64: DatabaseEncodable {}

extension Float: DatabaseEncodable {
    public var databaseValue: Value { .float(self) }
    @inlinable public func encode(into row: inout RowBatchBuilder) { row.append(self) }
}

extension Double: DatabaseEncodable {
    public var databaseValue: Value { .double(self) }
    @inlinable public func encode(into row: inout RowBatchBuilder) { row.append(self) }
}

extension String: DatabaseEncodable {
    public var databaseValue: Value { .text(self) }
    @inlinable public func encode(into row: inout RowBatchBuilder) { row.append(self) }
}

extension Substring: DatabaseEncodable {
    public var databaseValue: Value { .text(String(self)) }
}

extension Data: DatabaseEncodable {
    public var databaseValue: Value { .bytes([UInt8](self)) }
}

extension UUID: DatabaseEncodable {
    public var databaseValue: Value { .uuid(self) }
}

extension Date: DatabaseEncodable {
    /// The point in time, to the microsecond.
    public var databaseValue: Value { .timestampTZ(Instant(self)) }
}

extension LocalDate: DatabaseEncodable {
    public var databaseValue: Value { .date(self) }
    @inlinable public func encode(into row: inout RowBatchBuilder) { row.append(self) }
}

extension LocalTime: DatabaseEncodable {
    public var databaseValue: Value { .time(self) }
    @inlinable public func encode(into row: inout RowBatchBuilder) { row.append(self) }
}

extension OffsetTime: DatabaseEncodable {
    public var databaseValue: Value { .timeTZ(self) }
}

extension LocalDateTime: DatabaseEncodable {
    public var databaseValue: Value { .timestamp(self) }
    @inlinable public func encode(into row: inout RowBatchBuilder) { row.append(self) }
}

extension Instant: DatabaseEncodable {
    public var databaseValue: Value { .timestampTZ(self) }
    @inlinable public func encode(into row: inout RowBatchBuilder) { row.append(self) }
}

extension Interval: DatabaseEncodable {
    public var databaseValue: Value { .interval(self) }
}

extension BigDecimal: DatabaseEncodable {
    public var databaseValue: Value { .decimal(self) }
}

extension JSON: DatabaseEncodable {
    public var databaseValue: Value { .json(self) }
}

extension Array: DatabaseEncodable where Element: DatabaseEncodable {
    /// An array of values; `[UInt8]` is bytes.
    public var databaseValue: Value {
        if Element.self == UInt8.self {
            // The types are one and the same here; a conditional cast would look at every byte.
            return .bytes(unsafeBitCast(self, to: [UInt8].self))
        }
        return .array(map(\.databaseValue))
    }

    /// Writes the elements, or the bytes, as one cell.
    @inlinable
    public func encode(into row: inout RowBatchBuilder) {
        if Element.self == UInt8.self { return row.append(unsafeBitCast(self, to: [UInt8].self)) }
        row.appendNested(.array, count: count) { builder, index in self[index].encode(into: &builder) }
    }
}

extension DatabaseEncodable where Self: RawRepresentable, RawValue: DatabaseEncodable {
    /// The raw value.
    public var databaseValue: Value { rawValue.databaseValue }
}
