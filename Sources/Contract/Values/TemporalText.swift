/// Reads dates and times from UTF-8 without allocating: ISO 8601 with `T` or a space, and what PostgreSQL and SQLite write.
@usableFromInline
struct TemporalScanner {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    @usableFromInline var index = 0
    /// Whether years count backwards from 1 BC, which is year 0; leap years follow from that.
    @usableFromInline let isBeforeChrist: Bool

    @inlinable
    init(_ bytes: UnsafeRawBufferPointer, isBeforeChrist: Bool = false) {
        self.bytes = bytes
        self.isBeforeChrist = isBeforeChrist
    }

    @inlinable var isAtEnd: Bool { index == bytes.count }
    @inlinable var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    @inlinable
    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    @inlinable
    @inline(__always)
    mutating func twoDigits() -> Int64? {
        guard index + 2 <= bytes.count else { return nil }
        let tens = bytes[index] &- 48
        let ones = bytes[index + 1] &- 48
        guard tens < 10, ones < 10 else { return nil }
        index += 2
        return Int64(tens) * 10 + Int64(ones)
    }

    /// A year of four or more digits, signed when it has more than four.
    @inlinable
    mutating func year() -> Int64? {
        let isNegative = skip(0x2D)
        if !isNegative { _ = skip(0x2B) }
        var year: Int64 = 0
        var count = 0
        while let byte = next, byte &- 48 < 10 {
            guard count < 7 else { return nil }
            year = year * 10 + Int64(byte &- 48)
            count += 1
            index += 1
        }
        guard count >= 4 else { return nil }
        if isBeforeChrist { return isNegative || year == 0 ? nil : 1 - year }
        return isNegative ? -year : year
    }

    /// `YYYY-MM-DD` as days since 1970-01-01.
    @inlinable
    mutating func days() -> Int64? {
        guard let year = year(), skip(0x2D), let month = twoDigits(), skip(0x2D), let day = twoDigits(),
            month >= 1, month <= 12, day >= 1, day <= CivilCalendar.daysInMonth(year: year, month: month)
        else { return nil }
        return CivilCalendar.days(year: year, month: month, day: day)
    }

    /// `HH:MM[:SS[.f…]]` as nanoseconds since midnight; `24:00:00` is allowed, a 60th second is not.
    @inlinable
    mutating func nanoseconds() -> Int64? {
        guard let hour = twoDigits(), skip(0x3A), let minute = twoDigits(), minute < 60 else { return nil }
        var second: Int64 = 0
        var fraction: Int64 = 0
        if skip(0x3A) {
            guard let value = twoDigits(), value < 60 else { return nil }
            second = value
            if skip(0x2E) || skip(0x2C) {
                var scale: Int64 = 1_000_000_000
                while let byte = next, byte &- 48 < 10 {
                    guard scale > 1 else { return nil }
                    scale /= 10
                    fraction += Int64(byte &- 48) * scale
                    index += 1
                }
                guard scale < 1_000_000_000 else { return nil }
            }
        }
        let total = ((hour * 60 + minute) * 60 + second) * 1_000_000_000 + fraction
        guard total <= 86_400_000_000_000 else { return nil }
        return total
    }

    /// `Z`, `+HH`, `+HHMM`, `+HH:MM[:SS]` as seconds east of UTC.
    @inlinable
    mutating func utcOffset() -> Int64? {
        if skip(0x5A) || skip(0x7A) { return 0 }
        let isNegative = skip(0x2D)
        guard isNegative || skip(0x2B), let hours = twoDigits(), hours < 24 else { return nil }
        var total = hours * 3_600
        if !isAtEnd, next != 0x20 {
            _ = skip(0x3A)
            guard let minutes = twoDigits(), minutes < 60 else { return nil }
            total += minutes * 60
            if skip(0x3A) {
                guard let seconds = twoDigits(), seconds < 60 else { return nil }
                total += seconds
            }
        }
        return isNegative ? -total : total
    }

    /// Whether all of the text is `infinity` (1) or `-infinity` (-1).
    @usableFromInline
    static func infinity(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count == 8 || bytes.count == 9 else { return nil }
        return switch String(decoding: bytes, as: UTF8.self) {
        case "infinity": 1
        case "-infinity": -1
        default: nil
        }
    }

