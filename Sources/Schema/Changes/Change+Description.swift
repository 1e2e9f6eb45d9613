extension Schema.Change: CustomStringConvertible {
    /// A line for people: `add column customer.email varchar(80)`.
    public var description: String {
        switch self {
        case .createNamespace(let value): "create schema \(value.name)"
        case .dropNamespace(let value): "drop schema \(value.name)"
        case .createExtension(let value): "create extension \(value.name)"
        case .dropExtension(let value): "drop extension \(value.name)"
        case .createEnumeration(let value): "create enum \(value.name)"
        case .dropEnumeration(let value): "drop enum \(value.name)"
        case .addEnumerationValue(let enumeration, let value, let before):
            "add value '\(value)' to enum \(enumeration.name)" + (before.map { " before '\($0)'" } ?? "")
        case .renameEnumerationValue(let name, let from, let to): "rename value '\(from)' of enum \(name) to '\(to)'"
        case .replaceEnumeration(_, let new): "replace enum \(new.name)"
        case .createDomain(let value): "create domain \(value.name)"
        case .dropDomain(let value): "drop domain \(value.name)"
        case .alterDomain(_, let new): "alter domain \(new.name)"
        case .createComposite(let value): "create type \(value.name)"
        case .dropComposite(let value): "drop type \(value.name)"
        case .alterComposite(_, let new): "alter type \(new.name)"
        case .createRange(let value): "create range type \(value.name)"
        case .dropRange(let value): "drop range type \(value.name)"
        case .createSequence(let value): "create sequence \(value.name)"
        case .dropSequence(let value): "drop sequence \(value.name)"
        case .alterSequence(_, let new): "alter sequence \(new.name)"
        case .createTable(let table): "create table \(table.name) (\(table.columns.count) columns)"
        case .dropTable(let table): "drop table \(table.name)"
        case .renameTable(let from, let to): "rename table \(from) to \(to)"
        case .alterTable(_, let new): "alter options of table \(new.name)"
        case .addColumn(let table, let column, _): "add column \(table).\(column.name) \(column.type)"
        case .dropColumn(let table, let column, _): "drop column \(table).\(column.name)"
        case .renameColumn(let table, let from, let to): "rename column \(table).\(from) to \(to)"
        case .alterColumn(let table, let from, let to): "alter column \(table).\(to.name): \(Self.difference(from, to))"
        case .addConstraint(let table, let constraint): "add \(constraint) to \(table)"
        case .dropConstraint(let table, let constraint): "drop \(constraint) of \(table)"
        case .renameConstraint(let table, let from, let to): "rename \(from) of \(table) to \(to)"
        case .validateConstraint(let table, let constraint): "validate \(constraint) of \(table)"
        case .createIndex(let table, let index): "create index \(index.name) on \(table)"
        case .dropIndex(let table, let index): "drop index \(index.name) on \(table)"
        case .renameIndex(_, let from, let to): "rename index \(from.name) to \(to)"
        case .createView(let view): "create view \(view.name)"
        case .dropView(let view): "drop view \(view.name)"
        case .replaceView(_, let view): "replace view \(view.name)"
        case .createRoutine(let routine): "create \(routine.kind) \(routine.name)"
        case .dropRoutine(let routine): "drop \(routine.kind) \(routine.name)"
        case .replaceRoutine(_, let routine): "replace \(routine.kind) \(routine.name)"
        case .createTrigger(let trigger): "create trigger \(trigger.name) on \(trigger.table)"
        case .dropTrigger(let trigger): "drop trigger \(trigger.name) on \(trigger.table)"
        case .setComment(let target, _, let text): "\(text == nil ? "remove" : "set") comment on \(target)"
        }
    }

    private static func difference(_ from: Schema.Column, _ to: Schema.Column) -> String {
        to.differences(from: from).sorted { $0.rawValue < $1.rawValue }.map { aspect in
            switch aspect {
            case .type: "type \(from.type) to \(to.type)"
            case .nullability: to.isNullable ? "may be null" : "not null"
            case .defaultValue: to.defaultValue.map { "default \($0)" } ?? "no default"
            case .visibility: to.isInvisible ? "invisible" : "visible"
            default: aspect.rawValue
            }
        }.joined(separator: ", ")
    }
}

extension Schema.Constraint: CustomStringConvertible {
    /// What kind it is, and its name or columns.
    public var description: String {
        let (kind, content) =
            switch self {
            case .primaryKey(let key): ("primary key", "(\(key.columns.joined(separator: ", ")))")
            case .unique(let key): ("unique key", "(\(key.columns.joined(separator: ", ")))")
            case .check(let check): ("check", "(\(check.expression))")
            case .exclusion(let exclusion): ("exclusion", exclusion.definition)
            case .foreignKey(let key): ("foreign key", "(\(key.columns.joined(separator: ", ")))")
            }
        return "\(kind) \(name ?? content)"
    }
}

extension Schema.CommentTarget: CustomStringConvertible {
    public var description: String {
        switch self {
        case .namespace(let name): "schema \(name)"
        case .enumeration(let name): "enum \(name)"
        case .domain(let name): "domain \(name)"
        case .composite(let name), .range(let name): "type \(name)"
        case .sequence(let name): "sequence \(name)"
        case .table(let name): "table \(name)"
        case .column(let table, let column): "column \(table).\(column)"
        case .view(let name, _): "view \(name)"
        case .viewColumn(let view, let column): "column \(view).\(column)"
        case .constraint(let table, let constraint): "constraint \(constraint) of \(table)"
        case .index(let name): "index \(name)"
        case .routine(let name, let kind, _): "\(kind) \(name)"
        case .trigger(let table, let trigger): "trigger \(trigger) on \(table)"
        }
    }
}
