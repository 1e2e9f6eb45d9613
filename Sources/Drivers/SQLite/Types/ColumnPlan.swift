import CSQLite
import Roost

/// What a column's declared type says its values mean.
///
/// SQLite types values, not columns: every cell says whether it is an integer, a real, text or a blob. The declared type adds what
/// the storage class cannot say, that `1` is true or that text is a date. A value that does not fit its declaration stays what it is.
struct ColumnPlan {
    var meaning: Meaning

    enum Meaning: UInt8 {
        /// The storage class alone decides.
        case plain
        case bool, decimal, date, time, timestamp, timestampTZ, interval, uuid, json
    }

    /// The meaning of a declared type; of none, plain.
    init(declaredType: String?) {
        guard let declaredType else {
            meaning = .plain
            return
        }
        let name = declaredType.uppercased().prefix { $0 != "(" }
        func has(_ prefix: String) -> Bool { name.hasPrefix(prefix) }
        meaning =
            if has("BOOL") {
                .bool
            } else if has("DECIMAL") || has("NUMERIC") {
                .decimal
            } else if has("TIMESTAMPTZ") || has("TIMESTAMP WITH TIME ZONE") || has("TIMESTAMP_TZ") {
                .timestampTZ
            } else if has("TIMESTAMP") || has("DATETIME") {
                .timestamp
            } else if has("DATE") {
                .date
            } else if has("TIME") {
                .time
            } else if has("INTERVAL") {
                .interval
            } else if has("UUID") || has("GUID") || has("UNIQUEIDENTIFIER") {
                .uuid
            } else if has("JSON") {
                .json
            } else {
                .plain
            }
    }

    /// The kind of value a column of this declaration usually holds.
    func kind(declaredType: String?) -> ValueKind? {
        switch meaning {
        case .bool: .bool
        case .decimal: .decimal
        case .date: .date
        case .time: .time
        case .timestamp: .timestamp
        case .timestampTZ: .timestampTZ
        case .interval: .interval
        case .uuid: .uuid
        case .json: .json
        case .plain: declaredType.flatMap(Self.affinity)
        }
    }

    /// The kinds of SQLite's affinity rules (https://www.sqlite.org/datatype3.html §3.1).
    private static func affinity(_ declaredType: String) -> ValueKind? {
        let name = declaredType.uppercased()
        if name.contains("INT") { return .int }
        if name.contains("CHAR") || name.contains("CLOB") || name.contains("TEXT") { return .text }
        if name.contains("BLOB") { return .bytes }
        if name.contains("REAL") || name.contains("FLOA") || name.contains("DOUB") { return .double }
        return nil
    }
}
