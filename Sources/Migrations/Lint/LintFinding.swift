/// What a statement of a migration may do to those who use the database meanwhile, and how to write it instead.
public struct LintFinding: Sendable, Hashable {
    /// How bad it is.
    public enum Severity: String, Sendable, Hashable, Comparable {
        /// Worth knowing.
        case note
        /// It may hurt on a database with data and users.
        case warning
        /// It will not work.
        case error

        private var rank: Int { self == .note ? 0 : self == .warning ? 1 : 2 }
        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    }

    /// A short name that stays the same: two letters for the kind, three digits.
    public var code: String
    /// How bad it is.
    public var severity: Severity
    /// The revision.
    public var revision: String
    /// Its file.
    public var file: String?
    /// The line of the statement.
    public var line: Int
    /// What happens, and why that is a problem.
    public var message: String
    /// How to write it instead.
    public var saferForm: String?
}

/// What the codes mean, for people who look one up.
public enum LintCode {
    /// All codes with their meaning.
    public static let all: [(code: String, meaning: String)] = [
        ("DS101", "a table, schema, sequence or type is dropped"),
        ("DS102", "a column is dropped"),
        ("DS103", "all rows of a table are removed"),
        ("DD101", "a column without default is added NOT NULL: fails on rows that are there"),
        ("DD102", "a column becomes NOT NULL: fails on rows without a value"),
        ("DD103", "something becomes unique: fails on duplicates that are there"),
        ("LK101", "an index is built while writers wait"),
        ("LK102", "a constraint is checked on all rows under an exclusive lock"),
        ("LK103", "a table is read whole for NOT NULL under an exclusive lock"),
        ("LK104", "a table may be rewritten whole"),
        ("LK105", "an index is dropped under an exclusive lock"),
        ("LK106", "a maintenance command locks out everyone"),
        ("LK107", "MySQL may copy the table without saying so"),
        ("BC101", "a table is renamed: code that runs still uses the old name"),
        ("BC102", "a column is renamed: code that runs still uses the old name"),
        ("TX101", "a statement cannot run inside a transaction"),
        ("TX102", "a statement begins or ends a transaction itself"),
        ("TX103", "several statements that commit by themselves stand in one revision"),
        ("TX104", "a concurrent index without a name cannot be repaired"),
        ("FK101", "a foreign key has no index"),
        ("NM101", "a name is taken already"),
        ("NM102", "a name is longer than the server keeps"),
        ("RV101", "the revision cannot be rolled back"),
    ]
}
