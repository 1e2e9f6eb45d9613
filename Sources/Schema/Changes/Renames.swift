extension Schema {
    /// What is the same thing under another name. Nothing but its author can know, so nobody guesses here.
    public struct Renames: Sendable, Hashable, Codable {
        /// Tables: the name they had, and the one they get.
        public var tables: [ObjectName: ObjectName]
        /// Columns by the table's former name: the name they had, and the one they get.
        public var columns: [ObjectName: [String: String]]

        /// Renames; none by default.
        public init(tables: [ObjectName: ObjectName] = [:], columns: [ObjectName: [String: String]] = [:]) {
            self.tables = tables
            self.columns = columns
        }
    }

    /// The schema as it is once only the names have changed.
    func renamed(by renames: Renames) -> Schema {
        var schema = self
        func name(_ old: ObjectName) -> ObjectName { renames.tables[old] ?? old }
        for index in schema.tables.indices {
            var table = schema.tables[index]
            for key in table.foreignKeys.indices {
                let columns = renames.columns[table.foreignKeys[key].referencedTable] ?? [:]
                table.foreignKeys[key].referencedColumns = table.foreignKeys[key].referencedColumns.map {
                    columns[$0] ?? $0
                }
                table.foreignKeys[key].referencedTable = name(table.foreignKeys[key].referencedTable)
            }
            if let columns = renames.columns[table.name] { table.rename(columns, engine) }
            table.name = name(table.name)
            if let parent = table.partition?.of { table.partition?.of = name(parent) }
            table.parents = table.parents.map(name)
            schema.tables[index] = table
        }
        for index in schema.sequences.indices {
            guard let owner = schema.sequences[index].owner else { continue }
            schema.sequences[index].owner = Sequence.Owner(
                table: name(owner.table),
                column: renames.columns[owner.table]?[owner.column] ?? owner.column
            )
        }
        var words: [String: String] = [:]
        for (old, new) in renames.tables { words[old.name] = new.name }
        for columns in renames.columns.values { words.merge(columns) { $1 } }
        for index in schema.triggers.indices {
            schema.triggers[index].table = name(schema.triggers[index].table)
            schema.triggers[index].definition = TokenReader.replacing(
                words,
                in: schema.triggers[index].definition,
                engine
            )
        }
        // MySQL and MariaDB leave views alone, which are broken then.
        if engine == .postgresql || engine == .sqlite {
            for index in schema.views.indices {
                schema.views[index].query = TokenReader.replacing(words, in: schema.views[index].query, engine)
            }
        }
        schema.sort()
        return schema
    }
}

extension Schema.Table {
    fileprivate mutating func rename(_ names: [String: String], _ engine: Schema.Engine) {
        func new(_ columns: [String]) -> [String] { columns.map { names[$0] ?? $0 } }
        func text(_ expression: String) -> String { TokenReader.replacing(names, in: expression, engine) }
        func renamed(_ key: Schema.Key) -> Schema.Key {
            var key = key
            key.columns = new(key.columns)
            key.included = new(key.included)
            key.descending = new(key.descending)
            key.lengths = Dictionary(key.lengths.map { (names[$0.key] ?? $0.key, $0.value) }) { $1 }
            return key
        }
        for index in columns.indices {
            columns[index].name = names[columns[index].name] ?? columns[index].name
            if let generation = columns[index].generation {
                columns[index].generation?.expression = text(generation.expression)
            }
        }
        primaryKey = primaryKey.map(renamed)
        uniqueKeys = uniqueKeys.map(renamed)
        for index in foreignKeys.indices {
            foreignKeys[index].columns = new(foreignKeys[index].columns)
            foreignKeys[index].onDeleteColumns = new(foreignKeys[index].onDeleteColumns)
        }
        for index in checks.indices { checks[index].expression = text(checks[index].expression) }
        for index in exclusions.indices { exclusions[index].definition = text(exclusions[index].definition) }
        for index in indexes.indices {
            indexes[index].included = new(indexes[index].included)
            indexes[index].predicate = indexes[index].predicate.map(text)
            for part in indexes[index].parts.indices {
                indexes[index].parts[part].column = indexes[index].parts[part].column.map { names[$0] ?? $0 }
                indexes[index].parts[part].expression = indexes[index].parts[part].expression.map(text)
            }
        }
        if let partitioning { self.partitioning?.key = text(partitioning.key) }
    }
}
