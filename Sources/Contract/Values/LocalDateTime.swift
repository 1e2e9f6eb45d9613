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

    /// A date at a time of day. The infinite dates give the infinite timestamps; days beyond ± 292,000 years do too.
    public init(date: LocalDate, time: LocalTime) {
        guard date.isFinite else {
            self = date == .infinity ? .infinity : .negativeInfinity
            return
        }
        let (micros, overflow) = Int64(date.daysSinceEpoch).multipliedReportingOverflow(by: 86_400_000_000)
        let (total, overflow2) = micros.addingReportingOverflow(time.nanosecondsSinceMidnight / 1_000)
        guard !overflow, !overflow2 else {
            self = date.daysSinceEpoch > 0 ? .infinity : .negativeInfinity
            return
        }
        self.init(
            microsecondsSinceEpoch: total,
            nanosecondRemainder: UInt16(truncatingIfNeeded: time.nanosecondsSinceMidnight % 1_000)
        )
    }

    /// Reads `YYYY-MM-DD[T ]HH:MM[:SS[.f…]]` without a zone, `infinity`, and PostgreSQL's ` BC`. Does not allocate.
    @inlinable
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        if let micros = FixedTimestamp.microseconds(bytes) {
            self.init(microsecondsSinceEpoch: micros)
            return
        }
        var scanner = TemporalScanner(bytes)
        if let parsed = scanner.timestamp(), scanner.isAtEnd {
            self = parsed
        } else {
            self.init(unusual: bytes)
        }
    }

    @usableFromInline
    init?(unusual bytes: UnsafeRawBufferPointer) {
        if let sign = TemporalScanner.infinity(bytes) {
            self = sign > 0 ? .infinity : .negativeInfinity
        } else if let text = TemporalScanner.droppingEra(bytes) {
            var scanner = TemporalScanner(text, isBeforeChrist: true)
            guard let value = scanner.timestamp(), scanner.isAtEnd else { return nil }
            self = value
        } else {
            return nil
        }
    }

    /// Later than every timestamp.
    public static let infinity = LocalDateTime(microsecondsSinceEpoch: .max)
    /// Earlier than every timestamp.
    public static let negativeInfinity = LocalDateTime(microsecondsSinceEpoch: .min)
    /// Whether this is a real moment.
    public var isFinite: Bool { microsecondsSinceEpoch != .max && microsecondsSinceEpoch != .min }

    /// The date.
    public var date: LocalDate {
        guard isFinite else { return microsecondsSinceEpoch > 0 ? .infinity : .negativeInfinity }
        return LocalDate(daysSinceEpoch: Int32(truncatingIfNeeded: flooredDays))
    }

    /// The time of day; midnight for the infinities.
    public var time: LocalTime {
        guard isFinite else { return LocalTime(nanosecondsSinceMidnight: 0) }
        let micros = microsecondsSinceEpoch - flooredDays * 86_400_000_000
        return LocalTime(nanosecondsSinceMidnight: micros * 1_000 + Int64(nanosecondRemainder))
    }

    private var flooredDays: Int64 {
        let (quotient, remainder) = microsecondsSinceEpoch.quotientAndRemainder(dividingBy: 86_400_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The point in time that a clock at this offset from UTC, in seconds east, shows as this.
    public func instant(utcOffset: Int) -> Instant {
        guard isFinite else { return Instant(microsecondsSinceEpoch: microsecondsSinceEpoch) }
        let (offset, overflow) = Int64(utcOffset).multipliedReportingOverflow(by: 1_000_000)
        let (total, overflow2) = microsecondsSinceEpoch.subtractingReportingOverflow(offset)
        guard !overflow, !overflow2 else { return microsecondsSinceEpoch > 0 ? .infinity : .negativeInfinity }
        return Instant(microsecondsSinceEpoch: total, nanosecondRemainder: nanosecondRemainder)
    }

    /// Writes the timestamp into `buffer`, which has room for ``TemporalFormat/maximumTextLength`` bytes; `isFixed` always
    /// writes six digits of fraction, so that texts sort like times.
    ///
    /// - Returns: the bytes written; 0 when the buffer is too small.
    public func write(
        to buffer: UnsafeMutableRawBufferPointer,
        separator: UInt8 = UInt8(ascii: "T"),
        isFixed: Bool = false
    ) -> Int {
        guard let start = buffer.baseAddress, buffer.count >= TemporalFormat.maximumTextLength else { return 0 }
        var writer = TemporalWriter(start)
        put(to: &writer, separator: separator, isFixed: isFixed)
        return writer.count
    }

    func put(to writer: inout TemporalWriter, separator: UInt8, isFixed: Bool) {
        guard isFinite else { return date.put(to: &writer) }
        writer.put(
            microseconds: microsecondsSinceEpoch,
            remainder: nanosecondRemainder,
            separator: separator,
            isFixed: isFixed
        )
    }
}

extension LocalDateTime: Comparable, LosslessStringConvertible, Codable {
    @inlinable
    public static func < (left: LocalDateTime, right: LocalDateTime) -> Bool {
        (left.microsecondsSinceEpoch, left.nanosecondRemainder) < (
            right.microsecondsSinceEpoch, right.nanosecondRemainder
        )
    }

    /// ISO 8601: `2024-01-31T12:34:56.789`.
    public var description: String {
        TemporalWriter.string { put(to: &$0, separator: UInt8(ascii: "T"), isFixed: false) }
    }

    /// Reads what ``init(utf8:)`` reads.
    public init?(_ text: String) {
        guard let value = text.withUTF8Bytes({ LocalDateTime(utf8: $0) }) else { return nil }
        self = value
    }
}

extension TemporalScanner {
    @inlinable
    mutating func timestamp() -> LocalDateTime? {
        guard let days = days(), skip(0x20) || skip(0x54) || skip(0x74), let nanoseconds = nanoseconds() else {
            return nil
        }
        // Years have at most seven digits, so this stays far from Int64's ends except beyond the year 292,000.
        let (micros, overflow) = days.multipliedReportingOverflow(by: 86_400_000_000)
        let (total, overflow2) = micros.addingReportingOverflow(nanoseconds / 1_000)
        guard !overflow, !overflow2 else { return nil }
        return LocalDateTime(
            microsecondsSinceEpoch: total,
            nanosecondRemainder: UInt16(truncatingIfNeeded: nanoseconds % 1_000)
        )
    }
}
