extension Schema {
    /// One difference between two schemas. The vocabulary is closed: whatever can differ is one of these.
    ///
    /// Each says enough to be undone (``inverse``) and to be written as DDL.
    public enum Change: Sendable, Hashable, Codable {
        case createNamespace(Namespace)
        case dropNamespace(Namespace)
        case createExtension(Extension)
        case dropExtension(Extension)

        case createEnumeration(Enumeration)
        case dropEnumeration(Enumeration)
        /// A value that comes before another, or at the end of what was there before.
        case addEnumerationValue(to: Enumeration, value: String, before: String?)
        case renameEnumerationValue(enumeration: ObjectName, from: String, to: String)
        /// Values went away or changed places, which no engine does in place.
        case replaceEnumeration(from: Enumeration, to: Enumeration)
        case createDomain(Domain)
        case dropDomain(Domain)
        case alterDomain(from: Domain, to: Domain)
        case createComposite(Composite)
        case dropComposite(Composite)
        case alterComposite(from: Composite, to: Composite)
        case createRange(RangeType)
        case dropRange(RangeType)

        case createSequence(Sequence)
        case dropSequence(Sequence)
        case alterSequence(from: Sequence, to: Sequence)

        /// A table with its columns and keys. Its indexes and, where the engine can add them later, its foreign keys come as
        /// changes of their own.
        case createTable(Table)
        case dropTable(Table)
        case renameTable(from: ObjectName, to: ObjectName)
        /// Its options, its partitioning or what it is a part of.
        case alterTable(from: Table, to: Table)

        case addColumn(table: ObjectName, column: Column, after: ColumnPosition)
        case dropColumn(table: ObjectName, column: Column, after: ColumnPosition)
        case renameColumn(table: ObjectName, from: String, to: String)
        case alterColumn(table: ObjectName, from: Column, to: Column)

        case addConstraint(table: ObjectName, constraint: Constraint)
        case dropConstraint(table: ObjectName, constraint: Constraint)
        case renameConstraint(table: ObjectName, from: Constraint, to: String)
        /// Rows that were there before it are to be checked.
        case validateConstraint(table: ObjectName, constraint: Constraint)

        case createIndex(table: ObjectName, index: Index)
        case dropIndex(table: ObjectName, index: Index)
        case renameIndex(table: ObjectName, from: Index, to: String)

        case createView(View)
        case dropView(View)
        case replaceView(from: View, to: View)
        case createRoutine(Routine)
        case dropRoutine(Routine)
        case replaceRoutine(from: Routine, to: Routine)
        case createTrigger(Trigger)
        case dropTrigger(Trigger)

        /// What people wrote about something, where the engine keeps it by itself.
        case setComment(on: CommentTarget, from: String?, to: String?)
    }

    /// Where a column stands.
    public enum ColumnPosition: Sendable, Hashable, Codable {
        case last
        case first
        case after(String)
    }

    /// What a comment is about.
    public enum CommentTarget: Sendable, Hashable, Codable {
        case namespace(String)
        case enumeration(ObjectName)
        case domain(ObjectName)
        case composite(ObjectName)
        case range(ObjectName)
        case sequence(ObjectName)
        case table(ObjectName)
        case column(table: ObjectName, column: String)
        case view(ObjectName, isMaterialized: Bool)
        case viewColumn(view: ObjectName, column: String)
        case constraint(table: ObjectName, constraint: String)
        case index(ObjectName)
        case routine(ObjectName, kind: Routine.Kind, arguments: String)
        case trigger(table: ObjectName, trigger: String)
    }

    /// What of a column can change.
    public enum ColumnAspect: String, Sendable, Hashable, Codable, CaseIterable {
        case type, nullability, defaultValue, generation, identity, collation, onUpdate, visibility, options, comment
    }
}

extension Schema.Column {
    /// In what this column differs from another, its name aside.
    public func differences(from other: Schema.Column) -> Set<Schema.ColumnAspect> {
        var aspects: Set<Schema.ColumnAspect> = []
        if type != other.type { aspects.insert(.type) }
        if isNullable != other.isNullable { aspects.insert(.nullability) }
        if defaultValue != other.defaultValue { aspects.insert(.defaultValue) }
        if generation != other.generation { aspects.insert(.generation) }
        if identity != other.identity { aspects.insert(.identity) }
        if collation != other.collation || characterSet != other.characterSet { aspects.insert(.collation) }
        if onUpdate != other.onUpdate { aspects.insert(.onUpdate) }
        if isInvisible != other.isInvisible { aspects.insert(.visibility) }
        if options != other.options { aspects.insert(.options) }
        if comment != other.comment { aspects.insert(.comment) }
        return aspects
    }
}

