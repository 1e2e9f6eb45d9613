public import Roost

extension PostgreSQLDriver {
    /// The type of a column that keeps values of a kind exactly; nil where PostgreSQL has none.
    public static func columnType(for kind: ValueKind) -> String? {
        switch kind {
        case .null, .object: nil
        case .bool: "boolean"
        case .int: "bigint"
        // All 64 bits fit; there is no unsigned type of that size.
        case .uint: nil
        case .float: "real"
        case .double: "double precision"
        case .decimal: "numeric"
        case .text: "text"
        case .bytes: "bytea"
        case .date: "date"
        case .time: "time"
        case .timeTZ: "timetz"
        case .timestamp: "timestamp"
        case .timestampTZ: "timestamptz"
        case .interval: "interval"
        case .uuid: "uuid"
        case .json: "json"
        case .array: "text[]"
        }
    }
}
