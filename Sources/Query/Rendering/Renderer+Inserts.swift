import Roost

extension Renderer {
    mutating func renderInsert(_ options: InsertOptions, _ parts: [QueryNode]) throws(DatabaseError) {
        let (tables, table, columns, body, upsert, returning) =
            (parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
        if !upsert.isAbsent, profile.isOne(of: .sqlserver, .oracle, .db2) {
            return try renderUpsertAsMerge(parts)
        }
        if !returning.isAbsent { try require(.returning) }
        guard case .table(let path, _) = table.kind else { throw Self.malformed }
        // Some engines want them before the word, some before the query.
        let beginsWithTables = profile.isOne(of: .postgresql, .sqlite, .sqlserver, .standard)
        if beginsWithTables { try renderCommonTables(tables) }
        write("insert into ")
        // Many engines allow no other name here.
        try write(identifier: path)
        if !columns.children.isEmpty {
            write(" (")
            try renderUnqualified(columns)
            write(")")
        }
        if !returning.isAbsent, profile.engine == .sqlserver { try renderOutput(returning, "inserted", of: table) }
        write(" ")
        if options.isDefault {
            if profile.isOne(of: .oracle, .db2) { throw notSupported("INSERT … DEFAULT VALUES") }
            write(profile.isMySQLFamily ? "() values ()" : "default values")
        } else if case .values = body.kind {
            if !beginsWithTables, !tables.isAbsent { throw notSupported("common tables before INSERT … VALUES") }
            try renderRows(body.children)
        } else {
            if !beginsWithTables { try renderCommonTables(tables) }
            try renderInserted(body, isUpsert: !upsert.isAbsent)
        }
        if !upsert.isAbsent { try renderUpsert(upsert, columns, table, hasValues: body.kind == .values) }
        try renderReturning(returning, of: table, isAlone: true)
    }

    private mutating func renderRows(_ rows: [QueryNode]) throws(DatabaseError) {
        guard profile.engine == .oracle, rows.count > 1 else {
            write("values ")
            for (index, row) in rows.enumerated() {
                write(index > 0 ? ", (" : "(")
                for (index, value) in row.children.enumerated() {
                    if index > 0 { write(", ") }
                    try renderStored(value)
                }
                write(")")
            }
            return
        }
        for row in rows where row.children.contains(where: { $0.kind == .defaultValue }) {
            throw notSupported("DEFAULT in one of several rows")
        }
        try render(QueryNode(.values, rows))
    }

    private mutating func renderInserted(_ body: QueryNode, isUpsert: Bool) throws(DatabaseError) {
        guard isUpsert, profile.engine == .sqlite else { return try render(body) }
        // After a query that ends with a source, SQLite would take ON for a join's.
        if case .select = body.kind {
            try render(body)
            let end = SelectPart.from.rawValue + 1
            if body.children[end...].allSatisfy(\.isAbsent) { write(" where true") }
        } else {
            write("select * from (")
            try render(body)
            write(") where true")
        }
    }

    mutating func renderUnqualified(_ node: QueryNode) throws(DatabaseError) {
        let before = isUnqualified
        isUnqualified = true
        try render(node)
        isUnqualified = before
    }

    /// - Parameter isAlone: the statement knows its table by its own name alone.
    mutating func renderReturning(
        _ returning: QueryNode,
        of table: QueryNode,
        isAlone: Bool = false
    ) throws(DatabaseError) {
        guard !returning.isAbsent, profile.engine != .sqlserver else { return }
        write(" returning ")
        let before = sourceNames
        defer { sourceNames = before }
        if case .table(let path, let alias?) = table.kind, isAlone || profile.engine == .sqlite {
            sourceNames[alias] = path.last
        }
        try renderColumns(returning.children)
    }

    mutating func renderOutput(_ returning: QueryNode, _ source: String, of table: QueryNode) throws(DatabaseError) {
        guard case .table(let path, let alias) = table.kind else { throw Self.malformed }
        if returning.children.contains(where: \.holdsQuery) { throw notSupported("subqueries in OUTPUT") }
        write(" output ")
        let before = sourceNames
        defer { sourceNames = before }
        if let name = alias ?? path.last { sourceNames[name] = source }
        try renderColumns(returning.children)
    }

    private mutating func renderUpsert(
        _ upsert: QueryNode,
        _ columns: QueryNode,
        _ table: QueryNode,
        hasValues: Bool
    ) throws(DatabaseError) {
        let (target, assignments, condition) = (upsert.children[0], upsert.children[1], upsert.children[2])
        guard case .table(let path, let alias) = table.kind else { throw Self.malformed }
        let before = sourceNames
        defer { sourceNames = before }
        if let alias { sourceNames[alias] = path.last }
        if profile.has(.onConflict) {
            write(" on conflict")
            if !target.children.isEmpty {
                write(" (")
                try renderUnqualified(target)
                write(")")
                if !upsert.children[3].isAbsent {
                    write(" where ")
                    try renderUnqualified(upsert.children[3])
                }
            }
            if assignments.children.isEmpty { return write(" do nothing") }
            if target.children.isEmpty, profile.engine == .postgresql {
                throw notSupported("an upsert without the columns of its key")
            }
            write(" do update set ")
            excludedPrefix = "excluded"
            try renderAssignments(assignments)
            if !condition.isAbsent {
                write(" where ")
                try render(condition)
            }
            excludedPrefix = nil
            return
        }
        guard profile.isMySQLFamily else { throw notSupported("an upsert") }
        if !condition.isAbsent { throw notSupported("a condition on the update of an upsert") }
        if profile.engine == .mysql, hasValues, profile.version >= 8_000_019 {
            write(" as ")
            try write(identifier: "excluded")
            excludedPrefix = "excluded"
        } else {
            excludedPrefix = "values()"
        }
        write(" on duplicate key update ")
        if assignments.children.isEmpty {
            // INSERT IGNORE would hide other errors too.
            guard let column = target.children.first ?? columns.children.first else { throw Self.malformed }
            try renderUnqualified(column)
            write(" = ")
            try render(column)
        } else {
            try renderAssignments(assignments)
        }
        excludedPrefix = nil
    }

    /// Where there is neither `ON CONFLICT` nor `ON DUPLICATE KEY`.
    private mutating func renderUpsertAsMerge(_ parts: [QueryNode]) throws(DatabaseError) {
        let (table, columns, body, upsert) = (parts[1], parts[2], parts[3], parts[4])
        guard parts[5].isAbsent else { throw notSupported("RETURNING of an upsert") }
        guard case .values = body.kind else { throw notSupported("an upsert of a query's rows") }
        let names = columns.children.compactMap { column -> String? in
            if case .column(_, let name) = column.kind { name } else { nil }
        }
        let keys = upsert.children[0].children.compactMap { column -> String? in
            if case .column(_, let name) = column.kind { name } else { nil }
        }
        guard !keys.isEmpty else { throw notSupported("an upsert without the columns of its key") }
        guard case .table(let path, let alias) = table.kind else { throw Self.malformed }
        write("merge into ")
        if profile.engine == .sqlserver {
            try write(identifier: path)
            // Without it, two at the same time would both insert.
            write(" with (holdlock)")
            if let alias { try renderAlias(alias) }
        } else {
            try renderSource(table)
        }
        write(" using (")
        try render(QueryNode(.values, body.children), outputNames: names)
        write(")")
        try renderAlias("excluded")
        write(" on (")
        for (index, key) in keys.enumerated() {
            if index > 0 { write(" and ") }
            try write(identifier: [alias ?? path.last ?? "", key])
            write(" = ")
            try write(identifier: ["excluded", key])
        }
        write(")")
        excludedPrefix = "excluded"
        if !upsert.children[1].children.isEmpty {
            write(" when matched")
            if !upsert.children[2].isAbsent, profile.engine != .oracle {
                write(" and ")
                try render(upsert.children[2])
            }
            write(" then update set ")
            try renderAssignments(upsert.children[1], qualified: true)
            if !upsert.children[2].isAbsent, profile.engine == .oracle {
                write(" where ")
                try render(upsert.children[2])
            }
        }
        excludedPrefix = nil
        write(" when not matched then insert")
        try writeColumnNames(names)
        write(" values (")
        for (index, name) in names.enumerated() {
            if index > 0 { write(", ") }
            try write(identifier: ["excluded", name])
        }
        write(profile.engine == .sqlserver ? ");" : ")")
    }
}
