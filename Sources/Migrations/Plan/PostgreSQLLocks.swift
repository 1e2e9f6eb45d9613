/// The table locks of PostgreSQL's statements (documentation, "Explicit Locking", and under each command). What was seen on servers:
/// `pg_locks` inside the transaction, `relfilenode` for rewrites, `pg_stat_get_xact_numscans` for reads of the whole table.
struct PostgreSQLLocks {
    typealias Lock = StatementImpact.TableLock

    private let tokens: StatementTokens

    init(_ tokens: StatementTokens) { self.tokens = tokens }

    /// The modes, from the weakest.
    private enum Mode: String, Comparable, CaseIterable {
        case accessShare = "ACCESS SHARE"
        case rowShare = "ROW SHARE"
        case rowExclusive = "ROW EXCLUSIVE"
        case shareUpdateExclusive = "SHARE UPDATE EXCLUSIVE"
        case share = "SHARE"
        case shareRowExclusive = "SHARE ROW EXCLUSIVE"
        case exclusive = "EXCLUSIVE"
        case accessExclusive = "ACCESS EXCLUSIVE"

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
        static func < (left: Mode, right: Mode) -> Bool { left.rank < right.rank }

        var blocking: StatementImpact.Blocking {
            self == .accessExclusive ? .everyone : self >= .share ? .writers : .nobody
        }
    }

    private func lock(_ table: [String], _ mode: Mode, _ work: StatementImpact.Work, isAtMost: Bool = false) -> Lock {
        Lock(
            table: table.joined(separator: "."),
            mode: mode.rawValue,
            blocking: mode.blocking,
            work: work,
            isAtMost: isAtMost
        )
    }

    private func name(at start: Int) -> [String] { tokens.list(from: start).first ?? ["?"] }

    func locks() -> [Lock] {
        switch tokens.word(0) {
        case "create": return creating()
        case "drop": return dropping()
        case "alter": return tokens.word(1) == "table" ? alteringTable() : altering()
        case "truncate":
            return tokens.list(from: tokens.word(1) == "table" ? 2 : 1).map { lock($0, .accessExclusive, .instant) }
        case "insert", "update", "delete", "merge": return writing()
        case "lock": return locking()
        case "vacuum", "analyze", "cluster", "reindex", "refresh": return maintaining()
        case "comment" where tokens.word(1) == "on" && tokens.word(2) == "table":
            return [lock(name(at: 3), .shareUpdateExclusive, .instant)]
        case "comment" where tokens.word(1) == "on" && tokens.word(2) == "column":
            return [lock(name(at: 3).dropLast(), .shareUpdateExclusive, .instant)].filter { $0.table != "" }
        case "copy" where tokens.contains("from"): return [lock(name(at: 1), .rowExclusive, .rows)]
        case "select", "with", "table", "values":
            let mode =
                tokens.contains("for", "update") || tokens.contains("for", "share") ? Mode.rowShare : .accessShare
            return tokens.names(after: ["from", "join"]).map { lock($0, mode, .rows) }
        default: return []
        }
    }

    private func lock(_ table: ArraySlice<String>, _ mode: Mode, _ work: StatementImpact.Work) -> Lock {
        lock(Array(table), mode, work)
    }

    private func writing() -> [Lock] {
        let start = ["into", "from", "only"].contains(tokens.word(1)) ? 2 : 1
        return [lock(name(at: start), .rowExclusive, .rows)]
    }

    private func locking() -> [Lock] {
        let start = tokens.word(1) == "table" ? 2 : 1
        // Without a mode it is the strongest.
        let named = tokens.firstIndex(of: ["in"]).map { place in
            tokens.tokens[(place + 1)...].prefix { $0.key != "mode" }.map { $0.text.uppercased() }.joined(
                separator: " "
            )
        }
        let mode = named.flatMap(Mode.init(rawValue:)) ?? .accessExclusive
        return tokens.list(from: start).map { lock($0, mode, .instant) }
    }

