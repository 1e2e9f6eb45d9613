import Roost

extension Renderer {
    private mutating func wrap(_ before: String, _ node: QueryNode, _ after: String) throws(DatabaseError) {
        write(before)
        try render(node)
        write(after)
    }

    mutating func renderDateField(_ field: DateField, _ date: QueryNode) throws(DatabaseError) {
        switch profile.engine {
        case .sqlite:
            switch field {
            case .quarter: try wrap("((cast(strftime('%m', ", date, ") as integer) + 2) / 3)")
            // ISO 8601: the week of the year's Thursday of this week.
            case .week: try wrap("((strftime('%j', date(", date, ", '-3 days', 'weekday 4')) - 1) / 7 + 1)")
            default: try wrap("cast(strftime('\(Self.sqliteFormat(field))', ", date, ") as integer)")
            }
        case .mysql, .mariadb:
            switch field {
            case .week: try wrap("week(", date, ", 3)")
            case .weekday: try wrap("(dayofweek(", date, ") - 1)")
            case .dayOfYear: try wrap("dayofyear(", date, ")")
            default: try wrap("extract(\(field.rawValue) from ", date, ")")
            }
        case .sqlserver:
            switch field {
            case .weekday: try wrap("((datepart(weekday, ", date, ") + @@datefirst - 1) % 7)")
            case .week: try wrap("datepart(iso_week, ", date, ")")
            case .dayOfYear: try wrap("datepart(dayofyear, ", date, ")")
            default: try wrap("datepart(\(field.rawValue), ", date, ")")
            }
        case .oracle:
            switch field {
            case .quarter: try wrap("to_number(to_char(", date, ", 'Q'))")
            case .week: try wrap("to_number(to_char(", date, ", 'IW'))")
            case .weekday:
                // Days since Monday, which is positive for every date.
                try wrap("mod(trunc(", date, ") - trunc(")
                try wrap("", date, ", 'IW') + 1, 7)")
            case .dayOfYear: try wrap("to_number(to_char(", date, ", 'DDD'))")
            // A DATE has no hours to extract, and seconds come with their fraction.
            case .hour, .minute, .second:
                try wrap("trunc(extract(\(field.rawValue) from cast(", date, " as timestamp)))")
            default: try wrap("extract(\(field.rawValue) from ", date, ")")
            }
        case .db2:
            switch field {
            case .week: try wrap("week_iso(", date, ")")
            case .weekday: try wrap("(dayofweek(", date, ") - 1)")
            default: try wrap("\(field.rawValue.lowercased())(", date, ")")
            }
        case .postgresql, .standard:
            let name: String =
                switch field {
                case .weekday: "dow"
                case .dayOfYear: "doy"
                default: field.rawValue
                }
            // Seconds come with their fraction.
            try wrap("cast(trunc(extract(\(name) from ", date, ")) as bigint)")
        }
    }

    private static func sqliteFormat(_ field: DateField) -> String {
        switch field {
        case .year: "%Y"
        case .month, .quarter: "%m"
        case .week, .day: "%d"
        case .hour: "%H"
        case .minute: "%M"
        case .second: "%S"
        case .weekday: "%w"
        case .dayOfYear: "%j"
        }
    }

    mutating func renderTruncation(_ field: DateField, _ date: QueryNode) throws(DatabaseError) {
        guard field != .weekday, field != .dayOfYear else { throw notSupported("truncating to \(field.rawValue)") }
        switch profile.engine {
        case .sqlite:
            switch field {
            case .year: try wrap("strftime('%Y-01-01', ", date, ")")
            case .month: try wrap("strftime('%Y-%m-01', ", date, ")")
            case .day: try wrap("strftime('%Y-%m-%d', ", date, ")")
            case .week: try wrap("date(", date, ", '-6 days', 'weekday 1')")
            case .hour: try wrap("strftime('%Y-%m-%d %H:00:00', ", date, ")")
            case .minute: try wrap("strftime('%Y-%m-%d %H:%M:00', ", date, ")")
            case .second: try wrap("strftime('%Y-%m-%d %H:%M:%S', ", date, ")")
            default:
                try wrap("date(", date, ", 'start of year', ((strftime('%m', ")
                try wrap("", date, ") - 1) / 3 * 3) || ' months')")
            }
        case .mysql, .mariadb:
            switch field {
            case .year: try wrap("date_format(", date, ", '%Y-01-01')")
            case .month: try wrap("date_format(", date, ", '%Y-%m-01')")
            case .day: try wrap("date(", date, ")")
            case .week:
                try wrap("date_sub(date(", date, "), interval weekday(")
                try wrap("", date, ") day)")
            case .hour: try wrap("date_format(", date, ", '%Y-%m-%d %H:00:00')")
            case .minute: try wrap("date_format(", date, ", '%Y-%m-%d %H:%i:00')")
            case .second: try wrap("date_format(", date, ", '%Y-%m-%d %H:%i:%s')")
            default:
                try wrap("date_add(makedate(year(", date, "), 1), interval quarter(")
                try wrap("", date, ") - 1 quarter)")
            }
        case .sqlserver: try wrap("datetrunc(\(field == .week ? "iso_week" : field.rawValue), ", date, ")")
        case .oracle:
            let format: String =
                switch field {
                case .year: "YYYY"
                case .quarter: "Q"
                case .month: "MM"
                case .week: "IW"
                case .hour: "HH24"
                case .minute: "MI"
                case .second: throw notSupported("truncating to a second")
                default: "DD"
                }
            try wrap("trunc(", date, ", '\(format)')")
        case .db2 where field == .week:
            try wrap("(date(", date, ") - (dayofweek_iso(")
            try wrap("", date, ") - 1) days)")
        default: try wrap("date_trunc('\(field.rawValue)', ", date, ")")
        }
    }

