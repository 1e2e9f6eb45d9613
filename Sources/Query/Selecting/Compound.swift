import Roost

/// Queries put together by `UNION`, `INTERSECT` or `EXCEPT`. Its rows are those of the first query, and so are its columns' names.
public struct Compound<Output>: RowQuery {
    private let body: QueryNode
    private var order = QueryNode.absent
    private var limit = QueryNode.absent
    private var offset = QueryNode.absent
    private var tables = QueryNode.absent
    /// How its rows are read.
    public let fetcher: RowFetcher<Output>

    init(_ operation: SetOperator, all: Bool, _ left: QueryNode, _ right: QueryNode, _ fetcher: RowFetcher<Output>) {
        body = QueryNode(.setOperation(operation, all: all), [left, right])
        self.fetcher = fetcher
    }

    /// The query's tree.
    public var node: QueryNode {
        if order.isAbsent, limit.isAbsent, offset.isAbsent, tables.isAbsent { return body }
        return QueryNode(.compound, [tables, body, order, limit, offset])
    }

    /// The order of the rows, by the names of the first query's columns.
    public func orderBy(_ columns: OutputColumn...) -> Compound {
        var copy = self
        copy.order = .list((order.isAbsent ? [] : order.children) + columns.map(\.node))
        return copy
    }

    /// At most this many rows.
    public func limit(_ count: Int) -> Compound {
        var copy = self
        copy.limit = .limit(count)
        return copy
    }

    /// Passes over this many rows.
    public func offset(_ count: Int) -> Compound {
        var copy = self
        copy.offset = QueryNode(literal: .int(Int64(count)))
        return copy
    }

    /// Common tables that the queries refer to.
    public func with(_ tables: any CommonTableTerm...) -> Compound {
        var copy = self
        copy.tables = .list((self.tables.isAbsent ? [] : self.tables.children) + tables.map(\.definition))
        return copy
    }
}

/// A column of a compound's result, by name.
public struct OutputColumn: QueryTerm, ExpressibleByStringLiteral {
    /// The term's tree.
    public let node: QueryNode

    private init(node: QueryNode) { self.node = node }

    /// The column of this name.
    public init(_ name: String) { node = QueryNode(.identifier([name])) }
    /// The column of this name.
    public init(stringLiteral value: String) { self.init(value) }

    /// From great to small.
    public static func descending(_ name: String) -> OutputColumn {
        OutputColumn(node: QueryNode(.order(descending: true, nulls: nil), [QueryNode(.identifier([name]))]))
    }
}

extension RowQuery {
    /// The rows of both, each once.
    public func union(_ other: some RowQuery<Output>) -> Compound<Output> {
        Compound(.union, all: false, node, other.node, fetcher)
    }

    /// The rows of both.
    public func unionAll(_ other: some RowQuery<Output>) -> Compound<Output> {
        Compound(.union, all: true, node, other.node, fetcher)
    }

    /// The rows that are in both, each once.
    public func intersect(_ other: some RowQuery<Output>) -> Compound<Output> {
        Compound(.intersect, all: false, node, other.node, fetcher)
    }

    /// The rows that are in both, as often as in the one that has fewer of them.
    public func intersectAll(_ other: some RowQuery<Output>) -> Compound<Output> {
        Compound(.intersect, all: true, node, other.node, fetcher)
    }

    /// The rows of this query that are not in the other, each once.
    public func except(_ other: some RowQuery<Output>) -> Compound<Output> {
        Compound(.except, all: false, node, other.node, fetcher)
    }

    /// The rows of this query, less those of the other.
    public func exceptAll(_ other: some RowQuery<Output>) -> Compound<Output> {
        Compound(.except, all: true, node, other.node, fetcher)
    }
}
