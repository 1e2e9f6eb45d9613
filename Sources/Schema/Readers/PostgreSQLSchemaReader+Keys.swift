import Roost

extension PostgreSQLSchemaReader {
    /// An index, and the relation it belongs to.
    struct IndexEntry: RowDecodable {
        let oid: Int64
        let relation: Int64
        let name: String
        let isUnique: Bool
        let method: String
        let keys: [Int64]
        let keyCount: Int
        let order: [Int64]
        let classes: [String]?
        let collations: [Int64]
        let collationNames: [String]?
        let isValid: Bool
        let nullsNotDistinct: Bool
        let expressions: [String]?
        let predicate: String?
        let options: String?
        let tablespace: String?
        let comment: String?
        let isPart: Bool
        let isConstraint: Bool

        init(from row: inout RowReader) throws(DatabaseError) {
            func numbers(_ text: String) -> [Int64] { text.split(separator: " ").compactMap { Int64($0) } }
            oid = try row.next()
            relation = try row.next()
            name = try row.next()
            isUnique = try row.next()
            method = try row.next()
            keys = numbers(try row.next())
            keyCount = try row.next()
            order = numbers(try row.next())
            classes = try row.next()
            collations = numbers(try row.next())
            collationNames = try row.next()
            isValid = try row.next()
            nullsNotDistinct = try row.next()
            expressions = try row.next()
            predicate = try row.next()
            options = try row.next()
            tablespace = try row.next()
            comment = try row.next()
            isPart = try row.next()
            isConstraint = try row.next()
        }

        var storage: [String: String] {
            var storage = PostgreSQLSchemaReader.options(options)
            storage["tablespace"] = tablespace
            return storage
        }

        func index(_ places: Places) -> Schema.Index {
            let columns = places.columns[relation] ?? [:]
            let own = places.collations[relation] ?? [:]
            var parts: [Schema.Index.Part] = []
            var expressionCount = 0
            for position in 0..<min(keyCount, keys.count) {
                var part: Schema.Index.Part
                let collation = collations.indices.contains(position) ? collations[position] : 0
                var isOtherCollation: Bool
                if let name = columns[keys[position]] {
                    part = Schema.Index.Part(column: name)
                    isOtherCollation = collation != own[keys[position]] ?? 0
                } else {
                    part = Schema.Index.Part(expression: expressions?.dropFirst(expressionCount).first ?? "")
                    expressionCount += 1
                    // 100 is the database's own.
                    isOtherCollation = collation != 100
                }
                if collation == 0 { isOtherCollation = false }
                if isOtherCollation { part.collation = collationNames?.dropFirst(position).first }
                if let name = classes?.dropFirst(position).first, !name.isEmpty { part.operatorClass = name }
                let order = order.indices.contains(position) ? order[position] : 0
                part.isDescending = order & 1 != 0
                let nullsFirst = order & 2 != 0
                if nullsFirst != part.isDescending { part.nullsFirst = nullsFirst }
                parts.append(part)
            }
            var index = Schema.Index(name: name, parts: parts)
            index.isUnique = isUnique
            index.method = method
            index.included = keys.dropFirst(keyCount).compactMap { columns[$0] }
            index.predicate = predicate
            index.nullsNotDistinct = nullsNotDistinct
            index.isValid = isValid
            index.options = storage
            index.comment = comment
            return index
        }
    }

    /// All indexes, those of constraints and parts too.
    func readIndexes(_ places: Places) async throws(DatabaseError) -> [IndexEntry] {
        let nullsNotDistinct = version >= 15 ? "i.indnullsnotdistinct" : "false"
        return try await connection.catalogue(
            """
            select i.indexrelid::int8, i.indrelid::int8, x.relname::text, i.indisunique, a.amname::text, i.indkey::text,
                   i.indnkeyatts::int8, i.indoption::text,
                   case when exists (select from pg_opclass o where o.oid = any(i.indclass) and not o.opcdefault) then
                     array(select case when o.opcdefault then ''
                                  when pg_opclass_is_visible(o.oid) then quote_ident(o.opcname)
                                  else quote_ident(m.nspname) || '.' || quote_ident(o.opcname) end
                           from unnest(i.indclass) with ordinality u(oid, n) join pg_opclass o on o.oid = u.oid
                           join pg_namespace m on m.oid = o.opcnamespace order by u.n) end,
                   i.indcollation::text,
                   case when exists (select from unnest(i.indcollation) u(oid) where u.oid not in (0, 100)) then
                     array(select u.oid::regcollation::text from unnest(i.indcollation) with ordinality u(oid, n) order by u.n) end,
                   i.indisvalid, \(nullsNotDistinct),
                   case when i.indexprs is not null then
                     array(select pg_get_indexdef(i.indexrelid, u.n::int, false)
                           from generate_series(1, i.indnkeyatts) u(n) where i.indkey[u.n - 1] = 0 order by u.n) end,
                   pg_get_expr(i.indpred, i.indrelid), array_to_string(x.reloptions, E'\\n'), s.spcname::text, d.description,
                   x.relispartition, exists (select from pg_depend e where e.classid = 'pg_class'::regclass
                     and e.objid = i.indexrelid and e.refclassid = 'pg_constraint'::regclass and e.deptype = 'i')
            from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am a on a.oid = x.relam
            join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
            left join pg_tablespace s on s.oid = x.reltablespace
            left join pg_description d on d.objoid = x.oid and d.classoid = 'pg_class'::regclass and d.objsubid = 0
            where c.relkind in ('r', 'p', 'm') and \(Self.ownNamespaces)
            """,
            as: IndexEntry.self
        )
    }

