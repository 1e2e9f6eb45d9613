import Roost

/// Reads `information_schema` of MySQL 8 and MariaDB 10.6 and later, in eleven statements, or twelve where MariaDB has sequences.
///
/// MySQL's own catalogue garbles doubled quotes in the text of triggers and routines, so each of those that has a quote in it costs
/// a `SHOW CREATE` more there.
struct MySQLSchemaReader: SchemaReader {
    let connection: any Connection
    let isMariaDB: Bool
    var engine: Schema.Engine { isMariaDB ? .mariadb : .mysql }

    init(_ connection: any Connection) {
        self.connection = connection
        isMariaDB = connection.driverName == "mariadb"
    }

    func read() async throws(DatabaseError) -> Schema {
        var schema = Schema(engine: engine)
        var places: [String: Int] = [:]
        var collations: [String: String] = [:]
        let sequences = try await readTables(into: &schema, &places, &collations)
        try await readSequences(sequences, into: &schema)
        try await readViews(into: &schema)
        try await readColumns(into: &schema, places, collations)
        try await readIndexes(into: &schema, places)
        try await readForeignKeys(into: &schema, places)
        try await readChecks(into: &schema, places)
        try await readPartitions(into: &schema, places)
        try await readTriggers(into: &schema)
        try await readRoutines(into: &schema)
        try await readPrivileges(into: &schema)
        return schema
    }

