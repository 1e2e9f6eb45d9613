/// A span of time in the three units SQL keeps apart: months, days and time (SQL `INTERVAL`).
///
/// Two intervals are equal when all three parts are: a month has no fixed length, so there is no order.
public struct Interval: Sendable, Hashable, Codable {
    /// Whole months; twelve to a year.
    public var months: Int32
    /// Whole days, whatever their length.
    public var days: Int32
    /// The rest, in microseconds.
    public var microseconds: Int64

    /// An interval from its three parts.
    @inlinable
    public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }
}

extension Interval: LosslessStringConvertible {
    /// ISO 8601: `P1Y2M3DT4H5M6.789S`; each part carries its own sign.
    public var description: String {
        var text = "P"
        if months / 12 != 0 { text += "\(months / 12)Y" }
        if months % 12 != 0 { text += "\(months % 12)M" }
        if days != 0 { text += "\(days)D" }
        if microseconds != 0 {
            text += "T"
            let hours = microseconds / 3_600_000_000
            let minutes = microseconds / 60_000_000 % 60
            let rest = microseconds % 60_000_000
            if hours != 0 { text += "\(hours)H" }
            if minutes != 0 { text += "\(minutes)M" }
            if rest != 0 {
                let fraction = rest.magnitude % 1_000_000
                text += (rest < 0 ? "-" : "") + "\(rest.magnitude / 1_000_000)"
                if fraction != 0 {
                    let digits = String(fraction)
                    let padded = String(repeating: "0", count: 6 - digits.count) + digits
                    text += "." + padded.reversed().drop { $0 == "0" }.reversed()
                }
                text += "S"
            }
        }
        return text == "P" ? "PT0S" : text
    }

    /// Reads an ISO 8601 duration with years, months, weeks, days, hours, minutes and seconds. nil when a part does not fit.
    public init?(_ text: String) {
        var rest = Substring(text)
        guard rest.first == "P", text.utf8.count <= 128 else { return nil }
        rest.removeFirst()
        var months: Int64 = 0
        var days: Int64 = 0
        var micros: Int64 = 0
        var isTime = false
        var partCount = 0
        while !rest.isEmpty {
            if !isTime, rest.first == "T" {
                isTime = true
                rest.removeFirst()
                continue
            }
            guard let end = rest.firstIndex(where: { !"0123456789+-.".contains($0) }) else { return nil }
            let number = rest[..<end]
            let unit = rest[end]
            rest = rest[rest.index(after: end)...]
            partCount += 1
            if isTime, unit == "S" {
                guard let value = Self.microseconds(number) else { return nil }
                micros = micros.addingSaturating(value)
                continue
            }
            guard let value = Int64(number), value.magnitude <= 1_000_000_000_000_000 else { return nil }
            switch (isTime, unit) {
            case (false, "Y"): months += value * 12
            case (false, "M"): months += value
            case (false, "W"): days += value * 7
            case (false, "D"): days += value
            case (true, "H"): micros = micros.addingSaturating(value.multipliedSaturating(3_600_000_000))
            case (true, "M"): micros = micros.addingSaturating(value.multipliedSaturating(60_000_000))
            default: return nil
            }
        }
        guard partCount > 0, let exactMonths = Int32(exactly: months), let exactDays = Int32(exactly: days),
            micros != .max, micros != .min
        else { return nil }
        self.init(months: exactMonths, days: exactDays, microseconds: micros)
    }

    private static func microseconds(_ number: Substring) -> Int64? {
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let whole = Int64(first) else { return nil }
        let isNegative = first.hasPrefix("-")
        var micros = whole.multipliedSaturating(1_000_000)
        if parts.count == 2 {
            let digits = parts[1]
            guard (1...6).contains(digits.count), let fraction = Int64(digits), !digits.hasPrefix("-"),
                !digits.hasPrefix("+")
            else { return nil }
            var scaled = fraction
            for _ in digits.count..<6 { scaled *= 10 }
            micros = micros.addingSaturating(isNegative ? -scaled : scaled)
        }
        return micros
    }
}

extension Int64 {
    fileprivate func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    fileprivate func multipliedSaturating(_ factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? (self > 0 ? .max : .min) : product
    }
}