    /// Gives tables and views the indexes that no constraint and no parent brought.
    func add(_ indexes: [IndexEntry], to schema: inout Schema, _ places: Places) {
        for entry in indexes where !entry.isPart && !entry.isConstraint {
            switch places.places[entry.relation] {
            case .table(let index): schema.tables[index].indexes.append(entry.index(places))
            case .view(let index): schema.views[index].indexes.append(entry.index(places))
            default: continue
            }
        }
    }

    private struct ConstraintEntry: RowDecodable {
        let relation: Int64
        let kind: String
        let name: String
        let columns: String
        let referenced: Int64
        let referencedName: ObjectName
        let referencedColumns: [String]?
        let onUpdate: String
        let onDelete: String
        let match: String
        let isDeferrable: Bool
        let isDeferred: Bool
        let isValidated: Bool
        let isNotInherited: Bool
        let expression: String?
        let comment: String?
        let index: Int64
        let deleteColumns: String
        let withoutOverlaps: Bool
        let isEnforced: Bool

        init(from row: inout RowReader) throws(DatabaseError) {
            relation = try row.next()
            kind = try row.next()
            name = try row.next()
            columns = try row.next()
            referenced = try row.next()
            let namespace: String? = try row.next()
            let table: String? = try row.next()
            referencedName = ObjectName(table ?? "", in: namespace)
            referencedColumns = try row.next()
            onUpdate = try row.next()
            onDelete = try row.next()
            match = try row.next()
            isDeferrable = try row.next()
            isDeferred = try row.next()
            isValidated = try row.next()
            isNotInherited = try row.next()
            expression = try row.next()
            comment = try row.next()
            index = try row.next()
            deleteColumns = try row.next()
            withoutOverlaps = try row.next()
            isEnforced = try row.next()
        }

        var checking: Schema.Checking { !isDeferrable ? .immediate : isDeferred ? .deferred : .deferrable }
    }

    /// Keys, checks and exclusions that are a table's own.
    func readConstraints(
        into schema: inout Schema,
        _ places: Places,
        _ indexes: [IndexEntry]
    ) async throws(DatabaseError) {
        let deleteColumns = version >= 15 ? "coalesce(array_to_string(k.confdelsetcols, ' '), '')" : "''"
        let entries = try await connection.catalogue(
            """
            select k.conrelid::int8, k.contype::text, k.conname::text, coalesce(array_to_string(k.conkey, ' '), ''),
                   k.confrelid::int8, nullif(n.nspname, current_schema())::text, r.relname::text,
                   case when k.contype = 'f' then array(select a.attname::text from unnest(k.confkey) with ordinality u(m, i)
                     join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.m order by u.i) end,
                   k.confupdtype::text, k.confdeltype::text, k.confmatchtype::text, k.condeferrable, k.condeferred,
                   k.convalidated, k.connoinherit,
                   case k.contype when 'c' then pg_get_expr(k.conbin, k.conrelid) when 'x' then pg_get_constraintdef(k.oid) end,
                   d.description, k.conindid::int8, \(deleteColumns), \(version >= 18 ? "k.conperiod" : "false"),
                   \(version >= 18 ? "k.conenforced" : "true")
            from pg_constraint k left join pg_class r on r.oid = k.confrelid left join pg_namespace n on n.oid = r.relnamespace
            left join pg_description d on d.objoid = k.oid and d.classoid = 'pg_constraint'::regclass
            where k.contype in ('p', 'u', 'f', 'c', 'x') and k.conrelid <> 0 and k.conislocal and k.conparentid = 0
            """,
            as: ConstraintEntry.self
        )
        var byOID: [Int64: Int] = [:]
        for (position, index) in indexes.enumerated() where index.isConstraint { byOID[index.oid] = position }
        for entry in entries {
            guard case .table(let position) = places.places[entry.relation] else { continue }
            let columns = places.columnNames(entry.relation, entry.columns)
            switch entry.kind {
            case "p", "u":
                var key = Schema.Key(name: entry.name, columns: columns)
                key.checking = entry.checking
                key.comment = entry.comment
                key.withoutOverlaps = entry.withoutOverlaps
                if let index = byOID[entry.index].map({ indexes[$0] }) {
                    let names = places.columns[entry.relation] ?? [:]
                    key.included = index.keys.dropFirst(index.keyCount).compactMap { names[$0] }
                    key.nullsNotDistinct = index.nullsNotDistinct
                    key.options = index.storage
                }
                if entry.kind == "p" {
                    schema.tables[position].primaryKey = key
                } else {
                    schema.tables[position].uniqueKeys.append(key)
                }
            case "c":
                var check = Schema.Check(name: entry.name, expression: entry.expression ?? "")
                check.isInherited = !entry.isNotInherited
                check.isEnforced = entry.isEnforced
                check.isValidated = entry.isValidated
                check.comment = entry.comment
                schema.tables[position].checks.append(check)
            case "x":
                var exclusion = Schema.Exclusion(name: entry.name, definition: entry.expression ?? "")
                exclusion.comment = entry.comment
                schema.tables[position].exclusions.append(exclusion)
            default:
                var key = Schema.ForeignKey(
                    name: entry.name,
                    columns: columns,
                    references: entry.referencedName,
                    entry.referencedColumns ?? []
                )
                key.onUpdate = Self.action(entry.onUpdate)
                key.onDelete = Self.action(entry.onDelete)
                key.onDeleteColumns = places.columnNames(entry.relation, entry.deleteColumns)
                key.matchesFull = entry.match == "f"
                key.checking = entry.checking
                key.isValidated = entry.isValidated
                key.comment = entry.comment
                schema.tables[position].foreignKeys.append(key)
            }
        }
    }

    private static func action(_ code: String) -> Schema.ForeignKey.Action {
        switch code {
        case "r": .restrict
        case "c": .cascade
        case "n": .setNull
        case "d": .setDefault
        default: .noAction
        }
    }
}
