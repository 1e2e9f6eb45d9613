/// A time of day without a time zone (SQL `TIME`), to the nanosecond.
public struct LocalTime: Sendable, Hashable {
    /// Nanoseconds since midnight, 0 … 86,400,000,000,000. The upper bound is the `24:00:00` that SQL allows.
    public var nanosecondsSinceMidnight: Int64

    /// A time of day from nanoseconds since midnight. The caller vouches for the range.
    @inlinable
    public init(nanosecondsSinceMidnight: Int64) {
        self.nanosecondsSinceMidnight = nanosecondsSinceMidnight
    }

    /// A time of day from its parts; nil when one is out of range.
    public init?(hour: Int, minute: Int, second: Int = 0, nanosecond: Int = 0) {
        guard (0...24).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (0...999_999_999).contains(nanosecond)
        else { return nil }
        let total = Int64((hour * 60 + minute) * 60 + second) * 1_000_000_000 + Int64(nanosecond)
        guard total <= 86_400_000_000_000 else { return nil }
        self.init(nanosecondsSinceMidnight: total)
    }

    /// Reads `HH:MM[:SS[.f…]]` with up to nine digits of fraction. Does not allocate.
    @inlinable
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        var scanner = TemporalScanner(bytes)
        guard let nanoseconds = scanner.nanoseconds(), scanner.isAtEnd else { return nil }
        self.init(nanosecondsSinceMidnight: nanoseconds)
    }

    /// The hour, 0 … 24.
    public var hour: Int { Int(nanosecondsSinceMidnight / 3_600_000_000_000) }
    /// The minute, 0 … 59.
    public var minute: Int { Int(nanosecondsSinceMidnight / 60_000_000_000 % 60) }
    /// The second, 0 … 59.
    public var second: Int { Int(nanosecondsSinceMidnight / 1_000_000_000 % 60) }
    /// The fraction of the second, 0 … 999,999,999.
    public var nanosecond: Int { Int(nanosecondsSinceMidnight % 1_000_000_000) }

    /// Writes the time into `buffer`, which has room for ``TemporalFormat/maximumTextLength`` bytes; `isFixed` always writes six
    /// digits of fraction, so that texts sort like times.
    ///
    /// - Returns: the bytes written; 0 when the buffer is too small.
    public func write(to buffer: UnsafeMutableRawBufferPointer, isFixed: Bool = false) -> Int {
        guard let start = buffer.baseAddress, buffer.count >= TemporalFormat.maximumTextLength else { return 0 }
        var writer = TemporalWriter(start)
        writer.put(nanoseconds: nanosecondsSinceMidnight, isFixed: isFixed)
        return writer.count
    }
}

extension LocalTime: Comparable, LosslessStringConvertible, Codable {
    @inlinable
    public static func < (left: LocalTime, right: LocalTime) -> Bool {
        left.nanosecondsSinceMidnight < right.nanosecondsSinceMidnight
    }

    /// ISO 8601: `12:34:56.789`.
    public var description: String {
        TemporalWriter.string { $0.put(nanoseconds: nanosecondsSinceMidnight, isFixed: false) }
    }

    /// Reads what ``init(utf8:)`` reads.
    public init?(_ text: String) {
        guard let value = text.withUTF8Bytes({ LocalTime(utf8: $0) }) else { return nil }
        self = value
    }
}
