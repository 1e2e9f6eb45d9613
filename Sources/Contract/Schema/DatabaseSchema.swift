/// The structure of a database: what `roost schema inspect` shows.
public struct DatabaseSchema: Sendable, Hashable, Codable {
    /// A column of a table or view.
    public struct Column: Sendable, Hashable, Codable {
        /// The name.
        public var name: String
        /// The type as declared; empty where none was.
        public var type: String
        /// Whether it may hold `NULL`.
        public var isNullable: Bool
        /// The default as an expression of the engine.
        public var defaultValue: String?
        /// Whether its value is computed by the engine.
        public var isGenerated: Bool

        /// A column.
        public init(name: String, type: String, isNullable: Bool, defaultValue: String?, isGenerated: Bool) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
            self.defaultValue = defaultValue
            self.isGenerated = isGenerated
        }
    }

    /// A foreign key.
    public struct ForeignKey: Sendable, Hashable, Codable {
        /// The referring columns, in order.
        public var columns: [String]
        /// The table referred to.
        public var referencedTable: String
        /// The columns referred to; empty for its primary key.
        public var referencedColumns: [String]
        /// What happens when the referred row is updated.
        public var onUpdate: String
        /// What happens when the referred row is deleted.
        public var onDelete: String

        /// A foreign key.
        public init(
            columns: [String],
            referencedTable: String,
            referencedColumns: [String],
            onUpdate: String,
            onDelete: String
        ) {
            self.columns = columns
            self.referencedTable = referencedTable
            self.referencedColumns = referencedColumns
            self.onUpdate = onUpdate
            self.onDelete = onDelete
        }
    }

    /// An index.
    public struct Index: Sendable, Hashable, Codable {
        /// The name.
        public var name: String
        /// The columns, in order; an expression is `(expression)`.
        public var columns: [String]
        /// Whether it forbids duplicates.
        public var isUnique: Bool
        /// Whether it covers only some rows.
        public var isPartial: Bool

        /// An index.
        public init(name: String, columns: [String], isUnique: Bool, isPartial: Bool) {
            self.name = name
            self.columns = columns
            self.isUnique = isUnique
            self.isPartial = isPartial
        }
    }

    /// A table.
    public struct Table: Sendable, Hashable, Codable {
        /// The name.
        public var name: String
        /// The columns, in order.
        public var columns: [Column] = []
        /// The columns of the primary key, in its order.
        public var primaryKey: [String] = []
        /// The foreign keys.
        public var foreignKeys: [ForeignKey] = []
        /// The indexes, those of unique constraints included.
        public var indexes: [Index] = []
        /// The conditions of the `CHECK` constraints.
        public var checks: [String] = []

        /// A table without anything in it.
        public init(name: String) {
            self.name = name
        }
    }

    /// A view or trigger, with its definition.
    public struct Definition: Sendable, Hashable, Codable {
        /// The name.
        public var name: String
        /// The table a trigger belongs to.
        public var table: String?
        /// The statement that made it.
        public var sql: String

        /// A definition.
        public init(name: String, table: String? = nil, sql: String) {
            self.name = name
            self.table = table
            self.sql = sql
        }
    }

    /// The tables by name.
    public var tables: [Table] = []
    /// The views by name.
    public var views: [Definition] = []
    /// The triggers by name.
    public var triggers: [Definition] = []

    /// An empty database.
    public init() {}
}

/// A connection that can read the structure of its database.
public protocol SchemaInspectingConnection: Connection {
    /// Reads the structure in a number of statements that does not depend on the number of tables.
    func inspectSchema() async throws(DatabaseError) -> DatabaseSchema
}
