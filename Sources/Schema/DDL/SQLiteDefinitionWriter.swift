import Roost

/// Writes SQLite's DDL. What its `ALTER TABLE` cannot do is done by making the table anew (https://sqlite.org/lang_altertable.html).
struct SQLiteDefinitionWriter: DefinitionWriter {
    let source: Schema
    let target: Schema
    var statements: [String] = []

    init(source: Schema, target: Schema) {
        self.source = source
        self.target = target
    }

    mutating func write(_ changes: [Schema.Change]) throws(DatabaseError) {
        var rebuilt: Set<ObjectName> = []
        for change in changes {
            guard let table = change.table, needsRebuild(change) else { continue }
            rebuilt.insert(table)
        }
        var pending = rebuilt
        for change in changes {
            guard let table = change.table, rebuilt.contains(table) else {
                try write(change)
                continue
            }
            switch change {
            // Its triggers go with it and come with it.
            case .dropTrigger, .createTrigger, .createIndex, .dropIndex: continue
            case .renameTable, .renameColumn, .createTable, .dropTable: try write(change)
            default:
                guard pending.remove(table) != nil else { continue }
                rebuild(table, renames(in: changes, table))
            }
        }
    }

    /// Whether `ALTER TABLE` cannot do it.
    private func needsRebuild(_ change: Schema.Change) -> Bool {
        switch change {
        case .alterTable, .alterColumn, .addConstraint, .dropConstraint, .renameConstraint, .validateConstraint:
            return true
        case .addColumn(let table, let column, let position):
            guard let table = target.tables.first(where: { $0.name == table }) else { return true }
            if position != .last || column.generation?.isStored == true || column.identity != nil { return true }
            if let expression = column.defaultValue,
                expression.contains("(") || expression.uppercased().hasPrefix("CURRENT_")
            {
                return true
            }
            if !column.isNullable, column.defaultValue == nil { return true }
            // Keys and checks would come as changes of their own.
            return table.primaryKey?.columns.contains(column.name) == true
        case .dropColumn(let table, let column, _):
            guard let table = source.tables.first(where: { $0.name == table }) else { return true }
            // Only a column that nothing else names can go by itself.
            let names =
                table.constraints.map(definition) + table.columns.compactMap(\.generation?.expression)
                + table.indexes.map { definition($0, on: table.name) }
            return names.contains { TokenReader.names(in: $0, .sqlite).contains(column.name) }
        default: return false
        }
    }

    private func renames(in changes: [Schema.Change], _ table: ObjectName) -> (
        table: ObjectName, columns: [String: String]
    ) {
        var former = table
        var columns: [String: String] = [:]
        for change in changes {
            switch change {
            case .renameTable(let from, let to) where to == table: former = from
            case .renameColumn(table, let from, let to): columns[from] = to
            default: continue
            }
        }
        return (former, columns)
    }

    private mutating func write(_ change: Schema.Change) throws(DatabaseError) {
        switch change {
        case .createTable(let table):
            write(create(table))
            for index in table.indexes { write(definition(index, on: table.name)) }
        case .dropTable(let table): write("DROP TABLE \(quoted(table.name))")
        case .renameTable(let from, let to): write("ALTER TABLE \(quoted(from)) RENAME TO \(quoted(to))")
        case .addColumn(let table, let column, _):
            write("ALTER TABLE \(quoted(table)) ADD COLUMN \(definition(column, in: Schema.Table(name: table)))")
        case .dropColumn(let table, let column, _):
            write("ALTER TABLE \(quoted(table)) DROP COLUMN \(quoted(column.name))")
        case .renameColumn(let table, let from, let to):
            write("ALTER TABLE \(quoted(table)) RENAME COLUMN \(quoted(from)) TO \(quoted(to))")
        case .createIndex(let table, let index): write(definition(index, on: table))
        case .dropIndex(_, let index): write("DROP INDEX \(quoted(index.name))")
        case .renameIndex(let table, let from, let to):
            var renamed = from
            renamed.name = to
            write("DROP INDEX \(quoted(from.name))")
            write(definition(renamed, on: table))
        case .createView(let view), .replaceView(_, let view):
            if case .replaceView(let old, _) = change { write("DROP VIEW \(quoted(old.name))") }
            let names = view.columnNames.isEmpty ? "" : " (\(list(view.columnNames)))"
            write("CREATE VIEW \(quoted(view.name))\(names) AS \(view.query)")
        case .dropView(let view): write("DROP VIEW \(quoted(view.name))")
        case .createTrigger(let trigger): write(trigger.definition)
        case .dropTrigger(let trigger): write("DROP TRIGGER \(quoted(trigger.name))")
        default: throw unsupported("have what this change makes")
        }
    }

    // MARK: Tables

