import Roost

/// Intervals as text: PostgreSQL's own style and ISO 8601.
enum IntervalText {
    /// Reads `1 year 2 mons -3 days +04:05:06.789` or `P1Y2M…`; nil for anything else.
    static func parse(_ text: String) -> Interval? {
        if text.hasPrefix("P") || text.hasPrefix("-P") { return Interval(text) }
        let words = text.split(separator: " ")
        var months: Int64 = 0
        var days: Int64 = 0
        var micros: Int64 = 0
        var index = 0
        while index < words.count {
            if words[index].contains(":") {
                guard let time = clock(words[index]) else { return nil }
                micros = time
                index += 1
                continue
            }
            guard index + 1 < words.count, let number = Int64(words[index]), number.magnitude <= 1 << 31 else {
                return nil
            }
            switch words[index + 1] {
            case "year", "years": months += number * 12
            case "mon", "mons": months += number
            case "day", "days": days += number
            default: return nil
            }
            index += 2
        }
        guard let exactMonths = Int32(exactly: months), let exactDays = Int32(exactly: days) else { return nil }
        return Interval(months: exactMonths, days: exactDays, microseconds: micros)
    }

    private static func clock(_ text: Substring) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" || $0 == "+" }.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hours = Int64(parts[0]), let minutes = Int64(parts[1]), hours < 3_000_000_000 else {
            return nil
        }
        let seconds = parts[2].split(separator: ".", maxSplits: 1)
        guard let whole = seconds.first.flatMap({ Int64($0) }), (0..<60).contains(minutes), (0..<62).contains(whole)
        else { return nil }
        var fraction: Int64 = 0
        if seconds.count == 2 {
            guard seconds[1].count <= 6, let digits = Int64(seconds[1]), digits >= 0 else { return nil }
            fraction = digits
            for _ in seconds[1].count..<6 { fraction *= 10 }
        }
        let (total, overflow) = (hours * 3_600 + minutes * 60 + whole).multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow2) = total.addingReportingOverflow(fraction)
        guard !overflow, !overflow2 else { return nil }
        return isNegative ? -sum : sum
    }
}
