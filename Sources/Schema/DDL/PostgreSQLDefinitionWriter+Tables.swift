import Roost

extension PostgreSQLDefinitionWriter {
    mutating func writeTable(_ change: Schema.Change) throws(DatabaseError) {
        switch change {
        case .createTable(let table): create(table)
        case .dropTable(let table): write("DROP \(table.kind == .foreign ? "FOREIGN " : "")TABLE \(quoted(table.name))")
        case .renameTable(let from, let to): rename(from, to)
        case .alterTable(let old, let new): try alter(old, new)
        case .addColumn(let table, let column, _):
            write("ALTER TABLE \(quoted(table)) ADD COLUMN \(definition(column))")
            writeOptions(of: column, in: table, from: [:])
        case .dropColumn(let table, let column, _):
            write("ALTER TABLE \(quoted(table)) DROP COLUMN \(quoted(column.name))")
        case .renameColumn(let table, let from, let to):
            write("ALTER TABLE \(quoted(table)) RENAME COLUMN \(quoted(from)) TO \(quoted(to))")
        case .alterColumn(let table, let old, let new): alter(table, old, new)
        case .addConstraint(let table, let constraint):
            write(
                "ALTER TABLE \(quoted(table)) ADD \(definition(constraint))\(constraint.isChecked ? "" : " NOT VALID")"
            )
        case .dropConstraint(let table, let constraint):
            write("ALTER TABLE \(quoted(table)) DROP CONSTRAINT \(quoted(constraint.name ?? ""))")
        case .renameConstraint(let table, let from, let to):
            write("ALTER TABLE \(quoted(table)) RENAME CONSTRAINT \(quoted(from.name ?? "")) TO \(quoted(to))")
        case .validateConstraint(let table, let constraint):
            write("ALTER TABLE \(quoted(table)) VALIDATE CONSTRAINT \(quoted(constraint.name ?? ""))")
        case .createIndex(let table, let index): write(definition(index, on: table))
        case .dropIndex(let table, let index):
            write("DROP INDEX \(quoted(ObjectName(index.name, in: table.namespace)))")
        case .renameIndex(let table, let from, let to):
            write("ALTER INDEX \(quoted(ObjectName(from.name, in: table.namespace))) RENAME TO \(quoted(to))")
        default: return
        }
    }

    private mutating func rename(_ from: ObjectName, _ to: ObjectName) {
        if from.name != to.name { write("ALTER TABLE \(quoted(from)) RENAME TO \(quoted(to.name))") }
        if from.namespace != to.namespace, let namespace = to.namespace {
            write("ALTER TABLE \(quoted(ObjectName(to.name, in: from.namespace))) SET SCHEMA \(quoted(namespace))")
        }
    }

    private mutating func create(_ table: Schema.Table) {
        var options = table.options
        let isUnlogged = options.removeValue(forKey: "unlogged") != nil
        let tablespace = options.removeValue(forKey: "tablespace")
        let method = options.removeValue(forKey: "access_method")
        let server = options.removeValue(forKey: "server")
        let security = options.removeValue(forKey: "row_security")
        var text =
            "CREATE \(isUnlogged ? "UNLOGGED " : "")\(table.kind == .foreign ? "FOREIGN " : "")TABLE \(quoted(table.name))"
        let columns = table.columns.filter { !$0.isInherited }.map { definition($0) }
        let constraints = table.constraints.filter(\.isChecked).map { definition($0) }
        if let partition = table.partition {
            text += " PARTITION OF \(quoted(partition.of))"
            if !constraints.isEmpty { text += " (\n    \(constraints.joined(separator: ",\n    "))\n)" }
            text += " \(partition.bound)"
        } else {
            let parts = columns + constraints
            text += parts.isEmpty ? " ()" : " (\n    \(parts.joined(separator: ",\n    "))\n)"
        }
        if !table.parents.isEmpty { text += " INHERITS (\(table.parents.map { quoted($0) }.joined(separator: ", ")))" }
        if let partitioning = table.partitioning { text += " PARTITION BY \(partitioning.key)" }
        if let method { text += " USING \(quoted(method))" }
        text += storage(options)
        if let tablespace { text += " TABLESPACE \(quoted(tablespace))" }
        if let server { text += " SERVER \(quoted(server))" }
        write(text)
        for column in table.columns where !column.isInherited { writeOptions(of: column, in: table.name, from: [:]) }
        for constraint in table.constraints where !constraint.isChecked {
            write("ALTER TABLE \(quoted(table.name)) ADD \(definition(constraint)) NOT VALID")
        }
        for index in table.indexes { write(definition(index, on: table.name)) }
        writeSecurity(of: table.name, security)
    }

