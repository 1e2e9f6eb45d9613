/// A span of time in the three units SQL keeps apart: months, days and time (SQL `INTERVAL`).
public struct Interval: Sendable, Hashable {
    /// Whole months; twelve to a year.
    public var months: Int32
    /// Whole days, whatever their length.
    public var days: Int32
    /// The rest, in microseconds.
    public var microseconds: Int64

    /// An interval from its three parts.
    @inlinable
    public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }
}
