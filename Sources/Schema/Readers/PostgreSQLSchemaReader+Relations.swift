import Roost

extension PostgreSQLSchemaReader {
    private struct RelationEntry: RowDecodable {
        let oid: Int64
        let name: ObjectName
        let kind: String
        let persistence: String
        let comment: String?
        let options: String?
        let partitionKey: String?
        let bound: String?
        let parents: String?
        let definition: String?
        let tablespace: String?
        let accessMethod: String?
        let rowSecurity: Bool
        let forcesRowSecurity: Bool
        let privileges: String?
        let isPopulated: Bool
        let rows: Double
        let pages: Int64
        let server: String?

        init(from row: inout RowReader) throws(DatabaseError) {
            oid = try row.next()
            let namespace: String? = try row.next()
            name = ObjectName(try row.next(), in: namespace)
            kind = try row.next()
            persistence = try row.next()
            comment = try row.next()
            options = try row.next()
            partitionKey = try row.next()
            bound = try row.next()
            parents = try row.next()
            definition = try row.next()
            tablespace = try row.next()
            accessMethod = try row.next()
            rowSecurity = try row.next()
            forcesRowSecurity = try row.next()
            privileges = try row.next()
            isPopulated = try row.next()
            rows = try row.next()
            pages = try row.next()
            server = try row.next()
        }

        var storage: [String: String] {
            var storage = PostgreSQLSchemaReader.options(options)
            if persistence == "u" { storage["unlogged"] = "true" }
            storage["tablespace"] = tablespace
            storage["access_method"] = accessMethod
            storage["server"] = server
            if rowSecurity { storage["row_security"] = forcesRowSecurity ? "forced" : "enabled" }
            if kind == "m", !isPopulated { storage["populated"] = "false" }
            return storage
        }
    }

    /// `reloptions`, a line each.
    static func options(_ text: String?) -> [String: String] {
        guard let text else { return [:] }
        var options: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let pair = line.split(separator: "=", maxSplits: 1)
            options[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
        }
        return options
    }

