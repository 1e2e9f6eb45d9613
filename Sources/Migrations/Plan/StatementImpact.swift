public import Roost

/// What a statement takes from those who use the database meanwhile: the lock on each table, whom it keeps out, and what is done
/// under it.
public struct StatementImpact: Sendable, Hashable {
    /// Who waits while the lock is held.
    public enum Blocking: String, Sendable, Hashable, CaseIterable, Codable, Comparable {
        /// Nobody but other migrations and maintenance, if anyone.
        case nobody
        /// Those who write; readers go on.
        case writers
        /// Readers and writers.
        case everyone

        private var rank: Int { self == .nobody ? 0 : self == .writers ? 1 : 2 }
        public static func < (left: Blocking, right: Blocking) -> Bool { left.rank < right.rank }
    }

    /// How long the lock is held, in kind: figures depend on the machine.
    public enum Work: String, Sendable, Hashable, CaseIterable, Codable, Comparable {
        /// The catalogue alone changes.
        case instant
        /// As long as the rows that the statement itself touches take.
        case rows
        /// The whole table is read, for an index or a check.
        case scan
        /// The whole table is written anew.
        case rewrite

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
        public static func < (left: Work, right: Work) -> Bool { left.rank < right.rank }
    }

    /// The lock on one table.
    public struct TableLock: Sendable, Hashable {
        /// The table, with its schema where the statement names one.
        public var table: String
        /// As the engine calls it: `ACCESS EXCLUSIVE`, `LOCK=SHARED`.
        public var mode: String
        /// Who waits.
        public var blocking: Blocking
        /// What is done under it.
        public var work: Work
        /// Whether it may be less, which the text alone does not show: a change of type that keeps the bytes, say.
        public var isAtMost = false
    }

    /// The locks, in the order of the text.
    public var locks: [TableLock] = []
    /// Where the engine's documentation says so.
    public var source: String

    /// The impact of a statement, judged by its text.
    public init(of statement: String, dialect: Dialect) {
        self.init(StatementTokens(statement, dialect: dialect), dialect)
    }

    init(_ tokens: StatementTokens, _ dialect: Dialect) {
        switch dialect.name {
        case "postgresql":
            source = "PostgreSQL documentation, \"Explicit Locking\" and \"ALTER TABLE\""
            locks = PostgreSQLLocks(tokens).locks()
        case "mysql":
            source = "MySQL reference manual, \"Online DDL Operations\""
            locks = MySQLLocks(tokens, isMariaDB: false).locks()
        case "mariadb":
            source = "MariaDB documentation, \"InnoDB Online DDL Overview\""
            locks = MySQLLocks(tokens, isMariaDB: true).locks()
        case "sqlite":
            source = "SQLite documentation, \"File Locking And Concurrency\" and \"ALTER TABLE\""
            locks = SQLiteLocks(tokens).locks()
        default:
            source = ""
        }
    }

    /// The worst of the locks: whom it keeps out first, then how long.
    public var worst: TableLock? { locks.max { ($0.blocking, $0.work) < ($1.blocking, $1.work) } }
}

extension StatementTokens {
    /// The parts of `alter table` between its commas.
    func tableActions() -> [StatementTokens] {
        var index = 2
        skipExistence(&index)
        if word(index) == "only" { index += 1 }
        _ = name(&index)
        var parts: [[Token]] = [[]]
        var depth = 0
        for token in tokens[min(index, count)...] {
            if token.key == "(" { depth += 1 }
            if token.key == ")" { depth -= 1 }
            if token.key == ",", depth == 0 { parts.append([]) } else { parts[parts.count - 1].append(token) }
        }
        return parts.map(StatementTokens.init(tokens:))
    }

    /// The tables that are named behind a word: `references customer`, `from a`.
    func names(after words: Set<String>) -> [[String]] {
        var found: [[String]] = []
        for index in 0..<count where words.contains(word(index)) {
            var place = index + 1
            if word(place) == "only" || word(place) == "table" { place += 1 }
            if let name = name(&place), !found.contains(name) { found.append(name) }
        }
        return found
    }

    /// The names in a list with commas.
    func list(from start: Int) -> [[String]] {
        var index = start
        if word(index) == "only" { index += 1 }
        skipExistence(&index)
        var found: [[String]] = []
        while let name = name(&index) {
            found.append(name)
            guard key(index) == "," else { break }
            index += 1
        }
        return found
    }
}
