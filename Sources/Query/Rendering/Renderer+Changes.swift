import Roost

extension Renderer {
    mutating func renderDefault() throws(DatabaseError) {
        if profile.engine == .sqlite { throw notSupported("DEFAULT as a value", hint: "Leave the column out.") }
        write("default")
    }

    mutating func renderExcluded(_ name: String) throws(DatabaseError) {
        if excludedPrefix == "values()" {
            write("values(")
            try write(identifier: name)
            return write(")")
        }
        guard let excludedPrefix else {
            throw DatabaseError(.programming, .invalidStatement, "excluded is there only inside an upsert.")
        }
        try write(identifier: [excludedPrefix, name])
    }

    mutating func renderChange(_ node: QueryNode) throws(DatabaseError) {
        switch node.kind {
        case .insert(let options): try renderInsert(options, node.children)
        case .update: try renderUpdate(node.children)
        case .delete: try renderDelete(node.children)
        case .merge: try renderMerge(node.children)
        case .truncate(let restart, let cascade):
            if restart || cascade { try require(.truncateOptions) }
            if profile.engine == .sqlite {
                write("delete from ")
                try renderSource(node.children[0])
            } else {
                write("truncate table ")
                try renderSource(node.children[0])
                if restart { write(" restart identity") }
                if cascade { write(" cascade") }
                if profile.engine == .db2 { write(" immediate") }
            }
        default: throw Self.malformed
        }
    }

    // MARK: INSERT

