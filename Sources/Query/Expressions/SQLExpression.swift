import Roost

/// An expression of SQL that has values of type `T`: a column, a bound value, whatever functions and operators make of them.
///
/// `T` says whether it can be `NULL`: columns of a left-joined table are optional.
public struct SQLExpression<T: QueryValue>: QueryTerm {
    /// The expression's tree.
    public let node: QueryNode

    package init(_ kind: NodeKind, _ children: [QueryNode]) {
        node = QueryNode(kind, children)
    }

    package init(node: QueryNode) {
        self.node = node
    }

    /// A bound value.
    public init(_ value: T) {
        node = QueryNode(literal: value.databaseValue)
    }

    /// Names the output column.
    public func `as`(_ name: String) -> SQLExpression<T> {
        SQLExpression(.alias(name), [node])
    }

    /// The same expression where an optional is wanted.
    public var optional: SQLExpression<T.Base?> { SQLExpression<T.Base?>(node: node) }

    /// The same expression, known by the caller never to be `NULL`; decoding fails if it is.
    public var required: SQLExpression<T.Base> { SQLExpression<T.Base>(node: node) }

    /// The same expression taken for another type: the application knows better. Renders nothing; see ``cast(to:)``.
    public func typed<U: QueryValue>(_ type: U.Type) -> SQLExpression<U> { SQLExpression<U>(node: node) }
}

/// A condition: what `where`, `on`, `having`, `filter` and `when` take. Made by comparisons, combined by `&&`, `||` and `!`.
///
/// Conditions are no expressions, as some engines have no type for truth; ``value`` makes one of them.
public struct SQLCondition: QueryTerm {
    /// The condition's tree.
    public let node: QueryNode

    package init(_ kind: NodeKind, _ children: [QueryNode] = []) {
        node = QueryNode(kind, children)
    }

    package init(node: QueryNode) {
        self.node = node
    }

    /// Always true.
    public static let always = SQLCondition(.constant(true))
    /// Never true.
    public static let never = SQLCondition(.constant(false))

    /// The condition as a value: true, false, or `NULL` when it is neither.
    public var value: SQLExpression<Bool?> { SQLExpression<Bool?>(.conditionValue, [node]) }

    /// All of these; ``always`` without any. For lists that are long or made by a program.
    public static func all(of conditions: [SQLCondition]) -> SQLCondition {
        joined(conditions, .and) ?? always
    }

    /// At least one of these; ``never`` without any. For lists that are long or made by a program.
    public static func any(of conditions: [SQLCondition]) -> SQLCondition {
        joined(conditions, .or) ?? never
    }

    private static func joined(_ conditions: [SQLCondition], _ kind: NodeKind) -> SQLCondition? {
        guard let first = conditions.first else { return nil }
        return conditions.count == 1 ? first : SQLCondition(kind, conditions.map(\.node))
    }
}

/// A value to be bound where an expression is wanted.
public func value<T: QueryValue>(_ value: T) -> SQLExpression<T> {
    SQLExpression(value)
}
