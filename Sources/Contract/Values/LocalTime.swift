/// A time of day without a time zone (SQL `TIME`), to the nanosecond.
public struct LocalTime: Sendable, Hashable {
    /// Nanoseconds since midnight, 0 … 86,400,000,000,000. The upper bound is the `24:00:00` that SQL allows.
    public var nanosecondsSinceMidnight: Int64

    /// A time of day from nanoseconds since midnight. The caller vouches for the range.
    @inlinable
    public init(nanosecondsSinceMidnight: Int64) {
        self.nanosecondsSinceMidnight = nanosecondsSinceMidnight
    }
}