    /// Tables, views, materialised views and row types.
    func readRelations(into schema: inout Schema, _ places: inout Places) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select c.oid::int8, \(Self.namespace), c.relname::text, c.relkind::text, c.relpersistence::text, d.description,
                   array_to_string(c.reloptions, E'\\n'), case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
                   pg_get_expr(c.relpartbound, c.oid),
                   (select string_agg(i.inhparent::int8::text, ' ' order by i.inhseqno) from pg_inherits i where i.inhrelid = c.oid),
                   case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end, s.spcname::text,
                   nullif(nullif(m.amname, current_setting('default_table_access_method')), 'heap')::text,
                   c.relrowsecurity, c.relforcerowsecurity, array_to_string(c.relacl, E'\\n'), c.relispopulated,
                   c.reltuples::float8, c.relpages::int8, f.srvname::text
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            left join pg_description d on d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = 0
            left join pg_tablespace s on s.oid = c.reltablespace left join pg_am m on m.oid = c.relam
            left join pg_foreign_table o on o.ftrelid = c.oid left join pg_foreign_server f on f.oid = o.ftserver
            where c.relkind in ('r', 'p', 'f', 'v', 'm', 'c') and \(Self.ownNamespaces) and \(Self.isOwn("c", "pg_class"))
            order by n.nspname, c.relname
            """,
            as: RelationEntry.self
        )
        for entry in entries { places.names[entry.oid] = entry.name }
        schema.tables.reserveCapacity(entries.count)
        for entry in entries {
            schema.privileges += Self.privileges(entry.privileges, on: entry.name)
            switch entry.kind {
            case "v", "m":
                var query = entry.definition ?? ""
                if query.hasSuffix(";") { query.removeLast() }
                var view = Schema.View(name: entry.name, query: query)
                view.isMaterialized = entry.kind == "m"
                view.options = entry.storage
                view.comment = entry.comment
                places.places[entry.oid] = .view(schema.views.count)
                schema.views.append(view)
            case "c":
                var composite = Schema.Composite(name: entry.name, fields: [])
                composite.comment = entry.comment
                places.places[entry.oid] = .composite(schema.composites.count)
                schema.composites.append(composite)
            default:
                places.places[entry.oid] = .table(schema.tables.count)
                schema.tables.append(table(entry, places))
            }
        }
    }

    private func table(_ entry: RelationEntry, _ places: Places) -> Schema.Table {
        var table = Schema.Table(name: entry.name)
        table.kind = entry.kind == "f" ? .foreign : .base
        table.options = entry.storage
        table.comment = entry.comment
        table.partitioning = entry.partitionKey.map { Schema.Partitioning(key: $0) }
        let parents = (entry.parents ?? "").split(separator: " ").compactMap { Int64($0).flatMap { places.names[$0] } }
        if let bound = entry.bound, let parent = parents.first {
            table.partition = Schema.Partition(of: parent, bound: bound)
        } else {
            table.parents = parents
        }
        // Never analysed is -1.
        let rows = Int(exactly: entry.rows.rounded()) ?? -1
        table.statistics = Schema.Statistics(
            estimatedRows: rows >= 0 ? rows : nil,
            estimatedBytes: rows >= 0 ? Int(entry.pages).multipliedReportingOverflow(by: 8_192).partialValue : nil
        )
        return table
    }

    private static let actions: [Character: String] = [
        "a": "INSERT", "r": "SELECT", "w": "UPDATE", "d": "DELETE", "D": "TRUNCATE", "x": "REFERENCES", "t": "TRIGGER",
        "U": "USAGE", "C": "CREATE", "X": "EXECUTE", "m": "MAINTAIN",
    ]

    /// An access list, a line each: `grantee=ar*/grantor`.
    static func privileges(_ text: String?, on object: ObjectName) -> [Schema.Privilege] {
        guard let text else { return [] }
        return text.split(separator: "\n").compactMap { line in
            guard let slash = line.lastIndex(of: "/"), let equals = line[..<slash].lastIndex(of: "=") else {
                return nil
            }
            var grantee = String(line[..<equals])
            if grantee.hasPrefix("\""), grantee.hasSuffix("\""), grantee.utf8.count >= 2 {
                grantee = String(grantee.dropFirst().dropLast()).replacing("\"\"", with: "\"")
            }
            var privilege = Schema.Privilege(object: object, grantee: grantee, actions: [])
            for letter in line[line.index(after: equals)..<slash] {
                if letter == "*", let last = privilege.actions.last {
                    privilege.grantable.append(last)
                } else if let action = actions[letter] {
                    privilege.actions.append(action)
                }
            }
            privilege.actions.sort()
            privilege.grantable.sort()
            return privilege
        }
    }

    private struct ColumnEntry: RowDecodable {
        let relation: Int64
        let number: Int64
        let name: String
        let type: String
        let kind: String
        let isNotNull: Bool
        let expression: String?
        let generated: String
        let identity: String
        let collation: Int64
        let collationName: String?
        let comment: String?
        let isLocal: Bool
        let storage: String?
        let compression: String?
        let statistics: Int64

        init(from row: inout RowReader) throws(DatabaseError) {
            relation = try row.next()
            number = try row.next()
            name = try row.next()
            type = try row.next()
            kind = try row.next()
            isNotNull = try row.next()
            expression = try row.next()
            generated = try row.next()
            identity = try row.next()
            collation = try row.next()
            collationName = try row.next()
            comment = try row.next()
            isLocal = try row.next()
            storage = try row.next()
            compression = try row.next()
            statistics = try row.next()
        }
    }

    /// The columns of all relations.
    func readColumns(into schema: inout Schema, _ places: inout Places, _ types: inout TypeCache)
        async throws(DatabaseError)
    {
        // The way of compressing came with version 14.
        let compression = version >= 14 ? "nullif(a.attcompression, '')::text" : "null"
        let entries = try await connection.catalogue(
            """
            select a.attrelid::int8, a.attnum::int8, a.attname::text, format_type(a.atttypid, a.atttypmod),
                   coalesce(nullif(e.typtype, 'b'), t.typtype)::text, a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
                   a.attgenerated::text, a.attidentity::text, a.attcollation::int8,
                   case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end, m.description,
                   a.attislocal, nullif(a.attstorage, t.typstorage)::text, \(compression), coalesce(a.attstattarget, -1)::int8
            from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            join pg_type t on t.oid = a.atttypid left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
            left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            left join pg_description m on m.objoid = a.attrelid and m.classoid = 'pg_class'::regclass and m.objsubid = a.attnum
            where c.relkind in ('r', 'p', 'f', 'v', 'm', 'c') and a.attnum > 0 and not a.attisdropped and \(Self.ownNamespaces)
            order by a.attrelid, a.attnum
            """,
            as: ColumnEntry.self
        )
        var values: [String: [String]] = [:]
        for enumeration in schema.enumerations { values[enumeration.name.description] = enumeration.values }
        // They come relation by relation, and so do they go.
        var start = 0
        while start < entries.count {
            let relation = entries[start].relation
            var end = start
            var columns: [Schema.Column] = []
            var names: [Int64: String] = [:]
            var collations: [Int64: Int64] = [:]
            while end < entries.count, entries[end].relation == relation {
                let entry = entries[end]
                columns.append(column(entry, &types, values))
                names[entry.number] = entry.name
                if entry.collation != 0 { collations[entry.number] = entry.collation }
                end += 1
            }
            start = end
            places.columns[relation] = names
            places.collations[relation] = collations
            switch places.places[relation] {
            case .table(let index): schema.tables[index].columns = columns
            case .view(let index): schema.views[index].columns = columns
            case .composite(let index): schema.composites[index].fields = columns
            case nil: continue
            }
        }
    }

    private func column(_ entry: ColumnEntry, _ types: inout TypeCache, _ values: [String: [String]]) -> Schema.Column {
        var type = types.type(entry.type)
        switch entry.kind {
        case "e":
            type.family = .enumeration
            type.values = values[entry.type]
        case "d": type.family = .domain
        case "c": type.family = .composite
        case "r", "m": type.family = .range
        default: break
        }
        var column = Schema.Column(name: entry.name, type: type, isNullable: !entry.isNotNull)
        if let expression = entry.expression {
            if entry.generated.isEmpty {
                column.defaultValue = expression
            } else {
                column.generation = Schema.Column.Generation(expression: expression, isStored: entry.generated == "s")
            }
        }
        if !entry.identity.isEmpty { column.identity = Schema.Column.Identity(isAlways: entry.identity == "a") }
        column.collation = entry.collationName
        column.comment = entry.comment
        column.isInherited = !entry.isLocal
        switch entry.storage {
        case "p": column.options["storage"] = "plain"
        case "e": column.options["storage"] = "external"
        case "m": column.options["storage"] = "main"
        case "x": column.options["storage"] = "extended"
        default: break
        }
        switch entry.compression {
        case "p": column.options["compression"] = "pglz"
        case "l": column.options["compression"] = "lz4"
        default: break
        }
        if entry.statistics >= 0 { column.options["statistics"] = String(entry.statistics) }
        return column
    }
}
