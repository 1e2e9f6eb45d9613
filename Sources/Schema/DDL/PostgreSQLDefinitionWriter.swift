import Roost

/// Writes PostgreSQL's DDL.
struct PostgreSQLDefinitionWriter: DefinitionWriter {
    let source: Schema
    let target: Schema
    var statements: [String] = []
    private var hasRoutines = false

    init(source: Schema, target: Schema) {
        self.source = source
        self.target = target
    }

    mutating func write(_ change: Schema.Change) throws(DatabaseError) {
        switch change {
        case .createNamespace(let value): write("CREATE SCHEMA \(quoted(value.name))")
        case .dropNamespace(let value): write("DROP SCHEMA \(quoted(value.name))")
        case .createExtension(let value):
            let place = value.namespace.map { " SCHEMA \(quoted($0))" } ?? ""
            write("CREATE EXTENSION IF NOT EXISTS \(quoted(value.name))\(place)")
        case .dropExtension(let value): write("DROP EXTENSION \(quoted(value.name))")
        case .createTable, .dropTable, .renameTable, .alterTable, .addColumn, .dropColumn, .renameColumn, .alterColumn,
            .addConstraint, .dropConstraint, .renameConstraint, .validateConstraint, .createIndex, .dropIndex,
            .renameIndex:
            try writeTable(change)
        case .createView(let view): write(view: view, "CREATE")
        case .dropView(let view): write("DROP \(kind(view)) \(quoted(view.name))")
        case .replaceView(_, let view): write(view: view, "CREATE OR REPLACE")
        case .createRoutine(let routine), .replaceRoutine(_, let routine):
            // A body may name what comes later.
            if !hasRoutines { write("SET check_function_bodies = off") }
            hasRoutines = true
            write(trimmed(routine.definition))
        case .dropRoutine(let routine):
            write("DROP \(routine.kind.rawValue.uppercased()) \(quoted(routine.name))(\(routine.arguments))")
        case .createTrigger(let trigger):
            write(trigger.definition)
            switch trigger.firing {
            case "DISABLED":
                write("ALTER TABLE \(quoted(trigger.table)) DISABLE TRIGGER \(quoted(trigger.name))")
            case let firing?:
                write("ALTER TABLE \(quoted(trigger.table)) ENABLE \(firing) TRIGGER \(quoted(trigger.name))")
            case nil: break
            }
        case .dropTrigger(let trigger): write("DROP TRIGGER \(quoted(trigger.name)) ON \(quoted(trigger.table))")
        case .setComment(let target, _, let text): write("COMMENT ON \(commented(target)) IS \(literal(text))")
        default: try writeType(change)
        }
        writeComments(carriedBy: change)
    }

