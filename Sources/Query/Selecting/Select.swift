public import Roost

/// A query that returns rows of type `Output`: a tuple, a single value, or a ``Roost/RowDecodable`` type.
///
/// A value: every method returns a changed copy, so parts can be shared and put together by conditions.
///
/// ```swift
/// let c = Customers.table
/// let query = c.select(c.name, c.city).where(c.city == "Köln").orderBy(c.name).limit(10)
/// let rows = try await database.fetchAll(query, limit: 10)   // [(String, String?)]
/// ```
public struct Select<Output>: RowQuery {
    package var options = SelectOptions()
    package var parts: [QueryNode]
    /// How its rows are read.
    public let fetcher: RowFetcher<Output>

    /// A query from trees of columns; ``select(_:)`` is what applications call.
    public init(columns: [QueryNode], fetcher: RowFetcher<Output>) {
        parts = Array(repeating: .absent, count: SelectPart.allCases.count)
        self.fetcher = fetcher
        self[part: .columns] = .list(columns)
    }

    package subscript(part part: SelectPart) -> QueryNode {
        get { parts[part.rawValue] }
        set { parts[part.rawValue] = newValue }
    }

    /// The query's tree.
    public var node: QueryNode { QueryNode(.select(options), parts) }

    package func with(_ part: SelectPart, _ node: QueryNode) -> Select {
        var copy = self
        copy[part: part] = node
        return copy
    }

    private func appending(_ terms: [QueryNode], to part: SelectPart) -> Select {
        with(part, .list((self[part: part].isAbsent ? [] : self[part: part].children) + terms))
    }

    private func adding(_ condition: SQLCondition, to part: SelectPart) -> Select {
        let known = self[part: part]
        return with(part, known.isAbsent ? condition.node : (SQLCondition(node: known) && condition).node)
    }
}

/// A query from its columns; ``Select/from(_:)`` says where its rows come from.
@inlinable
public func select<each T: QueryValue>(_ columns: repeat SQLExpression<each T>) -> Select<(repeat each T)> {
    var nodes: [QueryNode] = []
    for column in repeat each columns { nodes.append(column.node) }
    return Select(columns: nodes, fetcher: .tuples())
}

/// A query of one column.
@inlinable
public func select<T: QueryValue>(_ column: SQLExpression<T>) -> Select<T> {
    Select(columns: [column.node], fetcher: .values())
}

extension Select {
    /// Where the rows come from. Several sources make a cross join.
    public func from(_ sources: any QuerySource...) -> Select {
        with(.from, .list(sources.map(\.source)))
    }

    /// Only rows that fulfil the condition; called again, all of the conditions.
    public func `where`(_ condition: SQLCondition) -> Select {
        adding(condition, to: .condition)
    }

    /// One row for each distinct combination of these; called again, of all of them.
    public func groupBy(_ terms: any QueryTerm...) -> Select {
        appending(terms.map(\.node), to: .groups)
    }

    /// Only groups that fulfil the condition; called again, all of the conditions.
    public func having(_ condition: SQLCondition) -> Select {
        adding(condition, to: .having)
    }

    /// The order of the rows: expressions, ascending, or ``SQLExpression/descending`` and the like. Called again, further keys.
    public func orderBy(_ terms: any QueryTerm...) -> Select {
        appending(terms.map(\.node), to: .order)
    }

    /// At most this many rows.
    public func limit(_ count: Int) -> Select {
        var copy = with(.limit, .limit(count))
        copy.options.withTies = false
        return copy
    }

    /// At most this many rows, and all that are equal to the last of them in the order.
    ///
    /// - Throws: when rendered, `notSupported` for SQLite and MySQL.
    public func limitWithTies(_ count: Int) -> Select {
        var copy = with(.limit, .limit(count))
        copy.options.withTies = true
        return copy
    }

    /// Passes over this many rows. Their cost is that of reading them: prefer ``page(by:after:size:)``.
    public func offset(_ count: Int) -> Select {
        with(.offset, QueryNode(literal: .int(Int64(count))))
    }

    /// Each row once.
    public func distinct() -> Select {
        var copy = self
        copy.options.isDistinct = true
        return copy
    }

    /// The first row, by the order, of each distinct combination of these. The order must begin with them.
    ///
    /// - Throws: when rendered, `notSupported` for every dialect but PostgreSQL's.
    public func distinct(on terms: any QueryTerm...) -> Select {
        with(.distinctOn, .list(terms.map(\.node)))
    }

    /// Common tables that the query refers to.
    public func with(_ tables: any CommonTableTerm...) -> Select {
        appending(tables.map(\.definition), to: .with)
    }

    /// The rows read into a type, by position or by ``Roost/RowDecodable/columnNames``.
    @inlinable
    public func decoding<R: RowDecodable & SendableMetatype>(_ type: R.Type) -> Select<R> {
        retyped(.rows(R.self))
    }

    /// The same query with its rows read differently.
    public func retyped<R>(_ fetcher: RowFetcher<R>) -> Select<R> {
        var other = Select<R>(columns: [], fetcher: fetcher)
        other.options = options
        other.parts = parts
        return other
    }
}

extension QueryNode {
    /// A number of rows; less than none is none.
    static func limit(_ count: Int) -> QueryNode {
        count > 0 ? QueryNode(literal: .int(Int64(count))) : QueryNode(.noRows)
    }
}

/// The place of a term in an order.
public struct Ordering: QueryTerm {
    /// The term's tree.
    public let node: QueryNode

    init(_ expression: QueryNode, descending: Bool, nulls: NullPlacement?) {
        node = QueryNode(.order(descending: descending, nulls: nulls), [expression])
    }

    private func placing(_ nulls: NullPlacement) -> Ordering {
        guard case .order(let descending, _) = node.kind else { return self }
        return Ordering(node.children[0], descending: descending, nulls: nulls)
    }

    /// `NULL` before all values, whatever the engine's habit.
    public var nullsFirst: Ordering { placing(.first) }
    /// `NULL` after all values, whatever the engine's habit.
    public var nullsLast: Ordering { placing(.last) }
}

extension SQLExpression {
    /// From small to great.
    public var ascending: Ordering { Ordering(node, descending: false, nulls: nil) }
    /// From great to small.
    public var descending: Ordering { Ordering(node, descending: true, nulls: nil) }
    /// Compared by this collation of the engine.
    public func collate(_ collation: String) -> SQLExpression { SQLExpression(.collate(collation), [node]) }
}
