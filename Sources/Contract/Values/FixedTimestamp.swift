/// The one form most timestamps have, `YYYY-MM-DD HH:MM:SS[.ffffff]`, read without a branch per digit.
@usableFromInline
enum FixedTimestamp {
    /// Microseconds since 1970; nil for every other form, also for a valid one, which the general scanner reads then.
    @inlinable
    static func microseconds(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard bytes.count == 26 || bytes.count == 19 else { return nil }
        let first = bytes.loadUnaligned(as: UInt64.self)
        let second = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        // The separators are looked at as single bytes, so that the order of bytes in a word does not matter.
        guard bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x20 || bytes[10] == 0x54, bytes[13] == 0x3A,
            bytes[16] == 0x3A,
            (first | second) & 0x8080_8080_8080_8080 == 0
        else { return nil }
        var wrong: UInt8 = 0
        let year = two(bytes, 0, &wrong) * 100 + two(bytes, 2, &wrong)
        let month = two(bytes, 5, &wrong)
        let day = two(bytes, 8, &wrong)
        let hour = two(bytes, 11, &wrong)
        let minute = two(bytes, 14, &wrong)
        let second2 = two(bytes, 17, &wrong)
        var micros: Int64 = 0
        if bytes.count == 26 {
            guard bytes[19] == 0x2E else { return nil }
            micros = two(bytes, 20, &wrong) * 10_000 + two(bytes, 22, &wrong) * 100 + two(bytes, 24, &wrong)
        }
        guard wrong == 0, month &- 1 < 12, month > 0, day > 0,
            day <= 28 || day <= CivilCalendar.daysInMonth(year: year, month: month),
            hour < 24, minute < 60, second2 < 60
        else { return nil }
        let days = CivilCalendar.days(year: year, month: month, day: day)
        return (days * 86_400 + hour * 3_600 + minute * 60 + second2) * 1_000_000 + micros
    }

    /// Two digits; `wrong` becomes other than 0 when they are none.
    @inlinable
    @inline(__always)
    static func two(_ bytes: UnsafeRawBufferPointer, _ index: Int, _ wrong: inout UInt8) -> Int64 {
        let tens = bytes[index] &- 48
        let ones = bytes[index + 1] &- 48
        wrong |= (tens > 9 ? 1 : 0) | (ones > 9 ? 1 : 0)
        return Int64(tens) &* 10 &+ Int64(ones)
    }

    // MARK: Writing

    /// The microseconds since 1970 of the years 0 to 9999.
    @inlinable static var writable: Range<Int64> { -62_167_219_200_000_000..<253_402_300_800_000_000 }

    /// Writes the 26 bytes of `YYYY-MM-DD HH:MM:SS.ffffff` for a moment within ``writable``.
    @inlinable
    static func write(_ microseconds: Int64, separator: UInt8, to start: UnsafeMutableRawPointer) {
        // Unsigned and of 32 bits from here on, which divides faster.
        let sinceYear0 = UInt64(truncatingIfNeeded: microseconds &- writable.lowerBound)
        let seconds = sinceYear0 / 1_000_000
        let fraction = UInt32(truncatingIfNeeded: sinceYear0 &- seconds &* 1_000_000)
        let days = UInt32(truncatingIfNeeded: seconds / 86_400)
        let second = UInt32(truncatingIfNeeded: seconds &- UInt64(days) &* 86_400)
        // Eras of 400 years that begin in March; one more than there are, so that January of the year 0 is in one too.
        let shifted = days &+ 146_097 &- 60
        let era = shifted / 146_097
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra = (dayOfEra &- dayOfEra / 1_460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let monthFromMarch = (5 &* dayOfYear &+ 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch &+ 3 : monthFromMarch &- 9
        let year = yearOfEra &+ era &* 400 &- 400 &+ (month <= 2 ? 1 : 0)
        put(year / 100, start, 0)
        put(year % 100, start, 2)
        put(month, start, 5)
        put(dayOfYear &- (153 &* monthFromMarch &+ 2) / 5 &+ 1, start, 8)
        put(second / 3_600, start, 11)
        put(second / 60 % 60, start, 14)
        put(second % 60, start, 17)
        put(fraction / 10_000, start, 20)
        put(fraction / 100 % 100, start, 22)
        put(fraction % 100, start, 24)
        start.storeBytes(of: 0x2D, toByteOffset: 4, as: UInt8.self)
        start.storeBytes(of: 0x2D, toByteOffset: 7, as: UInt8.self)
        start.storeBytes(of: separator, toByteOffset: 10, as: UInt8.self)
        start.storeBytes(of: 0x3A, toByteOffset: 13, as: UInt8.self)
        start.storeBytes(of: 0x3A, toByteOffset: 16, as: UInt8.self)
        start.storeBytes(of: 0x2E, toByteOffset: 19, as: UInt8.self)
    }

    /// Two digits of a number below 100.
    @inlinable
    @inline(__always)
    static func put(_ number: UInt32, _ start: UnsafeMutableRawPointer, _ offset: Int) {
        let tens = (number &* 103) >> 10
        let ones = number &- tens &* 10
        start.storeBytes(of: UInt8(truncatingIfNeeded: tens &+ 48), toByteOffset: offset, as: UInt8.self)
        start.storeBytes(of: UInt8(truncatingIfNeeded: ones &+ 48), toByteOffset: offset + 1, as: UInt8.self)
    }
}
