import Roost

/// Several expressions compared as one: by the first, and where that is equal by the next.
///
/// ```swift
/// c.select(c.id).where(row(c.city, c.name).in(wanted))
/// ```
///
/// Rendered, it throws `notSupported` for SQL Server and Oracle.
public struct RowExpression<each T: QueryValue>: QueryTerm {
    /// The term's tree.
    public let node: QueryNode

    /// A row of expressions.
    public init(_ expressions: repeat SQLExpression<each T>) {
        var nodes: [QueryNode] = []
        for expression in repeat each expressions { nodes.append(expression.node) }
        node = QueryNode(.tuple, nodes)
    }

    /// Whether the row is among those of the query.
    public func `in`<Q: RowQuery>(_ query: Q) -> SQLCondition where Q.Output == (repeat each T) {
        SQLCondition(.inQuery(negated: false), [node, query.node])
    }

    /// Whether the row is not among those of the query.
    public func notIn<Q: RowQuery>(_ query: Q) -> SQLCondition where Q.Output == (repeat each T) {
        SQLCondition(.inQuery(negated: true), [node, query.node])
    }

    /// How the row compares with another one.
    public func compare(_ comparison: Comparison, _ other: RowExpression) -> SQLCondition {
        SQLCondition(.binary(comparison.operation), [node, other.node])
    }
}

/// A row of expressions, to be compared as one; ``value(_:)`` makes one of a value.
public func row<each T: QueryValue>(_ expressions: repeat SQLExpression<each T>) -> RowExpression<repeat each T> {
    RowExpression(repeat each expressions)
}
