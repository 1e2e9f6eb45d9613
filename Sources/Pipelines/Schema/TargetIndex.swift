import RoostSchema

/// An index or unique constraint on its way to the target: of columns, over all rows.
struct TargetIndex: Hashable, Sendable {
    /// A column of it.
    struct Part: Hashable, Sendable {
        var column: String
        var isDescending = false
        /// How many characters or bytes count, in the MySQL family; nil for all.
        var length: Int?
    }

    var name: String
    var parts: [Part]
    var isUnique: Bool
    /// Whether two `NULL` are the same, which PostgreSQL alone can say.
    var nullsNotDistinct = false

    var columns: [String] { parts.map(\.column) }

    /// What a unique constraint comes to; the name is SQLite's own affair where nobody gave one.
    init(_ key: Schema.Key, of table: Schema.Table) {
        name = key.name ?? ([table.name.name] + key.columns + ["key"]).joined(separator: "_")
        parts = key.columns.map { Part(column: $0, isDescending: key.descending.contains($0), length: key.lengths[$0]) }
        isUnique = true
        nullsNotDistinct = key.nullsNotDistinct
    }

    /// An index whose kind every engine has; nil for expressions, parts of the rows, and methods that do not order.
    init?(_ index: Schema.Index) {
        let isOrdered = ["btree", "hash", "brin"].contains((index.method ?? "btree").lowercased())
        guard index.predicate == nil, isOrdered else { return nil }
        parts = []
        for part in index.parts {
            guard let column = part.column else { return nil }
            parts.append(Part(column: column, isDescending: part.isDescending, length: part.length))
        }
        name = index.name
        isUnique = index.isUnique
        nullsNotDistinct = index.nullsNotDistinct
    }

    /// Whether an engine can have it.
    func fits(_ engine: Schema.Engine) -> Bool {
        (engine.isMySQLFamily || parts.allSatisfy { $0.length == nil }) && (engine == .postgresql || !nullsNotDistinct)
    }
}
