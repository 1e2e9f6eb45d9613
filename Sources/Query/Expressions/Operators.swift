import Roost

// Few overloads, each with one generic parameter more than the last: the compiler tries every overload of an operator for every
// occurrence of it, and that is what makes expressions slow to type-check. A value on the left of a comparison has none:
// write it on the right.

private func comparison(_ operation: BinaryOperator, _ left: QueryNode, _ right: QueryNode) -> SQLCondition {
    SQLCondition(.binary(operation), [left, right])
}

private func bound(_ value: some QueryValue) -> QueryNode {
    QueryNode(literal: value.databaseValue)
}

// swift-format-ignore: AlwaysUseLowerCamelCase
extension SQLExpression {
    /// Equal. `NULL` equals nothing: see ``isNull`` and ``isDistinct(from:)``.
    public static func == (left: SQLExpression<T>, right: T.Base) -> SQLCondition {
        comparison(.equal, left.node, bound(right))
    }

    /// Equal.
    public static func == <R: QueryValue>(left: SQLExpression<T>, right: SQLExpression<R>) -> SQLCondition
    where R.Base == T.Base { comparison(.equal, left.node, right.node) }

    /// Not equal.
    public static func != (left: SQLExpression<T>, right: T.Base) -> SQLCondition {
        comparison(.notEqual, left.node, bound(right))
    }

    /// Not equal.
    public static func != <R: QueryValue>(left: SQLExpression<T>, right: SQLExpression<R>) -> SQLCondition
    where R.Base == T.Base { comparison(.notEqual, left.node, right.node) }

    /// Less.
    public static func < (left: SQLExpression<T>, right: T.Base) -> SQLCondition {
        comparison(.less, left.node, bound(right))
    }

    /// Less.
    public static func < <R: QueryValue>(left: SQLExpression<T>, right: SQLExpression<R>) -> SQLCondition
    where R.Base == T.Base { comparison(.less, left.node, right.node) }

    /// Less or equal.
    public static func <= (left: SQLExpression<T>, right: T.Base) -> SQLCondition {
        comparison(.lessOrEqual, left.node, bound(right))
    }

    /// Less or equal.
    public static func <= <R: QueryValue>(left: SQLExpression<T>, right: SQLExpression<R>) -> SQLCondition
    where R.Base == T.Base { comparison(.lessOrEqual, left.node, right.node) }

    /// Greater.
    public static func > (left: SQLExpression<T>, right: T.Base) -> SQLCondition {
        comparison(.greater, left.node, bound(right))
    }

    /// Greater.
    public static func > <R: QueryValue>(left: SQLExpression<T>, right: SQLExpression<R>) -> SQLCondition
    where R.Base == T.Base { comparison(.greater, left.node, right.node) }

    /// Greater or equal.
    public static func >= (left: SQLExpression<T>, right: T.Base) -> SQLCondition {
        comparison(.greaterOrEqual, left.node, bound(right))
    }

    /// Greater or equal.
    public static func >= <R: QueryValue>(left: SQLExpression<T>, right: SQLExpression<R>) -> SQLCondition
    where R.Base == T.Base { comparison(.greaterOrEqual, left.node, right.node) }
}

extension SQLExpression where T.Base: QueryNumber {
    private static func calculate(_ operation: BinaryOperator, _ left: QueryNode, _ right: QueryNode) -> SQLExpression {
        SQLExpression(.binary(operation), [left, right])
    }

    // Engines disagree on what dividing two integers gives; here it is always an integer.
    private static var division: BinaryOperator { T.sqlType.isInteger ? .divideIntegers : .divide }

    /// Sum.
    public static func + (left: SQLExpression, right: SQLExpression) -> SQLExpression {
        calculate(.add, left.node, right.node)
    }

    /// Sum.
    public static func + (left: SQLExpression, right: T.Base) -> SQLExpression {
        calculate(.add, left.node, bound(right))
    }

    /// Sum.
    public static func + (left: T.Base, right: SQLExpression) -> SQLExpression {
        calculate(.add, bound(left), right.node)
    }

    /// Difference.
    public static func - (left: SQLExpression, right: SQLExpression) -> SQLExpression {
        calculate(.subtract, left.node, right.node)
    }

    /// Difference.
    public static func - (left: SQLExpression, right: T.Base) -> SQLExpression {
        calculate(.subtract, left.node, bound(right))
    }

    /// Difference.
    public static func - (left: T.Base, right: SQLExpression) -> SQLExpression {
        calculate(.subtract, bound(left), right.node)
    }

    /// Product.
    public static func * (left: SQLExpression, right: SQLExpression) -> SQLExpression {
        calculate(.multiply, left.node, right.node)
    }

    /// Product.
    public static func * (left: SQLExpression, right: T.Base) -> SQLExpression {
        calculate(.multiply, left.node, bound(right))
    }

    /// Product.
    public static func * (left: T.Base, right: SQLExpression) -> SQLExpression {
        calculate(.multiply, bound(left), right.node)
    }

    /// Quotient; of integers an integer, rounded towards zero.
    public static func / (left: SQLExpression, right: SQLExpression) -> SQLExpression {
        calculate(division, left.node, right.node)
    }

    /// Quotient; of integers an integer, rounded towards zero.
    public static func / (left: SQLExpression, right: T.Base) -> SQLExpression {
        calculate(division, left.node, bound(right))
    }

    /// Quotient; of integers an integer, rounded towards zero.
    public static func / (left: T.Base, right: SQLExpression) -> SQLExpression {
        calculate(division, bound(left), right.node)
    }

    /// Remainder, with the sign of the left side.
    public static func % (left: SQLExpression, right: SQLExpression) -> SQLExpression {
        calculate(.remainder, left.node, right.node)
    }

    /// Remainder, with the sign of the left side.
    public static func % (left: SQLExpression, right: T.Base) -> SQLExpression {
        calculate(.remainder, left.node, bound(right))
    }

    /// Negated.
    public static prefix func - (operand: SQLExpression) -> SQLExpression {
        SQLExpression(.negate, [operand.node])
    }
}

extension SQLCondition {
    /// Both.
    public static func && (left: SQLCondition, right: SQLCondition) -> SQLCondition {
        SQLCondition(.and, flattened(left, .and) + flattened(right, .and))
    }

    /// At least one.
    public static func || (left: SQLCondition, right: SQLCondition) -> SQLCondition {
        SQLCondition(.or, flattened(left, .or) + flattened(right, .or))
    }

    /// The opposite; of what is neither true nor false, neither.
    public static prefix func ! (operand: SQLCondition) -> SQLCondition {
        SQLCondition(.not, [operand.node])
    }

    private static func flattened(_ condition: SQLCondition, _ kind: NodeKind) -> [QueryNode] {
        condition.node.kind == kind ? condition.node.children : [condition.node]
    }
}
