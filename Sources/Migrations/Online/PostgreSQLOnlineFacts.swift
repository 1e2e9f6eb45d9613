import Roost

/// What the catalogue says about the column of an online change.
struct PostgreSQLOnlineFacts {
    /// Schema and name.
    var table: [String]
    /// The column's type, as the server writes it.
    var type: String
    var isNullable: Bool
    var defaultValue: String?
    /// The columns of the primary key, with their types.
    var key: [(name: String, type: String)]

    static func read(
        _ change: OnlineChange,
        from connection: any Connection,
        refusingUsers: Bool = true
    ) async throws -> PostgreSQLOnlineFacts {
        let (schema, name) = (
            change.table.count > 1 ? change.table[change.table.count - 2] : nil, change.table.last ?? ""
        )
        let rows = try await connection.query(
            """
            select c.oid::bigint, n.nspname::text, a.attnum::bigint, format_type(a.atttypid, a.atttypmod), a.attnotnull, \
            pg_get_expr(d.adbin, d.adrelid), a.attidentity::text || a.attgenerated::text \
            from pg_class c join pg_namespace n on n.oid = c.relnamespace \
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped \
            left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum \
            where c.relkind = 'r' and c.relname = \(name)::text and a.attname = \(change.column)::text \
            and (n.nspname = \(schema)::text or (\(schema)::text is null and pg_table_is_visible(c.oid))) limit 1
            """
        ).decode((Int64, String, Int64, String, Bool, String?, String).self).fetchAll(limit: 1)
        guard let (oid, namespace, number, type, isNotNull, defaultValue, special) = rows.first else {
            throw MigrationError(.usage, "There is no column \(change.column) in a plain table \(name).")
        }
        let key = try await connection.query(
            """
            select a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_index i \
            cross join lateral unnest(i.indkey::smallint[]) with ordinality k (number, place) \
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number \
            where i.indrelid = \(oid)::bigint::oid and i.indisprimary order by k.place
            """
        ).decode((String, String).self).fetchAll(limit: 100)
        guard !key.isEmpty else {
            throw MigrationError(.usage, "The table \(name) has no primary key to go along.")
        }
        if refusingUsers, case .type = change.kind {
            let users = try await connection.query(
                """
                select distinct pg_describe_object(classid, objid, objsubid) from pg_depend \
                where refclassid = 'pg_class'::regclass and refobjid = \(oid)::bigint::oid and refobjsubid = \(number)::bigint \
                and deptype <> 'i' and classid <> 'pg_attrdef'::regclass \
                and not (classid = 'pg_constraint'::regclass and objid in (select oid from pg_constraint where contype = 'n')) \
                order by 1 limit 4
                """
            ).decode(String.self).fetchAll(limit: 4)
            guard users.isEmpty, special.isEmpty else {
                throw MigrationError(
                    .usage,
                    "The type cannot be changed this way while others stand on the column: \(users.isEmpty ? "it makes its values itself" : users.joined(separator: ", ")).",
                    hint: "Drop them first and make them again once the change is complete."
                )
            }
        }
        return PostgreSQLOnlineFacts(
            table: [namespace, name],
            type: type,
            isNullable: !isNotNull,
            defaultValue: defaultValue,
            key: key.map { (name: $0.0, type: $0.1) }
        )
    }
}
