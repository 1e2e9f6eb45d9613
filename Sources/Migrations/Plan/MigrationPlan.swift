/// What `apply` would do to one database: each statement with its locks, the rows that are there, and what lint has to say.
///
/// It can be kept in a file and applied later, exactly: see ``Migrator/apply(_:)``.
public struct MigrationPlan: Sendable, Hashable, Codable {
    /// A lock on a table, with what the catalogue says about the table.
    public struct Lock: Sendable, Hashable, Codable {
        /// The table, as the statement names it.
        public var table: String
        /// As the engine calls it.
        public var mode: String
        /// Who waits.
        public var blocks: StatementImpact.Blocking
        /// How long, in kind.
        public var work: StatementImpact.Work
        /// Whether it may be less than that.
        public var isAtMost: Bool
        /// How many rows the catalogue estimates; nil where it does not know, or there is no such table yet.
        public var rows: Int64?
    }

    /// What lint found.
    public struct Finding: Sendable, Hashable, Codable {
        /// The short name of it.
        public var code: String
        /// `note`, `warning` or `error`.
        public var severity: String
        /// What happens, and why that is a problem.
        public var message: String
        /// How to write it instead.
        public var saferForm: String?
    }

    /// One statement.
    public struct Step: Sendable, Hashable, Codable {
        /// The statement.
        public var sql: String
        /// The line of the file it begins on.
        public var line: Int
        /// The locks it takes.
        public var locks: [Lock]
        /// Where the engine's documentation says so.
        public var source: String
        /// What data it destroys for good; nil when none.
        public var destroys: String?
        /// What lint found.
        public var findings: [Finding]
    }

    /// One revision.
    public struct PlannedRevision: Sendable, Hashable, Codable {
        /// Its name.
        public var revision: String
        /// What it does.
        public var description: String
        /// Its file.
        public var file: String?
        /// The checksum of the file.
        public var checksum: String
        /// Whether all of it happens or nothing.
        public var isOneTransaction: Bool
        /// Whether it can be rolled back.
        public var isReversible: Bool
        /// Its statements; none for a revision in Swift.
        public var steps: [Step]
        /// What lint found about the whole of it.
        public var findings: [Finding]
    }

    /// A revision that was applied when the plan was made.
    public struct Applied: Sendable, Hashable, Codable {
        /// Its name.
        public var revision: String
        /// The checksum of its file when it was applied.
        public var checksum: String
    }

    /// The version of the format.
    public static let currentVersion = 1

    /// The version of the format, ``currentVersion``.
    public var version = Self.currentVersion
    /// The dialect.
    public var engine: String
    /// What tells the database from others: a digest of what its server says of itself.
    public var database: String
    /// The table of the history.
    public var historyTable: String
    /// What was applied, in order.
    public var applied: [Applied]
    /// What is to be applied, in order.
    public var revisions: [PlannedRevision]

    /// All findings, those of statements among them.
    public var findings: [Finding] { revisions.flatMap { $0.findings + $0.steps.flatMap(\.findings) } }
    /// Whether a statement loses data.
    public var isDestructive: Bool { revisions.contains { $0.steps.contains { $0.destroys != nil } } }
}