    private mutating func renderInsert(_ options: InsertOptions, _ parts: [QueryNode]) throws(DatabaseError) {
        let (tables, table, columns, body, upsert, returning) =
            (parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
        if !upsert.isAbsent, profile.isOne(of: .sqlserver, .oracle, .db2) {
            return try renderUpsertAsMerge(parts)
        }
        if !returning.isAbsent { try require(.returning) }
        if !profile.isMySQLFamily { try renderCommonTables(tables) }
        write("insert into ")
        try renderSource(table)
        if !columns.children.isEmpty {
            write(" (")
            try renderUnqualified(columns)
            write(")")
        }
        if !returning.isAbsent, profile.engine == .sqlserver { try renderOutput(returning, "inserted") }
        write(" ")
        if options.isDefault {
            write(profile.isMySQLFamily ? "() values ()" : "default values")
        } else if case .values = body.kind {
            isStoring = true
            write("values ")
            try write(list: body.children)
            isStoring = false
        } else {
            if profile.isMySQLFamily { try renderCommonTables(tables) }
            try render(body)
            // SQLite would take ON for a join's.
            if !upsert.isAbsent, profile.engine == .sqlite, case .select = body.kind,
                body.children[SelectPart.condition.rawValue].isAbsent
            {
                write(" where true")
            }
        }
        if !upsert.isAbsent { try renderUpsert(upsert, columns, table, hasValues: body.kind == .values) }
        try renderReturning(returning)
    }

    private mutating func renderUnqualified(_ node: QueryNode) throws(DatabaseError) {
        let before = isUnqualified
        isUnqualified = true
        try render(node)
        isUnqualified = before
    }

    mutating func renderReturning(_ returning: QueryNode) throws(DatabaseError) {
        guard !returning.isAbsent, profile.engine != .sqlserver else { return }
        write(" returning ")
        let before = isUnqualified
        isUnqualified = true
        try renderColumns(returning.children)
        isUnqualified = before
    }

    private mutating func renderOutput(_ returning: QueryNode, _ source: String) throws(DatabaseError) {
        write(" output ")
        for (index, column) in returning.children.enumerated() {
            if index > 0 { write(", ") }
            write(source + ".")
            try renderUnqualified(column)
        }
    }

    private mutating func renderUpsert(
        _ upsert: QueryNode,
        _ columns: QueryNode,
        _ table: QueryNode,
        hasValues: Bool
    ) throws(DatabaseError) {
        let (target, assignments, condition) = (upsert.children[0], upsert.children[1], upsert.children[2])
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
        if profile.engine == .mysql, hasValues, profile.version >= 8_019 {
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
            if case .column(let source?, let name) = column.kind, case .table(let path, let alias) = table.kind {
                try write(identifier: [alias ?? path.last ?? source, name])
            } else {
                try render(column)
            }
        } else {
            try renderAssignments(assignments)
        }
        excludedPrefix = nil
    }

    mutating func renderAssignments(_ assignments: QueryNode, qualified: Bool = false) throws(DatabaseError) {
        for (index, assignment) in assignments.children.enumerated() {
            if index > 0 { write(", ") }
            if qualified { try render(assignment.children[0]) } else { try renderUnqualified(assignment.children[0]) }
            write(" = ")
            let value = assignment.children[1]
            if case .literal = value.kind {
                isStoring = true
                try render(value)
                isStoring = false
            } else {
                try render(value)
            }
        }
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
        try renderSource(table)
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

    // MARK: UPDATE and DELETE

    private mutating func renderUpdate(_ parts: [QueryNode]) throws(DatabaseError) {
        let (tables, table, assignments, from, condition, returning) =
            (parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
        if !returning.isAbsent { try require(.updateReturning) }
        if !from.isAbsent { try require(.updateFrom, hint: "Use MERGE, or a subquery as the value.") }
        if !tables.isAbsent { try require(.commonTableChanges) }
        try renderCommonTables(tables)
        write("update ")
        let isJoin = profile.isMySQLFamily && !from.isAbsent
        if profile.engine == .sqlserver, case .table(let path, let alias) = table.kind {
            try write(identifier: alias.map { [$0] } ?? path)
        } else {
            try renderSource(table)
        }
        if isJoin {
            write(" cross join ")
            try renderSource(from)
        }
        write(" set ")
        try renderAssignments(assignments, qualified: isJoin)
        if profile.engine == .sqlserver {
            if !returning.isAbsent { try renderOutput(returning, "inserted") }
            write(" from ")
            try renderSource(table)
            if !from.isAbsent { write(" cross join ") }
        } else if !from.isAbsent, !isJoin {
            write(" from ")
        }
        if !from.isAbsent, !isJoin { try renderSource(from) }
        try renderWhere(condition)
        try renderReturning(returning)
    }

    private mutating func renderWhere(_ condition: QueryNode) throws(DatabaseError) {
        guard !condition.isAbsent else { return }
        write(" where ")
        try render(condition)
    }

    private mutating func renderDelete(_ parts: [QueryNode]) throws(DatabaseError) {
        let (tables, table, using, condition, returning) = (parts[0], parts[1], parts[2], parts[3], parts[4])
        if !returning.isAbsent { try require(.deleteReturning) }
        if !tables.isAbsent { try require(.commonTableChanges) }
        try renderCommonTables(tables)
        guard case .table(let path, let alias) = table.kind else { throw Self.malformed }
        switch profile.engine {
        case .mysql, .mariadb, .sqlserver:
            if using.isAbsent, alias == nil {
                write("delete from ")
                try renderSource(table)
            } else {
                write("delete ")
                try write(identifier: alias.map { [$0] } ?? path)
                if profile.engine == .sqlserver, !returning.isAbsent { try renderOutput(returning, "deleted") }
                write(" from ")
                try renderSource(table)
                if !using.isAbsent {
                    write(" cross join ")
                    try renderSource(using)
                }
            }
            if profile.engine == .sqlserver, !returning.isAbsent, using.isAbsent, alias == nil {
                try renderOutput(returning, "deleted")
            }
            try renderWhere(condition)
        case .postgresql:
            write("delete from ")
            try renderSource(table)
            if !using.isAbsent {
                write(" using ")
                try renderSource(using)
            }
            try renderWhere(condition)
        default:
            write("delete from ")
            try renderSource(table)
            if using.isAbsent {
                try renderWhere(condition)
            } else {
                // No USING: the rows for which a row of the other source fulfils the condition.
                write(" where exists (select 1 from ")
                try renderSource(using)
                try renderWhere(condition)
                write(")")
            }
        }
        try renderReturning(returning)
    }

    // MARK: MERGE

    private mutating func renderMerge(_ parts: [QueryNode]) throws(DatabaseError) {
        try require(.merge, hint: "Use an upsert, or an update and an insert in one transaction.")
        write("merge into ")
        try renderSource(parts[0])
        write(" using ")
        try renderSource(parts[1])
        write(" on (")
        try render(parts[2])
        write(")")
        for clause in parts[3].children {
            guard case .mergeWhen(let match, let action) = clause.kind else { throw Self.malformed }
            write(match == .matched ? " when matched" : " when not matched")
            if !clause.children[0].isAbsent {
                if profile.engine == .oracle { throw notSupported("conditions in MERGE") }
                write(" and ")
                try render(clause.children[0])
            }
            write(" then ")
            switch action {
            case .update:
                write("update set ")
                try renderAssignments(clause.children[1], qualified: profile.engine == .oracle)
            case .delete: write("delete")
            case .nothing:
                if profile.engine != .postgresql { throw notSupported("DO NOTHING in MERGE") }
                write("do nothing")
            case .insert:
                write("insert (")
                for (index, assignment) in clause.children[1].children.enumerated() {
                    if index > 0 { write(", ") }
                    try renderUnqualified(assignment.children[0])
                }
                write(") values (")
                for (index, assignment) in clause.children[1].children.enumerated() {
                    if index > 0 { write(", ") }
                    try render(assignment.children[1])
                }
                write(")")
            }
        }
    }
}
