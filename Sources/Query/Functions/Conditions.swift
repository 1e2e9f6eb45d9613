import Roost

extension SQLExpression {
    /// Whether there is no value.
    public var isNull: SQLCondition { SQLCondition(.isNull(negated: false), [node]) }
    /// Whether there is a value.
    public var isNotNull: SQLCondition { SQLCondition(.isNull(negated: true), [node]) }

    /// Equal, where `NULL` equals `NULL`.
    public func isSame(as value: T.Base?) -> SQLCondition {
        guard let value else { return isNull }
        return SQLCondition(.distinctFrom(negated: true), [node, QueryNode(literal: value.databaseValue)])
    }

    /// Equal, where `NULL` equals `NULL`.
    public func isSame<R: QueryValue>(as other: SQLExpression<R>) -> SQLCondition where R.Base == T.Base {
        SQLCondition(.distinctFrom(negated: true), [node, other.node])
    }

    /// Different, where `NULL` differs from every value and not from `NULL`.
    public func isDistinct(from value: T.Base?) -> SQLCondition {
        guard let value else { return isNotNull }
        return SQLCondition(.distinctFrom(negated: false), [node, QueryNode(literal: value.databaseValue)])
    }

    /// Different, where `NULL` differs from every value and not from `NULL`.
    public func isDistinct<R: QueryValue>(from other: SQLExpression<R>) -> SQLCondition where R.Base == T.Base {
        SQLCondition(.distinctFrom(negated: false), [node, other.node])
    }

    /// From the first value to the second, both included.
    public func between(_ lower: T.Base, and upper: T.Base) -> SQLCondition {
        SQLCondition(
            .between(negated: false),
            [node, QueryNode(literal: lower.databaseValue), QueryNode(literal: upper.databaseValue)]
        )
    }

    /// From one expression to the other, both included.
    public func between<L: QueryValue, U: QueryValue>(_ lower: SQLExpression<L>, and upper: SQLExpression<U>)
        -> SQLCondition
    where L.Base == T.Base, U.Base == T.Base {
        SQLCondition(.between(negated: false), [node, lower.node, upper.node])
    }

    /// The value, or another one instead of `NULL`.
    public func or(_ value: T.Base) -> SQLExpression<T.Base> {
        SQLExpression<T.Base>(.function(.coalesce), [node, QueryNode(literal: value.databaseValue)])
    }

    /// The value, or that of another expression instead of `NULL` (`COALESCE`).
    public func or<R: QueryValue>(_ other: SQLExpression<R>) -> SQLExpression<R> where R.Base == T.Base {
        SQLExpression<R>(.function(.coalesce), [node, other.node])
    }

    /// `NULL` for this value.
    public func nullIf(_ value: T.Base) -> SQLExpression<T.Base?> {
        SQLExpression<T.Base?>(.function(.nullif), [node, QueryNode(literal: value.databaseValue)])
    }

    /// Converted to another type.
    public func cast<U: QueryValue>(to type: U.Type) -> SQLExpression<U> {
        switch (T.sqlType, U.sqlType) {
        // Not every engine casts between truth and numbers.
        case (.bool, .int16), (.bool, .int32), (.bool, .int64):
            let condition = QueryNode(.truth, [node])
            let (one, zero) = (QueryNode(literal: .int(1)), QueryNode(literal: .int(0)))
            return SQLExpression<U>(.caseWhen, [condition, one, QueryNode(.not, [condition]), zero, .absent])
        case (.int16, .bool), (.int32, .bool), (.int64, .bool):
            return SQLExpression<U>(
                .conditionValue,
                [QueryNode(.binary(.notEqual), [node, QueryNode(literal: .int(0))])]
            )
        default: return SQLExpression<U>(.cast(U.sqlType), [node])
        }
    }

    /// Converted to a type of SQL with its length or precision, read as `type`.
    public func cast<U: QueryValue>(to sqlType: SQLType, as type: U.Type) -> SQLExpression<U> {
        SQLExpression<U>(.cast(sqlType), [node])
    }
}

extension SQLExpression where T.Base == Bool {
    /// The value as a condition.
    public var isTrue: SQLCondition { SQLCondition(.truth, [node]) }
}

/// `CASE`: the value of the first condition that holds.
///
/// ```swift
/// let size = when(o.total > 100, then: "large").when(o.total > 10, then: "medium").otherwise("small")
/// ```
public struct CaseExpression<T: QueryValue>: Sendable {
    let branches: [QueryNode]

    /// A further condition and its value.
    public func when(_ condition: SQLCondition, then value: T.Base) -> CaseExpression {
        CaseExpression(branches: branches + [condition.node, QueryNode(literal: value.databaseValue)])
    }

    /// A further condition and its expression.
    public func when<R: QueryValue>(_ condition: SQLCondition, then expression: SQLExpression<R>) -> CaseExpression
    where R.Base == T.Base { CaseExpression(branches: branches + [condition.node, expression.node]) }

    /// The value where no condition holds.
    public func otherwise(_ value: T.Base) -> SQLExpression<T> {
        SQLExpression(.caseWhen, branches + [QueryNode(literal: value.databaseValue)])
    }

    /// The expression where no condition holds.
    public func otherwise(_ expression: SQLExpression<T>) -> SQLExpression<T> {
        SQLExpression(.caseWhen, branches + [expression.node])
    }

    /// `NULL` where no condition holds.
    public var otherwiseNull: SQLExpression<T.Base?> { SQLExpression<T.Base?>(.caseWhen, branches + [.absent]) }
}

/// Begins a `CASE`.
public func when<T: QueryValue>(_ condition: SQLCondition, then value: T) -> CaseExpression<T> {
    CaseExpression(branches: [condition.node, QueryNode(literal: value.databaseValue)])
}

/// Begins a `CASE`.
public func when<T: QueryValue>(_ condition: SQLCondition, then expression: SQLExpression<T>) -> CaseExpression<T> {
    CaseExpression(branches: [condition.node, expression.node])
}
