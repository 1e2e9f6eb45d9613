public import Roost

extension MySQLConnection: SchemaInspectingConnection {
    /// Reads the structure of the connection's database: seven statements, whatever the number of tables.
    ///
    /// - Throws: `operational.undefinedDatabase` when the connection has none.
    public func inspectSchema() async throws(DatabaseError) -> DatabaseSchema {
        var schema = DatabaseSchema()
        var positions: [String: Int] = [:]
        for row in try await rows(
            "select table_name from information_schema.tables where table_schema = database() and table_type <> 'VIEW' order by 1"
        ) {
            let name = try row.decode(0, as: String.self)
            positions[name] = schema.tables.count
            schema.tables.append(DatabaseSchema.Table(name: name))
        }
        try await readColumns(into: &schema, positions)
        try await readForeignKeys(into: &schema, positions)
        try await readIndexes(into: &schema, positions)
        try await readChecks(into: &schema, positions)
        for row in try await rows(
            "select table_name, view_definition from information_schema.views where table_schema = database() order by 1"
        ) {
            let (name, body) = try row.decode((String, String).self)
            schema.views.append(DatabaseSchema.Definition(name: name, sql: "CREATE VIEW \(name) AS\n\(body)"))
        }
        for row in try await rows(
            """
            select trigger_name, event_object_table, action_timing, event_manipulation, action_statement
            from information_schema.triggers where trigger_schema = database() order by 1
            """
        ) {
            let (name, table, timing, event, body) = try row.decode((String, String, String, String, String).self)
            let sql = "CREATE TRIGGER \(name) \(timing) \(event) ON \(table) FOR EACH ROW \(body)"
            schema.triggers.append(DatabaseSchema.Definition(name: name, table: table, sql: sql))
        }
        return schema
    }

    private func rows(_ text: String) async throws(DatabaseError) -> [Row] {
        try await query(Statement(unsafe: text), options: .standard).fetchAll(limit: .unbounded)
    }

    private func readColumns(into schema: inout DatabaseSchema, _ positions: [String: Int]) async throws(DatabaseError)
    {
        for row in try await rows(
            """
            select table_name, column_name, column_type, is_nullable = 'YES', column_default, extra
            from information_schema.columns where table_schema = database() order by table_name, ordinal_position
            """
        ) {
            let (table, name, type, isNullable, expression, extra) =
                try row.decode((String, String, String, Bool, String?, String).self)
            guard let position = positions[table] else { continue }
            schema.tables[position].columns.append(
                DatabaseSchema.Column(
                    name: name,
                    type: type,
                    isNullable: isNullable,
                    defaultValue: extra.contains("auto_increment")
                        ? "auto_increment" : expression == "NULL" ? nil : expression,
                    isGenerated: extra.uppercased().contains("VIRTUAL") || extra.uppercased().contains("STORED")
                )
            )
        }
    }

    private func readForeignKeys(
        into schema: inout DatabaseSchema,
        _ positions: [String: Int]
    ) async throws(DatabaseError) {
        var last: (table: String, name: String)?
        for row in try await rows(
            """
            select k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name,
                   r.update_rule, r.delete_rule
            from information_schema.key_column_usage k
            join information_schema.referential_constraints r on r.constraint_schema = k.constraint_schema
              and r.constraint_name = k.constraint_name and r.table_name = k.table_name
            where k.table_schema = database() and k.referenced_table_name is not null
            order by k.table_name, k.constraint_name, k.ordinal_position
            """
        ) {
            let (table, name, column, referenced, referencedColumn, onUpdate, onDelete) =
                try row.decode((String, String, String, String, String, String, String).self)
            guard let position = positions[table] else { continue }
            if last?.table == table, last?.name == name, let index = schema.tables[position].foreignKeys.indices.last {
                schema.tables[position].foreignKeys[index].columns.append(column)
                schema.tables[position].foreignKeys[index].referencedColumns.append(referencedColumn)
            } else {
                schema.tables[position].foreignKeys.append(
                    DatabaseSchema.ForeignKey(
                        columns: [column],
                        referencedTable: referenced,
                        referencedColumns: [referencedColumn],
                        onUpdate: onUpdate,
                        onDelete: onDelete
                    )
                )
            }
            last = (table, name)
        }
    }

    private func readIndexes(into schema: inout DatabaseSchema, _ positions: [String: Int]) async throws(DatabaseError)
    {
        var last: (table: String, name: String)?
        for row in try await rows(
            """
            select table_name, index_name, non_unique = 0, coalesce(column_name, '(expression)')
            from information_schema.statistics where table_schema = database()
            order by table_name, index_name, seq_in_index
            """
        ) {
            let (table, name, isUnique, column) = try row.decode((String, String, Bool, String).self)
            guard let position = positions[table] else { continue }
            if name == "PRIMARY" {
                schema.tables[position].primaryKey.append(column)
            } else if last?.table == table, last?.name == name, let index = schema.tables[position].indexes.indices.last
            {
                schema.tables[position].indexes[index].columns.append(column)
            } else {
                schema.tables[position].indexes.append(
                    DatabaseSchema.Index(name: name, columns: [column], isUnique: isUnique, isPartial: false)
                )
            }
            last = (table, name)
        }
    }

    private func readChecks(into schema: inout DatabaseSchema, _ positions: [String: Int]) async throws(DatabaseError) {
        // The two servers say in different places which table a check belongs to.
        let text =
            flavour == .mariadb
            ? """
            select table_name, check_clause from information_schema.check_constraints
            where constraint_schema = database() order by table_name, constraint_name
            """
            : """
            select t.table_name, c.check_clause from information_schema.check_constraints c
            join information_schema.table_constraints t on t.constraint_schema = c.constraint_schema
              and t.constraint_name = c.constraint_name and t.constraint_type = 'CHECK'
            where c.constraint_schema = database() order by t.table_name, c.constraint_name
            """
        for row in try await rows(text) {
            let (table, check) = try row.decode((String, String).self)
            if let position = positions[table] { schema.tables[position].checks.append(check) }
        }
    }
}
