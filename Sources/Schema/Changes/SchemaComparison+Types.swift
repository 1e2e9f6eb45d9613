extension SchemaComparison {
    mutating func compareTypes() {
        compareEnumerations()
        let domains = matched(source.domains, target.domains, by: \.name)
        let composites = matched(source.composites, target.composites, by: \.name)
        let ranges = matched(source.ranges, target.ranges, by: \.name)
        // They may stand on each other.
        var created: [(name: ObjectName, text: String, change: Schema.Change)] = []
        for item in domains.created {
            var bare = item
            bare.comment = nil
            created.append((item.name, item.type.spelling, .createDomain(bare)))
            comment(.domain(item.name), nil, item.comment)
        }
        for item in composites.created {
            let text = item.fields.map(\.type.spelling).joined(separator: " ")
            created.append((item.name, text, .createComposite(item.withoutComments)))
            comment(.composite(item.name), nil, item.comment)
            compareFields([], item)
        }
        for item in ranges.created {
            var bare = item
            bare.comment = nil
            created.append((item.name, item.subtype.spelling, .createRange(bare)))
            comment(.range(item.name), nil, item.comment)
        }
        let names = Dictionary(grouping: created, by: \.name.name).mapValues { $0.map(\.name) }
        let engine = engine
        for item in DependencyOrder.sorted(
            created,
            id: \.name,
            dependencies: { TokenReader.names(in: $0.text, engine).flatMap { names[$0] ?? [] } }
        ) {
            add(item.change, .createTypes)
        }
        for (old, new) in domains.kept {
            comment(.domain(new.name), old.comment, new.comment)
            var plain = new
            plain.comment = old.comment
            if plain != old { add(.alterDomain(from: old, to: plain), .replaceTypes) }
        }
        for (old, new) in composites.kept {
            comment(.composite(new.name), old.comment, new.comment)
            compareFields(old.fields, new)
            let (before, after) = (old.withoutComments, new.withoutComments)
            if before != after { add(.alterComposite(from: before, to: after), .replaceTypes) }
        }
        for (old, new) in ranges.kept {
            comment(.range(new.name), old.comment, new.comment)
            guard old.subtype != new.subtype || old.multirange != new.multirange else { continue }
            add(.dropRange(old), .replaceTypes)
            add(.createRange(new), .replaceTypes)
        }
        // What stands on others goes first.
        let dropped =
            ranges.dropped.map(Schema.Change.dropRange) + composites.dropped.map(Schema.Change.dropComposite)
            + domains.dropped.map(Schema.Change.dropDomain)
        phases[Phase.dropTypes.rawValue].insert(contentsOf: dropped, at: 0)
    }

    private mutating func compareFields(_ old: [Schema.Column], _ new: Schema.Composite) {
        for field in new.fields {
            let former = old.first { $0.name == field.name }?.comment
            comment(.column(table: new.name, column: field.name), former, field.comment)
        }
    }

    private mutating func compareEnumerations() {
        let enumerations = matched(source.enumerations, target.enumerations, by: \.name)
        for item in enumerations.created {
            add(.createEnumeration(Schema.Enumeration(name: item.name, values: item.values)), .createTypes)
            comment(.enumeration(item.name), nil, item.comment)
        }
        phases[Phase.dropTypes.rawValue].insert(
            contentsOf: enumerations.dropped.map(Schema.Change.dropEnumeration),
            at: 0
        )
        for (old, new) in enumerations.kept {
            comment(.enumeration(new.name), old.comment, new.comment)
            guard old.values != new.values else { continue }
            let known = Set(old.values)
            guard new.values.filter(known.contains) == old.values else {
                var plain = new
                plain.comment = old.comment
                add(.replaceEnumeration(from: old, to: plain), .replaceTypes)
                // Views over its columns are in the way.
                for table in source.tables where table.columns.contains(where: { $0.type.isOf(old.name) }) {
                    changedTables.insert(table.name.name)
                }
                continue
            }
            // Nothing went away or changed places: values are added one by one, from the front.
            var current = old
            for (position, value) in new.values.enumerated() where !known.contains(value) {
                let before = current.values.indices.contains(position) ? current.values[position] : nil
                add(.addEnumerationValue(to: current, value: value, before: before), .createTypes)
                current.values.insert(value, at: position)
            }
        }
    }

    mutating func compareRoutines() {
        struct ID: Hashable {
            var name: ObjectName
            var kind: Schema.Routine.Kind
            var arguments: String
        }
        let routines = matched(source.routines, target.routines) {
            ID(name: $0.name, kind: $0.kind, arguments: $0.arguments)
        }
        let relations = Set(target.tables.map(\.name.name) + target.views.map(\.name.name))
        for item in routines.created {
            var bare = item
            if hasOwnComments { bare.comment = nil }
            add(.createRoutine(bare), phase(of: item, relations))
            comment(.routine(item.name, kind: item.kind, arguments: item.arguments), nil, item.comment)
        }
        let formerRelations = Set(source.tables.map(\.name.name) + source.views.map(\.name.name))
        for item in routines.dropped {
            // One that takes rows of a table would keep it from going.
            add(.dropRoutine(item), phase(of: item, formerRelations) == .own ? .dropForeignKeys : .dropRoutines)
        }
        for (old, new) in routines.kept {
            comment(.routine(new.name, kind: new.kind, arguments: new.arguments), old.comment, new.comment)
            var plain = new
            if hasOwnComments { plain.comment = old.comment }
            guard plain != old else { continue }
            if engine == .postgresql, head(old) != head(new) {
                // What a function returns cannot be replaced.
                add(.dropRoutine(old), .dropForeignKeys)
                add(.createRoutine(plain), phase(of: plain, relations))
            } else {
                add(.replaceRoutine(from: old, to: plain), phase(of: plain, relations))
            }
        }
    }

    /// Name, arguments and result: the first two lines of what PostgreSQL writes.
    private func head(_ routine: Schema.Routine) -> String {
        routine.definition.split(separator: "\n").prefix(2).joined(separator: "\n")
    }

    /// Tables may need functions, and functions that take rows of a table need the table.
    private func phase(of routine: Schema.Routine, _ relations: Set<String>) -> Phase {
        guard engine == .postgresql else { return .createViews }
        var text = head(routine)
        if routine.definition.contains("BEGIN ATOMIC") { text = routine.definition }
        return TokenReader.names(in: text, engine).isDisjoint(with: relations) ? .createRoutines : .own
    }
}

extension Schema.Composite {
    /// Without what people wrote about it and its fields.
    fileprivate var withoutComments: Schema.Composite {
        var bare = self
        bare.comment = nil
        for index in bare.fields.indices { bare.fields[index].comment = nil }
        return bare
    }
}

extension Schema.ColumnType {
    /// Whether it is that type, or an array of it.
    func isOf(_ name: ObjectName) -> Bool {
        let element = spelling.prefix { $0 != "[" }
        return element == name.description || element == SQLText.name(name, .postgresql)
    }
}
