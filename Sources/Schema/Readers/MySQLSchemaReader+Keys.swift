import Roost

extension MySQLSchemaReader {
    private struct IndexEntry: RowDecodable {
        let table: String
        let name: String
        let isUnique: Bool
        let column: String?
        let order: String?
        let length: Int?
        let method: String
        let comment: String?
        let expression: String?
        let isVisible: Bool

        init(from row: inout RowReader) throws(DatabaseError) {
            table = try row.next()
            name = try row.next()
            isUnique = try row.next()
            column = try row.next()
            order = try row.next()
            length = try row.next()
            method = try row.next()
            comment = try row.next()
            expression = try row.next()
            isVisible = try row.next()
        }
    }

    /// Primary keys and indexes.
    func readIndexes(into schema: inout Schema, _ places: [String: Int]) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select table_name, index_name, non_unique = 0, column_name, collation, sub_part, index_type, index_comment,
                   \(isMariaDB ? "null, ignored = 'NO'" : "expression, is_visible = 'YES'")
            from information_schema.statistics where table_schema = database() order by table_name, index_name, seq_in_index
            """,
            as: IndexEntry.self
        )
        for entry in entries {
            guard let place = places[entry.table] else { continue }
            // The length that spatial indexes tell is their own affair.
            let length = entry.method == "SPATIAL" ? nil : entry.length
            let comment = entry.comment.flatMap { $0.isEmpty ? nil : $0 }
            if entry.name == "PRIMARY", let column = entry.column {
                var key = schema.tables[place].primaryKey ?? Schema.Key(name: "PRIMARY", columns: [])
                key.columns.append(column)
                key.lengths[column] = length
                if entry.order == "D" { key.descending.append(column) }
                key.comment = comment
                schema.tables[place].primaryKey = key
                continue
            }
            var part =
                entry.column.map { Schema.Index.Part(column: $0) }
                ?? Schema.Index.Part(expression: expression(entry.expression ?? ""))
            part.isDescending = entry.order == "D"
            part.length = length
            if let last = schema.tables[place].indexes.last, last.name == entry.name {
                schema.tables[place].indexes[schema.tables[place].indexes.count - 1].parts.append(part)
                continue
            }
            var index = Schema.Index(name: entry.name, parts: [part])
            index.isUnique = entry.isUnique
            index.method = entry.method
            index.isVisible = entry.isVisible
            index.comment = comment
            schema.tables[place].indexes.append(index)
        }
    }

    private struct ForeignKeyEntry: RowDecodable {
        let table: String
        let name: String
        let column: String
        let referenced: ObjectName
        let referencedColumn: String
        let onUpdate: String
        let onDelete: String

        init(from row: inout RowReader) throws(DatabaseError) {
            table = try row.next()
            name = try row.next()
            column = try row.next()
            let namespace: String? = try row.next()
            referenced = ObjectName(try row.next(), in: namespace)
            referencedColumn = try row.next()
            onUpdate = try row.next()
            onDelete = try row.next()
        }
    }

    /// Foreign keys.
    func readForeignKeys(into schema: inout Schema, _ places: [String: Int]) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select k.table_name, k.constraint_name, k.column_name, nullif(k.referenced_table_schema, database()),
                   k.referenced_table_name, k.referenced_column_name, r.update_rule, r.delete_rule
            from information_schema.key_column_usage k
            join information_schema.referential_constraints r on r.constraint_schema = k.constraint_schema
              and r.constraint_name = k.constraint_name and r.table_name = k.table_name
            where k.table_schema = database() and k.referenced_table_name is not null
            order by k.table_name, k.constraint_name, k.ordinal_position
            """,
            as: ForeignKeyEntry.self
        )
        for entry in entries {
            guard let place = places[entry.table] else { continue }
            let count = schema.tables[place].foreignKeys.count
            if count > 0, schema.tables[place].foreignKeys[count - 1].name == entry.name {
                schema.tables[place].foreignKeys[count - 1].columns.append(entry.column)
                schema.tables[place].foreignKeys[count - 1].referencedColumns.append(entry.referencedColumn)
                continue
            }
            var key = Schema.ForeignKey(
                name: entry.name,
                columns: [entry.column],
                references: entry.referenced,
                [entry.referencedColumn]
            )
            key.onUpdate = Schema.ForeignKey.Action(rawValue: entry.onUpdate) ?? .noAction
            key.onDelete = Schema.ForeignKey.Action(rawValue: entry.onDelete) ?? .noAction
            schema.tables[place].foreignKeys.append(key)
        }
    }

    private struct CheckEntry: RowDecodable {
        let table: String
        let name: String
        let expression: String
        let isColumn: Bool
        let isEnforced: Bool

        init(from row: inout RowReader) throws(DatabaseError) {
            table = try row.next()
            name = try row.next()
            expression = try row.next()
            isColumn = try row.next()
            isEnforced = try row.next()
        }
    }

    /// Checks. The two servers say in different places which table one belongs to.
    func readChecks(into schema: inout Schema, _ places: [String: Int]) async throws(DatabaseError) {
        let text =
            isMariaDB
            ? """
            select table_name, constraint_name, check_clause, level = 'Column', true from information_schema.check_constraints
            where constraint_schema = database()
            """
            : """
            select t.table_name, c.constraint_name, c.check_clause, false, t.enforced = 'YES'
            from information_schema.check_constraints c
            join information_schema.table_constraints t on t.constraint_schema = c.constraint_schema
              and t.constraint_name = c.constraint_name and t.constraint_type = 'CHECK'
            where c.constraint_schema = database()
            """
        for entry in try await connection.catalogue(text, as: CheckEntry.self) {
            guard let place = places[entry.table] else { continue }
            var check = Schema.Check(name: entry.name, expression: expression(entry.expression))
            check.isEnforced = entry.isEnforced
            // A column's own check has the column's name.
            if entry.isColumn { check.column = entry.name }
            schema.tables[place].checks.append(check)
        }
    }

    private struct PartitionEntry: RowDecodable {
        let table: String
        let name: String
        let method: String
        let submethod: String?
        let key: String?
        let subkey: String?
        let bound: String?
        let comment: String?
        let subparts: Int

        init(from row: inout RowReader) throws(DatabaseError) {
            table = try row.next()
            name = try row.next()
            method = try row.next()
            submethod = try row.next()
            key = try row.next()
            subkey = try row.next()
            bound = try row.next()
            comment = try row.next()
            subparts = try row.next()
        }
    }

    /// How tables are split.
    func readPartitions(into schema: inout Schema, _ places: [String: Int]) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select table_name, partition_name, max(partition_method), max(subpartition_method), max(partition_expression),
                   max(subpartition_expression), max(partition_description), max(partition_comment), count(subpartition_name)
            from information_schema.partitions where table_schema = database() and partition_name is not null
            group by table_name, partition_name, partition_ordinal_position order by table_name, partition_ordinal_position
            """,
            as: PartitionEntry.self
        )
        for entry in entries {
            guard let place = places[entry.table] else { continue }
            if schema.tables[place].partitioning == nil {
                schema.tables[place].partitioning = Schema.Partitioning(
                    key: "\(entry.method) (\(expression(entry.key ?? "")))",
                    subkey: entry.submethod.map {
                        "\($0) (\(expression(entry.subkey ?? ""))) SUBPARTITIONS \(entry.subparts)"
                    }
                )
            }
            var part = Schema.Partitioning.Part(name: entry.name)
            part.comment = entry.comment.flatMap { $0.isEmpty ? nil : $0 }
            if let bound = entry.bound {
                let isAll = bound == "MAXVALUE"
                if entry.method.hasPrefix("RANGE") {
                    part.bound = isAll ? "LESS THAN MAXVALUE" : "LESS THAN (\(bound))"
                } else if entry.method.hasPrefix("LIST") {
                    part.bound = "IN (\(bound))"
                }
            }
            schema.tables[place].partitioning?.parts.append(part)
        }
    }
}
