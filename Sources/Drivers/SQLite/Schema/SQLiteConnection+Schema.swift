public import Roost

extension SQLiteConnection: SchemaInspectingConnection {
    /// Reads tables, keys, indexes, checks, views and triggers in four statements.
    public func inspectSchema() async throws(DatabaseError) -> DatabaseSchema {
        var schema = DatabaseSchema()
        var tables: [String: Int] = [:]
        let objects = try await query(
            "select type, name, tbl_name, coalesce(sql, '') from sqlite_schema where name not like 'sqlite\\_%' escape '\\' and type <> 'index' order by name"
        ).decode((String, String, String, String).self).fetchAll(limit: .unbounded)
        for (type, name, table, sql) in objects {
            switch type {
            case "table":
                var entry = DatabaseSchema.Table(name: name)
                entry.checks = CheckConstraints.find(in: sql)
                tables[name] = schema.tables.count
                schema.tables.append(entry)
            case "view": schema.views.append(DatabaseSchema.Definition(name: name, sql: sql))
            default: schema.triggers.append(DatabaseSchema.Definition(name: name, table: table, sql: sql))
            }
        }
        try await readColumns(into: &schema, tables)
        try await readForeignKeys(into: &schema, tables)
        try await readIndexes(into: &schema, tables)
        return schema
    }

    private func readColumns(into schema: inout DatabaseSchema, _ tables: [String: Int]) async throws(DatabaseError) {
        let columns = try await query(
            """
            select t.name, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
            from sqlite_schema t join pragma_table_xinfo(t.name) c
            where t.type = 'table' and c.hidden <> 1 order by t.name, c.cid
            """
        ).decode((String, String, String, Bool, String?, Int, Int).self).fetchAll(limit: .unbounded)
        var keys: [Int: [(Int, String)]] = [:]
        for (table, name, type, isNotNull, defaultValue, key, hidden) in columns {
            guard let index = tables[table] else { continue }
            schema.tables[index].columns.append(
                DatabaseSchema.Column(
                    name: name,
                    type: type,
                    isNullable: !isNotNull,
                    defaultValue: defaultValue,
                    isGenerated: hidden >= 2
                )
            )
            if key > 0 { keys[index, default: []].append((key, name)) }
        }
        for (index, parts) in keys {
            schema.tables[index].primaryKey = parts.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func readForeignKeys(into schema: inout DatabaseSchema, _ tables: [String: Int]) async throws(DatabaseError)
    {
        let parts = try await query(
            """
            select t.name, f.id, f."table", f."from", f."to", f.on_update, f.on_delete
            from sqlite_schema t join pragma_foreign_key_list(t.name) f
            where t.type = 'table' order by t.name, f.id, f.seq
            """
        ).decode((String, Int, String, String, String?, String, String).self).fetchAll(limit: .unbounded)
        var last: (String, Int)?
        for (table, id, referenced, from, to, onUpdate, onDelete) in parts {
            guard let index = tables[table] else { continue }
            if last.map({ $0 == (table, id) }) != true {
                schema.tables[index].foreignKeys.append(
                    DatabaseSchema.ForeignKey(
                        columns: [],
                        referencedTable: referenced,
                        referencedColumns: [],
                        onUpdate: onUpdate,
                        onDelete: onDelete
                    )
                )
            }
            last = (table, id)
            let position = schema.tables[index].foreignKeys.count - 1
            schema.tables[index].foreignKeys[position].columns.append(from)
            if let to { schema.tables[index].foreignKeys[position].referencedColumns.append(to) }
        }
    }

    private func readIndexes(into schema: inout DatabaseSchema, _ tables: [String: Int]) async throws(DatabaseError) {
        let parts = try await query(
            """
            select t.name, i.name, i."unique", i.partial, c.name
            from sqlite_schema t join pragma_index_list(t.name) i join pragma_index_info(i.name) c
            where t.type = 'table' and i.origin <> 'pk' order by t.name, i.name, c.seqno
            """
        ).decode((String, String, Bool, Bool, String?).self).fetchAll(limit: .unbounded)
        for (table, name, isUnique, isPartial, column) in parts {
            guard let index = tables[table] else { continue }
            if schema.tables[index].indexes.last?.name != name {
                schema.tables[index].indexes.append(
                    DatabaseSchema.Index(name: name, columns: [], isUnique: isUnique, isPartial: isPartial)
                )
            }
            let position = schema.tables[index].indexes.count - 1
            schema.tables[index].indexes[position].columns.append(column ?? "(expression)")
        }
    }
}

/// Finds the `CHECK` constraints in the text of a `CREATE TABLE`, the only place SQLite keeps them.
enum CheckConstraints {
    static func find(in sql: String) -> [String] {
        var copy = sql
        return copy.withUTF8 { bytes in
            var lexer = StatementLexer(bytes, lexicon: Dialect.sqlite.lexicon)
            var checks: [String] = []
            var isAfterCheck = false
            var depth = 0
            var start: Int?
            while let token = lexer.next() {
                let first = bytes[token.range.lowerBound]
                if token.kind == .symbol, first == UInt8(ascii: "(") {
                    if start == nil, isAfterCheck {
                        start = token.range.upperBound
                        depth = 0
                    }
                    depth += 1
                } else if token.kind == .symbol, first == UInt8(ascii: ")") {
                    depth -= 1
                    if let begin = start, depth == 0 {
                        checks.append(String(decoding: bytes[begin..<token.range.lowerBound], as: UTF8.self))
                        start = nil
                    }
                }
                guard token.kind != .whitespace, token.kind != .comment else { continue }
                isAfterCheck =
                    token.kind == .word && token.range.count == 5
                    && String(decoding: bytes[token.range], as: UTF8.self).lowercased() == "check"
            }
            return checks
        }
    }
}
