import Roost

private func call(_ name: FunctionName, _ children: [QueryNode]) -> QueryNode { QueryNode(.function(name), children) }

extension SQLExpression where T.Base: QueryNumber {
    /// Without its sign.
    public var magnitude: SQLExpression { SQLExpression(node: call(.abs, [node])) }
    /// −1, 0 or 1.
    public var sign: SQLExpression<Int?> { SQLExpression<Int?>(.cast(.int64), [call(.sign, [node])]) }

    /// To the next greater integer.
    public func roundedUp() -> SQLExpression<Double?> { double(.ceiling) }
    /// To the next smaller integer.
    public func roundedDown() -> SQLExpression<Double?> { double(.floor) }
    /// The square root.
    public func squareRoot() -> SQLExpression<Double?> { double(.sqrt) }
    /// The natural logarithm.
    public func logarithm() -> SQLExpression<Double?> { double(.ln) }
    /// e to the power of this.
    public func exponential() -> SQLExpression<Double?> { double(.exp) }

    private func double(_ name: FunctionName) -> SQLExpression<Double?> {
        SQLExpression<Double?>(.cast(.double), [call(name, [node])])
    }

    /// To a power.
    public func raised(to power: Double) -> SQLExpression<Double?> {
        SQLExpression<Double?>(.cast(.double), [call(.power, [node, QueryNode(literal: .double(power))])])
    }

    /// To a number of decimal places. Halves go away from zero where the engine keeps the number as decimal.
    public func rounded(to places: Int = 0) -> SQLExpression {
        SQLExpression(.cast(T.sqlType), [call(.round, [node, QueryNode(literal: .int(Int64(places)))])])
    }
}

/// The greatest of these; `NULL` if one of them is.
public func greatest<T: QueryValue>(_ first: SQLExpression<T>, _ others: SQLExpression<T>...) -> SQLExpression<T> {
    SQLExpression(.function(.greatest), [first.node] + others.map(\.node))
}

/// The least of these; `NULL` if one of them is.
public func least<T: QueryValue>(_ first: SQLExpression<T>, _ others: SQLExpression<T>...) -> SQLExpression<T> {
    SQLExpression(.function(.least), [first.node] + others.map(\.node))
}

/// A number from 0 up to, and without, 1.
public func random() -> SQLExpression<Double> { SQLExpression(.function(.random), []) }