extension Schema.Change {
    /// The table it changes; nil for what is no table's.
    public var table: ObjectName? {
        switch self {
        case .createTable(let table), .dropTable(let table), .alterTable(_, let table): table.name
        case .renameTable(_, let name): name
        case .addColumn(let table, _, _), .dropColumn(let table, _, _), .renameColumn(let table, _, _),
            .alterColumn(let table, _, _), .addConstraint(let table, _), .dropConstraint(let table, _),
            .renameConstraint(let table, _, _), .validateConstraint(let table, _), .createIndex(let table, _),
            .dropIndex(let table, _), .renameIndex(let table, _, _):
            table
        case .createTrigger(let trigger), .dropTrigger(let trigger): trigger.table
        case .setComment(let target, _, _):
            switch target {
            case .table(let name), .column(let name, _), .constraint(let name, _), .trigger(let name, _): name
            default: nil
            }
        default: nil
        }
    }

    /// The change that undoes this one. Rows that a `drop` took with it do not come back.
    public var inverse: Schema.Change {
        switch self {
        case .createNamespace(let value): .dropNamespace(value)
        case .dropNamespace(let value): .createNamespace(value)
        case .createExtension(let value): .dropExtension(value)
        case .dropExtension(let value): .createExtension(value)
        case .createEnumeration(let value): .dropEnumeration(value)
        case .dropEnumeration(let value): .createEnumeration(value)
        case .addEnumerationValue(let before, let value, _):
            {
                var after = before
                after.values.append(value)
                return .replaceEnumeration(from: after, to: before)
            }()
        case .renameEnumerationValue(let name, let from, let to):
            .renameEnumerationValue(enumeration: name, from: to, to: from)
        case .replaceEnumeration(let from, let to): .replaceEnumeration(from: to, to: from)
        case .createDomain(let value): .dropDomain(value)
        case .dropDomain(let value): .createDomain(value)
        case .alterDomain(let from, let to): .alterDomain(from: to, to: from)
        case .createComposite(let value): .dropComposite(value)
        case .dropComposite(let value): .createComposite(value)
        case .alterComposite(let from, let to): .alterComposite(from: to, to: from)
        case .createRange(let value): .dropRange(value)
        case .dropRange(let value): .createRange(value)
        case .createSequence(let value): .dropSequence(value)
        case .dropSequence(let value): .createSequence(value)
        case .alterSequence(let from, let to): .alterSequence(from: to, to: from)
        case .createTable(let value): .dropTable(value)
        case .dropTable(let value): .createTable(value)
        case .renameTable(let from, let to): .renameTable(from: to, to: from)
        case .alterTable(let from, let to): .alterTable(from: to, to: from)
        case .addColumn(let table, let column, let after): .dropColumn(table: table, column: column, after: after)
        case .dropColumn(let table, let column, let after): .addColumn(table: table, column: column, after: after)
        case .renameColumn(let table, let from, let to): .renameColumn(table: table, from: to, to: from)
        case .alterColumn(let table, let from, let to): .alterColumn(table: table, from: to, to: from)
        case .addConstraint(let table, let value): .dropConstraint(table: table, constraint: value)
        case .dropConstraint(let table, let value): .addConstraint(table: table, constraint: value)
        case .renameConstraint(let table, var from, let to):
            {
                let name = from.name ?? ""
                from.name = to
                return .renameConstraint(table: table, from: from, to: name)
            }()
        // Nothing is undone by checking less.
        case .validateConstraint: self
        case .createIndex(let table, let value): .dropIndex(table: table, index: value)
        case .dropIndex(let table, let value): .createIndex(table: table, index: value)
        case .renameIndex(let table, var from, let to):
            {
                let name = from.name
                from.name = to
                return .renameIndex(table: table, from: from, to: name)
            }()
        case .createView(let value): .dropView(value)
        case .dropView(let value): .createView(value)
        case .replaceView(let from, let to): .replaceView(from: to, to: from)
        case .createRoutine(let value): .dropRoutine(value)
        case .dropRoutine(let value): .createRoutine(value)
        case .replaceRoutine(let from, let to): .replaceRoutine(from: to, to: from)
        case .createTrigger(let value): .dropTrigger(value)
        case .dropTrigger(let value): .createTrigger(value)
        case .setComment(let target, let from, let to): .setComment(on: target, from: to, to: from)
        }
    }
}
