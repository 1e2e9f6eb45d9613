import Roost

/// Writes the DDL of MySQL and MariaDB.
struct MySQLDefinitionWriter: DefinitionWriter {
    let source: Schema
    let target: Schema
    var statements: [String] = []

    init(source: Schema, target: Schema) {
        self.source = source
        self.target = target
    }

    private var isMariaDB: Bool { engine == .mariadb }

    mutating func write(_ change: Schema.Change) throws(DatabaseError) {
        switch change {
        case .createTable(let table): create(table)
        case .dropTable(let table): write("DROP TABLE \(quoted(table.name))")
        case .renameTable(let from, let to): write("RENAME TABLE \(quoted(from)) TO \(quoted(to))")
        case .alterTable(let old, let new): try alter(old, new)
        case .addColumn(let table, let column, let position):
            let key = column.identity == nil ? "" : numbering(column, of: table)
            write("ALTER TABLE \(quoted(table)) ADD COLUMN \(definition(column, of: table))\(place(position))\(key)")
        case .dropColumn(let table, let column, _):
            write("ALTER TABLE \(quoted(table)) DROP COLUMN \(quoted(column.name))")
        case .renameColumn(let table, let from, let to):
            write("ALTER TABLE \(quoted(table)) RENAME COLUMN \(quoted(from)) TO \(quoted(to))")
        case .alterColumn(let table, let old, let column)
        where old.generation?.isStored == false && column.generation == nil:
            keepValues(of: column, in: table)
        case .alterColumn(let table, _, let column):
            write("ALTER TABLE \(quoted(table)) MODIFY COLUMN \(definition(column, of: table))")
        case .addConstraint(let table, let constraint): add(constraint, to: table)
        case .dropConstraint(let table, let constraint): drop(constraint, of: table)
        case .renameConstraint(let table, let from, let to):
            var renamed = from
            renamed.name = to
            drop(from, of: table)
            add(renamed, to: table)
        case .createIndex(let table, let index): write("ALTER TABLE \(quoted(table)) ADD \(definition(index))")
        case .dropIndex(let table, let index): write("ALTER TABLE \(quoted(table)) DROP INDEX \(quoted(index.name))")
        case .renameIndex(let table, let from, let to):
            write("ALTER TABLE \(quoted(table)) RENAME INDEX \(quoted(from.name)) TO \(quoted(to))")
        case .createView(let view): write(view: view, "CREATE")
        case .replaceView(_, let view): write(view: view, "CREATE OR REPLACE")
        case .dropView(let view): write("DROP VIEW \(quoted(view.name))")
        case .createRoutine(let routine): write(routine.definition)
        case .dropRoutine(let routine): write("DROP \(routine.kind.rawValue.uppercased()) \(quoted(routine.name))")
        case .replaceRoutine(let old, let new):
            write("DROP \(old.kind.rawValue.uppercased()) \(quoted(old.name))")
            write(new.definition)
        case .createTrigger(let trigger): write(trigger.definition)
        case .dropTrigger(let trigger): write("DROP TRIGGER \(quoted(trigger.name))")
        case .createSequence(let sequence):
            write(
                "CREATE SEQUENCE \(quoted(sequence.name)) START WITH \(sequence.numbers.start)\(numbers(sequence.numbers))"
            )
        case .dropSequence(let sequence): write("DROP SEQUENCE \(quoted(sequence.name))")
        case .alterSequence(_, let sequence):
            write(
                "ALTER SEQUENCE \(quoted(sequence.name)) START WITH \(sequence.numbers.start)\(numbers(sequence.numbers))"
            )
        // Comments are part of what they are about; the rest is unknown to these servers.
        default: return
        }
    }

    private func numbers(_ numbers: Schema.Sequence.Numbers) -> String {
        """
         INCREMENT BY \(numbers.increment) MINVALUE \(numbers.minimum) MAXVALUE \(numbers.maximum) \
        CACHE \(numbers.cache)\(numbers.cycles ? " CYCLE" : " NOCYCLE")
        """
    }

    private func place(_ position: Schema.ColumnPosition) -> String {
        switch position {
        case .last: ""
        case .first: " FIRST"
        case .after(let name): " AFTER \(quoted(name))"
        }
    }

    // MARK: Tables

    private mutating func create(_ table: Schema.Table) {
        var parts = table.columns.map { definition($0, in: table) }
        for constraint in table.constraints {
            if case .check(let check) = constraint, check.column != nil { continue }
            parts.append(definition(constraint))
        }
        parts += table.indexes.map { definition($0) }
        var text = "CREATE TABLE \(quoted(table.name)) (\n    \(parts.joined(separator: ",\n    "))\n)"
        text += options(of: table).map { " \($0)" }.joined()
        if let partitioning = table.partitioning { text += " \(definition(partitioning))" }
        write(text)
    }

