import Roost

/// `INSERT` of rows with values of these types, one for each column.
///
/// ```swift
/// try await database.execute(c.insert(\.name, \.city).values("Ana", "Lisboa").values("Pat", nil))
/// ```
public struct Insert<T: Table, each V: QueryValue>: Sendable {
    let table: TableReference<T>
    let columns: [QueryNode]

    /// One row.
    public func values(_ values: repeat each V) -> InsertRows<T, repeat each V> {
        InsertRows(self).values(repeat each values)
    }

    /// Many rows.
    public func values(_ rows: some Sequence<(repeat each V)>) -> InsertRows<T, repeat each V> {
        InsertRows(self).values(rows)
    }

    /// The rows of a query with as many columns.
    public func from(_ query: some RowQuery<(repeat each V)>) -> Insertion<T> {
        Insertion(table: table, columns: columns, body: query.node)
    }
}

/// Rows to be inserted.
public struct InsertRows<T: Table, each V: QueryValue>: RenderableQuery {
    private let insert: Insert<T, repeat each V>
    private var rows: [QueryNode] = []

    init(_ insert: Insert<T, repeat each V>) { self.insert = insert }

    /// A further row.
    public func values(_ values: repeat each V) -> InsertRows {
        var copy = self
        copy.append(repeat each values)
        return copy
    }

    /// Further rows.
    public func values(_ rows: some Sequence<(repeat each V)>) -> InsertRows {
        var copy = self
        for row in rows { copy.append(repeat each row) }
        return copy
    }

    private mutating func append(_ values: repeat each V) {
        var nodes: [QueryNode] = []
        nodes.reserveCapacity(insert.columns.count)
        for value in repeat each values { nodes.append(QueryNode(literal: value.databaseValue)) }
        rows.append(QueryNode(.tuple, nodes))
    }

    private var insertion: Insertion<T> {
        Insertion(table: insert.table, columns: insert.columns, body: QueryNode(.values, rows))
    }

    /// The insert's tree.
    public var node: QueryNode { insertion.node }

    /// What happens where a row is there already; see ``Insertion/onConflict(_:update:where:)``.
    public func onConflict(
        _ columns: PartialKeyPath<T>...,
        update assignments: [Assignment],
        where condition: SQLCondition? = nil
    ) -> Insertion<T> { insertion.upserting(columns, assignments, condition) }

    /// Leaves rows that are there already alone.
    public func onConflictDoNothing(_ columns: PartialKeyPath<T>...) -> Insertion<T> {
        insertion.upserting(columns, [], nil)
    }

    /// The columns of the inserted rows. Not for MySQL.
    @inlinable
    public func returning<each R: QueryValue>(_ columns: repeat SQLExpression<each R>) -> Returning<(repeat each R)> {
        asInsertion.returning(repeat each columns)
    }

    /// The insert without the types of its rows.
    public var asInsertion: Insertion<T> { insertion }
}

/// An `INSERT`, or an upsert.
public struct Insertion<T: Table>: RenderableQuery {
    let table: TableReference<T>
    let columns: [QueryNode]
    let body: QueryNode
    var options = InsertOptions()
    var upsert = QueryNode.absent
    var tables = QueryNode.absent

    init(table: TableReference<T>, columns: [QueryNode], body: QueryNode) {
        self.table = table
        self.columns = columns
        self.body = body
    }

    /// The insert's tree.
    public var node: QueryNode { node(returning: .absent) }

    /// The insert's tree with what it returns.
    public func node(returning: QueryNode) -> QueryNode {
        QueryNode(.insert(options), [tables, table.source, .list(columns), body, upsert, returning])
    }

