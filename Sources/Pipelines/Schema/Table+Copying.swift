import RoostSchema

extension Schema.Table {
    /// The name as people type it: its parts with a dot between them.
    var typedName: String { name.typed }
    /// Whether it is one that copies and pipelines keep for themselves.
    var isRoosts: Bool {
        let name = name.name
        return name.hasSuffix("__roost") || name.hasSuffix("__roost_old") || name == CopyState.table
            || name == PublishedState.table
    }
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