    func create(_ table: Schema.Table, as name: ObjectName? = nil) -> String {
        if let definition = table.definition { return definition }
        var parts = table.columns.map { definition($0, in: table) }
        for constraint in table.constraints {
            if case .primaryKey(let key) = constraint, isInColumn(key, of: table) { continue }
            parts.append(definition(constraint))
        }
        let options = [
            table.options["strict"] != nil ? "STRICT" : nil,
            table.options["without_rowid"] != nil ? "WITHOUT ROWID" : nil,
        ]
        .compactMap { $0 }
        let tail = options.isEmpty ? "" : " " + options.joined(separator: ", ")
        return "CREATE TABLE \(quoted(name ?? table.name)) (\n    \(parts.joined(separator: ",\n    "))\n)\(tail)"
    }

    /// `AUTOINCREMENT` can be said with the column alone.
    private func isInColumn(_ key: Schema.Key, of table: Schema.Table) -> Bool {
        key.columns.count == 1 && table.column(key.columns[0])?.identity != nil
    }

    private func definition(_ column: Schema.Column, in table: Schema.Table) -> String {
        var text = quoted(column.name)
        if !column.type.spelling.isEmpty { text += " \(column.type)" }
        if column.identity != nil, let key = table.primaryKey {
            text +=
                " \(constraintHead(key.name))PRIMARY KEY\(key.descending.isEmpty ? "" : " DESC")\(conflict(key.onConflict)) AUTOINCREMENT"
        }
        if !column.isNullable { text += " NOT NULL\(conflict(column.options["not_null_conflict"]))" }
        if let expression = column.defaultValue { text += " DEFAULT \(defaultValue(expression))" }
        if let collation = column.collation { text += " COLLATE \(quoted(collation))" }
        if let generation = column.generation {
            text += " GENERATED ALWAYS AS (\(generation.expression)) \(generation.isStored ? "STORED" : "VIRTUAL")"
        }
        return text
    }

    /// A single literal stands as it is; SQLite keeps other expressions without their brackets.
    private func defaultValue(_ text: String) -> String {
        let tokens = TokenReader(text, .sqlite).tokens
        let isSigned = tokens.count == 2 && (tokens[0].word == "-" || tokens[0].word == "+")
        return tokens.count == 1 || isSigned ? text : "(\(text))"
    }

    private func conflict(_ action: String?) -> String { action.map { " ON CONFLICT \($0)" } ?? "" }

    private func definition(_ constraint: Schema.Constraint) -> String {
        let head = constraintHead(constraint.name)
        switch constraint {
        case .primaryKey(let key):
            let columns = key.columns.map { quoted($0) + (key.descending.contains($0) ? " DESC" : "") }
            return "\(head)PRIMARY KEY (\(columns.joined(separator: ", ")))\(conflict(key.onConflict))"
        case .unique(let key): return "\(head)UNIQUE (\(list(key.columns)))\(conflict(key.onConflict))"
        case .check(let check): return "\(head)CHECK (\(check.expression))"
        case .foreignKey(let key): return foreignKey(key)
        case .exclusion(let exclusion): return "\(head)\(exclusion.definition)"
        }
    }

    private func definition(_ index: Schema.Index, on table: ObjectName) -> String {
        let parts = index.parts.map { part in
            (part.column.map { quoted($0) } ?? part.expression ?? "")
                + (part.collation.map { " COLLATE \(quoted($0))" } ?? "")
                + (part.isDescending ? " DESC" : "")
        }
        let kind = index.isUnique ? "UNIQUE INDEX" : "INDEX"
        let predicate = index.predicate.map { " WHERE \($0)" } ?? ""
        return "CREATE \(kind) \(quoted(index.name)) ON \(quoted(table)) (\(parts.joined(separator: ", ")))\(predicate)"
    }

    /// The table under another name, filled from the old one, in whose place it comes.
    private mutating func rebuild(_ name: ObjectName, _ renames: (table: ObjectName, columns: [String: String])) {
        guard let new = target.tables.first(where: { $0.name == name }),
            let old = source.tables.first(where: { $0.name == renames.table })
        else { return }
        let kept = Set(old.columns.map { renames.columns[$0.name] ?? $0.name })
        let columns = list(new.columns.filter { $0.generation == nil && kept.contains($0.name) }.map(\.name))
        let temporary = ObjectName("roost_new_" + name.name)
        write("PRAGMA foreign_keys = OFF")
        // Else the views and triggers that name the table would be checked, and other tables' keys follow the old one.
        write("PRAGMA legacy_alter_table = ON")
        write(create(new, as: temporary))
        if !columns.isEmpty {
            write("INSERT INTO \(quoted(temporary)) (\(columns)) SELECT \(columns) FROM \(quoted(name))")
        }
        write("DROP TABLE \(quoted(name))")
        write("ALTER TABLE \(quoted(temporary)) RENAME TO \(quoted(name))")
        write("PRAGMA legacy_alter_table = OFF")
        for index in new.indexes { write(definition(index, on: name)) }
        for trigger in target.triggers where trigger.table == name { write(trigger.definition) }
        write("PRAGMA foreign_keys = ON")
    }
}
