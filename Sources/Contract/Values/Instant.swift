/// A point on the time line (SQL `TIMESTAMP WITH TIME ZONE`), to the nanosecond.
public struct Instant: Sendable, Hashable {
    /// Microseconds since 1970-01-01T00:00:00Z; `Int64.max` and `Int64.min` stand for the infinities some engines have.
    public var microsecondsSinceEpoch: Int64
    /// What the microseconds leave over, 0 … 999 nanoseconds.
    public var nanosecondRemainder: UInt16

    /// A point in time from microseconds since 1970-01-01T00:00:00Z and 0 … 999 further nanoseconds.
    @inlinable
    public init(microsecondsSinceEpoch: Int64, nanosecondRemainder: UInt16 = 0) {
        self.microsecondsSinceEpoch = microsecondsSinceEpoch
        self.nanosecondRemainder = nanosecondRemainder
    }
}