    private mutating func writeSecurity(of table: ObjectName, _ security: String?) {
        guard let security else { return }
        write("ALTER TABLE \(quoted(table)) ENABLE ROW LEVEL SECURITY")
        if security == "forced" { write("ALTER TABLE \(quoted(table)) FORCE ROW LEVEL SECURITY") }
    }

    private mutating func alter(_ old: Schema.Table, _ new: Schema.Table) throws(DatabaseError) {
        guard old.kind == new.kind, old.partitioning == new.partitioning else {
            throw unsupported("change what kind of table \(new.name) is, or how it is split")
        }
        let head = "ALTER TABLE \(quoted(new.name))"
        if old.partition != new.partition {
            if let former = old.partition {
                write("ALTER TABLE \(quoted(former.of)) DETACH PARTITION \(quoted(new.name))")
            }
            if let partition = new.partition {
                write("ALTER TABLE \(quoted(partition.of)) ATTACH PARTITION \(quoted(new.name)) \(partition.bound)")
            }
        }
        for parent in old.parents where !new.parents.contains(parent) { write("\(head) NO INHERIT \(quoted(parent))") }
        for parent in new.parents where !old.parents.contains(parent) { write("\(head) INHERIT \(quoted(parent))") }
        var (before, after) = (old.options, new.options)
        func changed(_ key: String) -> (String?, String?)? {
            let pair = (before.removeValue(forKey: key), after.removeValue(forKey: key))
            return pair.0 == pair.1 ? nil : pair
        }
        if let (_, value) = changed("unlogged") { write("\(head) SET \(value == nil ? "LOGGED" : "UNLOGGED")") }
        if let (_, value) = changed("tablespace") { write("\(head) SET TABLESPACE \(quoted(value ?? "pg_default"))") }
        if let (_, value) = changed("access_method") { write("\(head) SET ACCESS METHOD \(quoted(value ?? "heap"))") }
        if let (_, value) = changed("row_security") {
            write("\(head) NO FORCE ROW LEVEL SECURITY")
            if value == nil { write("\(head) DISABLE ROW LEVEL SECURITY") }
            writeSecurity(of: new.name, value)
        }
        if changed("server") != nil { throw unsupported("move the foreign table \(new.name) to another server") }
        let gone = before.keys.filter { after[$0] == nil }.sorted()
        if !gone.isEmpty { write("\(head) RESET (\(gone.joined(separator: ", ")))") }
        let set = ordered(after).filter { before[$0.0] != $0.1 }.map { "\($0) = \(literal($1))" }
        if !set.isEmpty { write("\(head) SET (\(set.joined(separator: ", ")))") }
    }

    // MARK: Columns

    func definition(_ column: Schema.Column) -> String {
        var text = "\(quoted(column.name)) \(column.type)\(collation(column.collation))"
        if let generation = column.generation {
            text += " GENERATED ALWAYS AS (\(generation.expression)) \(generation.isStored ? "STORED" : "VIRTUAL")"
        } else if let identity = column.identity {
            text += " \(generated(identity))"
        } else if let expression = column.defaultValue {
            text += " DEFAULT \(expression)"
        }
        return text + (column.isNullable ? "" : " NOT NULL")
    }

    private func generated(_ identity: Schema.Column.Identity) -> String {
        let options = identity.numbers.map { " (\(numbers($0)))" } ?? ""
        return "GENERATED \(identity.isAlways ? "ALWAYS" : "BY DEFAULT") AS IDENTITY\(options)"
    }