    private func maintaining() -> [Lock] {
        let isConcurrent = tokens.contains("concurrently")
        switch tokens.word(0) {
        case "vacuum" where tokens.contains("full"): return [lock(lastName, .accessExclusive, .rewrite)]
        case "vacuum": return [lock(lastName, .shareUpdateExclusive, .scan)]
        case "analyze": return [lock(lastName, .shareUpdateExclusive, .rows)]
        case "cluster": return [lock(name(at: 1), .accessExclusive, .rewrite)]
        case "refresh":
            return [lock(lastName, isConcurrent ? .exclusive : .accessExclusive, isConcurrent ? .scan : .rewrite)]
        default:
            guard tokens.contains("table") else { return [] }
            return [lock(lastName, isConcurrent ? .shareUpdateExclusive : .share, .scan)]
        }
    }

    /// The name at the end, before `with [no] data`.
    private var lastName: [String] {
        var end = tokens.count
        if let with = tokens.firstIndex(of: ["with"]) { end = with }
        var start = end - 1
        while start >= 2, tokens.key(start - 1) == "." { start -= 2 }
        return start > 0 ? name(at: start) : ["?"]
    }

    private func creating() -> [Lock] {
        let shape = DefinitionShape(tokens)
        switch shape.verb {
        case .createTable:
            // What refers to a table puts triggers on it. The new table is nobody's yet.
            var locks = tokens.names(after: ["references"]).map { lock($0, .shareRowExclusive, .instant) }
            locks += tokens.names(after: ["of"]).map { lock($0, .accessExclusive, .instant) }
            if tokens.contains("as", "select") {
                locks += tokens.names(after: ["from", "join"]).map { lock($0, .accessShare, .rows) }
            }
            return locks
        case .createIndex:
            guard let on = tokens.firstIndex(of: ["on"]) else { return [] }
            return [lock(name(at: on + 1), tokens.contains("concurrently") ? .shareUpdateExclusive : .share, .scan)]
        default: break
        }
        let words = (1..<min(tokens.count, 6)).map(tokens.word)
        if words.contains("view"), words.contains("materialized") {
            return tokens.names(after: ["from", "join"]).map { lock($0, .accessShare, .rows) }
        }
        guard let on = tokens.firstIndex(of: ["on"]) else { return [] }
        if words.contains("trigger") { return [lock(name(at: on + 1), .shareRowExclusive, .instant)] }
        if words.contains("policy") || words.contains("rule") {
            let table = words.contains("rule") ? tokens.names(after: ["to"]).first : name(at: on + 1)
            return [lock(table ?? ["?"], .accessExclusive, .instant)]
        }
        return []
    }

    private func dropping() -> [Lock] {
        switch tokens.word(1) {
        case "table": return tokens.list(from: 2).map { lock($0, .accessExclusive, .instant) }
        case "index":
            let isConcurrent = tokens.word(2) == "concurrently"
            return tokens.list(from: isConcurrent ? 3 : 2).map {
                lock(
                    ["table of " + $0.joined(separator: ".")],
                    isConcurrent ? .shareUpdateExclusive : .accessExclusive,
                    .instant
                )
            }
        case "trigger", "policy", "rule":
            guard let on = tokens.firstIndex(of: ["on"]) else { return [] }
            return [lock(name(at: on + 1), .accessExclusive, .instant)]
        default: return []
        }
    }

    private func altering() -> [Lock] {
        if tokens.word(1) == "view" || tokens.word(1) == "materialized" {
            return [lock(name(at: tokens.word(1) == "view" ? 2 : 3), .accessExclusive, .instant)]
        }
        if tokens.word(1) == "policy" || tokens.word(1) == "trigger", let on = tokens.firstIndex(of: ["on"]) {
            return [lock(name(at: on + 1), .accessExclusive, .instant)]
        }
        return []
    }

    // MARK: ALTER TABLE

