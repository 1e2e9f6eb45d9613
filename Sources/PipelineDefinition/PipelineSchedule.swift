public import Roost

/// When a pipeline is due: the five fields of cron in UTC, or an interval.
public struct PipelineSchedule: Sendable, Hashable, Codable {
    private enum Form: Sendable, Hashable {
        case every(minutes: Int)
        case cron(minutes: Set<Int>, hours: Set<Int>, days: Set<Int>?, months: Set<Int>, weekdays: Set<Int>?)
    }

    /// The text it was read from.
    public let text: String
    private let form: Form

    private static let names = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *",
        "@yearly": "0 0 1 1 *",
    ]
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// Reads `every 15m` (minutes, hours, days), `@daily` and the like, or `minute hour day month weekday`; nil for anything else.
    public init?(_ text: String) {
        self.text = text
        let words = (Self.names[text] ?? text).split(separator: " ").map { $0.lowercased() }
        if words.count == 2, words[0] == "every" {
            guard let unit = words[1].last, let count = Int(words[1].dropLast()), (1...10_000).contains(count),
                let factor = ["m": 1, "h": 60, "d": 1_440][unit]
            else { return nil }
            form = .every(minutes: count * factor)
            return
        }
        guard words.count == 5, let minutes = Self.field(words[0], 0...59, []),
            let hours = Self.field(words[1], 0...23, []), let days = Self.field(words[2], 1...31, []),
            let months = Self.field(words[3], 1...12, Self.months),
            let weekdays = Self.field(words[4], 0...7, Self.weekdays)
        else { return nil }
        form = .cron(
            minutes: minutes,
            hours: hours,
            days: words[2] == "*" ? nil : days,
            months: months,
            weekdays: words[4] == "*" ? nil : Set(weekdays.map { $0 % 7 })
        )
        // A day that no month has never comes.
        if next(after: Instant(microsecondsSinceEpoch: 0)) == nil { return nil }
    }

    /// The numbers one field means: `*`, `5`, `1-5`, `*/15`, `mon`, and lists of them.
    private static func field(_ text: String, _ range: ClosedRange<Int>, _ names: [String]) -> Set<Int>? {
        func number(_ text: Substring) -> Int? {
            if let index = names.firstIndex(of: String(text)) { return index + range.lowerBound }
            return Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
        var result: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
            guard let head = pieces.first, pieces.count <= 2 else { return nil }
            var step = 1
            if pieces.count == 2 {
                guard let count = Int(pieces[1]), count > 0 else { return nil }
                step = count
            }
            let ends = head.split(separator: "-", omittingEmptySubsequences: false)
            let span: ClosedRange<Int>
            if head == "*" {
                span = range
            } else if ends.count == 2, let lower = number(ends[0]), let upper = number(ends[1]), lower <= upper {
                span = lower...upper
            } else if ends.count == 1, let only = number(head) {
                span = pieces.count == 2 ? only...range.upperBound : only...only
            } else {
                return nil
            }
            result.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: step))
        }
        return result
    }

    /// The first time after another that it is due; nil when there is none within eight years, in which every day of cron's comes.
    public func next(after time: Instant) -> Instant? {
        let minute = time.microsecondsSinceEpoch.dividedRoundingDown(by: 60_000_000) + 1
        switch form {
        case .every(let minutes):
            let step = Int64(minutes)
            return Self.instant(minute: (minute + step - 1).dividedRoundingDown(by: step) * step)
        case .cron(let minutes, let hours, let days, let months, let weekdays):
            let today = minute.dividedRoundingDown(by: 1_440)
            for day in today...(today + 8 * 366) {
                let date = LocalDate(daysSinceEpoch: Int32(clamping: day))
                guard months.contains(date.month) else { continue }
                let isDay = days?.contains(date.day)
                let isWeekday = weekdays?.contains(date.weekday % 7)
                // Either will do where both are said, as everywhere with cron.
                switch (isDay, isWeekday) {
                case (let one?, let other?): guard one || other else { continue }
                case (let one?, nil), (nil, let one?): guard one else { continue }
                case (nil, nil): break
                }
                for hour in hours.sorted() {
                    for part in minutes.sorted() {
                        let candidate = day * 1_440 + Int64(hour * 60 + part)
                        if candidate >= minute { return Self.instant(minute: candidate) }
                    }
                }
            }
            return nil
        }
    }

    private static func instant(minute: Int64) -> Instant {
        Instant(microsecondsSinceEpoch: minute * 60_000_000)
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let schedule = PipelineSchedule(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "not a schedule")
            )
        }
        self = schedule
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Int64 {
    /// The quotient rounded down.
    fileprivate func dividedRoundingDown(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
