public import Roost

/// A type a timestamp column can have. Times are to the microsecond, which every engine keeps.
public protocol ModelTimestamp: Sendable {
    /// The current time.
    static var now: Self { get }
}

extension Instant: ModelTimestamp {
    /// The current time.
    public static var now: Instant {
        let (seconds, attoseconds) = Self.sinceEpoch.components
        return Instant(microsecondsSinceEpoch: seconds &* 1_000_000 &+ attoseconds / 1_000_000_000_000)
    }

    private static var sinceEpoch: Duration {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}

extension LocalDateTime: ModelTimestamp {
    /// The current time of a clock in UTC.
    public static var now: LocalDateTime { Instant.now.localDateTime(utcOffset: 0) }
}

extension Optional: ModelTimestamp where Wrapped: ModelTimestamp {
    /// The current time.
    public static var now: Wrapped? { .some(Wrapped.now) }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