    private mutating func writeOptions(of column: Schema.Column, in table: ObjectName, from old: [String: String]) {
        guard old != column.options else { return }
        let head = "ALTER TABLE \(quoted(table)) ALTER COLUMN \(quoted(column.name)) SET"
        for key in Set(old.keys).union(column.options.keys).sorted() where old[key] != column.options[key] {
            switch key {
            case "storage": write("\(head) STORAGE \((column.options[key] ?? "extended").uppercased())")
            case "compression": write("\(head) COMPRESSION \(column.options[key] ?? "default")")
            case "statistics": write("\(head) STATISTICS \(column.options[key] ?? "-1")")
            default: continue
            }
        }
    }

    /// What makes a value of one type one of the other: by way of text where the server has no cast, which serves as far as values
    /// of both read alike.
    private func cast(_ old: Schema.ColumnType, _ new: Schema.ColumnType) -> String {
        let isArray = old.dimensions != nil
        let isDirect = isArray == (new.dimensions != nil) && Self.isCast(old, new)
        return isDirect ? "::\(new)" : "::text\(isArray && new.dimensions != nil ? "[]" : "")::\(new)"
    }

    /// Whether `pg_cast` has a way from one type to the other, or text is one of them.
    private static func isCast(_ old: Schema.ColumnType, _ new: Schema.ColumnType) -> Bool {
        switch (old.family, new.family) {
        case (.text, _), (_, .text), (.any, _), (_, .any), (.domain, _), (_, .domain): true
        case (.enumeration, _), (_, .enumeration), (.composite, _), (_, .composite), (.range, _), (_, .range): false
        case (.integer, .decimal), (.integer, .float), (.decimal, .integer), (.decimal, .float), (.float, .integer),
            (.float, .decimal), (.integer, .bits), (.bits, .integer):
            true
        case (.boolean, .integer): new.bits == 32
        case (.integer, .boolean): old.bits == 32
        case (.date, .timestamp), (.timestamp, .date), (.timestamp, .time), (.time, .interval), (.interval, .time): true
        case (.network, .network): old.spelling.hasPrefix("mac") == new.spelling.hasPrefix("mac")
        default: old.family == new.family
        }
    }

    private mutating func alter(_ table: ObjectName, _ old: Schema.Column, _ new: Schema.Column) {
        let head = "ALTER TABLE \(quoted(table)) ALTER COLUMN \(quoted(new.name))"
        let aspects = new.differences(from: old)
        if let generation = old.generation, new.generation == nil {
            guard generation.isStored else { return keepValues(of: new, in: table) }
            write("\(head) DROP EXPRESSION")
        }
        if old.identity != nil, new.identity == nil { write("\(head) DROP IDENTITY") }
        let changesType = aspects.contains(.type) || aspects.contains(.collation)
        // The default may not fit the new type, and an identity wants none.
        if old.defaultValue != nil, new.defaultValue == nil || changesType { write("\(head) DROP DEFAULT") }
        if changesType {
            // What is computed is computed again.
            let value = new.generation == nil ? " USING \(quoted(new.name))\(cast(old.type, new.type))" : ""
            write("\(head) TYPE \(new.type)\(collation(new.collation))\(value)")
        }
        if let expression = new.defaultValue, changesType || aspects.contains(.defaultValue) {
            write("\(head) SET DEFAULT \(expression)")
        }
        if aspects.contains(.nullability) { write("\(head) \(new.isNullable ? "DROP" : "SET") NOT NULL") }
        if let identity = new.identity {
            if let former = old.identity {
                if former.isAlways != identity.isAlways {
                    write("\(head) SET GENERATED \(identity.isAlways ? "ALWAYS" : "BY DEFAULT")")
                }
                if former.numbers != identity.numbers, let numbers = identity.numbers {
                    write(
                        """
                        \(head) SET INCREMENT BY \(numbers.increment) SET MINVALUE \(numbers.minimum) SET MAXVALUE \(numbers.maximum) \
                        SET START WITH \(numbers.start) SET CACHE \(numbers.cache) SET \(numbers.cycles ? "CYCLE" : "NO CYCLE")
                        """
                    )
                }
            } else {
                write("\(head) ADD \(generated(identity))")
                writeStart(of: new, identity, in: table)
            }
        }
        writeOptions(of: new, in: table, from: old.options)
    }