    func upserting(
        _ paths: [PartialKeyPath<T>],
        _ assignments: [Assignment],
        _ condition: SQLCondition?
    ) -> Insertion {
        var copy = self
        let target = paths.compactMap { path in
            (table.columns[keyPath: path] as? any NamedColumn).map {
                QueryNode(.column(source: table.sourceName, name: $0.name))
            }
        }
        copy.upsert = QueryNode(
            .upsert,
            [.list(target), .list(assignments.map(\.node)), condition?.node ?? .absent, .absent]
        )
        return copy
    }

    /// Changes the row that is there already instead: the upsert of every dialect.
    ///
    /// PostgreSQL and SQLite: `ON CONFLICT (columns) DO UPDATE`. MySQL and MariaDB: `ON DUPLICATE KEY UPDATE`, which any unique key sets
    /// off, whatever the columns. SQL Server, Oracle, DB2: `MERGE` on the columns.
    ///
    /// - Parameter columns: the columns of the key.
    /// - Parameter condition: which rows are changed; not for MySQL and MariaDB.
    public func onConflict(
        _ columns: PartialKeyPath<T>...,
        update assignments: [Assignment],
        where condition: SQLCondition? = nil
    ) -> Insertion { upserting(columns, assignments, condition) }

    /// Leaves rows that are there already alone.
    public func onConflictDoNothing(_ columns: PartialKeyPath<T>...) -> Insertion { upserting(columns, [], nil) }

    /// Common tables that the query refers to.
    public func with(_ tables: any CommonTableTerm...) -> Insertion {
        var copy = self
        copy.tables = .list(tables.map(\.definition))
        return copy
    }

    /// The columns of the inserted rows. Not for MySQL.
    @inlinable
    public func returning<each R: QueryValue>(_ columns: repeat SQLExpression<each R>) -> Returning<(repeat each R)> {
        var nodes: [QueryNode] = []
        for column in repeat each columns { nodes.append(column.node) }
        return Returning(node: node(returning: Returning<(repeat each R)>.list(nodes)), fetcher: .tuples())
    }
}

/// A change that returns rows.
public struct Returning<Output>: RowQuery {
    /// The change's tree.
    public let node: QueryNode
    /// How its rows are read.
    public let fetcher: RowFetcher<Output>

    /// A change from its tree.
    public init(node: QueryNode, fetcher: RowFetcher<Output>) {
        self.node = node
        self.fetcher = fetcher
    }

    /// The list of what is returned.
    public static func list(_ nodes: [QueryNode]) -> QueryNode { QueryNode(.list, nodes) }

    /// The returned rows as a common table of a query (PostgreSQL).
    public func commonTable<T: Table>(as type: T.Type) -> CommonTable<T> {
        CommonTable(T.tableName, node, isRecursive: false, materialized: nil)
    }
}

extension TableReference {
    /// Inserts rows with values for these columns.
    public func insert<each V>(_ paths: repeat KeyPath<T, Column<each V>>) -> Insert<T, repeat each V> {
        var nodes: [QueryNode] = []
        for path in repeat each paths { nodes.append(column(path)) }
        return Insert(table: self, columns: nodes)
    }

    /// Inserts one row from assignments, which may be expressions.
    public func insert(_ assignments: [Assignment]) -> Insertion<T> {
        let row = QueryNode(.tuple, assignments.map { $0.node.children[1] })
        return Insertion(
            table: self,
            columns: assignments.map { $0.node.children[0] },
            body: QueryNode(.values, [row])
        )
    }

    /// Inserts one row of defaults.
    public func insertDefaults() -> Insertion<T> {
        var insertion = Insertion(table: self, columns: [], body: .absent)
        insertion.options.isDefault = true
        return insertion
    }

    /// Removes all rows. SQLite: by `DELETE`.
    public func truncate(restartingIdentity: Bool = false, cascading: Bool = false) -> Truncation {
        Truncation(node: QueryNode(.truncate(restartIdentity: restartingIdentity, cascade: cascading), [source]))
    }
}

/// A `TRUNCATE`.
public struct Truncation: RenderableQuery {
    /// The statement's tree.
    public let node: QueryNode
}
