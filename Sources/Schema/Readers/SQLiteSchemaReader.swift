import Roost

/// Reads `sqlite_schema` and what the pragmas tell, in four statements.
///
/// SQLite keeps names of constraints, checks, collations and what is deferred only in the text of `CREATE TABLE`, so that is read.
struct SQLiteSchemaReader: SchemaReader {
    let connection: any Connection

    init(_ connection: any Connection) { self.connection = connection }

    private struct ObjectEntry: RowDecodable {
        let type: String
        let name: String
        let table: String
        let sql: String

        init(from row: inout RowReader) throws(DatabaseError) {
            type = try row.next()
            name = try row.next()
            table = try row.next()
            sql = try row.next()
        }
    }

    private struct ColumnEntry: RowDecodable {
        let table: String
        let name: String
        let type: String
        let isNotNull: Bool
        let defaultValue: String?
        let hidden: Int

        init(from row: inout RowReader) throws(DatabaseError) {
            table = try row.next()
            name = try row.next()
            type = try row.next()
            isNotNull = try row.next()
            defaultValue = try row.next()
            hidden = try row.next()
        }
    }

    private struct TableEntry: RowDecodable {
        let name: String
        let type: String

        init(from row: inout RowReader) throws(DatabaseError) {
            name = try row.next()
            type = try row.next()
        }
    }

    func read() async throws(DatabaseError) -> Schema {
        var schema = Schema(engine: .sqlite)
        let objects = try await connection.catalogue(
            "select type, name, tbl_name, coalesce(sql, '') from main.sqlite_schema where sql is not null and substr(name, 1, 7) <> 'sqlite_'",
            as: ObjectEntry.self
        )
        let kinds = try await connection.catalogue(
            "select name, type from pragma_table_list where schema = 'main'",
            as: TableEntry.self
        )
        let shadows = Set(kinds.filter { $0.type == "shadow" }.map(\.name))
        let columns = try await self.columns("table")
        let viewColumns = try await self.viewColumns(objects.filter { $0.type == "view" }.map(\.name))
        var places: [String: Int] = [:]
        for object in objects where object.type == "table" && !shadows.contains(object.name) {
            places[SQLiteNames.folded(object.name)] = schema.tables.count
            schema.tables.append(table(object, columns[object.name] ?? []))
        }
        for object in objects {
            switch object.type {
            case "index":
                guard let place = places[SQLiteNames.folded(object.table)] else { continue }
                let names = SQLiteNames(schema.tables[place].columns.map(\.name))
                schema.tables[place].indexes.append(names.known(SQLiteDefinition.index(object.name, object.sql)))
            case "view":
                var view = SQLiteDefinition.view(object.name, object.sql)
                view.columns = (viewColumns[object.name] ?? []).map(Self.column)
                schema.views.append(view)
            case "trigger":
                schema.triggers.append(
                    Schema.Trigger(name: object.name, table: ObjectName(object.table), definition: object.sql)
                )
            default: continue
            }
        }
        SQLiteNames.resolveReferences(in: &schema)
        return schema
    }

    /// The columns of views. One whose table is gone has none, and makes SQLite refuse to tell any: then each is asked by itself.
    private func viewColumns(_ names: [String]) async throws(DatabaseError) -> [String: [ColumnEntry]] {
        do throws(DatabaseError) { return try await columns("view") } catch {
            guard error.category == .programming else { throw error }
            var result: [String: [ColumnEntry]] = [:]
            for name in names {
                do throws(DatabaseError) {
                    result[name] = try await columns("view", "and t.name = \(SQLText.literal(name, .sqlite))")[name]
                } catch {
                    guard error.category == .programming else { throw error }
                }
            }
            return result
        }
    }

    private func columns(_ type: String, _ condition: String = "") async throws(DatabaseError)
        -> [String: [ColumnEntry]]
    {
        let entries = try await connection.catalogue(
            """
            select t.name, c.name, c.type, c."notnull", c.dflt_value, c.hidden
            from main.sqlite_schema t join pragma_table_xinfo(t.name) c
            where t.type = '\(type)' and c.hidden <> 1 \(condition) order by t.name, c.cid
            """,
            as: ColumnEntry.self
        )
        return Dictionary(grouping: entries, by: \.table)
    }

    private static func column(_ entry: ColumnEntry) -> Schema.Column {
        Schema.Column(
            name: entry.name,
            type: Schema.ColumnType(entry.type, engine: .sqlite),
            isNullable: !entry.isNotNull,
            defaultValue: entry.defaultValue
        )
    }

    private func table(_ object: ObjectEntry, _ columns: [ColumnEntry]) -> Schema.Table {
        var table = Schema.Table(name: ObjectName(object.name))
        table.columns = columns.map(Self.column)
        var definition = SQLiteDefinition(object.sql)
        if definition.isVirtual {
            table.kind = .virtual
            table.definition = object.sql
            return table
        }
        definition.read(into: &table)
        for (index, entry) in columns.enumerated() where entry.hidden >= 2 {
            // The type of a generated column is told with the words that generate it.
            table.columns[index].generation?.isStored = entry.hidden == 3
            table.columns[index].type = Schema.ColumnType(
                entry.type.replacing(" GENERATED ALWAYS", with: "").replacing("GENERATED ALWAYS", with: ""),
                engine: .sqlite
            )
        }
        return table
    }
}