    /// The first number that is not taken.
    private mutating func writeStart(
        of column: Schema.Column,
        _ identity: Schema.Column.Identity,
        in table: ObjectName
    ) {
        guard let numbers = identity.numbers, numbers.increment > 0 else { return }
        let (name, last) = (quoted(table), "max(\(quoted(column.name)))")
        write(
            """
            SELECT setval(pg_get_serial_sequence(\(literal(name)), \(literal(column.name))), \(last)) FROM \(name) \
            HAVING \(last) BETWEEN \(numbers.minimum) AND \(numbers.maximum)
            """
        )
    }

    /// A column that is computed when it is read cannot become a plain one: one that takes its values takes its place.
    private mutating func keepValues(of column: Schema.Column, in table: ObjectName) {
        let head = "ALTER TABLE \(quoted(table))"
        var other = column
        other.name = "roost_new_" + String(column.name.prefix(12))
        other.isNullable = true
        write("\(head) ADD COLUMN \(definition(other))")
        write("UPDATE \(quoted(table)) SET \(quoted(other.name)) = \(quoted(column.name))")
        write("\(head) DROP COLUMN \(quoted(column.name))")
        write("\(head) RENAME COLUMN \(quoted(other.name)) TO \(quoted(column.name))")
        if !column.isNullable { write("\(head) ALTER COLUMN \(quoted(column.name)) SET NOT NULL") }
        writeOptions(of: column, in: table, from: [:])
    }

    // MARK: Constraints and indexes

    func definition(_ constraint: Schema.Constraint) -> String {
        let head = constraintHead(constraint.name)
        switch constraint {
        case .primaryKey(let key): return "\(head)PRIMARY KEY\(definition(key))"
        case .unique(let key):
            return "\(head)UNIQUE\(key.nullsNotDistinct ? " NULLS NOT DISTINCT" : "")\(definition(key))"
        case .check(let check):
            let inheritance = check.isInherited ? "" : " NO INHERIT"
            return "\(head)CHECK (\(check.expression))\(inheritance)\(check.isEnforced ? "" : " NOT ENFORCED")"
        case .exclusion(let exclusion): return "\(head)\(exclusion.definition)"
        case .foreignKey(let key): return foreignKey(key)
        }
    }

    private func definition(_ key: Schema.Key) -> String {
        var text = " (\(list(key.columns))\(key.withoutOverlaps ? " WITHOUT OVERLAPS" : ""))"
        if !key.included.isEmpty { text += " INCLUDE (\(list(key.included)))" }
        var options = key.options
        let tablespace = options.removeValue(forKey: "tablespace")
        text += storage(options)
        if let tablespace { text += " USING INDEX TABLESPACE \(quoted(tablespace))" }
        return text + checking(key.checking)
    }

    func definition(_ index: Schema.Index, on table: ObjectName) -> String {
        var text = "CREATE \(index.isUnique ? "UNIQUE " : "")INDEX \(quoted(index.name)) ON \(quoted(table))"
        if let method = index.method { text += " USING \(method)" }
        let parts = index.parts.map { part in
            var text = part.column.map { quoted($0) } ?? "(\(part.expression ?? ""))"
            text += collation(part.collation)
            if let name = part.operatorClass { text += " \(name)" }
            if part.isDescending { text += " DESC" }
            if let first = part.nullsFirst { text += first ? " NULLS FIRST" : " NULLS LAST" }
            return text
        }
        text += " (\(parts.joined(separator: ", ")))"
        if !index.included.isEmpty { text += " INCLUDE (\(list(index.included)))" }
        if index.nullsNotDistinct { text += " NULLS NOT DISTINCT" }
        var options = index.options
        let tablespace = options.removeValue(forKey: "tablespace")
        text += storage(options)
        if let tablespace { text += " TABLESPACE \(quoted(tablespace))" }
        if let predicate = index.predicate { text += " WHERE \(predicate)" }
        return text
    }
}

extension Schema.Constraint {
    /// Whether the rows that were there before it were checked.
    var isChecked: Bool {
        switch self {
        case .check(let check): check.isValidated || !check.isEnforced
        case .foreignKey(let key): key.isValidated
        default: true
        }
    }
}
