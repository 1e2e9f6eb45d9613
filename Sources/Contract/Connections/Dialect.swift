/// How one engine's language is written: what rendering a ``Statement`` and reading a script need to know.
public struct Dialect: Sendable, Hashable {
    /// How placeholders are written in the text sent to the engine.
    public enum PlaceholderForm: Sendable, Hashable {
        /// `?`
        case question
        /// A prefix and the parameter's number from 1: `$1`, `:1`, `@p1`.
        case numbered(prefix: String)
    }

    /// What the lexer must know beyond standard SQL.
    public struct Lexicon: Sendable, Hashable, OptionSet {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Backslash escapes in every string literal (MySQL).
        public static let backslashEscapes = Lexicon(rawValue: 1 << 0)
        /// `E'…'` strings with backslash escapes (PostgreSQL).
        public static let escapeStrings = Lexicon(rawValue: 1 << 1)
        /// `$tag$…$tag$` strings (PostgreSQL).
        public static let dollarQuotes = Lexicon(rawValue: 1 << 2)
        /// Block comments nest (PostgreSQL, SQL Server).
        public static let nestedComments = Lexicon(rawValue: 1 << 3)
        /// `` `…` `` identifiers (MySQL, SQLite).
        public static let backtickIdentifiers = Lexicon(rawValue: 1 << 4)
        /// `[…]` identifiers (SQL Server, SQLite).
        public static let bracketIdentifiers = Lexicon(rawValue: 1 << 5)
        /// `# …` comments (MySQL).
        public static let hashComments = Lexicon(rawValue: 1 << 6)
        /// `q'[…]'` strings (Oracle).
        public static let alternativeQuotes = Lexicon(rawValue: 1 << 7)
        /// `"…"` is a string, not an identifier (MySQL without ANSI_QUOTES).
        public static let doubleQuotedStrings = Lexicon(rawValue: 1 << 8)
        /// `BEGIN … END` of triggers holds semicolons (SQLite, MySQL, Oracle, DB2).
        public static let compoundStatements = Lexicon(rawValue: 1 << 9)
    }

    /// The dialect's name: `sqlite`, `postgresql`, …
    public var name: String
    /// How placeholders are written.
    public var placeholder: PlaceholderForm
    /// The character that opens a quoted identifier.
    public var identifierOpen: Character
    /// The character that closes a quoted identifier; it is doubled inside.
    public var identifierClose: Character
    /// What an empty `\(list:)` becomes, so that `IN` and `NOT IN` keep their meaning.
    public enum EmptyList: Sendable, Hashable {
        /// A subquery without rows.
        case subquery(String)
        /// An empty array whose type the engine infers: `in (…)` becomes `= any(…)`, and `not in (…)` becomes `<> all(…)`. For
        /// engines whose subqueries have columns of one fixed type.
        case quantified(String)
    }

    /// What an empty `\(list:)` becomes.
    public var emptyList: EmptyList
    /// What the lexer must know beyond standard SQL.
    public var lexicon: Lexicon

    /// A dialect from its facts; the defaults are the SQL standard's.
    public init(
        name: String,
        placeholder: PlaceholderForm = .question,
        identifierOpen: Character = "\"",
        identifierClose: Character = "\"",
        emptyList: EmptyList = .subquery("select null where 1 = 0"),
        lexicon: Lexicon = []
    ) {
        self.name = name
        self.placeholder = placeholder
        self.identifierOpen = identifierOpen
        self.identifierClose = identifierClose
        self.emptyList = emptyList
        self.lexicon = lexicon
    }

    /// Standard SQL: `?` placeholders and double-quoted identifiers.
    public static let standard = Dialect(name: "sql")
    /// SQLite.
    public static let sqlite = Dialect(
        name: "sqlite",
        lexicon: [.backtickIdentifiers, .bracketIdentifiers, .compoundStatements]
    )
}

extension Dialect {
    /// A name in the dialect's quotes. In a ``Statement``, `\(identifier:)` does the same.
    public func quoted(_ name: String) -> String {
        Statement.quoted(name, open: identifierOpen, close: identifierClose)
    }
}
