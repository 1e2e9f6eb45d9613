/// A calendar date without a time zone, in the proleptic Gregorian calendar (SQL `DATE`).
public struct LocalDate: Sendable, Hashable {
    /// Days since 1970-01-01; `Int32.max` and `Int32.min` stand for the infinities some engines have.
    public var daysSinceEpoch: Int32

    /// A date from days since 1970-01-01.
    @inlinable
    public init(daysSinceEpoch: Int32) {
        self.daysSinceEpoch = daysSinceEpoch
    }
}
