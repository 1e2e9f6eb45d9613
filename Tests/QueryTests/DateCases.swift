import Roost
import RoostQuery

enum DateCases {
    private static let o = Orders.table

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
        QueryCase.orders("grouped by month", o.placed.field(.month) == 1 && o.placed.field(.year) == 2024, "1 5")
        QueryCase.rows("today is a date", select((currentDate() > LocalDate("2020-01-01") ?? .infinity).value), "true")
    }
}
