public import Roost

/// What a range may be made of. Conform types to read and write ranges a database defines itself (`CREATE TYPE … AS RANGE`).
public protocol PostgreSQLRangeBound: PostgreSQLTextRepresentable, Comparable, Hashable {
    /// The next value where values are discrete, which lets `[1,3]` and `[1,4)` be the same range; nil where there is none in between
    /// or beyond. The default is nil.
    var rangeSuccessor: Self? { get }
}

extension PostgreSQLRangeBound {
    public var rangeSuccessor: Self? { nil }
}

extension PostgreSQLRangeBound where Self: FixedWidthInteger {
    /// The next integer; nil after the last.
    public var rangeSuccessor: Self? {
        let (next, overflow) = addingReportingOverflow(1)
        return overflow ? nil : next
    }
}

extension Int: PostgreSQLRangeBound {}
extension Int32: PostgreSQLRangeBound {}
extension Int64: PostgreSQLRangeBound {}
extension BigDecimal: PostgreSQLRangeBound {}
extension Double: PostgreSQLRangeBound {}
extension LocalTime: PostgreSQLRangeBound {}
extension LocalDateTime: PostgreSQLRangeBound {}
extension Instant: PostgreSQLRangeBound {}

extension LocalDate: PostgreSQLRangeBound {
    /// The next day; nil for the infinities, which PostgreSQL leaves as they are.
    public var rangeSuccessor: LocalDate? {
        guard isFinite, let days = daysSinceEpoch.rangeSuccessor else { return nil }
        let next = LocalDate(daysSinceEpoch: days)
        return next.isFinite ? next : nil
    }
}
