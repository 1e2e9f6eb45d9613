/// What is made of one column.
public struct ColumnRule: Sendable, Hashable, Codable {
    /// What is done.
    public enum Action: Sendable, Hashable, Codable {
        /// The column gets another name.
        case rename(String)
        /// Its values become those of another type: `decimal(10,2)`, `date`.
        case cast(String)
        /// It goes.
        case drop
        /// Every row has this value; a column that is not there is added.
        case constant(String?)
        /// Values are made unreadable.
        case mask(Mask)
    }

    /// How values are made unreadable. `NULL` stays `NULL`.
    public enum Mask: Sendable, Hashable, Codable {
        /// SHA-256 in hexadecimal digits. Values of which there are few can be guessed: prefer ``hmac(secret:)``.
        case hash
        /// HMAC-SHA-256 with a secret, in hexadecimal digits: equal values stay equal.
        case hmac(secret: String)
        /// A text that is the same for all; other kinds become `NULL`.
        case redact(with: String)
        /// All characters but the first and last few become `*`.
        case partial(first: Int, last: Int)
        /// Dates and times move by a number of days that the secret decides, up to so many either way: by the same number for all rows with
        /// the same value of a column, so that what lies between a person's dates stays, or for all rows.
        case dateShift(days: Int, secret: String, by: String?)
    }

    /// The column's name before.
    public var column: String
    /// What is done.
    public var action: Action

    /// A rule.
    public init(_ column: String, _ action: Action) {
        self.column = column
        self.action = action
    }
}

/// Something that has to hold for a step's rows before they are published.
public struct PipelineCheck: Sendable, Hashable, Codable {
    /// What has to hold.
    public enum Kind: Sendable, Hashable, Codable {
        /// So many rows.
        case rowCount(minimum: Int?, maximum: Int?)
        /// No `NULL` in these columns.
        case notNull([String])
        /// No two rows with the same values in these columns together.
        case unique([String])
        /// Values of a column, within bounds that are numbers or texts; `NULL` passes.
        case range(column: String, minimum: String?, maximum: String?)
        /// The latest value of a time column is no older than so many seconds.
        case freshness(column: String, seconds: Int)
        /// A query that returns what is wrong; `{rows}` is the table of the step's rows, `{target}` the one they go to.
        case sql(String, file: String?)
    }

    /// What it is called.
    public var name: String
    /// What has to hold.
    public var kind: Kind
    /// Whether the rows are published although it does not hold.
    public var isWarning: Bool

    /// A check.
    public init(name: String, _ kind: Kind, isWarning: Bool = false) {
        self.name = name
        self.kind = kind
        self.isWarning = isWarning
    }
}
