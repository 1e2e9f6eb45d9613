/// The kinds of ``Value``: also the tag of every cell of a ``RowBatch``.
///
/// The raw values are part of the cell layout and never change their meaning.
@frozen
public enum ValueKind: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    case null = 0
    case bool = 1
    case int = 2
    case uint = 3
    case float = 4
    case double = 5
    case decimal = 6
    case text = 7
    case bytes = 8
    case date = 9
    case time = 10
    case timeTZ = 11
    case timestamp = 12
    case timestampTZ = 13
    case interval = 14
    case uuid = 15
    case json = 16
    case array = 17
    case object = 18
}

extension ValueKind: CustomStringConvertible {
    /// The name used in messages, as people who know SQL say it.
    public var description: String {
        switch self {
        case .null: "NULL"
        case .bool: "boolean"
        case .int: "integer"
        case .uint: "unsigned integer"
        case .float: "single-precision float"
        case .double: "double-precision float"
        case .decimal: "decimal"
        case .text: "text"
        case .bytes: "bytes"
        case .date: "date"
        case .time: "time"
        case .timeTZ: "time with time zone"
        case .timestamp: "timestamp"
        case .timestampTZ: "timestamp with time zone"
        case .interval: "interval"
        case .uuid: "UUID"
        case .json: "JSON"
        case .array: "array"
        case .object: "object"
        }
    }
}