    /// MySQL keeps expressions with their quotes and backslashes escaped once more; MariaDB as they are.
    func expression(_ text: String) -> String {
        guard !isMariaDB, text.utf8.contains(UInt8(ascii: "\\")) else { return text }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
                switch byte {
                case UInt8(ascii: "n"): bytes.append(0x0A)
                case UInt8(ascii: "r"): bytes.append(0x0D)
                case UInt8(ascii: "t"): bytes.append(0x09)
                case UInt8(ascii: "0"): bytes.append(0)
                default: bytes.append(byte)
                }
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private struct TableEntry: RowDecodable {
        let name: String
        let type: String
        let engine: String?
        let collation: String?
        let options: String?
        let comment: String?
        let rows: Int?
        let bytes: Int?

        init(from row: inout RowReader) throws(DatabaseError) {
            name = try row.next()
            type = try row.next()
            engine = try row.next()
            collation = try row.next()
            options = try row.next()
            comment = try row.next()
            rows = try row.next()
            bytes = try row.next()
        }
    }

    /// Tables; returns the names of sequences, which MariaDB lists among them.
    private func readTables(
        into schema: inout Schema,
        _ places: inout [String: Int],
        _ collations: inout [String: String]
    ) async throws(DatabaseError) -> [String] {
        let entries = try await connection.catalogue(
            """
            select table_name, table_type, engine, table_collation, create_options, table_comment, table_rows, data_length + index_length
            from information_schema.tables where table_schema = database() and table_type <> 'VIEW' order by table_name
            """,
            as: TableEntry.self
        )
        var sequences: [String] = []
        for entry in entries {
            if entry.type == "SEQUENCE" {
                sequences.append(entry.name)
                continue
            }
            var table = Schema.Table(name: ObjectName(entry.name))
            table.comment = entry.comment.flatMap { $0.isEmpty ? nil : $0 }
            table.statistics = Schema.Statistics(estimatedRows: entry.rows, estimatedBytes: entry.bytes)
            table.options["engine"] = entry.engine
            table.options["collation"] = entry.collation
            if entry.type == "SYSTEM VERSIONED" { table.options["system_versioning"] = "true" }
            for option in (entry.options ?? "").split(separator: " ") {
                let pair = option.split(separator: "=", maxSplits: 1)
                guard pair.count == 2 else { continue }
                table.options[pair[0].lowercased()] = String(pair[1]).replacing("\"", with: "").replacing("'", with: "")
            }
            places[entry.name] = schema.tables.count
            collations[entry.name] = entry.collation
            schema.tables.append(table)
        }
        return sequences
    }

    private struct SequenceEntry: RowDecodable {
        let name: String
        let numbers: Schema.Sequence.Numbers

        init(from row: inout RowReader) throws(DatabaseError) {
            name = try row.next()
            numbers = Schema.Sequence.Numbers(
                start: try row.next(),
                increment: try row.next(),
                minimum: try row.next(),
                maximum: try row.next(),
                cache: try row.next(),
                cycles: try row.next()
            )
        }
    }

    /// MariaDB's sequences are one-row tables, here asked all at once.
    private func readSequences(_ names: [String], into schema: inout Schema) async throws(DatabaseError) {
        guard !names.isEmpty else { return }
        var statement: Statement = ""
        for (index, name) in names.enumerated() {
            if index > 0 { statement.append(unsafe: " union all ") }
            statement.append(
                """
                select \(name), start_value, increment, minimum_value, maximum_value, cache_size, cycle_option
                from \(identifier: name)
                """
            )
        }
        let entries = try await connection.query(statement).decode(SequenceEntry.self).fetchAll(limit: .unbounded)
        schema.sequences = entries.map { Schema.Sequence(name: ObjectName($0.name), numbers: $0.numbers) }
    }

    private struct ColumnEntry: RowDecodable {
        let table: String
        let name: String
        let type: String
        let isNullable: Bool
        let defaultValue: String?
        let extra: String
        let generation: String?
        let collation: String?
        let characterSet: String?
        let comment: String?
        let srid: Int?
        let database: String

        init(from row: inout RowReader) throws(DatabaseError) {
            table = try row.next()
            name = try row.next()
            type = try row.next()
            isNullable = try row.next()
            defaultValue = try row.next()
            extra = try row.next()
            generation = try row.next()
            collation = try row.next()
            characterSet = try row.next()
            comment = try row.next()
            srid = try row.next()
            database = try row.next()
        }
    }

    private func readColumns(
        into schema: inout Schema,
        _ places: [String: Int],
        _ collations: [String: String]
    ) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select table_name, column_name, column_type, is_nullable = 'YES', column_default, extra, generation_expression,
                   collation_name, character_set_name, column_comment, \(isMariaDB ? "null" : "srs_id"), table_schema
            from information_schema.columns where table_schema = database() order by table_name, ordinal_position
            """,
            as: ColumnEntry.self
        )
        var types = TypeCache(engine)
        var views: [String: Int] = [:]
        for (index, view) in schema.views.enumerated() { views[view.name.name] = index }
        for entry in entries {
            let column = column(entry, &types, collations[entry.table])
            if let place = places[entry.table] {
                schema.tables[place].columns.append(column)
            } else if let place = views[entry.table] {
                schema.views[place].columns.append(column)
            }
        }
    }

    private func column(_ entry: ColumnEntry, _ types: inout TypeCache, _ tableCollation: String?) -> Schema.Column {
        var column = Schema.Column(name: entry.name, type: types.type(entry.type), isNullable: entry.isNullable)
        let extra = entry.extra.lowercased()
        if extra.contains("auto_increment") {
            column.identity = Schema.Column.Identity(isAlways: false)
        } else if extra.contains("virtual generated") || extra.contains("stored generated") {
            column.generation = Schema.Column.Generation(
                expression: expression(entry.generation ?? ""),
                isStored: extra.contains("stored generated")
            )
        } else if let text = entry.defaultValue {
            column.defaultValue = defaultValue(text, of: column.type, isExpression: extra.contains("default_generated"))
            // A sequence comes with its database.
            if isMariaDB, text.contains("nextval(") {
                column.defaultValue = column.defaultValue.map { without(entry.database, $0) }
            }
        }
        if let range = entry.extra.firstRange(of: "on update ") {
            column.onUpdate = entry.extra[range.upperBound...].split(separator: " ").first.map(String.init)
        }
        column.isInvisible = extra.contains("invisible")
        if entry.collation != tableCollation {
            column.collation = entry.collation
            column.characterSet = entry.characterSet
        }
        column.comment = entry.comment.flatMap { $0.isEmpty ? nil : $0 }
        if let srid = entry.srid { column.options["srid"] = String(srid) }
        return column
    }

    /// A default as an expression; MySQL tells literals without their quotes.
    private func defaultValue(_ text: String, of type: Schema.ColumnType, isExpression: Bool) -> String? {
        if isMariaDB { return text == "NULL" ? nil : text }
        if isExpression {
            let text = expression(text)
            return text.uppercased().hasPrefix("CURRENT_TIMESTAMP") ? text : "(\(text))"
        }
        switch type.family {
        case .integer, .decimal, .float, .boolean, .bits: return text
        case .bytes where text.hasPrefix("0x"): return text
        default: return "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "''") + "'"
        }
    }
}
