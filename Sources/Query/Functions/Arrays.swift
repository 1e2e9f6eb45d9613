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
        compare(.arrayContains, elements)
    }

    /// Whether the array holds any of these elements.
    public func contains<E: QueryValue>(any elements: [E]) -> SQLCondition where T.Base == [E] {
        compare(.arrayOverlaps, elements)
    }

    // There are no such operators between arrays of different types, as of integers of different size.
    private func compare<E: QueryValue>(_ operation: BinaryOperator, _ elements: [E]) -> SQLCondition
    where T.Base == [E] {
        let literal = QueryNode(literal: elements.databaseValue)
        return SQLCondition(
            .binary(operation),
            [QueryNode(.cast(T.sqlType), [node]), QueryNode(.cast(T.sqlType), [literal])]
        )
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
