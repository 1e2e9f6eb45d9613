/// Names as they were declared. SQLite takes them in any case, so a constraint may write them in another than the column does.
struct SQLiteNames {
    private var declared: [String: String] = [:]

    init(_ names: [String]) {
        for name in names { declared[Self.folded(name)] = name }
    }

    /// SQLite folds the case of ASCII alone.
    static func folded(_ name: String) -> String {
        String(decoding: name.utf8.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    func known(_ name: String) -> String { declared[Self.folded(name)] ?? name }
    func known(_ names: [String]) -> [String] { names.map { known($0) } }

    func known(_ key: Schema.Key) -> Schema.Key {
        var key = key
        key.columns = known(key.columns)
        key.descending = known(key.descending)
        return key
    }

    func known(_ index: Schema.Index) -> Schema.Index {
        var index = index
        for part in index.parts.indices { index.parts[part].column = index.parts[part].column.map { known($0) } }
        return index
    }

    /// Gives the foreign keys the names that the tables and columns they refer to were declared with.
    static func resolveReferences(in schema: inout Schema) {
        let tables = SQLiteNames(schema.tables.map(\.name.name))
        let columns = Dictionary(
            schema.tables.map { ($0.name, SQLiteNames($0.columns.map(\.name))) },
            uniquingKeysWith: { first, _ in first }
        )
        for table in schema.tables.indices {
            for index in schema.tables[table].foreignKeys.indices {
                var key = schema.tables[table].foreignKeys[index]
                key.referencedTable = ObjectName(tables.known(key.referencedTable.name))
                if let names = columns[key.referencedTable] {
                    key.referencedColumns = names.known(key.referencedColumns)
                }
                schema.tables[table].foreignKeys[index] = key
            }
        }
    }
}
