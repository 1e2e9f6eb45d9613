#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

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

    /// Foundation's point in time, to the nearest microsecond; beyond ± 292,000 years the infinities.
    public init(_ date: Date) {
        let micros = (date.timeIntervalSince1970 * 1_000_000).rounded()
        if let exact = Int64(exactly: micros) {
            self.init(microsecondsSinceEpoch: exact)
        } else {
            self = micros < 0 ? .negativeInfinity : .infinity
        }
    }

    /// The point in time as Foundation holds it, in double precision; the infinities become its distant past and future.
    public var foundationDate: Date {
        guard isFinite else { return microsecondsSinceEpoch > 0 ? .distantFuture : .distantPast }
        let (seconds, micros) = microsecondsSinceEpoch.quotientAndRemainder(dividingBy: 1_000_000)
        let nanoseconds = Double(micros) * 1_000 + Double(nanosecondRemainder)
        return Date(timeIntervalSince1970: Double(seconds) + nanoseconds / 1_000_000_000)
    }

    /// Reads `YYYY-MM-DD[T ]HH:MM[:SS[.f…]]` followed by `Z` or an offset, `infinity`, and PostgreSQL's ` BC`. Does not allocate.
    @inlinable
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        var scanner = TemporalScanner(bytes)
        if let local = scanner.timestamp(), let offset = scanner.utcOffset(), scanner.isAtEnd {
            self = local.instant(utcOffset: Int(offset))
        } else {
            self.init(unusual: bytes)
        }
    }

    @usableFromInline
    init?(unusual bytes: UnsafeRawBufferPointer) {
        if let sign = TemporalScanner.infinity(bytes) {
            self = sign > 0 ? .infinity : .negativeInfinity
            return
        }
        guard let text = TemporalScanner.droppingEra(bytes) else { return nil }
        var scanner = TemporalScanner(text, isBeforeChrist: true)
        guard let local = scanner.timestamp(), let offset = scanner.utcOffset(), scanner.isAtEnd else { return nil }
        self = local.instant(utcOffset: Int(offset))
    }

    /// Later than every point in time.
    public static let infinity = Instant(microsecondsSinceEpoch: .max)
    /// Earlier than every point in time.
    public static let negativeInfinity = Instant(microsecondsSinceEpoch: .min)
    /// Whether this is a real point in time.
    public var isFinite: Bool { microsecondsSinceEpoch != .max && microsecondsSinceEpoch != .min }

    /// What a clock at this offset from UTC, in seconds east, shows.
    public func localDateTime(utcOffset: Int) -> LocalDateTime {
        let negated = LocalDateTime(
            microsecondsSinceEpoch: microsecondsSinceEpoch,
            nanosecondRemainder: nanosecondRemainder
        ).instant(utcOffset: 0 &- utcOffset)
        return LocalDateTime(
            microsecondsSinceEpoch: negated.microsecondsSinceEpoch,
            nanosecondRemainder: negated.nanosecondRemainder
        )
    }

    /// Writes the point in time in UTC with a `Z`; see ``LocalDateTime/write(to:separator:isFixed:)``.
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
        localDateTime(utcOffset: 0).put(to: &writer, separator: separator, isFixed: isFixed)
        if isFinite { writer.put(UInt8(ascii: "Z")) }
    }
}

extension Instant: Comparable, LosslessStringConvertible, Codable {
    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        (left.microsecondsSinceEpoch, left.nanosecondRemainder) < (
            right.microsecondsSinceEpoch, right.nanosecondRemainder
        )
    }

    /// ISO 8601 in UTC: `2024-01-31T12:34:56.789Z`.
    public var description: String {
        TemporalWriter.string { put(to: &$0, separator: UInt8(ascii: "T"), isFixed: false) }
    }

    /// Reads what ``init(utf8:)`` reads.
    public init?(_ text: String) {
        guard let value = text.withUTF8Bytes({ Instant(utf8: $0) }) else { return nil }
        self = value
    }
}
