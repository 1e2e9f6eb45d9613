extension PostgreSQLDefinitionWriter {
    /// Writes what people wrote about what a change makes, where the change itself carries it, as one does that undoes a `drop`.
    mutating func writeComments(carriedBy change: Schema.Change) {
        switch change {
        case .createNamespace(let value): comment(.namespace(value.name), value.comment)
        case .createEnumeration(let value): comment(.enumeration(value.name), value.comment)
        case .createDomain(let value): comment(.domain(value.name), value.comment)
        case .createComposite(let value):
            comment(.composite(value.name), value.comment)
            comment(on: value.fields, of: value.name)
        case .createRange(let value): comment(.range(value.name), value.comment)
        case .createSequence(let value): comment(.sequence(value.name), value.comment)
        case .createTable(let table):
            comment(.table(table.name), table.comment)
            comment(on: table.columns, of: table.name)
            for constraint in table.constraints { comment(on: constraint, of: table.name) }
            for index in table.indexes { comment(on: index, of: table.name) }
        case .addColumn(let table, let column, _): comment(on: [column], of: table)
        case .addConstraint(let table, let constraint): comment(on: constraint, of: table)
        case .createIndex(let table, let index): comment(on: index, of: table)
        case .createView(let view):
            comment(.view(view.name, isMaterialized: view.isMaterialized), view.comment)
            for column in view.columns {
                comment(.viewColumn(view: view.name, column: column.name), column.comment)
            }
            for index in view.indexes { comment(on: index, of: view.name) }
        case .createRoutine(let routine):
            comment(.routine(routine.name, kind: routine.kind, arguments: routine.arguments), routine.comment)
        case .createTrigger(let trigger):
            comment(.trigger(table: trigger.table, trigger: trigger.name), trigger.comment)
        default: return
        }
    }

    private mutating func comment(_ target: Schema.CommentTarget, _ text: String?) {
        if let text { write("COMMENT ON \(commented(target)) IS \(literal(text))") }
    }

    private mutating func comment(on columns: [Schema.Column], of table: ObjectName) {
        for column in columns { comment(.column(table: table, column: column.name), column.comment) }
    }

    private mutating func comment(on constraint: Schema.Constraint, of table: ObjectName) {
        guard let name = constraint.name else { return }
        comment(.constraint(table: table, constraint: name), constraint.comment)
    }

    private mutating func comment(on index: Schema.Index, of table: ObjectName) {
        comment(.index(ObjectName(index.name, in: table.namespace)), index.comment)
    }

    func commented(_ target: Schema.CommentTarget) -> String {
        switch target {
        case .namespace(let name): "SCHEMA \(quoted(name))"
        case .enumeration(let name), .composite(let name), .range(let name): "TYPE \(quoted(name))"
        case .domain(let name): "DOMAIN \(quoted(name))"
        case .sequence(let name): "SEQUENCE \(quoted(name))"
        case .table(let name):
            (self.target.tables.first { $0.name == name }?.kind == .foreign ? "FOREIGN TABLE " : "TABLE ")
                + quoted(name)
        case .column(let table, let column): "COLUMN \(quoted(table)).\(quoted(column))"
        case .view(let name, let isMaterialized): "\(isMaterialized ? "MATERIALIZED VIEW" : "VIEW") \(quoted(name))"
        case .viewColumn(let view, let column): "COLUMN \(quoted(view)).\(quoted(column))"
        case .constraint(let table, let constraint): "CONSTRAINT \(quoted(constraint)) ON \(quoted(table))"
        case .index(let name): "INDEX \(quoted(name))"
        case .routine(let name, let kind, let arguments): "\(kind.rawValue.uppercased()) \(quoted(name))(\(arguments))"
        case .trigger(let table, let trigger): "TRIGGER \(quoted(trigger)) ON \(quoted(table))"
        }
    }
}
