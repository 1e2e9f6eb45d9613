import Roost

/// Which rows around the current one a window function sees.
public struct WindowFrame: Hashable, Sendable {
    /// How rows are counted.
    public enum Unit: String, Hashable, Sendable {
        case rows, range
        /// Rows that are equal in the order count as one. PostgreSQL, SQLite, Oracle 21.
        case groups
    }

    /// Where a frame begins or ends.
    public enum Bound: Hashable, Sendable {
        case unboundedPreceding, currentRow, unboundedFollowing
        case preceding(Int)
        case following(Int)
    }

    /// Which rows are left out. PostgreSQL, SQLite, Oracle 21.
    public enum Exclusion: String, Hashable, Sendable {
        case currentRow = "current row"
        case group, ties
    }

    var unit: Unit
    var start: Bound
    var end: Bound
    var exclusion: Exclusion?

    /// Rows by number.
    public static func rows(_ start: Bound, _ end: Bound, excluding exclusion: Exclusion? = nil) -> WindowFrame {
        WindowFrame(unit: .rows, start: start, end: end, exclusion: exclusion)
    }

    /// Rows by the distance of what they are ordered by.
    public static func range(_ start: Bound, _ end: Bound, excluding exclusion: Exclusion? = nil) -> WindowFrame {
        WindowFrame(unit: .range, start: start, end: end, exclusion: exclusion)
    }

    /// Groups of rows that are equal in the order.
    public static func groups(_ start: Bound, _ end: Bound, excluding exclusion: Exclusion? = nil) -> WindowFrame {
        WindowFrame(unit: .groups, start: start, end: end, exclusion: exclusion)
    }
}

/// A function that is only there over a window.
public struct WindowFunction<T: QueryValue>: Sendable {
    let node: QueryNode

    init(_ name: FunctionName, _ arguments: [QueryNode] = []) { node = QueryNode(.function(name), arguments) }

    /// The function over a window.
    public func over(
        partitionBy partition: [any QueryTerm] = [],
        orderBy order: [any QueryTerm] = [],
        _ frame: WindowFrame? = nil
    ) -> SQLExpression<T> {
        SQLExpression(.over(frame), [node, .list(partition.map(\.node)), .list(order.map(\.node))])
    }
}

private func number(_ value: Int) -> QueryNode { QueryNode(literal: .int(Int64(value))) }

/// The row's number, from 1.
public func rowNumber() -> WindowFunction<Int> { WindowFunction(.rowNumber) }
/// The row's rank; equal rows share one, and leave a gap.
public func rank() -> WindowFunction<Int> { WindowFunction(.rank) }
/// The row's rank; equal rows share one, and leave no gap.
public func denseRank() -> WindowFunction<Int> { WindowFunction(.denseRank) }
/// The rank from 0 to 1.
public func percentRank() -> WindowFunction<Double> { WindowFunction(.percentRank) }
/// The share of rows up to this one.
public func cumulativeDistribution() -> WindowFunction<Double> { WindowFunction(.cumeDist) }
/// Which of so many parts of equal size the row is in, from 1.
public func ntile(_ count: Int) -> WindowFunction<Int> { WindowFunction(.ntile, [number(count)]) }
/// The value so many rows before.
public func lag<T: QueryValue>(_ expression: SQLExpression<T>, _ offset: Int = 1) -> WindowFunction<T.Base?> {
    WindowFunction(.lag, [expression.node, number(offset)])
}
/// The value so many rows before, or a default. Not for MariaDB.
public func lag<T: QueryValue>(_ expression: SQLExpression<T>, _ offset: Int = 1, default value: T.Base)
    -> WindowFunction<T>
{
    WindowFunction(.lag, [expression.node, number(offset), QueryNode(literal: value.databaseValue)])
}
/// The value so many rows after.
public func lead<T: QueryValue>(_ expression: SQLExpression<T>, _ offset: Int = 1) -> WindowFunction<T.Base?> {
    WindowFunction(.lead, [expression.node, number(offset)])
}
/// The value so many rows after, or a default. Not for MariaDB.
public func lead<T: QueryValue>(_ expression: SQLExpression<T>, _ offset: Int = 1, default value: T.Base)
    -> WindowFunction<T>
{
    WindowFunction(.lead, [expression.node, number(offset), QueryNode(literal: value.databaseValue)])
}
/// The value of the frame's first row.
public func firstValue<T: QueryValue>(_ expression: SQLExpression<T>) -> WindowFunction<T.Base?> {
    WindowFunction(.firstValue, [expression.node])
}
/// The value of the frame's last row.
public func lastValue<T: QueryValue>(_ expression: SQLExpression<T>) -> WindowFunction<T.Base?> {
    WindowFunction(.lastValue, [expression.node])
}
/// The value of the frame's n-th row, from 1. Not for SQL Server.
public func nthValue<T: QueryValue>(_ expression: SQLExpression<T>, _ n: Int) -> WindowFunction<T.Base?> {
    WindowFunction(.nthValue, [expression.node, number(n)])
}
