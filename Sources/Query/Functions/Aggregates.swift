public import Roost

/// An aggregate: an expression over the rows of a group, or, with `over`, over the rows of a window.
public struct Aggregate<T: QueryValue>: QueryTerm {
    let name: AggregateName
    var arguments: [QueryNode]
    var isDistinct = false
    var condition = QueryNode.absent
    var order = QueryNode.absent

    init(_ name: AggregateName, _ arguments: [QueryNode], isDistinct: Bool = false) {
        self.name = name
        self.arguments = arguments
        self.isDistinct = isDistinct
    }

    /// The aggregate's tree.
    public var node: QueryNode {
        QueryNode(.aggregate(name, distinct: isDistinct, type: T.sqlType), [.list(arguments), condition, order])
    }

    /// Only rows that fulfil the condition. Where the engine has no `FILTER`, by `CASE`.
    public func filter(_ condition: SQLCondition) -> Aggregate {
        var copy = self
        copy.condition = condition.node
        return copy
    }

    /// The order of the rows inside of it, for ``joined(_:separator:)`` and arrays.
    ///
    /// - Throws: when rendered, `notSupported` for SQLite before 3.44.
    public func orderBy(_ terms: any QueryTerm...) -> Aggregate {
        var copy = self
        copy.order = .list(terms.map(\.node))
        return copy
    }

    /// The aggregate as an expression.
    public var expression: SQLExpression<T> { SQLExpression(node: node) }

    /// The aggregate over a window.
    public func over(
        partitionBy partition: [any QueryTerm] = [],
        orderBy order: [any QueryTerm] = [],
        _ frame: WindowFrame? = nil
    ) -> SQLExpression<T> {
        SQLExpression(.over(frame), [node, .list(partition.map(\.node)), .list(order.map(\.node))])
    }
}

/// How many rows.
public func count() -> Aggregate<Int> { Aggregate(.count, []) }
/// How many rows where the expression has a value.
public func count<T>(_ expression: SQLExpression<T>) -> Aggregate<Int> { Aggregate(.count, [expression.node]) }
/// How many different values.
public func count<T>(distinct expression: SQLExpression<T>) -> Aggregate<Int> {
    Aggregate(.count, [expression.node], isDistinct: true)
}
/// The sum; `NULL` without values.
public func sum<T: QueryValue>(_ expression: SQLExpression<T>) -> Aggregate<T.Base?> where T.Base: QueryNumber {
    Aggregate(.sum, [expression.node])
}
/// The sum of different values.
public func sum<T: QueryValue>(distinct expression: SQLExpression<T>) -> Aggregate<T.Base?> where T.Base: QueryNumber {
    Aggregate(.sum, [expression.node], isDistinct: true)
}
/// The mean, in double precision; `NULL` without values.
public func average<T: QueryValue>(_ expression: SQLExpression<T>) -> Aggregate<Double?> where T.Base: QueryNumber {
    Aggregate(.avg, [expression.node])
}
/// The least value.
public func min<T: QueryValue>(_ expression: SQLExpression<T>) -> Aggregate<T.Base?> {
    Aggregate(.min, [expression.node])
}
/// The greatest value.
public func max<T: QueryValue>(_ expression: SQLExpression<T>) -> Aggregate<T.Base?> {
    Aggregate(.max, [expression.node])
}
/// The texts, one after the other. MySQL and MariaDB cut the result at `group_concat_max_len`, SQLite wants `","` for distinct ones.
public func joined<T: QueryValue>(_ expression: SQLExpression<T>, separator: String = ",") -> Aggregate<String?>
where T.Base == String { Aggregate(.join, [expression.node, QueryNode(.identifier([separator]))]) }
/// The values as an array (PostgreSQL).
public func array<T: QueryValue>(of expression: SQLExpression<T>) -> Aggregate<[T]?> {
    Aggregate(.arrayAggregate, [expression.node])
}
/// The values as a JSON array.
public func jsonArray<T>(of expression: SQLExpression<T>) -> Aggregate<JSON?> {
    Aggregate(.jsonArray, [expression.node])
}
/// The keys and values as a JSON object.
public func jsonObject<V>(of key: SQLExpression<String>, _ value: SQLExpression<V>) -> Aggregate<JSON?> {
    Aggregate(.jsonObject, [key.node, value.node])
}
/// Whether the condition holds for every row of the group.
public func every(_ condition: SQLCondition) -> Aggregate<Bool?> { Aggregate(.every, [condition.node]) }
/// Whether the condition holds for some row of the group.
public func some(_ condition: SQLCondition) -> Aggregate<Bool?> { Aggregate(.some, [condition.node]) }
/// The standard deviation of a sample. Not for SQLite.
public func standardDeviation<T: QueryValue>(_ expression: SQLExpression<T>) -> Aggregate<Double?>
where T.Base: QueryNumber { Aggregate(.standardDeviation, [expression.node]) }
/// The variance of a sample. Not for SQLite.
public func variance<T: QueryValue>(_ expression: SQLExpression<T>) -> Aggregate<Double?> where T.Base: QueryNumber {
    Aggregate(.variance, [expression.node])
}
/// 1 in the rows a rollup, cube or grouping set adds that are not grouped by the expression, else 0.
public func grouping<T>(_ expression: SQLExpression<T>) -> SQLExpression<Int> {
    Aggregate<Int>(.grouping, [expression.node]).expression
}

/// Further groups, of fewer columns.
public struct Grouping: QueryTerm {
    /// The term's tree.
    public let node: QueryNode

    /// Groups of all columns, of all but the last, …, of none.
    public static func rollup(_ terms: any QueryTerm...) -> Grouping { Grouping(.rollup, terms.map(\.node)) }
    /// Groups of every subset of the columns.
    public static func cube(_ terms: any QueryTerm...) -> Grouping { Grouping(.cube, terms.map(\.node)) }
    /// Groups of each of these lists of columns.
    public static func sets(_ sets: [any QueryTerm]...) -> Grouping {
        Grouping(.sets, sets.map { QueryNode(.tuple, $0.map(\.node)) })
    }

    private init(_ kind: GroupingKind, _ children: [QueryNode]) { node = QueryNode(.groupingSets(kind), children) }
}
