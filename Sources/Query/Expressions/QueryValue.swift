public import Roost

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A type that expressions can have: what a column holds, what a function returns.
///
/// A type of the application needs only the name of its SQL type; an enum with raw values not even that:
///
/// ```swift
/// enum OrderState: String, QueryValue { case open, paid, sent }
/// ```
public protocol QueryValue: DatabaseEncodable, DatabaseDecodable, Sendable {
    /// The type without `Optional`: what is compared and bound.
    associatedtype Base: QueryValue = Self where Base.Base == Base
    /// The SQL type, for casts and column definitions.
    static var sqlType: SQLType { get }
}

/// A type arithmetic is defined for.
public protocol QueryNumber: QueryValue {}

extension QueryValue where Self: RawRepresentable, RawValue: QueryValue {
    /// The raw value's.
    public static var sqlType: SQLType { RawValue.sqlType }
}

extension Optional: QueryValue where Wrapped: QueryValue, Wrapped.Base == Wrapped {
    public typealias Base = Wrapped
    /// The wrapped type's: `NULL` has no type.
    public static var sqlType: SQLType { Wrapped.sqlType }
}

extension Array: QueryValue where Element: QueryValue {
    public typealias Base = [Element]
    /// An array, or bytes.
    public static var sqlType: SQLType { Element.self == UInt8.self ? .bytes : .array(Element.sqlType) }
}

extension Bool: QueryValue { public static var sqlType: SQLType { .bool } }
extension Int: QueryNumber { public static var sqlType: SQLType { .int64 } }
extension Int8: QueryNumber { public static var sqlType: SQLType { .int16 } }
extension Int16: QueryNumber { public static var sqlType: SQLType { .int16 } }
extension Int32: QueryNumber { public static var sqlType: SQLType { .int32 } }
extension Int64: QueryNumber { public static var sqlType: SQLType { .int64 } }
extension UInt8: QueryNumber { public static var sqlType: SQLType { .int16 } }
extension UInt16: QueryNumber { public static var sqlType: SQLType { .int32 } }
extension UInt32: QueryNumber { public static var sqlType: SQLType { .int64 } }
extension UInt64: QueryNumber { public static var sqlType: SQLType { .decimal(precision: 20, scale: 0) } }
extension Float: QueryNumber { public static var sqlType: SQLType { .float } }
extension Double: QueryNumber { public static var sqlType: SQLType { .double } }
extension BigDecimal: QueryNumber { public static var sqlType: SQLType { .decimal } }
extension String: QueryValue { public static var sqlType: SQLType { .text } }
extension Data: QueryValue { public static var sqlType: SQLType { .bytes } }
extension UUID: QueryValue { public static var sqlType: SQLType { .uuid } }
extension LocalDate: QueryValue { public static var sqlType: SQLType { .date } }
extension LocalTime: QueryValue { public static var sqlType: SQLType { .time } }
extension LocalDateTime: QueryValue { public static var sqlType: SQLType { .timestamp } }
extension Instant: QueryValue { public static var sqlType: SQLType { .timestampTZ } }
extension Date: QueryValue { public static var sqlType: SQLType { .timestampTZ } }
extension Interval: QueryValue { public static var sqlType: SQLType { .interval } }
extension JSON: QueryValue { public static var sqlType: SQLType { .json } }