    private func alteringTable() -> [Lock] {
        let table = name(at: 2)
        var own = lock(table, .accessShare, .instant)
        var others: [Lock] = []
        var mode = Mode.accessShare
        for action in tokens.tableActions() {
            let (taken, work, isAtMost) = judge(action)
            // The strongest of the parts is taken for all of them.
            mode = max(mode, taken)
            if work > own.work { (own.work, own.isAtMost) = (work, isAtMost) }
            if action.word(0) == "add" {
                others += action.names(after: ["references"]).map { lock($0, .shareRowExclusive, work) }
            }
            if action.has("attach", "partition") || action.has("detach", "partition") {
                let isAttach = action.word(0) == "attach"
                var place = 2
                if let part = action.name(&place) {
                    others.append(lock(part, .accessExclusive, isAttach ? .scan : .instant, isAtMost: isAttach))
                }
            }
        }
        (own.mode, own.blocking) = (mode.rawValue, mode.blocking)
        return [own] + others.filter { $0.table != own.table }
    }

    private static let constraints: Set<String> = ["constraint", "check", "foreign", "unique", "primary", "exclude"]
    private static let volatileFunctions = [
        "random", "clock_timestamp", "gen_random_uuid", "uuid_generate_v4", "nextval", "timeofday", "uuidv7",
    ]

    private func judge(_ action: StatementTokens) -> (Mode, StatementImpact.Work, isAtMost: Bool) {
        switch action.word(0) {
        case "add" where Self.constraints.contains(action.word(1)):
            let mode = action.contains("foreign", "key") ? Mode.shareRowExclusive : .accessExclusive
            let isInstant = action.contains("not", "valid") || action.contains("using", "index")
            return (mode, isInstant ? .instant : .scan, false)
        case "add": return (.accessExclusive, addingColumn(action), false)
        case "alter": return alteringColumn(action)
        case "validate": return (.shareUpdateExclusive, .scan, false)
        case "rename" where action.word(1) == "constraint": return (.accessExclusive, .instant, false)
        case "attach": return (.shareUpdateExclusive, .instant, false)
        case "detach":
            return (action.contains("concurrently") ? .shareUpdateExclusive : .accessExclusive, .instant, false)
        case "enable" where action.contains("trigger"), "disable" where action.contains("trigger"):
            return (.shareRowExclusive, .instant, false)
        case "set":
            switch action.word(1) {
            case "tablespace", "logged", "unlogged", "access": return (.accessExclusive, .rewrite, true)
            case "without": return (.shareUpdateExclusive, .instant, false)
            default: return (action.key(1) == "(" ? .shareUpdateExclusive : .accessExclusive, .instant, false)
            }
        case "reset", "cluster": return (.shareUpdateExclusive, .instant, false)
        default: return (.accessExclusive, .instant, false)
        }
    }

    private func addingColumn(_ action: StatementTokens) -> StatementImpact.Work {
        let isSerial = ["serial", "bigserial", "smallserial"].contains { action.contains($0) }
        let isComputed = isSerial || action.contains("stored") || action.contains("as", "identity")
        if isComputed || Self.volatileFunctions.contains(where: { action.contains($0) }) { return .rewrite }
        let hasDefault = action.contains("default")
        if action.contains("unique") || action.contains("primary", "key") || action.contains("check") { return .scan }
        if action.contains("references"), hasDefault { return .scan }
        return action.contains("not", "null") && !hasDefault ? .scan : .instant
    }

    private func alteringColumn(_ action: StatementTokens) -> (Mode, StatementImpact.Work, isAtMost: Bool) {
        // A valid check that says the same spares the reading; types that share their bytes spare the writing.
        if action.contains("set", "not", "null") { return (.accessExclusive, .scan, true) }
        if action.contains("type") { return (.accessExclusive, .rewrite, true) }
        if action.contains("set", "statistics") { return (.shareUpdateExclusive, .instant, false) }
        if let set = action.firstIndex(of: ["set"]), action.key(set + 1) == "(" {
            return (.shareUpdateExclusive, .instant, false)
        }
        return (.accessExclusive, .instant, false)
    }
}
