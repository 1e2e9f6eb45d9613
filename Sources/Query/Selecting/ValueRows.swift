import Roost

/// Rows of values as a query: `VALUES`, or what the engine has for it.
///
/// ```swift
/// let wanted = rows([(1, "one"), (2, "two")]).subquery(as: Wanted.self)
/// ```
public struct ValueRows<Output>: RowQuery {
    /// The query's tree.
    public let node: QueryNode
    /// How its rows are read.
    public let fetcher: RowFetcher<Output>

    /// Rows from the trees of their values and the types of the columns; ``rows(_:)`` is what applications call.
    public init(_ rows: [[QueryNode]], types: [SQLType], fetcher: RowFetcher<Output>) {
        self.fetcher = fetcher
        guard !rows.isEmpty else {
            // No engine has an empty list of rows.
            var parts = Array(repeating: QueryNode.absent, count: SelectPart.allCases.count)
            parts[SelectPart.columns.rawValue] = .list(
                types.map { QueryNode(.cast($0), [QueryNode(literal: .null)]) }
            )
            parts[SelectPart.condition.rawValue] = SQLCondition.never.node
            node = QueryNode(.select(SelectOptions()), parts)
            return
        }
        node = QueryNode(
            .values,
            rows.map { row in QueryNode(.tuple, zip(row, types).map { QueryNode(.typed($1), [$0]) }) }
        )
    }
}

/// Rows of values as a query.
@inlinable
public func rows<each T: QueryValue>(_ values: [(repeat each T)]) -> ValueRows<(repeat each T)> {
    var types: [SQLType] = []
    for type in repeat (each T).self { types.append(type.sqlType) }
    let nodes = values.map { row in
        var nodes: [QueryNode] = []
        for value in repeat each row { nodes.append(SQLExpression(value).node) }
        return nodes
    }
    return ValueRows(nodes, types: types, fetcher: .tuples())
}

/// Values as a query of one column.
@inlinable
public func rows<T: QueryValue>(_ values: [T]) -> ValueRows<T> {
    ValueRows(values.map { [SQLExpression($0).node] }, types: [T.sqlType], fetcher: .values())
}