    /// ` BC` at the end, as PostgreSQL writes years before 1: the text without it.
    @usableFromInline
    static func droppingEra(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard bytes.count > 3, bytes[bytes.count - 3] == 0x20, bytes[bytes.count - 2] == 0x42,
            bytes[bytes.count - 1] == 0x43
        else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes.dropLast(3))
    }
}

/// Writes dates and times as UTF-8 into a buffer the caller owns.
@usableFromInline
struct TemporalWriter {
    @usableFromInline let start: UnsafeMutableRawPointer
    @usableFromInline var count = 0

    @inlinable
    init(_ start: UnsafeMutableRawPointer) {
        self.start = start
    }

    @inlinable
    @inline(__always)
    mutating func put(_ byte: UInt8) {
        start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    @inlinable
    mutating func put(_ value: Int64, digits: Int) {
        var rest = value
        var position = digits
        while position > 0 {
            position -= 1
            let quotient = rest / 10
            start.storeBytes(
                of: UInt8(truncatingIfNeeded: rest - quotient * 10) &+ 48,
                toByteOffset: count + position,
                as: UInt8.self
            )
            rest = quotient
        }
        count += digits
    }

    @inlinable
    mutating func put(days: Int64) {
        let (year, month, day) = CivilCalendar.components(days: days)
        if year < 0 { put(0x2D) }
        let magnitude = year < 0 ? -year : year
        if year > 9_999 { put(0x2B) }
        put(magnitude, digits: magnitude > 999_999 ? 7 : magnitude > 99_999 ? 6 : magnitude > 9_999 ? 5 : 4)
        put(0x2D)
        put(month, digits: 2)
        put(0x2D)
        put(day, digits: 2)
    }

    /// `HH:MM:SS` and a fraction: six digits, nine when there is something below the microsecond; without `isFixed` trailing
    /// zeros are left out.
    @inlinable
    mutating func put(nanoseconds: Int64, isFixed: Bool) {
        let seconds = nanoseconds / 1_000_000_000
        var fraction = nanoseconds - seconds * 1_000_000_000
        put(seconds / 3_600, digits: 2)
        put(0x3A)
        put(seconds / 60 % 60, digits: 2)
        put(0x3A)
        put(seconds % 60, digits: 2)
        if !isFixed && fraction == 0 { return }
        put(0x2E)
        var digits = 9
        if fraction % 1_000 == 0 {
            fraction /= 1_000
            digits = 6
        }
        if !isFixed {
            while fraction % 10 == 0 {
                fraction /= 10
                digits -= 1
            }
        }
        put(fraction, digits: digits)
    }

    @inlinable
    mutating func put(microseconds: Int64, remainder: UInt16, separator: UInt8, isFixed: Bool) {
        if isFixed, remainder == 0, FixedTimestamp.writable.contains(microseconds) {
            FixedTimestamp.write(microseconds, separator: separator, to: start + count)
            count += 26
            return
        }
        let dayLength: Int64 = 86_400_000_000
        let days = (microseconds >= 0 ? microseconds : microseconds - (dayLength - 1)) / dayLength
        put(days: days)
        put(separator)
        put(nanoseconds: (microseconds - days * dayLength) * 1_000 + Int64(remainder), isFixed: isFixed)
    }

    @inlinable
    mutating func put(utcOffset: Int32) {
        put(utcOffset < 0 ? 0x2D : 0x2B)
        let magnitude = Int64(utcOffset.magnitude)
        put(magnitude / 3_600, digits: 2)
        put(0x3A)
        put(magnitude / 60 % 60, digits: 2)
        if magnitude % 60 != 0 {
            put(0x3A)
            put(magnitude % 60, digits: 2)
        }
    }

    /// The text that `write` puts into a buffer of 48 bytes, which every form here fits.
    @usableFromInline
    static func string(_ write: (inout TemporalWriter) -> Void) -> String {
        withUnsafeTemporaryAllocation(byteCount: TemporalFormat.maximumTextLength, alignment: 8) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            var writer = TemporalWriter(start)
            write(&writer)
            return String(decoding: UnsafeRawBufferPointer(start: start, count: writer.count), as: UTF8.self)
        }
    }
}

/// How dates and times are written as text.
public enum TemporalFormat {
    /// The most bytes any date or time takes as text.
    public static let maximumTextLength = 48
}
