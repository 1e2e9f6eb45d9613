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
            guard case .table(let path, _) = node.children[0].kind else { throw Self.malformed }
            if profile.engine == .sqlite {
                write("delete from ")
                try write(identifier: path)
            } else {
                write("truncate table ")
                try write(identifier: path)
                if restart { write(" restart identity") }
                if cascade { write(" cascade") }
                if profile.engine == .db2 { write(" immediate") }
            }
        default: throw Self.malformed
        }
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
            if !returning.isAbsent { try renderOutput(returning, "inserted", of: table) }
            write(" from ")
            try renderSource(table)
            if !from.isAbsent { write(" cross join ") }
        } else if !from.isAbsent, !isJoin {
            write(" from ")
        }
        if !from.isAbsent, !isJoin { try renderSource(from) }
        try renderWhere(condition)
        try renderReturning(returning, of: table)
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
        if profile.engine == .mariadb, !returning.isAbsent, !using.isAbsent || alias != nil {
            throw notSupported("RETURNING of a DELETE with USING or with another name for its table")
        }
        switch profile.engine {
        case .mysql, .mariadb, .sqlserver:
            if using.isAbsent, alias == nil {
                write("delete from ")
                try renderSource(table)
            } else {
                write("delete ")
                try write(identifier: alias.map { [$0] } ?? path)
                if profile.engine == .sqlserver, !returning.isAbsent {
                    try renderOutput(returning, "deleted", of: table)
                }
                write(" from ")
                try renderSource(table)
                if !using.isAbsent {
                    write(" cross join ")
                    try renderSource(using)
                }
            }
            if profile.engine == .sqlserver, !returning.isAbsent, using.isAbsent, alias == nil {
                try renderOutput(returning, "deleted", of: table)
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
        try renderReturning(returning, of: table)
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
            case .delete:
                if profile.engine == .oracle { throw notSupported("DELETE in MERGE") }
                write("delete")
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
