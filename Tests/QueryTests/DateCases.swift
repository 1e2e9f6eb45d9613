import Roost
import RoostQuery

enum DateCases {
    private static let o = Orders.table
    private static func moment(_ text: String) -> LocalDateTime { LocalDateTime(text) ?? .infinity }

    static let all: [QueryCase] = cases {
        QueryCase.each("year", o.placed.field(.year), "2024 2024 2024 2023 2024")
        QueryCase.each("quarter", o.placed.field(.quarter), "1 1 1 4 1")
        QueryCase.each("month", o.placed.field(.month), "1 2 3 12 1")
        QueryCase.each("week", o.placed.field(.week), "3 9 10 52 1")
        QueryCase.each("day", o.placed.field(.day), "15 29 10 31 1")
        QueryCase.each("hour", o.placed.field(.hour), "10 23 0 12 8")
        QueryCase.each("minute", o.placed.field(.minute), "30 59 0 0 0")
        QueryCase.each("second", o.placed.field(.second), "0 59 0 0 0")
        QueryCase.each("weekday", o.placed.field(.weekday), "1 4 0 0 1")
        QueryCase.each("day of the year", o.placed.field(.dayOfYear), "15 60 70 365 1")
        QueryCase.each("year of a date", o.day.field(.year), "2024 2024 2024 2023 2024")
        QueryCase.each("month of a date", o.day.field(.month), "1 2 3 12 1")
        QueryCase.each(
            "to the year",
            o.day.truncated(to: .year),
            "2024-01-01 2024-01-01 2024-01-01 2023-01-01 2024-01-01"
        )
        QueryCase.each(
            "to the month",
            o.day.truncated(to: .month),
            "2024-01-01 2024-02-01 2024-03-01 2023-12-01 2024-01-01"
        )
        QueryCase.each(
            "to the week",
            o.day.truncated(to: .week),
            "2024-01-15 2024-02-26 2024-03-04 2023-12-25 2024-01-01"
        )
        QueryCase.each(
            "seconds since",
            o.placed.difference(in: .second, since: LocalDateTime("2024-01-15 10:00:00") ?? .infinity).nullIf(0).or(0)
                / 86_400,
            "0 45 54 -14 -14"
        )
        QueryCase.each(
            "days since",
            o.day.difference(in: .day, since: LocalDate("2024-01-01") ?? .infinity),
            "14 59 69 -1 0"
        )
        QueryCase.each(
            "weeks since",
            o.day.difference(in: .week, since: LocalDate("2024-01-01") ?? .infinity),
            "2 8 9 0 0"
        )
        QueryCase.each(
            "a month later",
            o.day.adding(1, .month),
            "2024-02-15 2024-03-29 2024-04-10 2024-01-31 2024-02-01"
        )
        QueryCase.each(
            "two months later, at the end of a month",
            o.day.adding(2, .month),
            "2024-03-15 2024-04-29 2024-05-10 2024-02-29 2024-03-01"
        )
        QueryCase.each(
            "a month before",
            o.day.adding(-1, .month),
            "2023-12-15 2024-01-29 2024-02-10 2023-11-30 2023-12-01"
        )
        QueryCase.each(
            "a year later",
            o.day.adding(1, .year),
            "2025-01-15 2025-02-28 2025-03-10 2024-12-31 2025-01-01"
        )
        QueryCase.each(
            "a quarter later",
            o.day.adding(1, .quarter),
            "2024-04-15 2024-05-29 2024-06-10 2024-03-31 2024-04-01"
        )
        QueryCase.each(
            "a week later",
            o.day.adding(1, .week),
            "2024-01-22 2024-03-07 2024-03-17 2024-01-07 2024-01-08"
        )
        QueryCase.each(
            "ten days before",
            o.day.adding(-10, .day),
            "2024-01-05 2024-02-19 2024-02-29 2023-12-21 2023-12-22"
        )
        QueryCase.orders("an hour later", o.placed.adding(1, .hour) == moment("2024-01-15 11:30:00"), "1")
        QueryCase.orders("a minute before", o.placed.adding(-1, .minute) == moment("2024-03-09 23:59:00"), "3")
        QueryCase.orders("a second later", o.placed.adding(1, .second) == moment("2024-03-01 00:00:00"), "2")
        QueryCase.orders("a month after a moment", o.placed.adding(1, .month) == moment("2024-03-29 23:59:59"), "2")
        QueryCase.orders("to the hour", o.placed.truncated(to: .hour) == moment("2024-02-29 23:00:00"), "2")
        QueryCase.orders("to the minute", o.placed.truncated(to: .minute) == moment("2024-01-15 10:30:00"), "1")
        QueryCase.orders("to the second", o.placed.truncated(to: .second) == moment("2024-02-29 23:59:59"), "2")
        QueryCase.orders("to the day", o.placed.truncated(to: .day) == moment("2024-02-29 00:00:00"), "2")
        QueryCase.orders(
            "a moment to the month",
            o.placed.truncated(to: .month) == moment("2024-01-01 00:00:00"),
            "1 5"
        )
        QueryCase.each(
            "to the quarter",
            o.day.truncated(to: .quarter),
            "2024-01-01 2024-01-01 2024-01-01 2023-10-01 2024-01-01"
        )
        QueryCase.each(
            "hours since",
            o.placed.difference(in: .hour, since: moment("2024-01-15 00:00:00")),
            "10 1103 1320 -348 -328"
        )
        QueryCase.each("minutes between columns", o.placed.difference(in: .minute, since: o.placed), "0 0 0 0 0")
        QueryCase.orders("today's year", currentDate().field(.year) > 2_000, "1 2 3 4 5")
        QueryCase.orders("before now", o.placed.cast(to: LocalDate.self) < currentDate(), "1 2 3 4 5")
        QueryCase.rows(
            "grouped by the month",
            o.select(o.day.truncated(to: .month), sum(o.total).expression).groupBy(o.day.truncated(to: .month)).orderBy(
                o.day.truncated(to: .month)
            ),
            "2023-12-01|70",
            "2024-01-01|130",
            "2024-02-01|50",
            "2024-03-01|70"
        )
        QueryCase.orders("grouped by month", o.placed.field(.month) == 1 && o.placed.field(.year) == 2024, "1 5")
        QueryCase.rows("today is a date", select((currentDate() > LocalDate("2020-01-01") ?? .infinity).value), "true")
    }
}
