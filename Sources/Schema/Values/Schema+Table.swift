extension Schema {
    /// A table.
    public struct Table: Sendable, Hashable, Codable {
        /// What kind of table it is.
        public enum Kind: String, Sendable, Hashable, Codable {
            /// One that holds its rows.
            case base
            /// One whose rows are elsewhere (PostgreSQL).
            case foreign
            /// One that a module makes up (SQLite).
            case virtual
        }

        /// The name.
        public var name: ObjectName
        /// What kind it is.
        public var kind: Kind = .base
        /// The columns, in the server's order.
        public var columns: [Column] = []
        /// The primary key.
        public var primaryKey: Key?
        /// Unique constraints. MySQL and MariaDB tell them as unique ``indexes``.
        public var uniqueKeys: [Key] = []
        /// Foreign keys.
        public var foreignKeys: [ForeignKey] = []
        /// Check constraints.
        public var checks: [Check] = []
        /// Exclusion constraints (PostgreSQL).
        public var exclusions: [Exclusion] = []
        /// Indexes, but those that a constraint brought with it.
        public var indexes: [Index] = []
        /// How it is split into parts.
        public var partitioning: Partitioning?
        /// Of which table it is a part (PostgreSQL).
        public var partition: Partition?
        /// The tables it inherits from (PostgreSQL).
        public var parents: [ObjectName] = []
        /// What the engine has to say on storage, by its own words: `engine`, `strict`, `unlogged`, `fillfactor` …
        public var options: [String: String] = [:]
        /// The statement that made it, for kinds that columns do not tell all about.
        public var definition: String?
        /// What people wrote about it.
        public var comment: String?
        /// How full it is; no part of what makes tables equal.
        public var statistics = Statistics()

        /// A table without anything in it.
        public init(name: ObjectName) {
            self.name = name
        }

        /// The column of that name.
        public func column(_ name: String) -> Column? { columns.first { $0.name == name } }

        /// All constraints: the primary key, then the others by name.
        public var constraints: [Constraint] {
            (primaryKey.map { [.primaryKey($0)] } ?? []) + uniqueKeys.map(Constraint.unique)
                + checks.map(Constraint.check) + exclusions.map(Constraint.exclusion)
                + foreignKeys.map(Constraint.foreignKey)
        }

        mutating func sort() {
            uniqueKeys.sort {
                ($0.name ?? "", $0.columns.joined(separator: ",")) < ($1.name ?? "", $1.columns.joined(separator: ","))
            }
            foreignKeys.sort {
                ($0.name ?? "", $0.columns.joined(separator: ",")) < ($1.name ?? "", $1.columns.joined(separator: ","))
            }
            checks.sort { ($0.name ?? "", $0.expression) < ($1.name ?? "", $1.expression) }
            exclusions.sort { $0.name < $1.name }
            indexes.sort { $0.name < $1.name }
        }
    }

    /// How full a table is, as far as the engine keeps count. All of them are equal: a schema is not its data.
    public struct Statistics: Sendable, Hashable, Codable {
        /// About how many rows; nil when the engine does not know.
        public var estimatedRows: Int?
        /// About how many bytes.
        public var estimatedBytes: Int?

        /// Statistics.
        public init(estimatedRows: Int? = nil, estimatedBytes: Int? = nil) {
            self.estimatedRows = estimatedRows
            self.estimatedBytes = estimatedBytes
        }

        public static func == (_: Statistics, _: Statistics) -> Bool { true }
        public func hash(into hasher: inout Hasher) {}
    }

    /// How a table is split into parts.
    public struct Partitioning: Sendable, Hashable, Codable {
        /// One part, where the table's own definition names it (MySQL, MariaDB).
        public struct Part: Sendable, Hashable, Codable {
            /// The name.
            public var name: String
            /// What it holds: `LESS THAN (10)`, `IN (1, 2)`; nil for hashed ones.
            public var bound: String?
            /// What people wrote about it.
            public var comment: String?

            /// A part.
            public init(name: String, bound: String? = nil, comment: String? = nil) {
                self.name = name
                self.bound = bound
                self.comment = comment
            }
        }

        /// Method and key: `RANGE (created)`.
        public var key: String
        /// Method and key of the parts' parts (MySQL, MariaDB), with their number.
        public var subkey: String?
        /// The parts that the table's own definition names.
        public var parts: [Part]

        /// A partitioning.
        public init(key: String, subkey: String? = nil, parts: [Part] = []) {
            self.key = key
            self.subkey = subkey
            self.parts = parts
        }
    }

    /// Of which table a table is a part.
    public struct Partition: Sendable, Hashable, Codable {
        /// The table.
        public var of: ObjectName
        /// What it holds: `FOR VALUES FROM (1) TO (10)`.
        public var bound: String

        /// A part.
        public init(of: ObjectName, bound: String) {
            self.of = of
            self.bound = bound
        }
    }

    /// A column of a table, view or composite type.
    public struct Column: Sendable, Hashable, Codable {
        /// How a column computes its value.
        public struct Generation: Sendable, Hashable, Codable {
            /// The expression.
            public var expression: String
            /// Whether the value is stored, or computed when it is read.
            public var isStored: Bool

            /// A generation.
            public init(expression: String, isStored: Bool) {
                self.expression = expression
                self.isStored = isStored
            }
        }

        /// How a column numbers its rows by itself.
        public struct Identity: Sendable, Hashable, Codable {
            /// Whether a value given is refused (`GENERATED ALWAYS`).
            public var isAlways: Bool
            /// The numbers (PostgreSQL); nil for `AUTO_INCREMENT`.
            public var numbers: Sequence.Numbers?

            /// An identity.
            public init(isAlways: Bool, numbers: Sequence.Numbers? = nil) {
                self.isAlways = isAlways
                self.numbers = numbers
            }
        }

        /// The name.
        public var name: String
        /// The type.
        public var type: ColumnType
        /// Whether it may hold `NULL`.
        public var isNullable: Bool
        /// The default, an expression of the engine.
        public var defaultValue: String?
        /// How it computes its value.
        public var generation: Generation?
        /// How it numbers its rows.
        public var identity: Identity?
        /// The collation, where it is not its table's or type's own.
        public var collation: String?
        /// The character set, where it is not its table's own (MySQL, MariaDB).
        public var characterSet: String?
        /// The expression it is set to when its row changes (MySQL, MariaDB).
        public var onUpdate: String?
        /// Whether `SELECT *` passes over it.
        public var isInvisible = false
        /// Whether it comes from a parent alone (PostgreSQL).
        public var isInherited = false
        /// What the engine has to say on storage: `storage`, `compression`, `statistics`, `srid` …
        public var options: [String: String] = [:]
        /// What people wrote about it.
        public var comment: String?

        /// A column.
        public init(
            name: String,
            type: ColumnType,
            isNullable: Bool = true,
            defaultValue: String? = nil,
            generation: Generation? = nil,
            identity: Identity? = nil
        ) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
            self.defaultValue = defaultValue
            self.generation = generation
            self.identity = identity
        }
    }
}
