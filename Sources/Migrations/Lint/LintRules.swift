import Roost

/// What one statement does to those who use the table meanwhile (PostgreSQL documentation, "ALTER TABLE" and "Explicit Locking";
/// MySQL manual, "Online DDL Operations").
struct LintRules {
    typealias Found = (code: String, severity: LintFinding.Severity, message: String, saferForm: String?)

    let tokens: StatementTokens
    let dialect: Dialect
    /// Tables that the same revision made: nobody uses them yet.
    let fresh: Set<String>

    private var isMySQL: Bool { dialect.name == "mysql" || dialect.name == "mariadb" }
    private var isPostgreSQL: Bool { dialect.name == "postgresql" }

    func found() -> [Found] {
        let shape = DefinitionShape(tokens)
        if let table = shape.table, fresh.contains(table), shape.verb != .createTable { return [] }
        switch tokens.word(0) {
        case "drop": return dropping(shape)
        case "truncate", "delete":
            guard let loss = loss else { return [] }
            return [("DS103", .warning, "The statement \(loss).", "Say which rows with where, and keep a copy.")]
        case "create": return creating(shape)
        case "alter" where tokens.word(1) == "table": return altering(shape.table ?? "?")
        case "rename": return [renamedTable]
        case "vacuum" where tokens.contains("full"), "cluster":
            return [
                ("LK106", .warning, "The table is rewritten under an exclusive lock.", "A plain vacuum, or pg_repack.")
            ]
        case "lock":
            return [("LK106", .warning, "The statement locks others out.", "Let statements take the locks they need.")]
        case "reindex" where !tokens.contains("concurrently"):
            return [("LK106", .warning, "Writers wait while the index is rebuilt.", "reindex … concurrently")]
        case "refresh" where !tokens.contains("concurrently"):
            return [
                (
                    "LK106", .warning, "Readers wait while the view is refreshed.",
                    "refresh materialized view concurrently"
                )
            ]
        default: return []
        }
    }

    private var loss: String? { DataLoss(tokens)?.description }

    private var renamedTable: Found {
        (
            "BC101", .warning, "The table is renamed: code that runs still uses the old name.",
            "Rename, and make a view of the old name until no code uses it."
        )
    }

    private func dropping(_ shape: DefinitionShape) -> [Found] {
        if shape.verb == .dropIndex {
            guard isPostgreSQL, !tokens.contains("concurrently") else { return [] }
            return [
                (
                    "LK105", .warning, "Everyone waits until all who read the table are done.",
                    "drop index concurrently, in a revision with -- transactional: no"
                )
            ]
        }
        guard let loss else { return [] }
        return [
            (
                "DS101", .warning, "The statement \(loss): its data is gone for good.",
                "Rename it first, drop it when nobody misses it."
            )
        ]
    }

    private func creating(_ shape: DefinitionShape) -> [Found] {
        guard shape.verb == .createIndex else { return [] }
        var found: [Found] = []
        if tokens.word(1) == "unique" {
            found.append(
                (
                    "DD103", .warning, "Building the unique index fails on duplicates that are there.",
                    "Look for duplicates first."
                )
            )
        }
        if isPostgreSQL, !tokens.contains("concurrently") {
            found.append(
                (
                    "LK101", .warning, "Writers wait while the index is built.",
                    "create index concurrently, in a revision with -- transactional: no"
                )
            )
        }
        return found
    }

    // MARK: ALTER TABLE

    private func altering(_ table: String) -> [Found] {
        var found: [Found] = []
        if let loss, loss.contains("column") {
            found.append(
                (
                    "DS102", .warning,
                    "The statement \(loss): its data is gone for good, and code that runs may still use it.",
                    "Take it out of the code first, drop it in a later release."
                )
            )
        }
        for action in tokens.tableActions() { found += judge(action, table) }
        if isMySQL, !tokens.contains("algorithm"), MySQLLocks.bound(tokens) == nil {
            found.append(
                (
                    "LK107", .note, "Where the server cannot change the table in place it copies it, and writers wait.",
                    "Add algorithm=instant, or algorithm=inplace, lock=none: it fails at once where it would copy."
                )
            )
        }
        return found
    }

