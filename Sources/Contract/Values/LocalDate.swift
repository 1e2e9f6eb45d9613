/// A calendar date without a time zone, in the proleptic Gregorian calendar (SQL `DATE`).
public struct LocalDate: Sendable, Hashable {
    /// Days since 1970-01-01; `Int32.max` and `Int32.min` stand for the infinities some engines have.
    public var daysSinceEpoch: Int32

    /// A date from days since 1970-01-01.
    @inlinable
    public init(daysSinceEpoch: Int32) {
        self.daysSinceEpoch = daysSinceEpoch
    }

    /// A date from its parts; nil when there is no such day. Year 0 is 1 BC.
    public init?(year: Int, month: Int, day: Int) {
        guard abs(year) <= 5_000_000, month >= 1, month <= 12, day >= 1,
            day <= CivilCalendar.daysInMonth(year: Int64(year), month: Int64(month))
        else { return nil }
        let days = CivilCalendar.days(year: Int64(year), month: Int64(month), day: Int64(day))
        self.init(daysSinceEpoch: Int32(truncatingIfNeeded: days))
    }

    /// Reads `YYYY-MM-DD`, with more digits and a sign for far years, `infinity`, and PostgreSQL's ` BC`. Does not allocate.
    @inlinable
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        var scanner = TemporalScanner(bytes)
        if let days = scanner.days(), scanner.isAtEnd, let exact = Int32(exactly: days) {
            self.init(daysSinceEpoch: exact)
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
            guard let days = scanner.days(), scanner.isAtEnd, let exact = Int32(exactly: days) else { return nil }
            self.init(daysSinceEpoch: exact)
        } else {
            return nil
        }
    }

    /// Later than every date.
    public static let infinity = LocalDate(daysSinceEpoch: .max)
    /// Earlier than every date.
    public static let negativeInfinity = LocalDate(daysSinceEpoch: .min)
    /// Whether this is a real day.
    public var isFinite: Bool { self != .infinity && self != .negativeInfinity }

    private var components: (year: Int64, month: Int64, day: Int64) {
        CivilCalendar.components(days: Int64(daysSinceEpoch))
    }
    /// The year; 0 is 1 BC.
    public var year: Int { Int(components.year) }
    /// The month, 1 … 12.
    public var month: Int { Int(components.month) }
    /// The day of the month, 1 … 31.
    public var day: Int { Int(components.day) }
    /// The day of the week, Monday 1 … Sunday 7 (ISO 8601).
    public var weekday: Int { ((Int(daysSinceEpoch) % 7) + 10) % 7 + 1 }

    /// Writes the date into `buffer`, which has room for ``TemporalFormat/maximumTextLength`` bytes.
    ///
    /// - Returns: the bytes written; 0 when the buffer is too small.
    public func write(to buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let start = buffer.baseAddress, buffer.count >= TemporalFormat.maximumTextLength else { return 0 }
        var writer = TemporalWriter(start)
        put(to: &writer)
        return writer.count
    }

    func put(to writer: inout TemporalWriter) {
        guard isFinite else {
            for byte in (self == .infinity ? "infinity" : "-infinity").utf8 { writer.put(byte) }
            return
        }
        writer.put(days: Int64(daysSinceEpoch))
    }
}

extension LocalDate: Comparable, LosslessStringConvertible, Codable {
    @inlinable
    public static func < (left: LocalDate, right: LocalDate) -> Bool { left.daysSinceEpoch < right.daysSinceEpoch }

    /// ISO 8601: `2024-01-31`.
    public var description: String { TemporalWriter.string { put(to: &$0) } }

    /// Reads what ``init(utf8:)`` reads.
    public init?(_ text: String) {
        guard let value = text.withUTF8Bytes({ LocalDate(utf8: $0) }) else { return nil }
        self = value
    }
}

extension String {
    func withUTF8Bytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        var copy = self
        return copy.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
