/// One step of a pipeline: rows of a source, changed on their way, into one table or file.
public struct StepDefinition: Sendable, Hashable, Codable {
    /// Its name.
    public var name: String
    /// The rows that go through.
    public var source: PipelineSource
    /// What the transform may look things up in, by the names it has there. Each is read as a whole before the first row.
    public var lookups: [String: PipelineSource] = [:]
    /// What is made of the rows.
    public var transform: Transform?
    /// What is made of single columns, after the transform, in order.
    public var rules: [ColumnRule] = []
    /// Where the rows go.
    public var target: PipelineTarget
    /// What has to hold before they are published.
    public var checks: [PipelineCheck] = []
    /// The steps that have to be done before.
    public var dependencies: [String] = []
    /// The line it begins at.
    public var line: Int?

    /// A step that copies.
    public init(name: String, source: PipelineSource, target: PipelineTarget) {
        self.name = name
        self.source = source
        self.target = target
    }

    /// A query over the rows, which are the table `input` there.
    public struct Transform: Sendable, Hashable, Codable {
        /// How much of the rows a query sees at a time.
        public enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
            /// Some of them: for queries that treat each row by itself. Takes constant memory.
            case batch
            /// All of them: for groups, order, windows.
            case all
        }

        /// The query, as embedded SQLite has it.
        public var sql: String
        /// The file it stands in, if it has one of its own.
        public var file: String?
        /// How much it sees.
        public var scope: Scope

        /// A transform.
        public init(sql: String, file: String? = nil, scope: Scope) {
            self.sql = sql
            self.file = file
            self.scope = scope
        }
    }
}

/// Where rows come from.
public struct PipelineSource: Sendable, Hashable, Codable {
    /// What kind of place.
    public enum Kind: Sendable, Hashable, Codable {
        /// A table of a connection.
        case table(connection: String, name: String)
        /// A query of a connection, and the file it stands in.
        case query(connection: String, sql: String, file: String?)
        /// A file, or a pattern of files.
        case files(String)
    }

    /// The place.
    public var kind: Kind
    /// The columns that are read of a table; nil for all.
    public var columns: [String]?
    /// A condition in the source's SQL.
    public var condition: String?
    /// How files are written, where their names do not tell.
    public var form = FileOptions()
    /// What the texts of a file are read as, by column.
    public var types: [String: String] = [:]

    /// A source.
    public init(_ kind: Kind) { self.kind = kind }

    /// The connection's name; nil for files.
    public var connection: String? {
        switch kind {
        case .table(let connection, _), .query(let connection, _, _): connection
        case .files: nil
        }
    }

    /// What people call it.
    public var displayName: String {
        switch kind {
        case .table(let connection, let name): "\(connection).\(name)"
        case .query(let connection, _, let file): "\(connection), \(file ?? "a query")"
        case .files(let pattern): pattern
        }
    }
}

/// How a file is written, as far as its name does not tell.
public struct FileOptions: Sendable, Hashable, Codable {
    /// `csv`, `tsv` or `ndjson`.
    public var format: String?
    /// `utf-8`, `latin-1`, `utf-16le`, `utf-16be`.
    public var encoding: String?
    /// What separates values of CSV.
    public var delimiter: String?
    /// The names of the columns of a file without a header; nil where there is one.
    public var header: [String]?

    /// What the name tells.
    public init() {}
}

/// Where rows go.
public struct PipelineTarget: Sendable, Hashable, Codable {
    /// What kind of place.
    public enum Kind: Sendable, Hashable, Codable {
        /// A table of a connection.
        case table(connection: String, name: String)
        /// A file.
        case file(String)
    }

    /// What becomes of rows that are there.
    public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
        /// They go.
        case replace
        /// They stay, and the new ones are added.
        case append
        /// They stay, but new ones take the place of those with the same key.
        case upsert
        /// As ``upsert``, or ``append`` without a key, with the source's rows beyond the last one's cursor only.
        case incremental
        /// Those with a key that a new row has go, whatever their number; the new ones are added.
        case deleteInsert = "delete+insert"
        /// Those that changed are closed, and stay as history beside the new ones.
        case scd2
    }

    /// The place.
    public var kind: Kind
    /// What becomes of rows that are there.
    public var mode = Mode.replace
    /// The columns by which rows are the same; empty for the table's primary key.
    public var key: [String] = []
    /// The source's column that only grows, for ``Mode/incremental``.
    public var cursor: String?
    /// How far back from the last cursor is read again: a number, or a time such as `2h`.
    public var lookback: String?
    /// The target's types, by column, for tables that are made.
    public var types: [String: String] = [:]
    /// How a file is written.
    public var form = FileOptions()

    /// A target.
    public init(_ kind: Kind) { self.kind = kind }

    /// The connection's name; nil for a file.
    public var connection: String? {
        guard case .table(let connection, _) = kind else { return nil }
        return connection
    }

    /// What people call it.
    public var displayName: String {
        switch kind {
        case .table(let connection, let name): "\(connection).\(name)"
        case .file(let path): path
        }
    }
}
