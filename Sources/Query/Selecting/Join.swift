public import Roost

/// How optional the sources of a ``From`` are: only where all of them may be missing can a right or full join follow.
public enum AllPresent {}
/// See ``AllPresent``.
public enum AllOptional {}

/// The sources of a query and how they are joined.
///
/// The side of a join that may be missing is given as `table.optional`, and only its optional columns are at hand then: what a
/// left join may leave out is seen in the types.
public struct From<Presence>: QuerySource {
    /// The tree.
    public let source: QueryNode

    init(_ kind: JoinKind, _ left: QueryNode, _ right: QueryNode, _ condition: SQLCondition?) {
        source = QueryNode(.join(kind), [left, right, condition?.node ?? .absent])
    }
}

extension QuerySource {
    /// Rows of both that fulfil the condition.
    public func join(_ other: some PresentSource, on condition: SQLCondition) -> From<AllPresent> {
        From(.inner, source, other.source, condition)
    }

    /// All rows on this side, with those of the other that fulfil the condition, or with `NULL`s.
    public func leftJoin<T>(_ other: OptionalTable<T>, on condition: SQLCondition) -> From<AllPresent> {
        From(.left, source, other.source, condition)
    }

    /// Every row of one with every row of the other.
    public func crossJoin(_ other: some PresentSource) -> From<AllPresent> {
        From(.cross, source, other.source, nil)
    }
}

/// A source all of whose rows are there: what inner and cross joins take.
public protocol PresentSource: QuerySource {}
extension TableReference: PresentSource {}
extension From: PresentSource where Presence == AllPresent {}

extension OptionalTable {
    /// All rows of the other side, with those of this one that fulfil the condition, or with `NULL`s.
    public func rightJoin(_ other: some PresentSource, on condition: SQLCondition) -> From<AllPresent> {
        From(.right, source, other.source, condition)
    }

    /// The rows of both sides, each with those of the other that fulfil the condition, or with `NULL`s.
    ///
    /// - Throws: when rendered, `notSupported` for MySQL and MariaDB.
    public func fullJoin<U>(_ other: OptionalTable<U>, on condition: SQLCondition) -> From<AllOptional> {
        From<AllOptional>(.full, source, other.source, condition)
    }
}

extension From where Presence == AllOptional {
    /// All rows of the other side, with those of this one that fulfil the condition, or with `NULL`s.
    public func rightJoin(_ other: some PresentSource, on condition: SQLCondition) -> From<AllPresent> {
        From<AllPresent>(.right, source, other.source, condition)
    }

    /// The rows of both sides, each with those of the other that fulfil the condition, or with `NULL`s.
    public func fullJoin<U>(_ other: OptionalTable<U>, on condition: SQLCondition) -> From<AllOptional> {
        From(.full, source, other.source, condition)
    }
}

extension QuerySource {
    /// The rows of this source, as these columns.
    @inlinable
    public func select<each T: QueryValue>(
        _ columns: repeat SQLExpression<each T>
    ) -> Select<(repeat each T)> {
        RoostQuery.select(repeat each columns).from(self)
    }
}

extension TableReference {
    /// All columns of the table in their order, to be read by a type: `customers.select(as: Customer.self)`.
    @inlinable
    public func select<R: RowDecodable & SendableMetatype>(as type: R.Type) -> Select<R> {
        Select(columns: allColumns, fetcher: .rows(R.self)).from(self)
    }

    /// Every column of the table in the order of its declaration.
    public var allColumns: [QueryNode] {
        TableLayout.columnNames(of: T.self).map { QueryNode(.column(source: sourceName, name: $0)) }
    }
}

extension QuerySource {
    /// The rows of this source, as this column. Beside the form for many: a tuple of one is no value to the compiler.
    @inlinable
    public func select<T: QueryValue>(_ column: SQLExpression<T>) -> Select<T> {
        RoostQuery.select(column).from(self)
    }
}
