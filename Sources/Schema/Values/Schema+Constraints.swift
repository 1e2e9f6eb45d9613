extension Schema {
    /// A primary key or unique constraint.
    public struct Key: Sendable, Hashable, Codable {
        /// The name; nil where nobody gave one (SQLite).
        public var name: String?
        /// The columns, in the key's order.
        public var columns: [String]
        /// Columns its index holds beside the key.
        public var included: [String] = []
        /// Whether two `NULL` are the same.
        public var nullsNotDistinct = false
        /// Whether its last column is a range that must not overlap (PostgreSQL 18).
        public var withoutOverlaps = false
        /// When it is checked.
        public var checking = Checking.immediate
        /// Of which columns only that many characters or bytes count (MySQL, MariaDB).
        public var lengths: [String: Int] = [:]
        /// Which columns are kept in descending order.
        public var descending: [String] = []
        /// What happens to a row that breaks it (SQLite's `ON CONFLICT`).
        public var onConflict: String?
        /// What the engine has to say on storage.
        public var options: [String: String] = [:]
        /// What people wrote about it.
        public var comment: String?

        /// A key.
        public init(name: String? = nil, columns: [String]) {
            self.name = name
            self.columns = columns
        }
    }

    /// When a constraint is checked.
    public enum Checking: String, Sendable, Hashable, Codable {
        /// At the end of each statement.
        case immediate
        /// At the end of each statement, or of the transaction when it asks for it.
        case deferrable
        /// At the end of the transaction.
        case deferred
    }

    /// A foreign key.
    public struct ForeignKey: Sendable, Hashable, Codable {
        /// What happens to the referring rows.
        public enum Action: String, Sendable, Hashable, Codable {
            case noAction = "NO ACTION"
            case restrict = "RESTRICT"
            case cascade = "CASCADE"
            case setNull = "SET NULL"
            case setDefault = "SET DEFAULT"
        }

        /// The name; nil where nobody gave one (SQLite).
        public var name: String?
        /// The referring columns.
        public var columns: [String]
        /// The table referred to.
        public var referencedTable: ObjectName
        /// The columns referred to; empty for its primary key (SQLite).
        public var referencedColumns: [String]
        /// What happens when a referred row is updated.
        public var onUpdate = Action.noAction
        /// What happens when a referred row is deleted.
        public var onDelete = Action.noAction
        /// Which columns `SET NULL` and `SET DEFAULT` set; empty for all.
        public var onDeleteColumns: [String] = []
        /// Whether a partly `NULL` reference is refused (`MATCH FULL`).
        public var matchesFull = false
        /// When it is checked.
        public var checking = Checking.immediate
        /// Whether the rows that were there before it were checked.
        public var isValidated = true
        /// What people wrote about it.
        public var comment: String?

        /// A foreign key.
        public init(
            name: String? = nil,
            columns: [String],
            references referencedTable: ObjectName,
            _ referencedColumns: [String]
        ) {
            self.name = name
            self.columns = columns
            self.referencedTable = referencedTable
            self.referencedColumns = referencedColumns
        }
    }

    /// A check constraint.
    public struct Check: Sendable, Hashable, Codable {
        /// The name; nil where nobody gave one (SQLite).
        public var name: String?
        /// The condition.
        public var expression: String
        /// The column it belongs to, where the engine keeps that (MariaDB).
        public var column: String?
        /// Whether it holds for tables that inherit, too.
        public var isInherited = true
        /// Whether it is checked at all (MySQL's `NOT ENFORCED`).
        public var isEnforced = true
        /// Whether the rows that were there before it were checked.
        public var isValidated = true
        /// What people wrote about it.
        public var comment: String?

        /// A check.
        public init(name: String? = nil, expression: String) {
            self.name = name
            self.expression = expression
        }
    }

    /// An exclusion constraint (PostgreSQL).
    public struct Exclusion: Sendable, Hashable, Codable {
        /// The name.
        public var name: String
        /// The constraint as the server writes it: `EXCLUDE USING gist (…)`.
        public var definition: String
        /// What people wrote about it.
        public var comment: String?

        /// An exclusion.
        public init(name: String, definition: String) {
            self.name = name
            self.definition = definition
        }
    }

    /// A constraint of a table, of any kind.
    public enum Constraint: Sendable, Hashable, Codable {
        case primaryKey(Key)
        case unique(Key)
        case check(Check)
        case exclusion(Exclusion)
        case foreignKey(ForeignKey)

        /// The name; nil where nobody gave one (SQLite).
        public var name: String? {
            get {
                switch self {
                case .primaryKey(let key), .unique(let key): key.name
                case .check(let check): check.name
                case .exclusion(let exclusion): exclusion.name
                case .foreignKey(let key): key.name
                }
            }
            set {
                switch self {
                case .primaryKey(var key):
                    key.name = newValue
                    self = .primaryKey(key)
                case .unique(var key):
                    key.name = newValue
                    self = .unique(key)
                case .check(var check):
                    check.name = newValue
                    self = .check(check)
                case .exclusion(var exclusion):
                    exclusion.name = newValue ?? exclusion.name
                    self = .exclusion(exclusion)
                case .foreignKey(var key):
                    key.name = newValue
                    self = .foreignKey(key)
                }
            }
        }
    }

    /// An index.
    public struct Index: Sendable, Hashable, Codable {
        /// One column or expression of an index.
        public struct Part: Sendable, Hashable, Codable {
            /// The column; nil for an expression.
            public var column: String?
            /// The expression.
            public var expression: String?
            /// Whether it is kept in descending order.
            public var isDescending = false
            /// Whether `NULL` comes first; nil for what the order brings with it.
            public var nullsFirst: Bool?
            /// The collation, where it is not the column's own.
            public var collation: String?
            /// The operator class, where it is not the type's own (PostgreSQL).
            public var operatorClass: String?
            /// How many characters or bytes count; nil for all (MySQL, MariaDB).
            public var length: Int?

            /// A column.
            public init(column: String) { self.column = column }
            /// An expression.
            public init(expression: String) { self.expression = expression }
        }

        /// The name.
        public var name: String
        /// Whether it forbids duplicates.
        public var isUnique = false
        /// How it is built, in the engine's word: `btree`, `gin`, `FULLTEXT`; nil where there is one way only.
        public var method: String?
        /// What it orders.
        public var parts: [Part]
        /// Columns it holds beside.
        public var included: [String] = []
        /// Which rows it covers; nil for all.
        public var predicate: String?
        /// Whether two `NULL` are the same.
        public var nullsNotDistinct = false
        /// Whether the engine uses it (MySQL's `INVISIBLE`, MariaDB's `IGNORED`).
        public var isVisible = true
        /// Whether it is whole; an interrupted `CREATE INDEX CONCURRENTLY` leaves one that is not.
        public var isValid = true
        /// What the engine has to say on storage.
        public var options: [String: String] = [:]
        /// What people wrote about it.
        public var comment: String?

        /// An index.
        public init(name: String, parts: [Part]) {
            self.name = name
            self.parts = parts
        }
    }
}
