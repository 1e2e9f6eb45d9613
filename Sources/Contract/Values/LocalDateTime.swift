/// A calendar date and time of day without a time zone (SQL `TIMESTAMP`), to the nanosecond.
public struct LocalDateTime: Sendable, Hashable {
    /// Microseconds since 1970-01-01T00:00:00 on the same local clock; `Int64.max` and `Int64.min` stand for the infinities
    /// some engines have.
    public var microsecondsSinceEpoch: Int64
    /// What the microseconds leave over, 0 … 999 nanoseconds.
    public var nanosecondRemainder: UInt16

    /// A local date and time from microseconds since 1970-01-01T00:00:00 and 0 … 999 further nanoseconds.
    @inlinable
    public init(microsecondsSinceEpoch: Int64, nanosecondRemainder: UInt16 = 0) {
        self.microsecondsSinceEpoch = microsecondsSinceEpoch
        self.nanosecondRemainder = nanosecondRemainder
    }
}
