import Roost

extension MySQLSchemaReader {
    private func quoted(_ name: String) -> String { "`" + name.replacing("`", with: "``") + "`" }

    private struct ViewEntry: RowDecodable {
        let name: String
        let query: String
        let check: String
        let security: String
        let database: String
        let algorithm: String?

        init(from row: inout RowReader) throws(DatabaseError) {
            name = try row.next()
            query = try row.next()
            check = try row.next()
            security = try row.next()
            database = try row.next()
            algorithm = try row.next()
        }
    }

    /// Views. Their queries name the database with every table; the session's own is left out, so that they fit another.
    func readViews(into schema: inout Schema) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select table_name, view_definition, check_option, security_type, table_schema, \(isMariaDB ? "algorithm" : "null")
            from information_schema.views where table_schema = database()
            """,
            as: ViewEntry.self
        )
        for entry in entries {
            var view = Schema.View(name: ObjectName(entry.name), query: without(entry.database, entry.query))
            if entry.check != "NONE" { view.options["check_option"] = entry.check.lowercased() }
            if entry.security != "DEFINER" { view.options["sql_security"] = entry.security.lowercased() }
            if let algorithm = entry.algorithm, algorithm != "UNDEFINED" {
                view.options["algorithm"] = algorithm.lowercased()
            }
            schema.views.append(view)
        }
    }

    /// The text without the database before names.
    func without(_ database: String, _ text: String) -> String {
        let reader = TokenReader(text, engine)
        let name = Array(quoted(database).utf8)
        var bytes: [UInt8] = []
        var position = 0
        for (index, token) in reader.tokens.enumerated() {
            guard token.kind == .quotedIdentifier, reader.bytes[token.range].elementsEqual(name),
                reader.tokens.indices.contains(index + 1), reader.tokens[index + 1].word == ".",
                index == 0 || reader.tokens[index - 1].word != "."
            else { continue }
            bytes += reader.bytes[position..<token.range.lowerBound]
            position = reader.tokens[index + 1].range.upperBound
        }
        bytes += reader.bytes[position...]
        return String(decoding: bytes, as: UTF8.self)
    }

    private struct TriggerEntry: RowDecodable {
        let name: String
        let table: String
        let timing: String
        let event: String
        let body: String

        init(from row: inout RowReader) throws(DatabaseError) {
            name = try row.next()
            table = try row.next()
            timing = try row.next()
            event = try row.next()
            body = try row.next()
        }
    }

    /// Triggers, in the order in which they fire.
    func readTriggers(into schema: inout Schema) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select trigger_name, event_object_table, action_timing, event_manipulation, action_statement
            from information_schema.triggers where trigger_schema = database() order by action_order
            """,
            as: TriggerEntry.self
        )
        for entry in entries {
            var body = entry.body
            if isGarbled(body), let text = try await original("trigger", entry.name) {
                var reader = TokenReader(text, engine)
                while !reader.isAtEnd, !reader.take("FOR", "EACH", "ROW") { reader.skip() }
                body = reader.rest()
            }
            schema.triggers.append(
                Schema.Trigger(
                    name: entry.name,
                    table: ObjectName(entry.table),
                    definition:
                        "CREATE TRIGGER \(quoted(entry.name)) \(entry.timing) \(entry.event) ON \(quoted(entry.table)) FOR EACH ROW \(body)"
                )
            )
        }
    }

    /// MySQL 8 and 9 tell `'it''s'` as `'it's'`.
    private func isGarbled(_ body: String) -> Bool {
        !isMariaDB && (body.utf8.contains(0x27) || body.utf8.contains(0x22))
    }

    /// What `SHOW CREATE` tells.
    private func original(_ kind: String, _ name: String) async throws(DatabaseError) -> String? {
        let results = try await connection.query("show create \(unsafe: kind) \(identifier: name)")
        guard let row = try await results.fetchAll(limit: .rows(1)).first else { return nil }
        return try row.decode(2, as: String?.self)
    }

    private struct RoutineEntry: RowDecodable {
        let name: String
        let type: String
        let result: String?
        let characterSet: String?
        let collation: String?
        let body: String?
        let isDeterministic: Bool
        let access: String
        let security: String
        let comment: String

        init(from row: inout RowReader) throws(DatabaseError) {
            name = try row.next()
            type = try row.next()
            result = try row.next()
            characterSet = try row.next()
            collation = try row.next()
            body = try row.next()
            isDeterministic = try row.next()
            access = try row.next()
            security = try row.next()
            comment = try row.next()
        }
    }

    private struct ParameterEntry: RowDecodable {
        let routine: String
        let kind: String
        let mode: String
        let name: String
        let type: String
        let characterSet: String?
        let collation: String?

        init(from row: inout RowReader) throws(DatabaseError) {
            routine = try row.next()
            kind = try row.next()
            mode = try row.next()
            name = try row.next()
            type = try row.next()
            characterSet = try row.next()
            collation = try row.next()
        }
    }

    /// Functions and procedures.
    func readRoutines(into schema: inout Schema) async throws(DatabaseError) {
        let parameters = try await connection.catalogue(
            """
            select specific_name, routine_type, parameter_mode, parameter_name, dtd_identifier, character_set_name, collation_name
            from information_schema.parameters where specific_schema = database() and ordinal_position > 0
            order by specific_name, ordinal_position
            """,
            as: ParameterEntry.self
        )
        let entries = try await connection.catalogue(
            """
            select routine_name, routine_type, dtd_identifier, character_set_name, collation_name, routine_definition,
                   is_deterministic = 'YES', sql_data_access, security_type, routine_comment
            from information_schema.routines where routine_schema = database() and routine_type in ('FUNCTION', 'PROCEDURE')
            """,
            as: RoutineEntry.self
        )
        for entry in entries {
            // Without the right to see it there is no body.
            guard var body = entry.body else { continue }
            let own = parameters.filter { $0.routine == entry.name && $0.kind == entry.type }
            if isGarbled(body), let text = try await original(entry.type.lowercased(), entry.name) {
                body = routineBody(text) ?? body
            }
            let isFunction = entry.type == "FUNCTION"
            let list = own.map { parameter in
                (isFunction ? "" : parameter.mode + " ") + quoted(parameter.name) + " " + parameter.type
                    + characters(parameter.characterSet, parameter.collation)
            }
            var text = "CREATE \(entry.type) \(quoted(entry.name))(\(list.joined(separator: ", ")))"
            if isFunction, let result = entry.result {
                text += " RETURNS \(result)" + characters(entry.characterSet, entry.collation)
            }
            if entry.isDeterministic { text += " DETERMINISTIC" }
            if entry.access != "CONTAINS SQL" { text += " \(entry.access)" }
            if entry.security != "DEFINER" { text += " SQL SECURITY \(entry.security)" }
            if !entry.comment.isEmpty { text += " COMMENT " + SQLText.literal(entry.comment, engine) }
            var routine = Schema.Routine(
                name: ObjectName(entry.name),
                kind: isFunction ? .function : .procedure,
                definition: text + "\n" + body
            )
            routine.comment = entry.comment.isEmpty ? nil : entry.comment
            schema.routines.append(routine)
        }
    }

    private func characters(_ set: String?, _ collation: String?) -> String {
        (set.map { " CHARACTER SET \($0)" } ?? "") + (collation.map { " COLLATE \($0)" } ?? "")
    }

    /// What follows the head of a routine: name, parameters, result and characteristics.
    private func routineBody(_ text: String) -> String? {
        var reader = TokenReader(text, engine)
        while !reader.isAtEnd, reader.word != "(" { reader.skip() }
        _ = reader.brackets()
        if reader.take("RETURNS") {
            reader.skip()
            if reader.word == "(" { _ = reader.brackets() }
            while true {
                if reader.take("UNSIGNED") || reader.take("ZEROFILL") || reader.take("PRECISION") { continue }
                if reader.take("CHARSET") || reader.take("COLLATE") || reader.take("CHARACTER", "SET") {
                    reader.skip()
                    continue
                }
                break
            }
        }
        while true {
            if reader.take("DETERMINISTIC") || reader.take("NOT", "DETERMINISTIC") || reader.take("CONTAINS", "SQL")
                || reader.take("NO", "SQL") || reader.take("READS", "SQL", "DATA")
                || reader.take("MODIFIES", "SQL", "DATA")
                || reader.take("LANGUAGE", "SQL") || reader.take("SQL", "SECURITY", "INVOKER")
                || reader.take("SQL", "SECURITY", "DEFINER")
            {
                continue
            }
            guard reader.take("COMMENT") else { break }
            reader.skip()
        }
        return reader.isAtEnd ? nil : reader.rest()
    }

    private struct PrivilegeEntry: RowDecodable {
        let object: String
        let grantee: String
        let actions: String
        let grantable: String?

        init(from row: inout RowReader) throws(DatabaseError) {
            object = try row.next()
            grantee = try row.next()
            actions = try row.next()
            grantable = try row.next()
        }
    }

    /// Rights on single tables and views.
    func readPrivileges(into schema: inout Schema) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select table_name, grantee, group_concat(privilege_type order by 1),
                   group_concat(case when is_grantable = 'YES' then privilege_type end order by 1)
            from information_schema.table_privileges where table_schema = database() group by table_name, grantee
            """,
            as: PrivilegeEntry.self
        )
        schema.privileges = entries.map { entry in
            func list(_ text: String?) -> [String] { (text ?? "").split(separator: ",").map(String.init).sorted() }
            return Schema.Privilege(
                object: ObjectName(entry.object),
                grantee: entry.grantee,
                actions: list(entry.actions),
                grantable: list(entry.grantable)
            )
        }
    }
}
