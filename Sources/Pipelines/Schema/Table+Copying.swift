import RoostSchema

extension Schema.Table {
    /// The name as people type it: its parts with a dot between them.
    var typedName: String { name.typed }
    /// The columns of the primary key, in its order.
    var keyColumns: [String] { primaryKey?.columns ?? [] }
    /// The columns that are not computed.
    var storedColumns: [Schema.Column] { columns.filter { $0.generation == nil } }

    /// Unique constraints and indexes by name; with nil for what has no place elsewhere.
    var orderings: [(name: String, index: TargetIndex?)] {
        let keys = uniqueKeys.map { TargetIndex($0, of: self) }.map { ($0.name, $0 as TargetIndex?) }
        return (keys + indexes.map { ($0.name, TargetIndex($0)) }).sorted { $0.0 < $1.0 }
    }
}

extension ObjectName {
    /// The name as people type it: its parts with a dot between them.
    var typed: String { parts.joined(separator: ".") }
}
