/// The one form most timestamps have, `YYYY-MM-DD HH:MM:SS[.ffffff]`, read without a branch per digit.
@usableFromInline
enum FixedTimestamp {
    /// Microseconds since 1970; nil for every other form, also for a valid one, which the general scanner reads then.
    @inlinable
    static func microseconds(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard let start = bytes.baseAddress, bytes.count == 26 || bytes.count == 19 else { return nil }
        // Eight characters a word, in the order of memory. Digits become 0 … 9 and separators 0, which is all that may be there.
        let date = word(start, 0) ^ 0x2D30_302D_3030_3030
        let time = word(start, 11) ^ 0x3030_3A30_303A_3030
        var wrong = otherThanDigits(date) | otherThanDigits(time)
        wrong |= date & 0xFF00_00FF_0000_0000 | time & 0x0000_FF00_00FF_0000
        var micros: UInt64 = 0
        if bytes.count == 26 {
            let fraction = word(start, 18) ^ 0x3030_3030_3030_2E30
            wrong |= otherThanDigits(fraction) | fraction & 0xFF00
            let digits = pairs(fraction)
            micros = pair(digits, 2) &* 10_000 &+ pair(digits, 4) &* 100 &+ pair(digits, 6)
        }
        let tens = UInt64(bytes[8] ^ 0x30)
        let ones = UInt64(bytes[9] ^ 0x30)
        guard wrong == 0, tens < 10, ones < 10, bytes[10] == 0x20 || bytes[10] == 0x54 else { return nil }
        let (datePairs, timePairs) = (pairs(date), pairs(time))
        let year = pair(datePairs, 0) &* 100 &+ pair(datePairs, 2)
        let month = pair(datePairs, 5)
        let day = tens &* 10 &+ ones
        let hour = pair(timePairs, 0)
        let minute = pair(timePairs, 3)
        let second = pair(timePairs, 6)
        guard month &- 1 < 12, day &- 1 < 31, hour < 24, minute < 60, second < 60,
            day <= 28 || day <= UInt64(CivilCalendar.daysInMonth(year: Int64(year), month: Int64(month)))
        else { return nil }
        let sinceMidnight = Int64(truncatingIfNeeded: hour &* 3_600 &+ minute &* 60 &+ second)
        return (days(year, month, day) &* 86_400 &+ sinceMidnight) &* 1_000_000 &+ Int64(truncatingIfNeeded: micros)
    }

    /// Eight bytes, the first of them the lowest whatever the machine's order is.
    @inlinable
    @inline(__always)
    static func word(_ start: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Other than 0 when a byte is above 9.
    @inlinable
    @inline(__always)
    static func otherThanDigits(_ word: UInt64) -> UInt64 {
        // A byte that carries into the next one has its own high bit in the word itself.
        ((word &+ 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
    }

    /// In each byte, ten times the digit that was there and the digit after it.
    @inlinable
    @inline(__always)
    static func pairs(_ digits: UInt64) -> UInt64 { digits &* 10 &+ digits >> 8 }

    @inlinable
    @inline(__always)
    static func pair(_ pairs: UInt64, _ index: UInt64) -> UInt64 { (pairs >> (index &* 8)) & 0xFF }

    /// Days since 1970-01-01 of a date in the years 0 to 9999, as ``CivilCalendar`` counts them.
    @inlinable
    @inline(__always)
    static func days(_ year: UInt64, _ month: UInt64, _ day: UInt64) -> Int64 {
        // 400 years more than there are, so that nothing is below 0; they begin in March.
        let isEarly = month <= 2
        let shifted = year &+ 400 &- (isEarly ? 1 : 0)
        let fromMarch = isEarly ? month &+ 9 : month &- 3
        let century = shifted / 100
        let dayOfYear = (153 &* fromMarch &+ 2) / 5 &+ day &- 1
        return Int64(truncatingIfNeeded: 1_461 &* shifted / 4 &- century &+ century / 4 &+ dayOfYear) &- 865_565
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
