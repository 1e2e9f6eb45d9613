import Roost

extension Renderer {
    mutating func renderCreateIndex<T>(
        _ index: IndexDefinition<T>,
        ifNotExists: Bool,
        concurrently: Bool
    ) throws(DatabaseError) {
        if ifNotExists { try require(.indexIfNotExists) }
        if concurrently, profile.isOne(of: .sqlite, .db2) { throw notSupported("CREATE INDEX beside writers") }
        guard !index.terms.isEmpty else {
            throw DatabaseError(.programming, .invalidStatement, "An index has at least one column.")
        }
        write("create ")
        if index.isUnique { write("unique ") }
        if let method = index.method {
            try require(.indexMethods)
            if method.isKind {
                guard profile.isMySQLFamily, !index.isUnique else {
                    throw notSupported("\(method.name.uppercased()) indexes")
                }
                try writeWord(method.name)
                write(" ")
            }
        }
        write("index ")
        if concurrently, profile.engine == .postgresql { write("concurrently ") }
        if ifNotExists { write("if not exists ") }
        // PostgreSQL takes no schema here; in SQLite and the others the index is where its name says.
        let path = T.qualifiedName
        let isInSchema = profile.isOne(of: .sqlite, .oracle, .db2)
        try write(identifier: isInSchema ? path.dropLast() + [index.name] : [index.name])
        write(" on ")
        try write(identifier: profile.engine == .sqlite ? path.suffix(1) + [] : path)
        if let method = index.method, !method.isKind, profile.engine == .postgresql {
            write(" using ")
            try writeWord(method.name)
        }
        write(" (")
        for (position, term) in index.terms.enumerated() {
            if position > 0 { write(", ") }
            try renderIndexTerm(term)
        }
        write(")")
        if let method = index.method, !method.isKind, profile.isMySQLFamily {
            guard method == .btree || method == .hash else { throw notSupported("\(method.name) indexes") }
            write(" using \(method.name)")
        }
        try renderIndexOptions(index)
        guard concurrently else { return }
        switch profile.engine {
        case .mysql, .mariadb: write(" algorithm = inplace lock = none")
        case .oracle: write(" online")
        case .sqlserver: write(" with (online = on)")
        default: break
        }
    }

    private mutating func renderIndexOptions<T>(_ index: IndexDefinition<T>) throws(DatabaseError) {
        if !index.included.isEmpty {
            if profile.engine != .db2 || !index.isUnique {
                try require(.coveringIndexes, hint: "Put the columns at the end of its key.")
            }
            write(" include")
            try writeColumnNames(index.included)
        }
        if index.nullsNotDistinct {
            try require(.nullsNotDistinct)
            if profile.engine == .postgresql { write(" nulls not distinct") }
        }
        if let condition = index.condition {
            try require(.partialIndexes)
            write(" where ")
            try renderUnqualified(condition)
        }
    }

    private mutating func renderIndexTerm(_ term: QueryNode) throws(DatabaseError) {
        var term = term
        var end = ""
        if case .order(let descending, let nulls) = term.kind {
            if descending { end += " desc" }
            if let nulls {
                guard profile.engine == .postgresql else { throw notSupported("NULLS FIRST and NULLS LAST in indexes") }
                end += " nulls \(nulls.rawValue)"
            }
            term = term.children[0]
        }
        switch term.kind {
        case .column: try renderUnqualified(term)
        case .collate where profile.isOne(of: .sqlite, .postgresql) && term.children[0].kind.isColumn:
            try renderUnqualified(term)
        default:
            try require(.expressionIndexes, hint: "Index a generated column.")
            // A function's call needs no parentheses of its own anywhere but in MySQL and PostgreSQL, and is no worse for them.
            let isBare = profile.isOne(of: .oracle, .db2)
            if !isBare { write("(") }
            try renderUnqualified(term)
            if !isBare { write(")") }
        }
        write(end)
    }
}

extension NodeKind {
    fileprivate var isColumn: Bool { if case .column = self { true } else { false } }
}
