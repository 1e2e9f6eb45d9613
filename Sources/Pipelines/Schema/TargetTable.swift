import Roost
import RoostSchema

/// A table on its way to the target, and the statements that make it there.
struct TargetTable: Sendable {
    let source: Schema.Table
    let engine: Engine
    let dialect: Dialect
    /// The parts of its name at the source and at the target.
    let sourceName: [String]
    let name: [String]
    var columns: [TargetColumn]
    var notes: [String]

    /// Where the rows are put first.
    var stagingName: [String] { name.dropLast() + [String((name.last ?? "").prefix(48)) + "__roost"] }
    /// Where the old table goes while the new one takes its place.
    private var oldName: [String] { name.dropLast() + [String((name.last ?? "").prefix(48)) + "__roost_old"] }

    /// The staging table's name as the target's schema shows it.
    var stagingDisplayName: String { stagingName.joined(separator: ".") }
    var displayName: String { name.joined(separator: ".") }
    var columnNames: [String] { columns.map(\.name) }
    /// The primary key, if all of it comes along.
    var primaryKey: [String] { source.keyColumns.allSatisfy(columnNames.contains) ? source.keyColumns : [] }

    func quoted(_ parts: [String]) -> String { parts.map(dialect.quoted).joined(separator: ".") }
    func list(_ names: [String]) -> String { names.map(dialect.quoted).joined(separator: ", ") }
    private var lastName: String { name.last ?? "" }

    // MARK: Before the rows

    /// Makes the staging table.
    func creation() -> [String] {
        // The one before may have been left behind by a copy that ended between its renaming and its dropping.
        (engine.isMySQLFamily ? [droppingOld] : [])
            + [
                "DROP TABLE IF EXISTS \(quoted(stagingName))",
                creationText(of: stagingName, withKey: engine != .postgresql),
            ]
    }

    /// Makes a table with these columns and more.
    ///
    /// - Parameters:
    ///   - withKey: whether its primary key is made with it, which is these columns where they are given.
    ///   - isBare: whether it has columns and types and nothing else.
    func creationText(
        of name: [String],
        withKey: Bool,
        key: [String]? = nil,
        more: [String] = [],
        isBare: Bool = false
    ) -> String {
        let primaryKey = key ?? primaryKey
        var parts = columns.map { column in
            var text = "\(dialect.quoted(column.name)) \(column.mapping.declaration ?? "")"
            if isBare { return text + (engine.isMySQLFamily ? " NULL" : "") }
            if engine == .sqlite, primaryKey == [column.name], column.isIdentity { text += " PRIMARY KEY" }
            if !column.isNullable { text += " NOT NULL" }
            if let value = column.defaultText { text += " DEFAULT \(value)" }
            if engine.isMySQLFamily, column.isIdentity, primaryKey.first == column.name { text += " AUTO_INCREMENT" }
            // A TIMESTAMP that may be NULL has to say so.
            if engine.isMySQLFamily, column.isNullable { text += " NULL" }
            return text
        }
        let isInline = engine == .sqlite && !isBare && columns.contains { primaryKey == [$0.name] && $0.isIdentity }
        parts += more
        if withKey, !isBare, !primaryKey.isEmpty, !isInline { parts.append("PRIMARY KEY (\(keyText(primaryKey)))") }
        if engine == .sqlite, !isBare { parts += foreignKeys.map(foreignKeyText) }
        for column in columns where engine != .mysql && engine != .mariadb && !isBare {
            guard case .enumeration(let values) = column.type else { continue }
            parts.append("CHECK (\(dialect.quoted(column.name)) IN (\(values.joined(separator: ", "))))")
        }
        var text = "CREATE TABLE \(quoted(name)) (\n  \(parts.joined(separator: ",\n  "))\n)"
        if engine.isMySQLFamily {
            // Byte for byte, as the other engines compare: values that differ must not be one key here.
            let collation = engine == .mysql ? "utf8mb4_0900_bin" : "utf8mb4_nopad_bin"
            text += " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE \(collation)"
        }
        return text
    }

    /// Makes a staging table like a target that is there.
    func creationLikeTarget() -> [String] {
        [
            "DROP TABLE IF EXISTS \(quoted(stagingName))",
            "CREATE TABLE \(quoted(stagingName)) AS SELECT \(list(columnNames)) FROM \(quoted(name)) WHERE 1 = 0",
        ]
    }

    /// The columns of the primary key; the MySQL family may count the beginnings of long ones only.
    private func keyText(_ key: [String]) -> String {
        key.map { name in
            let length = engine.isMySQLFamily ? source.primaryKey?.lengths[name] : nil
            return dialect.quoted(name) + (length.map { "(\($0))" } ?? "")
        }.joined(separator: ", ")
    }

    var dropping: String { "DROP TABLE IF EXISTS \(quoted(stagingName))" }

    // MARK: After the rows

