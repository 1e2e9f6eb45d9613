import Roost

extension PostgreSQLSchemaReader {
    private struct SequenceEntry: RowDecodable {
        let name: ObjectName
        let type: String
        let numbers: Schema.Sequence.Numbers
        let isIdentity: Bool
        let owner: Int64?
        let column: Int64?
        let privileges: String?
        let comment: String?

        init(from row: inout RowReader) throws(DatabaseError) {
            let namespace: String? = try row.next()
            name = ObjectName(try row.next(), in: namespace)
            type = try row.next()
            numbers = Schema.Sequence.Numbers(
                start: try row.next(),
                increment: try row.next(),
                minimum: try row.next(),
                maximum: try row.next(),
                cache: try row.next(),
                cycles: try row.next()
            )
            isIdentity = try row.next()
            owner = try row.next()
            column = try row.next()
            privileges = try row.next()
            comment = try row.next()
        }
    }

    /// Sequences; those of identity columns go to their columns.
    func readSequences(into schema: inout Schema, _ places: Places) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select \(Self.namespace), c.relname::text, format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin,
                   s.seqmax, s.seqcache, s.seqcycle, coalesce(o.deptype = 'i', false), o.refobjid::int8, o.refobjsubid::int8,
                   array_to_string(c.relacl, E'\\n'), obj_description(c.oid, 'pg_class')
            from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
            left join pg_depend o on o.classid = 'pg_class'::regclass and o.objid = c.oid and o.objsubid = 0
              and o.refclassid = 'pg_class'::regclass and o.refobjsubid > 0 and o.deptype in ('a', 'i')
            where \(Self.ownNamespaces) and \(Self.isOwn("c", "pg_class"))
            """,
            as: SequenceEntry.self
        )
        for entry in entries {
            let column = entry.owner.flatMap { places.columns[$0]?[entry.column ?? 0] }
            if entry.isIdentity {
                guard let owner = entry.owner, case .table(let table) = places.places[owner],
                    let position = schema.tables[table].columns.firstIndex(where: { $0.name == column })
                else { continue }
                schema.tables[table].columns[position].identity?.numbers = entry.numbers
                continue
            }
            schema.privileges += Self.privileges(entry.privileges, on: entry.name)
            var sequence = Schema.Sequence(name: entry.name, type: entry.type, numbers: entry.numbers)
            if let column, let table = entry.owner.flatMap({ places.names[$0] }) {
                sequence.owner = Schema.Sequence.Owner(table: table, column: column)
            }
            sequence.comment = entry.comment
            schema.sequences.append(sequence)
        }
    }

    private struct TriggerEntry: RowDecodable {
        let relation: Int64
        let name: String
        /// Nil for one that went away meanwhile.
        let definition: String?
        let firing: String
        let comment: String?

        init(from row: inout RowReader) throws(DatabaseError) {
            relation = try row.next()
            name = try row.next()
            definition = try row.next()
            firing = try row.next()
            comment = try row.next()
        }
    }

    /// Triggers that are neither the server's nor a parent's.
    func readTriggers(into schema: inout Schema, _ places: Places) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select t.tgrelid::int8, t.tgname::text, pg_get_triggerdef(t.oid, true), t.tgenabled::text, obj_description(t.oid, 'pg_trigger')
            from pg_trigger t where not t.tgisinternal and t.tgparentid = 0
            """,
            as: TriggerEntry.self
        )
        for entry in entries {
            guard let table = places.names[entry.relation], let definition = entry.definition else { continue }
            var trigger = Schema.Trigger(name: entry.name, table: table, definition: definition)
            switch entry.firing {
            case "D": trigger.firing = "DISABLED"
            case "R": trigger.firing = "REPLICA"
            case "A": trigger.firing = "ALWAYS"
            default: trigger.firing = nil
            }
            trigger.comment = entry.comment
            schema.triggers.append(trigger)
        }
    }

    private struct RoutineEntry: RowDecodable {
        let name: ObjectName
        let isProcedure: Bool
        let arguments: String
        /// Nil for one that went away meanwhile.
        let definition: String?
        let comment: String?

        init(from row: inout RowReader) throws(DatabaseError) {
            let namespace: String? = try row.next()
            name = ObjectName(try row.next(), in: namespace)
            isProcedure = try row.next()
            arguments = try row.next()
            definition = try row.next()
            comment = try row.next()
        }
    }

    /// Functions and procedures, but aggregates.
    func readRoutines(into schema: inout Schema) async throws(DatabaseError) {
        let entries = try await connection.catalogue(
            """
            select \(Self.namespace), p.proname::text, p.prokind = 'p', coalesce(pg_get_function_identity_arguments(p.oid), ''),
                   pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc')
            from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where p.prokind in ('f', 'p', 'w') and \(Self.ownNamespaces) and \(Self.isOwn("p", "pg_proc"))
              and not exists (select from pg_depend i where i.classid = 'pg_proc'::regclass and i.objid = p.oid and i.deptype = 'i')
            """,
            as: RoutineEntry.self
        )
        for entry in entries {
            guard let definition = entry.definition else { continue }
            var routine = Schema.Routine(
                name: entry.name,
                kind: entry.isProcedure ? .procedure : .function,
                arguments: entry.arguments,
                definition: definition
            )
            routine.comment = entry.comment
            schema.routines.append(routine)
        }
    }
}