    private func trimmed(_ text: String) -> String {
        var text = text[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    private func kind(_ view: Schema.View) -> String { view.isMaterialized ? "MATERIALIZED VIEW" : "VIEW" }

    private mutating func write(view: Schema.View, _ verb: String) {
        var text = "\(verb) \(kind(view)) \(quoted(view.name))"
        if !view.columnNames.isEmpty { text += " (\(list(view.columnNames)))" }
        var options = view.options
        let method = options.removeValue(forKey: "access_method")
        let tablespace = options.removeValue(forKey: "tablespace")
        let isEmpty = options.removeValue(forKey: "populated") == "false"
        if let method { text += " USING \(quoted(method))" }
        text += storage(options)
        if let tablespace { text += " TABLESPACE \(quoted(tablespace))" }
        text += " AS \(view.query)"
        if isEmpty { text += " WITH NO DATA" }
        write(text)
        for index in view.indexes where verb == "CREATE" { write(definition(index, on: view.name)) }
    }

    /// ` WITH (…)`
    func storage(_ options: [String: String]) -> String {
        guard !options.isEmpty else { return "" }
        let list = ordered(options).map { "\($0) = \(literal($1))" }.joined(separator: ", ")
        return " WITH (\(list))"
    }

    // MARK: Types and sequences

    private mutating func writeType(_ change: Schema.Change) throws(DatabaseError) {
        switch change {
        case .createEnumeration(let value): write(create(value))
        case .dropEnumeration(let value): write("DROP TYPE \(quoted(value.name))")
        case .addEnumerationValue(let enumeration, let value, let before):
            let place = before.map { " BEFORE \(literal($0))" } ?? ""
            write("ALTER TYPE \(quoted(enumeration.name)) ADD VALUE \(literal(value))\(place)")
        case .renameEnumerationValue(let name, let from, let to):
            write("ALTER TYPE \(quoted(name)) RENAME VALUE \(literal(from)) TO \(literal(to))")
        case .replaceEnumeration(_, let new): replace(new)
        case .createDomain(let value): write(create(value))
        case .dropDomain(let value): write("DROP DOMAIN \(quoted(value.name))")
        case .alterDomain(let old, let new): try alter(old, new)
        case .createComposite(let value): write("CREATE TYPE \(quoted(value.name)) AS (\(fields(value)))")
        case .dropComposite(let value): write("DROP TYPE \(quoted(value.name))")
        case .alterComposite(let old, let new): alter(old, new)
        case .createRange(let value):
            let multirange = value.multirange.map {
                ", MULTIRANGE_TYPE_NAME = \(quoted(ObjectName($0, in: value.name.namespace)))"
            }
            write("CREATE TYPE \(quoted(value.name)) AS RANGE (SUBTYPE = \(value.subtype)\(multirange ?? ""))")
        case .dropRange(let value): write("DROP TYPE \(quoted(value.name))")
        case .createSequence(let value):
            let type = value.type.map { " AS \($0)" } ?? ""
            write("CREATE SEQUENCE \(quoted(value.name))\(type) \(numbers(value.numbers))")
        case .dropSequence(let value): write("DROP SEQUENCE \(quoted(value.name))")
        case .alterSequence(let old, let new):
            if old.type != new.type || old.numbers != new.numbers {
                let type = new.type.map { " AS \($0)" } ?? ""
                write("ALTER SEQUENCE \(quoted(new.name))\(type) \(numbers(new.numbers))")
            }
            guard old.owner != new.owner else { return }
            let owner = new.owner.map { "\(quoted($0.table)).\(quoted($0.column))" } ?? "NONE"
            write("ALTER SEQUENCE \(quoted(new.name)) OWNED BY \(owner)")
        default: return
        }
    }

    func numbers(_ numbers: Schema.Sequence.Numbers) -> String {
        """
        INCREMENT BY \(numbers.increment) MINVALUE \(numbers.minimum) MAXVALUE \(numbers.maximum) \
        START WITH \(numbers.start) CACHE \(numbers.cache)\(numbers.cycles ? " CYCLE" : " NO CYCLE")
        """
    }

    private func create(_ value: Schema.Enumeration) -> String {
        "CREATE TYPE \(quoted(value.name)) AS ENUM (\(value.values.map { literal($0) }.joined(separator: ", ")))"
    }

    private func fields(_ value: Schema.Composite) -> String {
        value.fields.map { "\(quoted($0.name)) \($0.type)\(collation($0.collation))" }.joined(separator: ", ")
    }

    func collation(_ name: String?) -> String { name.map { " COLLATE \($0)" } ?? "" }

    private func create(_ value: Schema.Domain) -> String {
        var text = "CREATE DOMAIN \(quoted(value.name)) AS \(value.type)\(collation(value.collation))"
        if let expression = value.defaultValue { text += " DEFAULT \(expression)" }
        if !value.isNullable { text += " NOT NULL" }
        for check in value.checks { text += " \(constraintHead(check.name))CHECK (\(check.expression))" }
        return text
    }

    private mutating func alter(_ old: Schema.Domain, _ new: Schema.Domain) throws(DatabaseError) {
        guard old.type == new.type, old.collation == new.collation else {
            throw unsupported("change the type of the domain \(new.name)")
        }
        let head = "ALTER DOMAIN \(quoted(new.name))"
        if old.defaultValue != new.defaultValue {
            write(new.defaultValue.map { "\(head) SET DEFAULT \($0)" } ?? "\(head) DROP DEFAULT")
        }
        if old.isNullable != new.isNullable { write("\(head) \(new.isNullable ? "DROP" : "SET") NOT NULL") }
        for check in old.checks where !new.checks.contains(check) {
            write("\(head) DROP CONSTRAINT \(quoted(check.name ?? ""))")
        }
        for check in new.checks where !old.checks.contains(check) {
            write(
                "\(head) ADD \(constraintHead(check.name))CHECK (\(check.expression))\(check.isValidated ? "" : " NOT VALID")"
            )
        }
    }

    private mutating func alter(_ old: Schema.Composite, _ new: Schema.Composite) {
        let head = "ALTER TYPE \(quoted(new.name))"
        for field in old.fields where !new.fields.contains(where: { $0.name == field.name }) {
            write("\(head) DROP ATTRIBUTE \(quoted(field.name))")
        }
        for field in new.fields {
            guard let former = old.fields.first(where: { $0.name == field.name }) else {
                write("\(head) ADD ATTRIBUTE \(quoted(field.name)) \(field.type)\(collation(field.collation))")
                continue
            }
            guard former.type != field.type || former.collation != field.collation else { continue }
            write("\(head) ALTER ATTRIBUTE \(quoted(field.name)) TYPE \(field.type)\(collation(field.collation))")
        }
    }

    /// A new type under the old name, and all columns over to it.
    private mutating func replace(_ new: Schema.Enumeration) {
        let old = ObjectName(new.name.name + "_old", in: new.name.namespace)
        write("ALTER TYPE \(quoted(new.name)) RENAME TO \(quoted(old.name))")
        write(create(new))
        for table in source.tables where table.partition == nil {
            // What goes has gone before.
            guard let after = target.tables.first(where: { $0.name == table.name }) else { continue }
            for column in table.columns where !column.isInherited && column.type.isOf(new.name) {
                let head = "ALTER TABLE \(quoted(table.name)) ALTER COLUMN \(quoted(column.name))"
                let array = column.type.spelling.hasSuffix("]") ? "[]" : ""
                if column.defaultValue != nil { write("\(head) DROP DEFAULT") }
                write(
                    "\(head) TYPE \(quoted(new.name))\(array) USING \(quoted(column.name))::text\(array)::\(quoted(new.name))\(array)"
                )
                if column.defaultValue != nil, let text = after.column(column.name)?.defaultValue {
                    write("\(head) SET DEFAULT \(text)")
                }
            }
        }
        write("DROP TYPE \(quoted(old))")
    }
}
