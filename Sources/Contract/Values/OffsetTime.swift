/// A time of day with a fixed offset from UTC (SQL `TIME WITH TIME ZONE`).
public struct OffsetTime: Sendable, Hashable {
    /// The local time of day.
    public var time: LocalTime
    /// Seconds east of UTC.
    public var utcOffset: Int32

    /// A time of day and its offset in seconds east of UTC.
    @inlinable
    public init(time: LocalTime, utcOffset: Int32) {
        self.time = time
        self.utcOffset = utcOffset
    }
}