    mutating func renderAddition(_ field: DateField, _ date: QueryNode, _ count: QueryNode) throws(DatabaseError) {
        guard field != .weekday, field != .dayOfYear else { throw notSupported("adding a \(field.rawValue)") }
        let isLong = field == .quarter || field == .week
        let unit = field == .quarter ? "month" : field == .week ? "day" : field.rawValue
        let factor = field == .quarter ? " * 3" : field == .week ? " * 7" : ""
        switch profile.engine {
        case .sqlite where unit == "month" || unit == "year":
            // SQLite alone flows over the end of a month: the last of the month is the latest.
            let months = unit == "year" ? " * 12" : factor
            try wrap("(min(date(", date, ", (")
            try wrap("", count, "\(months)) || ' months'), date(")
            try wrap("", date, ", 'start of month', (")
            try wrap("", count, "\(months) + 1) || ' months', '-1 day')) || strftime(' %H:%M:%f', ")
            try wrap("", date, "))")
        case .sqlite:
            try wrap("strftime('%Y-%m-%d %H:%M:%f', ", date, ", (")
            try wrap("", count, "\(factor)) || ' \(unit)s')")
        case .mysql, .mariadb:
            try wrap("date_add(", date, ", interval ")
            try wrap("", count, " \(field.rawValue))")
        case .postgresql:
            try operand(date)
            try wrap(" + cast(", count, " as double precision)\(isLong ? factor : "") * interval '1 \(unit)'")
        case .sqlserver:
            try wrap("dateadd(\(field.rawValue), cast(", count, " as int), ")
            try wrap("", date, ")")
        case .oracle:
            if unit == "month" || unit == "year" {
                // `add_months` goes from the last day of a month to the last day; here only a day that is not there is another.
                func month(_ renderer: inout Renderer) throws(DatabaseError) {
                    try renderer.wrap("add_months(trunc(", date, ", 'MM'), ")
                    try renderer.operand(count)
                    renderer.write((unit == "year" ? " * 12" : factor) + ")")
                }
                write("(")
                try month(&self)
                try wrap(" + least(extract(day from ", date, "), extract(day from last_day(")
                try month(&self)
                try wrap("))) - 1 + (cast(", date, " as date) - trunc(")
                try wrap("", date, ")))")
            } else {
                try operand(date)
                try wrap(" + numtodsinterval(", count, "\(factor), '\(unit)')")
            }
        default:
            try operand(date)
            try wrap(" + (", count, "\(factor)) \(unit)s")
        }
    }

    mutating func renderDifference(_ field: DateField, _ end: QueryNode, _ start: QueryNode) throws(DatabaseError) {
        let seconds: Int
        switch field {
        case .week: seconds = 604_800
        case .day: seconds = 86_400
        case .hour: seconds = 3_600
        case .minute: seconds = 60
        case .second: seconds = 1
        default:
            throw notSupported("differences in \(field.rawValue)s", hint: "A \(field.rawValue) has no fixed length.")
        }
        switch profile.engine {
        case .sqlite:
            try wrap("cast(round((julianday(", end, ") - julianday(")
            // Rounded to microseconds first: a day number in double precision is not exact.
            try wrap("", start, ")) * 86400.0, 3) / \(seconds) as integer)")
        case .mysql, .mariadb:
            try wrap("timestampdiff(\(field.rawValue), ", start, ", ")
            try wrap("", end, ")")
        case .postgresql:
            try wrap("cast(trunc(extract(epoch from cast(", end, " as timestamp) - cast(")
            try wrap("", start, " as timestamp)) / \(seconds)) as bigint)")
        case .sqlserver:
            // Counts boundaries that are passed, so of the smallest unit.
            try wrap("(datediff_big(microsecond, ", start, ", ")
            try wrap("", end, ") / \(seconds)000000)")
        case .oracle:
            try wrap("trunc((cast(", end, " as date) - cast(")
            try wrap("", start, " as date)) * 86400 / \(seconds))")
        default:
            try wrap("(seconds_between(", end, ", ")
            try wrap("", start, ") / \(seconds))")
        }
    }
}
