import Roost
import RoostSchema

/// What the catalogue of MySQL or MariaDB says about the table of an online change.
struct MySQLOnlineFacts {
    let change: OnlineChange
    let dialect: Dialect
    /// The session's database.
    let database: String
    let schema: Schema
    let table: Schema.Table
    /// The triggers of the change that are there.
    let triggers: Set<String>

    /// The column; nil once a rename is made.
    var column: Schema.Column? { table.column(change.column) }
    /// The second column, while it is there.
    var twin: Schema.Column? {
        if case .notNull = change.kind { nil } else { table.column(change.twin) }
    }

    /// Reads them.
    ///
    /// - Parameter isNew: whether the change is about to begin; what stands in its way is an error then.
    static func read(
        _ change: OnlineChange,
        from connection: any Connection,
        isNew: Bool
    ) async throws -> MySQLOnlineFacts {
        let name = change.table.last ?? ""
        guard let database = try await connection.query("select database()").decode(String?.self).fetchOnly() else {
            throw MigrationError(.usage, "The session has no database; name one in the URL.")
        }
        let schema = try await Schema.read(from: connection)
        guard change.table.count < 2 || change.table[change.table.count - 2] == database,
            let table = schema.tables.first(where: { $0.name == ObjectName(name) && $0.kind == .base }),
            !isNew || table.column(change.column) != nil
        else {
            throw MigrationError(
                .usage,
                "There is no column \(change.column) in a table \(name) of the session's database."
            )
        }
        let own = Set(["i", "u", "gi", "gu"].map { "\(change.helper)_\($0)" })
        let facts = MySQLOnlineFacts(
            change: change,
            dialect: connection.dialect,
            database: database,
            schema: schema,
            table: table,
            triggers: own.intersection(schema.triggers.filter { $0.table == table.name }.map(\.name))
        )
        if isNew { try await facts.check(connection) }
        return facts
    }

    /// Refuses what cannot be changed this way.
    private func check(_ connection: any Connection) async throws {
        let name = table.name.name
        let storage = try await connection.query(
            "select engine, row_format from information_schema.tables where table_schema = database() and table_name = \(name)"
        ).decode((String?, String?).self).fetchOnly()
        guard storage.0?.lowercased() == "innodb", storage.1?.lowercased() != "compressed",
            !table.indexes.contains(where: { $0.method?.uppercased() == "FULLTEXT" })
        else {
            throw MigrationError(
                .usage,
                "The table \(name) cannot be changed at once: that takes InnoDB, no compressed rows and no full-text index."
            )
        }
        guard table.primaryKey != nil else {
            throw MigrationError(.usage, "The table \(name) has no primary key to go along.")
        }
        if twin != nil {
            throw MigrationError(.usage, "The table \(name) has a column \(change.twin) already.")
        }
        let users = users
        guard users.isEmpty else { throw change.refusal(users) }
    }

    // MARK: Who stands on the column

    /// Whether an expression names the column.
    private func mentions(_ text: String?) -> Bool { names(text).contains(change.column.lowercased()) }

    private func names(_ text: String?) -> Set<String> {
        guard let text else { return [] }
        return Set(
            StatementTokens(text, dialect: dialect).tokens.filter { $0.kind == .word || $0.kind == .quotedIdentifier }
                .map { $0.key.lowercased() }
        )
    }

    /// What keeps the column from being changed, in words.
    private var users: [String] {
        guard let column else { return [] }
        let name = change.column
        let isType = if case .type = change.kind { true } else { false }
        let isRename = if case .rename = change.kind { true } else { false }
        var users: [String] = []
        if column.generation != nil || (isType && (column.identity != nil || column.onUpdate != nil)) {
            users.append("it makes its values itself")
        }
        let keys = table.foreignKeys.filter { $0.columns.contains(name) }
        // What a foreign key sets is set without triggers.
        let setting: Set<Schema.ForeignKey.Action> = [.cascade, .setNull, .setDefault]
        for key in keys where isType || setting.contains(key.onUpdate) || key.onDelete == .setNull {
            users.append("foreign key \(key.name ?? name)")
        }
        for other in schema.tables {
            for key in other.foreignKeys where key.referencedTable == table.name && key.referencedColumns.contains(name)
            {
                // MySQL 9.7 does not survive that another name is given under LOCK TABLES to a column that is referred to.
                if isType || (isRename && schema.engine == .mysql) {
                    users.append("foreign key \(key.name ?? "") of \(other.name)")
                }
            }
        }
        guard isType || isRename else { return users }
        if isType {
            if table.primaryKey?.columns.contains(name) == true { users.append("the primary key") }
            for index in table.indexes where index.parts.contains(where: { $0.column == name }) {
                users.append("index \(index.name)")
            }
        }
        for index in table.indexes where index.parts.contains(where: { mentions($0.expression) }) {
            users.append("index \(index.name)")
        }
        for check in table.checks where mentions(check.expression) { users.append("check \(check.name ?? name)") }
        for other in table.columns where mentions(other.generation?.expression) { users.append("column \(other.name)") }
        if let partitioning = table.partitioning, mentions(partitioning.key) || mentions(partitioning.subkey) {
            users.append("the table's partitions")
        }
        guard isRename else { return users }
        for view in schema.views where mentions(view.query) && names(view.query).contains(table.name.name.lowercased())
        {
            users.append("view \(view.name)")
        }
        for trigger in schema.triggers where trigger.table == table.name && mentions(trigger.definition) {
            users.append("trigger \(trigger.name)")
        }
        return users
    }
}
