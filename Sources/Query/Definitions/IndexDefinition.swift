import Roost

/// An index, made by ``TableReference/index(_:on:)``.
///
/// ```swift
/// try await database.define(
///     c.index("customer_by_city", on: c.city, c.name.descending).where(c.credit > 0).including(\.credit).create()
/// )
/// ```
public struct IndexDefinition<T: Table>: Sendable {
    let name: String
    let terms: [QueryNode]
    private(set) var isUnique = false
    private(set) var nullsNotDistinct = false
    private(set) var method: IndexMethod?
    private(set) var condition: QueryNode?
    private(set) var included: [String] = []

    init(_ name: String, _ terms: [QueryNode]) {
        self.name = name
        self.terms = terms
    }

    /// No two rows are the same in what is indexed.
    ///
    /// - Parameter nullsNotDistinct: two `NULL` are the same (PostgreSQL 15; in SQL Server they always are).
    public func unique(nullsNotDistinct: Bool = false) -> IndexDefinition {
        var copy = self
        copy.isUnique = true
        copy.nullsNotDistinct = nullsNotDistinct
        return copy
    }

    /// Only rows that fulfil the condition (SQLite, PostgreSQL, SQL Server).
    public func `where`(_ condition: SQLCondition) -> IndexDefinition {
        var copy = self
        copy.condition = condition.node
        return copy
    }

    /// Columns that can be read from the index without being part of its key (PostgreSQL, SQL Server; DB2, where it is unique).
    public func including(_ columns: PartialKeyPath<T>...) -> IndexDefinition {
        var copy = self
        copy.included += T.table.names(columns)
        return copy
    }

    /// How the index is built (PostgreSQL, MySQL, MariaDB).
    public func using(_ method: IndexMethod) -> IndexDefinition {
        var copy = self
        copy.method = method
        return copy
    }

    /// Makes the index.
    ///
    /// - Parameter ifNotExists: an index of the name is left as it is; not for MySQL and SQL Server.
    /// - Parameter concurrently: writers go on meanwhile. PostgreSQL refuses it inside of a transaction; not for SQLite and DB2.
    public func create(ifNotExists: Bool = false, concurrently: Bool = false) -> some DataDefinition {
        CreateIndex(index: self, ifNotExists: ifNotExists, concurrently: concurrently)
    }

    /// Removes the index.
    ///
    /// - Parameter ifExists: it is no error that there is none; not for MySQL.
    public func drop(ifExists: Bool = false, concurrently: Bool = false) -> some DataDefinition {
        DropIndex(table: T.qualifiedName, name: name, ifExists: ifExists, concurrently: concurrently)
    }
}

/// How an index is built.
public struct IndexMethod: Hashable, Sendable {
    let name: String
    /// A method of the engine by its name.
    public init(_ name: String) { self.name = name }
    /// Values in their order: the usual one.
    public static let btree = IndexMethod("btree")
    /// Equal values only.
    public static let hash = IndexMethod("hash")
    /// PostgreSQL: what is in arrays, JSON, words.
    public static let gin = IndexMethod("gin")
    /// PostgreSQL: ranges, geometry.
    public static let gist = IndexMethod("gist")
    /// PostgreSQL: big tables in the order of their values.
    public static let brin = IndexMethod("brin")
    /// MySQL, MariaDB: the words of a text.
    public static let fullText = IndexMethod("fulltext")
    /// MySQL, MariaDB: geometry.
    public static let spatial = IndexMethod("spatial")

    var isKind: Bool { self == .fullText || self == .spatial }
}

private struct CreateIndex<T: Table>: DataDefinition {
    let index: IndexDefinition<T>
    let ifNotExists: Bool
    let concurrently: Bool

    func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement] {
        var script = DefinitionScript(dialect, version)
        try script.add { (sql) throws(DatabaseError) in
            try sql.renderCreateIndex(index, ifNotExists: ifNotExists, concurrently: concurrently)
        }
        return script.statements
    }
}

private struct DropIndex: DataDefinition {
    let table: [String]
    let name: String
    let ifExists: Bool
    let concurrently: Bool

    func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement] {
        var script = DefinitionScript(dialect, version)
        try script.add { (sql) throws(DatabaseError) in
            let isOfTable = sql.profile.isMySQLFamily || sql.profile.engine == .sqlserver
            if ifExists {
                if sql.profile.engine == .mysql { throw sql.notSupported("DROP INDEX IF EXISTS") }
                try sql.require(.ifExists)
            }
            sql.write("drop index ")
            if concurrently {
                if sql.profile.engine != .postgresql { throw sql.notSupported("DROP INDEX CONCURRENTLY") }
                sql.write("concurrently ")
            }
            if ifExists { sql.write("if exists ") }
            // An index is in its table's schema, and there the name is looked for.
            try sql.write(identifier: isOfTable ? [name] : table.dropLast() + [name])
            if isOfTable {
                sql.write(" on ")
                try sql.write(identifier: table)
            }
        }
        return script.statements
    }
}

extension TableReference {
    /// An index on columns and expressions, in the order of ``SQLExpression/descending`` and the like where that is said.
    ///
    /// Expressions are for SQLite, PostgreSQL, MySQL, Oracle and DB2; elsewhere index a generated column.
    public func index(_ name: String, on terms: any QueryTerm...) -> IndexDefinition<T> {
        IndexDefinition(name, terms.map(\.node))
    }
}