    private func options(of table: Schema.Table) -> [String] {
        var result: [String] = []
        var options = table.options
        if let engine = options.removeValue(forKey: "engine") { result.append("ENGINE = \(engine)") }
        if let collation = options.removeValue(forKey: "collation") { result.append("DEFAULT COLLATE = \(collation)") }
        if options.removeValue(forKey: "system_versioning") != nil { result.append("WITH SYSTEM VERSIONING") }
        for (name, value) in ordered(options) { result.append("\(name.uppercased()) = \(optionValue(value))") }
        if let comment = table.comment { result.append("COMMENT = \(literal(comment))") }
        return result
    }

    private func optionValue(_ value: String) -> String {
        value.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F } ? value : literal(value)
    }

    private func definition(_ partitioning: Schema.Partitioning) -> String {
        var text = "PARTITION BY \(partitioning.key)"
        if let subkey = partitioning.subkey { text += " SUBPARTITION BY \(subkey)" }
        let parts = partitioning.parts.map { part in
            "PARTITION \(quoted(part.name))" + (part.bound.map { " VALUES \($0)" } ?? "")
                + (part.comment.map { " COMMENT = \(literal($0))" } ?? "")
        }
        return parts.isEmpty ? text : text + " (\(parts.joined(separator: ", ")))"
    }

    private mutating func alter(_ old: Schema.Table, _ new: Schema.Table) throws(DatabaseError) {
        let head = "ALTER TABLE \(quoted(new.name))"
        var set = options(of: new).filter { !options(of: old).contains($0) }
        if old.comment != nil, new.comment == nil { set.append("COMMENT = ''") }
        for key in old.options.keys.sorted() where new.options[key] == nil {
            guard key == "row_format" else { throw unsupported("take the option \(key) from the table \(new.name)") }
            set.append("ROW_FORMAT = DEFAULT")
        }
        if !set.isEmpty { write("\(head) \(set.joined(separator: ", "))") }
        guard old.partitioning != new.partitioning else { return }
        write("\(head) \(new.partitioning.map { definition($0) } ?? "REMOVE PARTITIONING")")
    }

    // MARK: Columns

    private func definition(_ column: Schema.Column, of table: ObjectName) -> String {
        let table = target.tables.first { $0.name == table }
        return definition(column, in: table ?? Schema.Table(name: ObjectName("")))
    }

    private func definition(_ column: Schema.Column, in table: Schema.Table) -> String {
        var text = "\(quoted(column.name)) \(column.type)"
        if let set = column.characterSet { text += " CHARACTER SET \(set)" }
        if let collation = column.collation { text += " COLLATE \(collation)" }
        if let generation = column.generation {
            text += " GENERATED ALWAYS AS (\(generation.expression)) \(generation.isStored ? "STORED" : "VIRTUAL")"
            // MariaDB knows no `NOT NULL` here.
            if !isMariaDB, !column.isNullable { text += " NOT NULL" }
        } else {
            text += column.isNullable ? " NULL" : " NOT NULL"
        }
        if let srid = column.options["srid"] { text += " SRID \(srid)" }
        if let expression = column.defaultValue { text += " DEFAULT \(expression)" }
        if let expression = column.onUpdate { text += " ON UPDATE \(expression)" }
        if column.identity != nil { text += " AUTO_INCREMENT" }
        if column.isInvisible { text += " INVISIBLE" }
        if let comment = column.comment { text += " COMMENT \(literal(comment))" }
        for check in table.checks where check.column == column.name { text += " CHECK (\(check.expression))" }
        return text
    }

    /// A virtual column cannot become a plain one: one that takes its values takes its place.
    private mutating func keepValues(of column: Schema.Column, in table: ObjectName) {
        let head = "ALTER TABLE \(quoted(table))"
        var other = column
        other.name = "roost_new_" + String(column.name.prefix(54))
        write("\(head) ADD COLUMN \(definition(other, of: table)) AFTER \(quoted(column.name))")
        write("UPDATE \(quoted(table)) SET \(quoted(other.name)) = \(quoted(column.name))")
        write("\(head) DROP COLUMN \(quoted(column.name))")
        write("\(head) RENAME COLUMN \(quoted(other.name)) TO \(quoted(column.name))")
    }

    // MARK: Constraints and indexes

    /// The primary key of a column that numbers rows, which the server wants in the same statement.
    private func numbering(_ column: Schema.Column, of table: ObjectName) -> String {
        guard let key = target.tables.first(where: { $0.name == table })?.primaryKey, key.columns == [column.name]
        else {
            return ""
        }
        return ", ADD \(definition(.primaryKey(key)))"
    }

    /// Whether a column that numbers rows brings its key with it, or takes it along: it stands in one of the structures alone.
    private func isNumbered(by key: Schema.Key, of table: ObjectName, in schema: Schema, butIn other: Schema) -> Bool {
        guard key.columns.count == 1, let name = key.columns.first,
            schema.tables.first(where: { $0.name == table })?.column(name)?.identity != nil,
            let former = other.tables.first(where: { $0.name == table })
        else { return false }
        return former.column(name) == nil
    }

    private func definition(_ constraint: Schema.Constraint) -> String {
        switch constraint {
        case .primaryKey(let key):
            let comment = key.comment.map { " COMMENT \(literal($0))" } ?? ""
            return "PRIMARY KEY (\(columns(key)))\(comment)"
        case .unique(let key): return "UNIQUE KEY \(key.name.map { quoted($0) + " " } ?? "")(\(columns(key)))"
        case .check(let check):
            return "\(constraintHead(check.name))CHECK (\(check.expression))\(check.isEnforced ? "" : " NOT ENFORCED")"
        case .foreignKey(let key): return foreignKey(key)
        case .exclusion(let exclusion): return "\(constraintHead(exclusion.name))\(exclusion.definition)"
        }
    }

    private func columns(_ key: Schema.Key) -> String {
        key.columns.map { name in
            quoted(name) + (key.lengths[name].map { "(\($0))" } ?? "") + (key.descending.contains(name) ? " DESC" : "")
        }.joined(separator: ", ")
    }

    private func definition(_ index: Schema.Index) -> String {
        var kind = index.isUnique ? "UNIQUE " : ""
        var method = ""
        switch index.method?.uppercased() {
        case "FULLTEXT": kind = "FULLTEXT "
        case "SPATIAL", "RTREE": kind = "SPATIAL "
        case "HASH": method = " USING HASH"
        default: break
        }
        let parts = index.parts.map { part in
            (part.column.map { quoted($0) } ?? "(\(part.expression ?? ""))") + (part.length.map { "(\($0))" } ?? "")
                + (part.isDescending ? " DESC" : "")
        }
        var text = "\(kind)KEY \(quoted(index.name))\(method) (\(parts.joined(separator: ", ")))"
        if let comment = index.comment { text += " COMMENT \(literal(comment))" }
        if !index.isVisible { text += isMariaDB ? " IGNORED" : " INVISIBLE" }
        return text
    }

    private mutating func add(_ constraint: Schema.Constraint, to table: ObjectName) {
        if case .check(let check) = constraint, let name = check.column {
            // It stands in its column's definition.
            guard let column = target.tables.first(where: { $0.name == table })?.column(name) else { return }
            return write("ALTER TABLE \(quoted(table)) MODIFY COLUMN \(definition(column, of: table))")
        }
        if case .primaryKey(let key) = constraint, isNumbered(by: key, of: table, in: target, butIn: source) { return }
        write("ALTER TABLE \(quoted(table)) ADD \(definition(constraint))")
    }

    private mutating func drop(_ constraint: Schema.Constraint, of table: ObjectName) {
        let head = "ALTER TABLE \(quoted(table)) DROP"
        switch constraint {
        case .primaryKey(let key):
            if !isNumbered(by: key, of: table, in: source, butIn: target) { write("\(head) PRIMARY KEY") }
        case .unique(let key): write("\(head) INDEX \(quoted(key.name ?? ""))")
        case .foreignKey(let key): write("\(head) FOREIGN KEY \(quoted(key.name ?? ""))")
        case .check(let check):
            guard let name = check.column else { return write("\(head) CONSTRAINT \(quoted(check.name ?? ""))") }
            // It goes with its column's definition, or with the column.
            guard let column = target.tables.first(where: { $0.name == table })?.column(name) else { return }
            write("ALTER TABLE \(quoted(table)) MODIFY COLUMN \(definition(column, of: table))")
        case .exclusion(let exclusion): write("\(head) CONSTRAINT \(quoted(exclusion.name))")
        }
    }

    private mutating func write(view: Schema.View, _ verb: String) {
        var text = verb
        if let algorithm = view.options["algorithm"] { text += " ALGORITHM = \(algorithm.uppercased())" }
        if let security = view.options["sql_security"] { text += " SQL SECURITY \(security.uppercased())" }
        text += " VIEW \(quoted(view.name))"
        if !view.columnNames.isEmpty { text += " (\(list(view.columnNames)))" }
        text += " AS \(view.query)"
        if let check = view.options["check_option"] { text += " WITH \(check.uppercased()) CHECK OPTION" }
        write(text)
    }
}
