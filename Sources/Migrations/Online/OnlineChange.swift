/// A change of a column that is made beside those who use the table: expand, fill, contract (PostgreSQL, MySQL, MariaDB).
public struct OnlineChange: Sendable, Hashable {
    /// What changes.
    public enum Kind: Sendable, Hashable {
        /// The column gets another name; both names work until the change is complete.
        case rename(to: String)
        /// The column gets another type. `using` is an expression over the columns of the row; nil for a cast.
        case type(String, using: String?)
        /// The column has a value in every row. `fill` is an expression for rows without; nil when there are none.
        case notNull(fill: String?)
    }

    /// The name of the change, of letters, digits and `_`.
    public var name: String
    /// The table, with its schema or without.
    public var table: [String]
    /// The column.
    public var column: String
    /// What changes.
    public var kind: Kind

    /// A change.
    public init(_ name: String, table: [String], column: String, _ kind: Kind) {
        self.name = name
        self.table = table
        self.column = column
        self.kind = kind
    }
}

extension OnlineChange {
    /// Where a change stands.
    public enum Phase: String, Sendable, Hashable {
        /// What is new is being added (MySQL and MariaDB, where no transaction holds that together).
        case starting
        /// Both columns are there and in step; rows are being filled, or were when that stopped.
        case filling
        /// All rows are filled.
        case filled
        /// The change-over has begun (MySQL and MariaDB).
        case completing
        /// The change is made.
        case completed
    }

    /// A change as the database remembers it.
    public struct State: Sendable, Hashable {
        /// The change.
        public var change: OnlineChange
        /// Where it stands.
        public var phase: Phase
        /// How many rows were filled.
        public var rows: Int64
        /// When it began, in ISO 8601, UTC.
        public var startedAt: String
        /// The key of the last row that was looked at.
        var position: String?
    }

    /// What serves the change beside the column: the second column.
    var twin: String {
        switch kind {
        case .rename(let name): name
        case .type, .notNull: "roost_\(name)"
        }
    }

    /// The name of its trigger, function and constraint.
    var helper: String { "roost_online_\(name)" }

    var kindName: String {
        switch kind {
        case .rename: "rename"
        case .type: "type"
        case .notNull: "not null"
        }
    }

    /// What the kind needs to know: the new name, or the type.
    var target: String {
        switch kind {
        case .rename(let name): name
        case .type(let type, _): type
        case .notNull: ""
        }
    }

    var expression: String? {
        switch kind {
        case .rename: nil
        case .type(_, let using): using
        case .notNull(let fill): fill
        }
    }

    init?(name: String, table: [String], column: String, kind: String, target: String, expression: String?) {
        switch kind {
        case "rename": self.init(name, table: table, column: column, .rename(to: target))
        case "type": self.init(name, table: table, column: column, .type(target, using: expression))
        case "not null": self.init(name, table: table, column: column, .notNull(fill: expression))
        default: return nil
        }
    }
}
