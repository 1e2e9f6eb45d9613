public import Roost

/// A date or a timestamp.
public protocol QueryDate: QueryValue {}
extension LocalDate: QueryDate {}
extension LocalDateTime: QueryDate {}
extension Instant: QueryDate {}

extension SQLExpression where T.Base: QueryDate {
    /// A part of the date or time. (Of an instant: in UTC, or in the session's time zone.)
    public func field(_ field: DateField) -> SQLExpression<Int?> { SQLExpression<Int?>(.dateField(field), [node]) }

    /// The beginning of the year, month, … it lies in.
    public func truncated(to field: DateField) -> SQLExpression {
        SQLExpression(.cast(T.sqlType), [QueryNode(.truncateDate(field), [node])])
    }

    /// So many years, months, days, hours, … later. A day the month does not have is its last. SQLite keeps milliseconds, Oracle seconds.
    public func adding(_ count: Int, _ field: DateField) -> SQLExpression {
        SQLExpression(.cast(T.sqlType), [QueryNode(.addToDate(field), [node, QueryNode(literal: .int(Int64(count)))])])
    }

    /// How many whole days (or hours, minutes, seconds) lie between another date and this one.
    public func difference<R: QueryValue>(in field: DateField, since other: SQLExpression<R>) -> SQLExpression<Int?>
    where R.Base == T.Base { SQLExpression<Int?>(.dateDifference(field), [node, other.node]) }

    /// How many whole days (or hours, minutes, seconds) lie between another date and this one.
    public func difference(in field: DateField, since other: T.Base) -> SQLExpression<Int?> {
        SQLExpression<Int?>(.dateDifference(field), [node, QueryNode(literal: other.databaseValue)])
    }
}

/// Today, by the session's clock.
public func currentDate() -> SQLExpression<LocalDate> { SQLExpression(.function(.currentDate), []) }
/// Now; within a transaction, PostgreSQL's clock stands still.
public func currentTimestamp() -> SQLExpression<Instant> { SQLExpression(.function(.currentTimestamp), []) }
