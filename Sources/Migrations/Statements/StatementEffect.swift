import Roost

/// What kind of statement it is for running it: whether it can share a transaction, and how a crash in the middle is judged.
struct StatementEffect: Sendable, Hashable {
    /// An object that a statement makes, changes or removes.
    struct Object: Sendable, Hashable {
        /// `table`, `view`, `trigger`, `procedure`, `function`, `event`, …
        var kind: String
        var name: [String]
    }

    /// How a run that died while the statement ran finds out whether it took effect.
    enum Recovery: Sendable, Hashable {
        /// It shares a transaction with the record of it: whatever is recorded is so.
        case atomic
        /// Running it again does no harm.
        case repeatable
        /// The definitions of these objects tell.
        case definitions([Object])
        /// The catalogue knows the index, and whether it is valid (PostgreSQL `CREATE INDEX CONCURRENTLY`).
        case concurrentIndex(name: [String], table: [String])
        /// Nobody can tell but a person.
        case undecidable
    }

    var recovery: Recovery
    /// Whether the engine refuses it inside a transaction, or ends the transaction for it.
    var leavesTransaction: Bool
    /// Whether it begins or ends a transaction itself.
    var controlsTransaction = false
    /// Whether it changes the session only, and has to be repeated in a new one.
    var isSessionSetting = false

    private static let atomic = StatementEffect(recovery: .atomic, leavesTransaction: false)
    private static let repeatable = StatementEffect(recovery: .repeatable, leavesTransaction: true)

    init(recovery: Recovery, leavesTransaction: Bool) {
        self.recovery = recovery
        self.leavesTransaction = leavesTransaction
    }

    init(_ text: String, dialect: Dialect) {
        let tokens = StatementTokens(text, dialect: dialect)
        switch dialect.name {
        case "mysql", "mariadb": self = Self.mysql(tokens)
        case "postgresql": self = Self.postgresql(tokens)
        case "sqlite": self = Self.sqlite(tokens)
        default: self = Self.atomic
        }
        controlsTransaction = Self.controlsTransaction(tokens)
        isSessionSetting = ["set", "use", "pragma"].contains(tokens.word(0)) && !tokens.has("set", "global")
    }

    private static func controlsTransaction(_ tokens: StatementTokens) -> Bool {
        switch tokens.word(0) {
        case "begin", "commit", "abort", "end": true
        case "start": tokens.word(1) == "transaction"
        case "rollback": !tokens.contains("to")
        case "prepare": tokens.word(1) == "transaction"
        default: false
        }
    }

    // MARK: SQLite

    private static func sqlite(_ tokens: StatementTokens) -> StatementEffect {
        switch tokens.word(0) {
        // SQLite's documentation, "PRAGMA Statements": these work inside a transaction, and a run that is taken up says them again.
        case "pragma" where ["legacy_alter_table", "defer_foreign_keys"].contains(tokens.word(1)): atomic
        case "vacuum", "pragma": repeatable
        case "attach", "detach": StatementEffect(recovery: .undecidable, leavesTransaction: true)
        default: atomic
        }
    }

    // MARK: PostgreSQL (documentation, "SQL Commands": those that cannot be executed inside a transaction block)

    private static func postgresql(_ tokens: StatementTokens) -> StatementEffect {
        switch tokens.word(0) {
        case "vacuum", "checkpoint", "load": return repeatable
        case "cluster": return tokens.count <= 2 ? repeatable : atomic
        case "reindex":
            let isWhole = ["database", "system", "schema"].contains { tokens.contains($0) }
            return isWhole || tokens.contains("concurrently") ? repeatable : atomic
        case "create": return creating(tokens)
        case "drop":
            if tokens.has("index", "concurrently", at: 1) {
                var index = 3
                tokens.skipExistence(&index)
                guard let name = tokens.name(&index) else { break }
                return StatementEffect(
                    recovery: .definitions([Object(kind: "index", name: name)]),
                    leavesTransaction: true
                )
            }
            if ["database", "tablespace", "subscription"].contains(tokens.word(1)) {
                return StatementEffect(recovery: .undecidable, leavesTransaction: true)
            }
        case "alter":
            if tokens.has("system", at: 1) { return repeatable }
            if tokens.contains("detach", "partition"), tokens.contains("concurrently") {
                return StatementEffect(recovery: .undecidable, leavesTransaction: true)
            }
            if tokens.has("database", at: 1), tokens.contains("tablespace") { return repeatable }
        case "call":
            // A procedure may commit by itself when no transaction is open around it; inside one it cannot.
            return atomic
        default: break
        }
        return atomic
    }

