import Roost
import RoostTestSupport
import Testing

@Suite struct TemporalTests {
    @Test func calendarAgreesWithCountingDays() {
        var day = LocalDate(year: 1583, month: 1, day: 1)
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for year in 1583...2400 {
            let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
            for month in 1...12 {
                for number in 1...(lengths[month - 1] + (month == 2 && isLeap ? 1 : 0)) {
                    let date = LocalDate(year: year, month: month, day: number)
                    #expect(date == day)
                    if date?.year != year || date?.month != month || date?.day != number {
                        Issue.record("\(year)-\(month)-\(number)")
                    }
                    day = day.map { LocalDate(daysSinceEpoch: $0.daysSinceEpoch + 1) }
                }
            }
        }
        #expect(LocalDate(year: 1970, month: 1, day: 1)?.daysSinceEpoch == 0)
        #expect(LocalDate(year: 2024, month: 2, day: 29)?.weekday == 4)
        #expect(LocalDate(year: 2023, month: 2, day: 29) == nil)
    }

    @Test func textRoundTrips() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<100_000 {
            let micros = Int64(bitPattern: generator.next()) >> Int64(generator.next() % 20 + 4)
            let nanos = generator.next() % 3 == 0 ? UInt16(generator.next() % 1_000) : 0
            let local = LocalDateTime(microsecondsSinceEpoch: micros, nanosecondRemainder: nanos)
            let instant = Instant(microsecondsSinceEpoch: micros, nanosecondRemainder: nanos)
            if LocalDateTime(local.description) != local { Issue.record("\(local)") }
            if Instant(instant.description) != instant { Issue.record("\(instant)") }
            let date = LocalDate(daysSinceEpoch: Int32(truncatingIfNeeded: generator.next()) / 2)
            if LocalDate(date.description) != date { Issue.record("\(date)") }
            let time = LocalTime(nanosecondsSinceMidnight: Int64(generator.next() % 86_400_000_000_001))
            if LocalTime(time.description) != time { Issue.record("\(time)") }
        }
    }

    @Test(arguments: [
        ("2024-01-31T12:34:56.123456Z", 1_706_704_496_123_456),
        ("2024-01-31 14:34:56.123456+02", 1_706_704_496_123_456),
        ("2024-01-31 10:04:56.123456-0230", 1_706_704_496_123_456), ("1970-01-01 00:00Z", 0),
        ("1969-12-31 23:59:59.999999Z", -1),
    ])
    func readsInstants(text: String, micros: Int64) {
        #expect(Instant(text)?.microsecondsSinceEpoch == micros)
    }

    @Test func readsFarYearsAndInfinities() {
        #expect(LocalDate("0044-03-15 BC")?.year == -43)
        // 5 BC is the year -4, which was a leap year, and 4 BC was not.
        #expect(LocalDate("0005-02-29 BC")?.day == 29)
        #expect(LocalDate("0004-02-29 BC") == nil)
        #expect(LocalDate("0000-01-01 BC") == nil)
        #expect(LocalDateTime("0005-02-29 01:02:03 BC")?.description == "-0004-02-29T01:02:03")
        #expect(Instant("0005-02-29 01:02:03+00 BC")?.description == "-0004-02-29T01:02:03Z")
        #expect(LocalDate("infinity") == .infinity)
        #expect(Instant("-infinity") == .negativeInfinity)
        #expect(LocalDate("+12024-01-01")?.year == 12_024)
        #expect(LocalDateTime("2024-01-31T24:00:00") == LocalDateTime("2024-02-01T00:00:00"))
    }

    @Test(arguments: [
        "", "2024", "2024-13-01", "2024-02-30", "2024-01-01T", "2024-01-01T25:00", "2024-01-01T23:59:60",
        "2024-01-01 1:2:3",
        "99999999-01-01", "2024-01-01T00:00:00.1234567890", "é", "2024-01-01T00:00:00+25",
    ])
    func malformedTextIsNil(text: String) {
        #expect(LocalDateTime(text) == nil)
        #expect(Instant(text) == nil)
        #expect(LocalDate(text) == nil)
    }

    @Test func intervals() {
        #expect(Interval(months: 14, days: 3, microseconds: 14_706_789_000).description == "P1Y2M3DT4H5M6.789S")
        for text in ["P1Y2M3DT4H5M6.789S", "PT0S", "P-1M", "PT-0.5S", "P2W", "PT-1H-1M"] {
            let interval = Interval(text)
            #expect(interval != nil)
            #expect(interval.flatMap { Interval($0.description) } == interval)
        }
        for text in ["", "P", "PT", "1D", "P1", "PT1D", "P99999999999Y", "PT1.1234567S"] {
            #expect(Interval(text) == nil)
        }
    }
}
