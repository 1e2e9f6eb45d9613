import Roost

/// Reads `pg_catalog` of PostgreSQL 13 and later, in nine statements.
struct PostgreSQLSchemaReader: SchemaReader {
    let connection: any Connection
    let version: Int

    init(_ connection: any Connection) {
        self.connection = connection
        version = Int(connection.serverVersion.prefix { $0.isNumber }) ?? 0
    }

    /// What is joined as `n` is no namespace of the server's.
    static let ownNamespaces =
        "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'"
    /// The namespace joined as `n`, unless it is the session's own.
    static let namespace = "nullif(n.nspname, current_schema())::text"

    /// Not made by an extension.
    static func isOwn(_ alias: String, _ catalogue: String) -> String {
        """
        not exists (select from pg_depend e where e.classid = '\(catalogue)'::regclass and e.objid = \(alias).oid
          and e.deptype = 'e')
        """
    }

    /// A relation and where it is kept while the rest is read.
    struct Places {
        enum Place { case table(Int), view(Int), composite(Int) }
        var places: [Int64: Place] = [:]
        var names: [Int64: ObjectName] = [:]
        /// Names and collations of columns, by relation and number.
        var columns: [Int64: [Int64: String]] = [:]
        var collations: [Int64: [Int64: Int64]] = [:]

        func columnNames(_ relation: Int64, _ numbers: String) -> [String] {
            let names = columns[relation] ?? [:]
            return numbers.split(separator: " ").compactMap { Int64($0).flatMap { names[$0] } }
        }
    }

    func read() async throws(DatabaseError) -> Schema {
        var schema = Schema(engine: .postgresql)
        var places = Places()
        var types = TypeCache(.postgresql)
        try await readNamespaces(into: &schema)
        try await readTypes(into: &schema, &types)
        try await readRelations(into: &schema, &places)
        try await readColumns(into: &schema, &places, &types)
        let indexes = try await readIndexes(places)
        try await readConstraints(into: &schema, places, indexes)
        add(indexes, to: &schema, places)
        try await readSequences(into: &schema, places)
        try await readTriggers(into: &schema, places)
        try await readRoutines(into: &schema)
        return schema
    }

    private struct NamespaceEntry: RowDecodable {
        let isExtension: Bool
        let name: String
        let namespace: String?
        let comment: String?

        init(from row: inout RowReader) throws(DatabaseError) {
            isExtension = try row.next()
            name = try row.next()
            namespace = try row.next()
            comment = try row.next()
        }
    }

    private func readNamespaces(into schema: inout Schema) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select false, n.nspname::text, null, obj_description(n.oid, 'pg_namespace') from pg_namespace n
            where \(Self.ownNamespaces) and n.nspname <> 'public' and n.nspname is distinct from current_schema()
              and \(Self.isOwn("n", "pg_namespace"))
            union all
            select true, x.extname::text, \(Self.namespace), null
            from pg_extension x join pg_namespace n on n.oid = x.extnamespace where x.extname <> 'plpgsql'
            """,
            as: NamespaceEntry.self
        )
        for entry in entries {
            if entry.isExtension {
                schema.extensions.append(Schema.Extension(name: entry.name, namespace: entry.namespace))
            } else {
                schema.namespaces.append(Schema.Namespace(name: entry.name, comment: entry.comment))
            }
        }
    }

    private struct TypeEntry: RowDecodable {
        let kind: String
        let name: ObjectName
        let values: [String]?
        let base: String?
        let isNotNull: Bool
        let defaultValue: String?
        let collation: String?
        let checks: [String]?
        let multirange: String?
        let comment: String?

        init(from row: inout RowReader) throws(DatabaseError) {
            kind = try row.next()
            let namespace: String? = try row.next()
            name = ObjectName(try row.next(), in: namespace)
            values = try row.next()
            base = try row.next()
            isNotNull = try row.next()
            defaultValue = try row.next()
            collation = try row.next()
            checks = try row.next()
            multirange = try row.next()
            comment = try row.next()
        }
    }

    /// Enumerations, domains and ranges.
    private func readTypes(into schema: inout Schema, _ types: inout TypeCache) async throws(DatabaseError) {
        // Multirange types came with version 14.
        let multirange =
            version >= 14 ? "(select m.typname::text from pg_type m where m.oid = r.rngmultitypid)" : "null"
        let entries = try await connection.catalogue(
            """
            select t.typtype::text, \(Self.namespace), t.typname::text,
                   case when t.typtype = 'e' then
                     array(select v.enumlabel::text from pg_enum v where v.enumtypid = t.oid order by v.enumsortorder) end,
                   case t.typtype when 'd' then format_type(t.typbasetype, t.typtypmod)
                                  when 'r' then format_type(r.rngsubtype, null) end,
                   t.typnotnull, t.typdefault,
                   case when t.typtype = 'd' and t.typcollation <> b.typcollation then t.typcollation::regcollation::text end,
                   case when t.typtype = 'd' then array(
                     select v from pg_constraint k, unnest(array[k.conname::text, pg_get_constraintdef(k.oid)]) with ordinality u(v, i)
                     where k.contypid = t.oid and k.contype = 'c' order by k.conname, u.i) end,
                   \(multirange), obj_description(t.oid, 'pg_type')
            from pg_type t join pg_namespace n on n.oid = t.typnamespace
            left join pg_type b on b.oid = t.typbasetype left join pg_range r on r.rngtypid = t.oid
            where t.typtype in ('e', 'd', 'r') and \(Self.ownNamespaces) and \(Self.isOwn("t", "pg_type"))
            """,
            as: TypeEntry.self
        )
        for entry in entries {
            switch entry.kind {
            case "e":
                var enumeration = Schema.Enumeration(name: entry.name, values: entry.values ?? [])
                enumeration.comment = entry.comment
                schema.enumerations.append(enumeration)
            case "d":
                var domain = Schema.Domain(name: entry.name, type: types.type(entry.base ?? ""))
                domain.isNullable = !entry.isNotNull
                domain.defaultValue = entry.defaultValue
                domain.collation = entry.collation
                domain.comment = entry.comment
                let texts = entry.checks ?? []
                for index in stride(from: 0, to: texts.count - 1, by: 2) {
                    domain.checks.append(Self.check(texts[index], definition: texts[index + 1]))
                }
                schema.domains.append(domain)
            default:
                var range = Schema.RangeType(name: entry.name, subtype: types.type(entry.base ?? ""))
                range.multirange = entry.multirange
                range.comment = entry.comment
                schema.ranges.append(range)
            }
        }
    }

    /// A check from what `pg_get_constraintdef` writes: `CHECK ((VALUE > 0)) NOT VALID`.
    private static func check(_ name: String, definition: String) -> Schema.Check {
        var text = definition[...]
        let isValidated = !text.hasSuffix(" NOT VALID")
        if !isValidated { text = text.dropLast(" NOT VALID".count) }
        if text.hasPrefix("CHECK ("), text.hasSuffix(")") { text = text.dropFirst("CHECK (".count).dropLast() }
        var check = Schema.Check(name: name, expression: String(text))
        check.isValidated = isValidated
        return check
    }
}
