/// How a result is written.
public enum OutputFormat: String, Sendable, CaseIterable {
    /// Columns that fit the terminal.
    case table
    /// One line per column, for wide rows.
    case vertical
    /// RFC 4180: `NULL` is empty, an empty text is `""`.
    case csv
    /// PostgreSQL's `COPY` text: `NULL` is `\N`, tabs and line ends are escaped.
    case tsv
    /// One array of objects.
    case json
    /// One object a line.
    case ndjson
    /// A pipe table.
    case markdown
    /// An HTML table.
    case html
}

/// How a result is laid out.
public struct OutputOptions: Sendable {
    /// The width of the terminal in cells; nil when there is none, and nothing is cut then.
    public var width: Int?
    /// Whether the names of the columns are written.
    public var hasHeader: Bool
    /// What stands for `NULL` in a table, CSV or TSV; nil takes the format's own.
    public var null: String?

    /// Options.
    public init(width: Int? = nil, hasHeader: Bool = true, null: String? = nil) {
        self.width = width
        self.hasHeader = hasHeader
        self.null = null
    }
}
