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

    /// Reads `HH:MM[:SS[.f…]]` followed by `Z` or an offset. Does not allocate.
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        var scanner = TemporalScanner(bytes)
        guard let nanoseconds = scanner.nanoseconds(), let offset = scanner.utcOffset(), scanner.isAtEnd else {
            return nil
        }
        self.init(time: LocalTime(nanosecondsSinceMidnight: nanoseconds), utcOffset: Int32(offset))
    }
}

extension OffsetTime: LosslessStringConvertible, Codable {
    /// ISO 8601: `12:34:56+02:00`.
    public var description: String {
        TemporalWriter.string {
            $0.put(nanoseconds: time.nanosecondsSinceMidnight, isFixed: false)
            $0.put(utcOffset: utcOffset)
        }
    }

    /// Reads what ``init(utf8:)`` reads.
    public init?(_ text: String) {
        guard let value = text.withUTF8Bytes({ OffsetTime(utf8: $0) }) else { return nil }
        self = value
    }
}