    private static func creating(_ tokens: StatementTokens) -> StatementEffect {
        if ["database", "tablespace", "subscription"].contains(tokens.word(1)) {
            return StatementEffect(recovery: .undecidable, leavesTransaction: true)
        }
        var index = tokens.word(1) == "unique" ? 2 : 1
        guard tokens.has("index", "concurrently", at: index) else { return atomic }
        index += 2
        tokens.skipExistence(&index)
        // Without a name `on` follows at once.
        if tokens.word(index) != "on", let name = tokens.name(&index), tokens.word(index) == "on" {
            index += tokens.word(index + 1) == "only" ? 2 : 1
            let table = tokens.name(&index) ?? []
            return StatementEffect(recovery: .concurrentIndex(name: name, table: table), leavesTransaction: true)
        }
        return StatementEffect(recovery: .undecidable, leavesTransaction: true)
    }

    // MARK: MySQL and MariaDB (manual, "Statements That Cause an Implicit Commit")

    private static func mysql(_ tokens: StatementTokens) -> StatementEffect {
        switch tokens.word(0) {
        case "select", "insert", "update", "delete", "replace", "with", "values", "table", "do", "call", "load", "show",
            "explain", "describe", "desc", "handler", "":
            return atomic
        case "set", "use": return repeatable
        case "analyze", "optimize", "check", "checksum", "repair", "flush", "grant", "revoke", "truncate", "cache",
            "reset":
            return repeatable
        case "create", "alter", "drop", "rename":
            let objects = objects(tokens)
            guard !objects.isEmpty else { return StatementEffect(recovery: .undecidable, leavesTransaction: true) }
            return StatementEffect(recovery: .definitions(objects), leavesTransaction: true)
        default:
            return StatementEffect(recovery: .undecidable, leavesTransaction: true)
        }
    }

    private static let mysqlKinds: Set<String> = ["table", "view", "trigger", "procedure", "function", "event"]

    private static func objects(_ tokens: StatementTokens) -> [Object] {
        if tokens.has("rename", "table") || tokens.has("rename", "tables") {
            var objects: [Object] = []
            var index = 2
            while let old = tokens.name(&index) {
                objects.append(Object(kind: "table", name: old))
                if tokens.word(index) == "to" { index += 1 }
                if let new = tokens.name(&index) { objects.append(Object(kind: "table", name: new)) }
                if tokens.key(index) == "," { index += 1 }
            }
            return objects
        }
        if let on = indexTable(tokens) { return [Object(kind: "table", name: on)] }
        // `create or replace definer = … sql security … view`: the kind is the first of these words.
        guard let start = (1..<min(tokens.count, 16)).first(where: { mysqlKinds.contains(tokens.word($0)) }) else {
            return []
        }
        let kind = tokens.word(start)
        var index = start + 1
        tokens.skipExistence(&index)
        guard let name = tokens.name(&index) else { return [] }
        var objects = [Object(kind: kind, name: name)]
        if tokens.word(0) == "drop" {
            while tokens.key(index) == "," {
                index += 1
                guard let next = tokens.name(&index) else { break }
                objects.append(Object(kind: kind, name: next))
            }
        } else if tokens.word(0) == "alter", kind == "table" {
            objects += renames(tokens, from: index)
        }
        return objects
    }

    /// `create [unique] index i on t`, `drop index i on t`
    private static func indexTable(_ tokens: StatementTokens) -> [String]? {
        guard ["create", "drop"].contains(tokens.word(0)),
            let index = (1..<min(tokens.count, 4)).first(where: { tokens.word($0) == "index" }),
            let on = tokens.firstIndex(of: ["on"], from: index + 1)
        else { return nil }
        var place = on + 1
        return tokens.name(&place)
    }

    /// `alter table a …, rename [to] b`
    private static func renames(_ tokens: StatementTokens, from start: Int) -> [Object] {
        var objects: [Object] = []
        var index = start
        while let found = tokens.firstIndex(of: ["rename"], from: index) {
            index = found + 1
            guard !["column", "index", "key"].contains(tokens.word(index)) else { continue }
            if ["to", "as"].contains(tokens.word(index)) { index += 1 }
            if let name = tokens.name(&index) { objects.append(Object(kind: "table", name: name)) }
        }
        return objects
    }
}
