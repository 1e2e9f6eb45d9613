extension Schema {
    /// An enumeration that is a type of its own.
    public struct Enumeration: Sendable, Hashable, Codable {
        /// The name.
        public var name: ObjectName
        /// The values, in order.
        public var values: [String]
        /// What people wrote about it.
        public var comment: String?

        /// An enumeration.
        public init(name: ObjectName, values: [String]) {
            self.name = name
            self.values = values
        }
    }

    /// A type that restricts another.
    public struct Domain: Sendable, Hashable, Codable {
        /// The name.
        public var name: ObjectName
        /// The type it restricts.
        public var type: ColumnType
        /// Whether it may be `NULL`.
        public var isNullable = true
        /// The default, an expression.
        public var defaultValue: String?
        /// The collation, where it is not the type's own.
        public var collation: String?
        /// What must hold.
        public var checks: [Check] = []
        /// What people wrote about it.
        public var comment: String?

        /// A domain.
        public init(name: ObjectName, type: ColumnType) {
            self.name = name
            self.type = type
        }
    }

    /// A row type that is no table.
    public struct Composite: Sendable, Hashable, Codable {
        /// The name.
        public var name: ObjectName
        /// Its fields.
        public var fields: [Column]
        /// What people wrote about it.
        public var comment: String?

        /// A composite type.
        public init(name: ObjectName, fields: [Column]) {
            self.name = name
            self.fields = fields
        }
    }

    /// A range over another type.
    public struct RangeType: Sendable, Hashable, Codable {
        /// The name.
        public var name: ObjectName
        /// The type of its ends.
        public var subtype: ColumnType
        /// The type of several of its ranges; nil for the name the server would choose.
        public var multirange: String?
        /// What people wrote about it.
        public var comment: String?

        /// A range type.
        public init(name: ObjectName, subtype: ColumnType, multirange: String? = nil) {
            self.name = name
            self.subtype = subtype
            self.multirange = multirange
        }
    }

    /// A sequence.
    public struct Sequence: Sendable, Hashable, Codable {
        /// Which numbers come.
        public struct Numbers: Sendable, Hashable, Codable {
            /// The first.
            public var start: Int64
            /// From one to the next.
            public var increment: Int64
            /// The least.
            public var minimum: Int64
            /// The greatest.
            public var maximum: Int64
            /// How many a session takes at once.
            public var cache: Int64
            /// Whether it begins again.
            public var cycles: Bool

            /// Numbers.
            public init(start: Int64, increment: Int64, minimum: Int64, maximum: Int64, cache: Int64, cycles: Bool) {
                self.start = start
                self.increment = increment
                self.minimum = minimum
                self.maximum = maximum
                self.cache = cache
                self.cycles = cycles
            }
        }

        /// The column with which a sequence goes.
        public struct Owner: Sendable, Hashable, Codable {
            /// Its table.
            public var table: ObjectName
            /// Its name.
            public var column: String

            /// An owner.
            public init(table: ObjectName, column: String) {
                self.table = table
                self.column = column
            }
        }

        /// The name.
        public var name: ObjectName
        /// The type of its numbers; nil where there is one only.
        public var type: String?
        /// Which numbers come.
        public var numbers: Numbers
        /// The column with which it goes.
        public var owner: Owner?
        /// What people wrote about it.
        public var comment: String?

        /// A sequence.
        public init(name: ObjectName, type: String? = nil, numbers: Numbers) {
            self.name = name
            self.type = type
            self.numbers = numbers
        }
    }

    /// A view or materialised view.
    public struct View: Sendable, Hashable, Codable {
        /// The name.
        public var name: ObjectName
        /// Whether its rows are stored.
        public var isMaterialized = false
        /// The names given to its columns; empty for those of the query.
        public var columnNames: [String] = []
        /// The query.
        public var query: String
        /// The columns it has, where the engine tells.
        public var columns: [Column] = []
        /// The indexes of a materialised view.
        public var indexes: [Index] = []
        /// What else was said: `check_option`, `security_barrier`, `sql_security` …
        public var options: [String: String] = [:]
        /// What people wrote about it.
        public var comment: String?

        /// A view.
        public init(name: ObjectName, query: String) {
            self.name = name
            self.query = query
        }
    }

    /// A trigger.
    public struct Trigger: Sendable, Hashable, Codable {
        /// The name.
        public var name: String
        /// The table or view it watches.
        public var table: ObjectName
        /// The statement that makes it.
        public var definition: String
        /// When it fires, if not always: `DISABLED`, `REPLICA`, `ALWAYS` (PostgreSQL).
        public var firing: String?
        /// What people wrote about it.
        public var comment: String?

        /// A trigger.
        public init(name: String, table: ObjectName, definition: String) {
            self.name = name
            self.table = table
            self.definition = definition
        }
    }

    /// A function or procedure.
    public struct Routine: Sendable, Hashable, Codable {
        /// What kind it is.
        public enum Kind: String, Sendable, Hashable, Codable {
            case function, procedure
        }

        /// The name.
        public var name: ObjectName
        /// What kind it is.
        public var kind: Kind
        /// What tells it from others of its name; empty where names are unique.
        public var arguments: String
        /// The statement that makes it.
        public var definition: String
        /// What people wrote about it.
        public var comment: String?

        /// A routine.
        public init(name: ObjectName, kind: Kind, arguments: String = "", definition: String) {
            self.name = name
            self.kind = kind
            self.arguments = arguments
            self.definition = definition
        }
    }
}
