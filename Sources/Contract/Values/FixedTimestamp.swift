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
}