    /// Keys and indexes, while the table is still staged.
    ///
    /// - Parameter known: the staging table as an interrupted copy left it, which may have some of them.
    func indexing(besides known: Schema.Table?) -> [String] {
        let names = Set((known?.indexes.map(\.name) ?? []) + (known?.uniqueKeys.compactMap(\.name) ?? []))
        switch engine {
        case .postgresql:
            let key =
                primaryKey.isEmpty || known?.primaryKey != nil
                ? []
                : [
                    "ALTER TABLE \(quoted(stagingName)) ADD CONSTRAINT \(dialect.quoted("\(stagingName.last ?? "")_pkey")) PRIMARY KEY (\(list(primaryKey)))"
                ]
            return key
                + indexes.filter { !names.contains("\($0.name.prefix(48))__roost") }
                .map { indexText($0, on: stagingName, name: "\($0.name.prefix(48))__roost") }
        case .mysql, .mariadb:
            return indexes.filter { !names.contains($0.name) }.map { indexText($0, on: stagingName, name: $0.name) }
        case .sqlite: return []
        }
    }

    private func indexText(_ index: TargetIndex, on table: [String], name: String) -> String {
        let parts = index.parts.map { part in
            dialect.quoted(part.column) + (part.length.map { "(\($0))" } ?? "") + (part.isDescending ? " DESC" : "")
        }
        let kind = index.isUnique ? "UNIQUE INDEX" : "INDEX"
        let nulls = index.nullsNotDistinct ? " NULLS NOT DISTINCT" : ""
        return
            "CREATE \(kind) \(dialect.quoted(name)) ON \(quoted(table)) (\(parts.joined(separator: ", ")))\(nulls)"
    }

    /// The indexes that can be made elsewhere: of columns, over all rows.
    var indexes: [TargetIndex] {
        source.orderings.compactMap { _, index in
            guard var index, index.fits(engine), index.columns.allSatisfy(columnNames.contains) else { return nil }
            // Under another table's name an index of the same name may be there.
            if source.name.name != lastName {
                index.name = ([lastName] + index.columns + ["idx"]).joined(separator: "_")
            }
            // The MySQL family names indexes per table, its own ones after their column; elsewhere a name serves once.
            if !engine.isMySQLFamily, index.columns.contains(index.name) {
                index.name = ([lastName] + index.columns + ["idx"]).joined(separator: "_")
            }
            return index
        }
    }

    /// The indexes and unique constraints that have no place at the target, by name.
    var indexesLeft: [String] {
        source.orderings.filter { _, index in
            guard let index else { return true }
            return !index.fits(engine) || !index.columns.allSatisfy(columnNames.contains)
        }.map(\.name)
    }

    var foreignKeys: [Schema.ForeignKey] {
        source.foreignKeys.filter { $0.columns.allSatisfy(columnNames.contains) }
    }

    private func foreignKeyText(_ key: Schema.ForeignKey) -> String {
        var text = "FOREIGN KEY (\(list(key.columns))) REFERENCES \(quoted(key.referencedTable.parts))"
        if !key.referencedColumns.isEmpty { text += " (\(list(key.referencedColumns)))" }
        if key.onDelete != .noAction { text += " ON DELETE \(key.onDelete.rawValue)" }
        if key.onUpdate != .noAction { text += " ON UPDATE \(key.onUpdate.rawValue)" }
        return text
    }

    // MARK: Publishing

    /// What takes the old table away and gives the new one its name, where DDL is part of the transaction.
    func swapping() -> [String] {
        let renaming = "ALTER TABLE \(quoted(stagingName)) RENAME TO \(dialect.quoted(lastName))"
        guard engine == .postgresql else {
            return ["DROP TABLE IF EXISTS \(quoted(name))", renaming]
                + indexes.map { indexText($0, on: name, name: $0.name) }
        }
        var statements = ["DROP TABLE IF EXISTS \(quoted(name))", renaming]
        if !primaryKey.isEmpty {
            statements.append(
                "ALTER TABLE \(quoted(name)) RENAME CONSTRAINT \(dialect.quoted("\(stagingName.last ?? "")_pkey")) TO \(dialect.quoted("\(lastName)_pkey"))"
            )
        }
        for index in indexes {
            let schema = Array(name.dropLast())
            statements.append(
                "ALTER INDEX \(quoted(schema + ["\(index.name.prefix(48))__roost"])) RENAME TO \(dialect.quoted(index.name))"
            )
        }
        for column in columns where column.isIdentity {
            let table = quoted(name).split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            let text = column.name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            statements.append(
                "ALTER TABLE \(quoted(name)) ALTER COLUMN \(dialect.quoted(column.name)) ADD GENERATED BY DEFAULT AS IDENTITY"
            )
            statements.append(
                "SELECT setval(pg_get_serial_sequence('\(table)', '\(text)'), greatest(max(\(dialect.quoted(column.name))), 1), max(\(dialect.quoted(column.name))) IS NOT NULL) FROM \(quoted(name))"
            )
        }
        return statements
    }

    /// Foreign keys of a table that has its name, where they are not part of its creation.
    func referencing() -> [String] {
        guard engine != .sqlite else { return [] }
        return foreignKeys.map { "ALTER TABLE \(quoted(name)) ADD \(foreignKeyText($0))" }
    }

    /// The parts of MySQL's one statement that swaps tables, and what drops the old ones.
    func renaming(exists: Bool) -> (parts: [String], dropping: [String]) {
        let new = "\(quoted(stagingName)) TO \(quoted(name))"
        guard exists else { return ([new], []) }
        return (["\(quoted(name)) TO \(quoted(oldName))", new], [droppingOld])
    }

    /// Takes the old table away once the new one has its name.
    var droppingOld: String { "DROP TABLE IF EXISTS \(quoted(oldName))" }
}
