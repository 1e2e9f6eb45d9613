import Roost

/// Arrays of PostgreSQL; every other dialect throws `notSupported`.
extension SQLExpression {
    /// Whether the value is an element of an array.
    public func isElement(of array: SQLExpression<[T.Base]>) -> SQLCondition {
        SQLCondition(.quantified(.equal, .any), [node, array.node])
    }
}

extension SQLExpression {
    /// The element at a position, from 1.
    public func element<E: QueryValue>(_ position: Int) -> SQLExpression<E?> where T.Base == [E], E.Base == E {
        SQLExpression<E?>(.function(.element), [node, QueryNode(literal: .int(Int64(position)))])
    }

    /// How many elements.
    public func elementCount<E: QueryValue>() -> SQLExpression<Int?> where T.Base == [E] {
        SQLExpression<Int?>(.function(.cardinality), [node])
    }

    /// Whether the array holds all of these elements.
    public func contains<E: QueryValue>(all elements: [E]) -> SQLCondition where T.Base == [E] {
        SQLCondition(.binary(.arrayContains), [node, QueryNode(literal: elements.databaseValue)])
    }

    /// Whether the array holds any of these elements.
    public func contains<E: QueryValue>(any elements: [E]) -> SQLCondition where T.Base == [E] {
        SQLCondition(.binary(.arrayOverlaps), [node, QueryNode(literal: elements.databaseValue)])
    }

    /// A row for each element.
    public func unnested<E: QueryValue>() -> SQLExpression<E> where T.Base == [E] {
        SQLExpression<E>(.function(.unnest), [node])
    }
}

/// An array of expressions.
public func array<E: QueryValue>(_ elements: SQLExpression<E>...) -> SQLExpression<[E]> {
    SQLExpression(.function(.array), elements.map(\.node))
}
