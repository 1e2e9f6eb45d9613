#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Any value a database can hold, in a closed vocabulary shared by every driver.
///
/// `Value` is for code that cannot know the types at compile time: the command line, pipelines, reports. Code that does know
/// them decodes straight from the row (``ResultSet/decode(_:)``) and never pays for this enum.
///
/// Each case is exact: nothing is rounded, no time zone is assumed, and text is never guessed to be something else.
public enum Value: Sendable, Hashable {
    /// SQL `NULL`, or a missing value in engines without SQL.
    case null
    case bool(Bool)
    /// A signed integer of up to 64 bits.
    case int(Int64)
    /// An unsigned integer. Drivers use it only for columns the engine declares unsigned (`BIGINT UNSIGNED`).
    case uint(UInt64)
    /// A single-precision floating-point number.
    case float(Float)
    /// A double-precision floating-point number.
    case double(Double)
    /// An exact number of any precision.
    case decimal(BigDecimal)
    case text(String)
    case bytes([UInt8])
    /// A calendar date without a time zone.
    case date(LocalDate)
    /// A time of day without a time zone.
    case time(LocalTime)
    /// A time of day with a fixed offset from UTC.
    case timeTZ(OffsetTime)
    /// A calendar date and time of day without a time zone (SQL `TIMESTAMP WITHOUT TIME ZONE`).
    case timestamp(LocalDateTime)
    /// A point on the time line (SQL `TIMESTAMP WITH TIME ZONE`).
    case timestampTZ(Instant)
    case interval(Interval)
    case uuid(UUID)
    /// JSON text as the engine holds it; it is not parsed until asked for.
    case json(JSON)
    /// An array; arrays of several dimensions nest.
    case array([Value])
    /// Ordered fields by name: documents, maps, composite values.
    case object([Field])

    /// One field of ``Value/object(_:)``.
    public struct Field: Sendable, Hashable {
        public var name: String
        public var value: Value

        public init(name: String, value: Value) {
            self.name = name
            self.value = value
        }
    }
}

extension Value {
    /// Whether this is ``null``.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The case without its payload.
    public var kind: ValueKind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .float: .float
        case .double: .double
        case .decimal: .decimal
        case .text: .text
        case .bytes: .bytes
        case .date: .date
        case .time: .time
        case .timeTZ: .timeTZ
        case .timestamp: .timestamp
        case .timestampTZ: .timestampTZ
        case .interval: .interval
        case .uuid: .uuid
        case .json: .json
        case .array: .array
        case .object: .object
        }
    }
}

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(arrayLiteral elements: Value...) { self = .array(elements) }
}
