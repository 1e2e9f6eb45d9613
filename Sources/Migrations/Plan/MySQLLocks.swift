/// The table locks of MySQL's and MariaDB's statements on InnoDB tables (MySQL manual, "Online DDL Operations"; MariaDB documentation,
/// "InnoDB Online DDL Overview"). What was seen on servers: which `ALGORITHM` and `LOCK` they accept.
///
/// The mode is the best the server takes by itself, as `ALGORITHM` and `LOCK` would ask for it. Each definition statement also waits for
/// a metadata lock at its beginning and its end, behind which everyone else waits.
struct MySQLLocks {
    typealias Lock = StatementImpact.TableLock
    typealias Work = StatementImpact.Work

    private let tokens: StatementTokens
    private let isMariaDB: Bool

    init(_ tokens: StatementTokens, isMariaDB: Bool) {
        self.tokens = tokens
        self.isMariaDB = isMariaDB
    }

    /// How the server goes about it, from the best.
    enum Way: Int, Comparable {
        case instant, inplace, inplaceRebuild, inplaceShared, copy

        static func < (left: Way, right: Way) -> Bool { left.rawValue < right.rawValue }

        var mode: String {
            switch self {
            case .instant: "ALGORITHM=INSTANT"
            case .inplace, .inplaceRebuild: "ALGORITHM=INPLACE, LOCK=NONE"
            case .inplaceShared: "ALGORITHM=INPLACE, LOCK=SHARED"
            case .copy: "ALGORITHM=COPY, LOCK=SHARED"
            }
        }

        var blocking: StatementImpact.Blocking { self >= .inplaceShared ? .writers : .nobody }
    }

    private func name(at start: Int) -> [String] { tokens.list(from: start).first ?? ["?"] }

    private func lock(_ table: [String], _ way: Way, _ work: Work, isAtMost: Bool = false) -> Lock {
        Lock(
            table: table.joined(separator: "."),
            mode: way.mode,
            blocking: way.blocking,
            work: work,
            isAtMost: isAtMost
        )
    }

    private func exclusive(_ table: [String], _ work: Work) -> Lock {
        Lock(table: table.joined(separator: "."), mode: "metadata lock, exclusive", blocking: .everyone, work: work)
    }

    private func rows(_ table: [String]) -> Lock {
        Lock(table: table.joined(separator: "."), mode: "row locks", blocking: .nobody, work: .rows)
    }

    func locks() -> [Lock] {
        switch tokens.word(0) {
        case "alter" where tokens.word(1) == "table": return alteringTable()
        case "create", "drop":
            if let found = tokens.firstIndex(of: ["index"]), found < 4, let on = tokens.firstIndex(of: ["on"]) {
                let table = name(at: on + 1)
                guard tokens.word(0) == "create" else { return [lock(table, .inplace, .instant)] }
                let isSpecial = ["fulltext", "spatial"].contains(tokens.word(1))
                return [lock(table, isSpecial ? .inplaceShared : .inplace, .scan)]
            }
            if tokens.has("drop", "table") { return tokens.list(from: 2).map { exclusive($0, .instant) } }
            if tokens.word(0) == "create", tokens.contains("trigger"), let on = tokens.firstIndex(of: ["on"]) {
                return [exclusive(name(at: on + 1), .instant)]
            }
            return []
        case "rename": return tokens.list(from: 2).map { exclusive($0, .instant) }
        case "truncate": return [exclusive(name(at: tokens.word(1) == "table" ? 2 : 1), .instant)]
        case "optimize": return [lock(name(at: 2), .inplaceRebuild, .rewrite)]
        case "insert", "replace", "delete":
            return [rows(name(at: ["into", "from"].contains(tokens.word(1)) ? 2 : 1))]
        case "update": return [rows(name(at: 1))]
        default: return []
        }
    }

    private func alteringTable() -> [Lock] {
        let table = name(at: 2)
        var way = Way.instant
        var work = Work.instant
        var isAtMost = false
        for action in tokens.tableActions() where !["algorithm", "lock"].contains(action.word(0)) {
            let found = judge(action)
            if found.0 > way { (way, isAtMost) = (found.0, found.isAtMost) }
            work = max(work, found.1)
        }
        if let bound = MySQLLocks.bound(tokens), bound < way {
            (way, isAtMost) = (bound, bound != .instant)
            if bound == .instant { work = .instant }
        }
        return [lock(table, way, work, isAtMost: isAtMost)]
    }

    /// The most that a statement allows the server, which refuses it where it would need more; nil where it allows everything.
    static func bound(_ tokens: StatementTokens) -> Way? {
        var bound: Way?
        for action in tokens.tableActions() {
            let value = action.key(1) == "=" ? action.word(2) : action.word(1)
            let found: Way? =
                switch (action.word(0), value) {
                case ("algorithm", "instant"): .instant
                // MariaDB's word for what rewrites nothing.
                case ("algorithm", "nocopy"): .inplaceShared
                case ("algorithm", "inplace"): .inplaceShared
                case ("lock", "none"): .inplaceRebuild
                default: nil
                }
            if let found { bound = min(bound ?? found, found) }
        }
        return bound
    }

    private func judge(_ action: StatementTokens) -> (Way, Work, isAtMost: Bool) {
        switch action.word(0) {
        case "add": return adding(action)
        case "drop":
            switch action.word(1) {
            case "primary": return (.copy, .rewrite, true)
            case "index", "key": return (.inplace, .instant, false)
            case "foreign": return (isMariaDB ? .instant : .inplace, .instant, false)
            case "constraint", "check": return (.inplace, .instant, true)
            case "partition": return (.inplaceShared, .instant, true)
            // A column with an index takes it along, which is no change of the catalogue alone.
            default: return (.inplaceRebuild, .rewrite, true)
            }
        case "alter": return (.instant, .instant, false)
        case "rename":
            if ["index", "key"].contains(action.word(1)) { return (isMariaDB ? .instant : .inplace, .instant, false) }
            return (.instant, .instant, false)
        case "modify", "change": return (.copy, .rewrite, true)
        case "comment": return (.inplace, .instant, true)
        case "auto_increment": return (.inplace, .instant, false)
        case "engine", "force", "row_format", "key_block_size": return (.inplaceRebuild, .rewrite, false)
        default: return (.copy, .rewrite, true)
        }
    }

    private func adding(_ action: StatementTokens) -> (Way, Work, isAtMost: Bool) {
        switch action.word(1) {
        case "index", "key": return (.inplace, .scan, false)
        case "fulltext", "spatial": return (.inplaceShared, .scan, false)
        case "primary": return (.inplaceRebuild, .rewrite, false)
        case "unique": return (.inplace, .scan, false)
        case "foreign", "check": return (.copy, .rewrite, false)
        case "constraint":
            if action.contains("foreign", "key") || action.contains("check") { return (.copy, .rewrite, false) }
            return action.contains("primary", "key") ? (.inplaceRebuild, .rewrite, false) : (.inplace, .scan, false)
        default: break
        }
        if action.contains("auto_increment") { return (.inplaceShared, .rewrite, false) }
        if action.contains("stored") || action.contains("persistent") { return (.copy, .rewrite, false) }
        if action.contains("unique") { return (.inplace, .scan, false) }
        if action.contains("check"), !isMariaDB { return (.copy, .rewrite, false) }
        return (.instant, .instant, false)
    }
}