    private func judge(_ action: StatementTokens, _ table: String) -> [Found] {
        switch action.word(0) {
        case "rename":
            if ["constraint", "index", "key"].contains(action.word(1)) { return [] }
            let isColumn =
                action.word(1) == "column" || (!["to", "as"].contains(action.word(1)) && action.contains("to"))
            guard isColumn else { return [renamedTable] }
            return [
                (
                    "BC102", .warning, "The column is renamed: code that runs still uses the old name.",
                    "Add the new one, write both, fill it, then drop the old one."
                )
            ]
        case "add": return adding(action, table)
        case "alter": return alteringColumn(action, table)
        case "modify", "change":
            // Where others are let in, or the catalogue alone may change, nobody waits.
            let isBeside = MySQLLocks.bound(tokens).map { $0 <= .inplaceRebuild } ?? false
            var found: [Found] = isBeside ? [] : [rewrite(table)]
            if action.word(0) == "change" {
                var place = action.word(1) == "column" ? 2 : 1
                let (old, new) = (action.name(&place), action.name(&place))
                if old != new {
                    found.append(
                        ("BC102", .warning, "The column is renamed: code that runs still uses the old name.", nil)
                    )
                }
            }
            return found
        case "set" where isPostgreSQL && ["tablespace", "logged", "unlogged"].contains(action.word(1)):
            return [rewrite(table)]
        default: return []
        }
    }

    private func rewrite(_ table: String) -> Found {
        (
            "LK104", .warning, "\(table) may be rewritten whole while everyone waits.",
            "Add a column of the new type, fill it in portions, then change over."
        )
    }

    private static let constraintWords: Set<String> = [
        "constraint", "check", "foreign", "unique", "primary", "exclude",
    ]

    private func adding(_ action: StatementTokens, _ table: String) -> [Found] {
        if Self.constraintWords.contains(action.word(1)) { return addingConstraint(action) }
        guard !["index", "key", "fulltext", "spatial", "partition"].contains(action.word(1)) else { return [] }
        var found: [Found] = []
        let hasDefault = action.contains("default") || action.contains("generated") || action.contains("auto_increment")
        let isSerial = ["serial", "bigserial", "smallserial"].contains { action.contains($0) }
        // MySQL fills such a column with zeros and empty texts.
        if action.contains("not", "null"), !hasDefault, !isSerial, !isMySQL {
            found.append(
                (
                    "DD101", .error, "Adding a NOT NULL column without default fails when the table has rows.",
                    "Give it a default; or add it, fill it in portions, and set NOT NULL then."
                )
            )
        }
        let volatile = ["random", "clock_timestamp", "gen_random_uuid", "uuid_generate_v4", "nextval", "timeofday"]
        if isPostgreSQL, isSerial || action.contains("stored") || volatile.contains(where: { action.contains($0) }) {
            found.append(rewrite(table))
        }
        return found
    }

    private func addingConstraint(_ action: StatementTokens) -> [Found] {
        let isKey = action.contains("unique") || action.contains("primary", "key")
        if isKey {
            guard !action.contains("using", "index") else { return [] }
            var found: [Found] = [
                ("DD103", .warning, "The constraint fails on duplicates that are there.", "Look for duplicates first.")
            ]
            if isPostgreSQL {
                found.append(
                    (
                        "LK101", .warning, "Everyone waits while the index of the constraint is built.",
                        "create unique index concurrently first, then add constraint … using index"
                    )
                )
            }
            return found
        }
        guard isPostgreSQL, action.contains("check") || action.contains("foreign", "key"),
            !action.contains("not", "valid")
        else { return [] }
        return [
            (
                "LK102", .warning, "All rows are checked while writers wait.",
                "add constraint … not valid; then, in another revision, validate constraint"
            )
        ]
    }

    private func alteringColumn(_ action: StatementTokens, _ table: String) -> [Found] {
        if action.contains("set", "not", "null") {
            var found: [Found] = [
                ("DD102", .warning, "Setting NOT NULL fails when a row has no value.", "Fill the rows first.")
            ]
            if isPostgreSQL {
                found.append(
                    (
                        "LK103", .warning, "The whole table is read while everyone waits.",
                        "add constraint … check (… is not null) not valid; validate constraint; then set not null, which needs no reading"
                    )
                )
            }
            return found
        }
        if action.contains("type"), isPostgreSQL { return [rewrite(table)] }
        return []
    }
}
