/// What becomes of the rows a target table has already.
public enum CopyMode: String, Sendable, CaseIterable {
    /// They go, and the table is made anew from the source's.
    case replace
    /// They stay, and the source's are added.
    case append
    /// They stay, but the source's take the place of those with the same key.
    case upsert
    /// As ``upsert``, or ``append`` without a key, with the source's rows beyond the last ones' cursor only.
    case incremental
    /// Those with a key that a row of the source has go, whatever their number; the source's are added.
    case deleteInsert = "delete+insert"
    /// Those that changed are closed and stay as history beside the new ones, which the columns `valid_from`, `valid_to` and
    /// `is_current` tell.
    case scd2
}

/// What a copy is to do.
public struct CopyOptions: Sendable {
    /// Which tables: names or patterns with `*` and `?`; empty for all.
    public var tables: [String] = []
    /// Which columns; nil for all.
    public var columns: [String]?
    /// A condition in the source's SQL that chooses rows. Never text from outside.
    public var condition: String?
    /// The most rows of each table.
    public var limit: Int?
    /// What becomes of rows that are there.
    public var mode = CopyMode.replace
    /// The columns by which rows are the same; empty for the table's primary key.
    public var key: [String] = []
    /// The column that only grows, for ``CopyMode/incremental``.
    public var cursor: String?
    /// Types chosen by the user: by `table.column`, by column, or by the source's type; the value is a declaration of the target.
    public var types: [String: String] = [:]
    /// Whether the copy is compared with the source before it is published.
    public var verifies = false
    /// Whether a copy that was interrupted goes on where it stopped.
    public var resumes = false
    /// About how many rows are committed at a time, and so how many an interruption costs.
    public var partRows = 250_000
    /// How many parts are copied at a time, each by two connections of its own.
    public var jobs = 1
    /// Whether the writers of the source's server may be kept waiting for a moment, where several jobs can see one state only so (MySQL,
    /// MariaDB); otherwise there is one job then.
    public var allowsLocking = false
    /// The target table's name where one table or query is copied.
    public var targetTable: String?

    /// All tables, replacing what is there.
    public init() {}
}
