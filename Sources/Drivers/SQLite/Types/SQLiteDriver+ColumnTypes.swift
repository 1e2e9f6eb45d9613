public import Roost

extension SQLiteDriver {
    /// The declaration of a column that keeps values of a kind exactly; nil for kinds SQLite has no place for.
    ///
    /// Decimals and JSON need `…_TEXT`: a column declared `DECIMAL` or `JSON` has numeric affinity, and SQLite would turn a long
    /// number into a double.
    public static func columnType(for kind: ValueKind) -> String? {
        switch kind {
        case .bool: "BOOLEAN"
        case .int: "INTEGER"
        case .float, .double: "REAL"
        case .text: "TEXT"
        case .bytes: "BLOB"
        case .date: "DATE"
        case .time, .timeTZ: "TIME"
        case .timestamp: "TIMESTAMP"
        case .timestampTZ: "TIMESTAMPTZ"
        case .decimal: "DECIMAL_TEXT"
        case .interval: "INTERVAL_TEXT"
        case .uuid: "UUID_TEXT"
        case .json: "JSON_TEXT"
        case .null, .uint, .array, .object: nil
        }
    }
}
