import Roost

/// A common table of any shape, as ``Select/with(_:)`` takes it.
public protocol CommonTableTerm: Sendable {
    /// The name, the columns and the query.
    var definition: QueryNode { get }
}

/// A common table expression: a query with a name, to be used like a table.
///
/// ```swift
/// let big = CommonTable(Totals.self, as: o.select(o.customerID, sum(o.total)).groupBy(o.customerID))
/// let t = big.table
/// let query = t.select(t.customerID, t.total).where(t.total > 100).with(big)
/// ```
public struct CommonTable<T: Table>: CommonTableTerm {
    /// The definition's tree.
    public let definition: QueryNode
    private let name: String

    /// A common table with the columns of a type, in order. `materialized` asks PostgreSQL and SQLite to compute it once, or not to;
    /// other engines decide for themselves.
    public init(_ type: T.Type = T.self, name: String? = nil, materialized: Bool? = nil, as query: some RowQuery) {
        self.init(name ?? T.tableName, query.node, isRecursive: false, materialized: materialized)
    }

    /// A common table in the engine's own words, with the columns of a type, in order.
    public init(_ type: T.Type = T.self, name: String? = nil, as query: SQLFragment) {
        self.init(name ?? T.tableName, query.node, isRecursive: false, materialized: nil)
    }

    /// A table that is computed from itself: the rows of `base`, and again and again what `step` makes of the rows last added.
    ///
    /// - Parameter distinct: drop rows that are there already (`UNION`), which ends cycles; MariaDB and SQLite compare whole rows.
    public static func recursive(
        _ type: T.Type = T.self,
        name: String? = nil,
        distinct: Bool = false,
        base: some RowQuery,
        step: (TableReference<T>) -> some RowQuery
    ) -> CommonTable {
        let name = name ?? T.tableName
        let itself = TableReference<T>(name: name, source: QueryNode(.table([name], alias: nil)))
        let body = QueryNode(.setOperation(.union, all: !distinct), [base.node, step(itself).node])
        return CommonTable(name, body, isRecursive: true, materialized: nil)
    }

    init(_ name: String, _ query: QueryNode, isRecursive: Bool, materialized: Bool?) {
        self.name = name
        definition = QueryNode(
            .commonTable(
                name: name,
                columns: TableLayout.columnNames(of: T.self),
                isRecursive: isRecursive,
                materialized: materialized
            ),
            [query]
        )
    }

    /// The common table as a source, under its own name.
    public var table: TableReference<T> {
        TableReference(name: name, source: QueryNode(.table([name], alias: nil)))
    }

    /// The common table as a source, under another name.
    public func `as`(_ alias: String) -> TableReference<T> {
        TableReference(name: alias, source: QueryNode(.table([name], alias: alias)))
    }
}
