import Roost

/// A query as a source of rows, with the columns of a ``Table`` type by position.
extension RowQuery {
    /// The query as a table of this shape: its columns are the query's, in order, under the names the type gives them.
    ///
    /// - Throws: when rendered, `programming` when the query has another number of columns.
    public func subquery<T: Table>(as type: T.Type, _ alias: String? = nil) -> TableReference<T> {
        let name = alias ?? T.tableName
        let columns = TableLayout.columnNames(of: T.self)
        return TableReference(
            name: name,
            source: QueryNode(.derived(alias: name, columns: columns, isLateral: false), [node])
        )
    }

    /// As ``subquery(as:_:)``, and it may refer to the sources before it in the join (`LATERAL`).
    ///
    /// - Throws: when rendered, `notSupported` for SQLite and MariaDB.
    public func lateral<T: Table>(as type: T.Type, _ alias: String? = nil) -> TableReference<T> {
        let name = alias ?? T.tableName
        let columns = TableLayout.columnNames(of: T.self)
        return TableReference(
            name: name,
            source: QueryNode(.derived(alias: name, columns: columns, isLateral: true), [node])
        )
    }

    /// Whether the query has rows.
    public var exists: SQLCondition { SQLCondition(.exists(negated: false), [node]) }
    /// Whether the query has no rows.
    public var notExists: SQLCondition { SQLCondition(.exists(negated: true), [node]) }
}

extension RowQuery where Output: QueryValue {
    /// The query as an expression: its one row, or `NULL` without one.
    public var scalar: SQLExpression<Output.Base?> { SQLExpression<Output.Base?>(.subquery, [node]) }
}

extension SQLExpression {
    /// Whether the value is among those of the query. (`NULL` is in nothing.)
    public func `in`<Q: RowQuery>(_ query: Q) -> SQLCondition where Q.Output: QueryValue, Q.Output.Base == T.Base {
        SQLCondition(.inQuery(negated: false), [node, query.node])
    }

    /// Whether the value is not among those of the query; with a `NULL` among them never true.
    public func notIn<Q: RowQuery>(_ query: Q) -> SQLCondition where Q.Output: QueryValue, Q.Output.Base == T.Base {
        SQLCondition(.inQuery(negated: true), [node, query.node])
    }

    /// Whether the value is one of these. Without any it is false.
    public func `in`(_ values: [T.Base]) -> SQLCondition {
        membership(values, negated: false)
    }

    /// Whether the value is none of these. Without any it is true.
    public func notIn(_ values: [T.Base]) -> SQLCondition {
        membership(values, negated: true)
    }

    private func membership(_ values: [T.Base], negated: Bool) -> SQLCondition {
        guard !values.isEmpty else { return SQLCondition(.constant(negated)) }
        let literal = QueryNode(literal: .array(values.map(\.databaseValue)))
        let isDecimal = if case .decimal = T.sqlType { true } else { false }
        return SQLCondition(.inValues(negated: negated, count: values.count, isDecimal: isDecimal), [node, literal])
    }

    /// Whether the comparison holds for at least one row of the query: `price.is(.greater, thanAny: …)`.
    public func compare<Q: RowQuery>(_ comparison: Comparison, any query: Q) -> SQLCondition
    where Q.Output: QueryValue, Q.Output.Base == T.Base {
        SQLCondition(.quantified(comparison.operation, .any), [node, query.node])
    }

    /// Whether the comparison holds for every row of the query.
    public func compare<Q: RowQuery>(_ comparison: Comparison, all query: Q) -> SQLCondition
    where Q.Output: QueryValue, Q.Output.Base == T.Base {
        SQLCondition(.quantified(comparison.operation, .all), [node, query.node])
    }
}

/// The rows a function of the engine or of the user returns, as a table of this shape.
///
/// PostgreSQL gives the columns the names of the type; elsewhere the type says how the function calls them.
///
/// - Throws: when rendered, `notSupported` for MySQL and MariaDB.
public func table<T: Table>(
    _ function: String...,
    arguments: [any QueryTerm] = [],
    as type: T.Type,
    _ alias: String? = nil
) -> TableReference<T> {
    let name = alias ?? T.tableName
    let kind = NodeKind.tableFunction(alias: name, columns: TableLayout.columnNames(of: T.self), isLateral: false)
    let call = QueryNode(.namedFunction(function), arguments.map(\.node))
    return TableReference(name: name, source: QueryNode(kind, [call]))
}

extension SQLFragment {
    /// A query in the engine's own words as a table of this shape, whose columns have the names the type gives them.
    public func subquery<T: Table>(as type: T.Type, _ alias: String? = nil) -> TableReference<T> {
        let name = alias ?? T.tableName
        return TableReference(
            name: name,
            source: QueryNode(.derived(alias: name, columns: nil, isLateral: false), [node])
        )
    }
}

/// How two values are compared, where an operator cannot stand.
public struct Comparison: Sendable, Hashable {
    let operation: BinaryOperator

    /// `=`
    public static let equal = Comparison(operation: .equal)
    /// `<>`
    public static let notEqual = Comparison(operation: .notEqual)
    /// `<`
    public static let less = Comparison(operation: .less)
    /// `<=`
    public static let lessOrEqual = Comparison(operation: .lessOrEqual)
    /// `>`
    public static let greater = Comparison(operation: .greater)
    /// `>=`
    public static let greaterOrEqual = Comparison(operation: .greaterOrEqual)
}
