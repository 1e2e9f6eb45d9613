/// A type as definitions spell it, the same for every engine.
public enum PipelineType: Sendable, Hashable, CustomStringConvertible {
    /// True or false.
    case boolean
    /// Signed, of 16, 32 or 64 bits.
    case integer(bits: Int)
    /// Exact, with at most so many digits, so many of them after the point.
    case decimal(precision: Int?, scale: Int?)
    /// Floating-point of single and double precision.
    case real, double
    /// Text of at most so many characters.
    case text(limit: Int?)
    /// Bytes of any number.
    case bytes
    /// A day of the calendar, and a time of day without a zone.
    case date, time
    /// A date and time without, and with a time zone.
    case timestamp, timestampTZ
    /// A UUID, and JSON.
    case uuid, json

    /// What can be written.
    public static let spellings =
        "boolean, smallint, integer, bigint, decimal(p,s), real, double, text, varchar(n), bytes, date, time, timestamp, timestamptz, uuid, json"

    /// Reads a type; nil for what is none.
    public init?(_ text: String) {
        let lowered = text.lowercased().filter { $0 != " " }
        let name = lowered.prefix { $0 != "(" }
        var arguments: [Int] = []
        if name.count < lowered.count {
            guard lowered.last == ")" else { return nil }
            for part in lowered.dropFirst(name.count + 1).dropLast().split(
                separator: ",",
                omittingEmptySubsequences: false
            ) {
                guard let number = Int(part), number >= 0 else { return nil }
                arguments.append(number)
            }
        }
        switch (name, arguments.count) {
        case ("boolean", 0), ("bool", 0): self = .boolean
        case ("smallint", 0): self = .integer(bits: 16)
        case ("integer", 0), ("int", 0): self = .integer(bits: 32)
        case ("bigint", 0): self = .integer(bits: 64)
        case ("decimal", 0), ("numeric", 0): self = .decimal(precision: nil, scale: nil)
        case ("decimal", 1...2), ("numeric", 1...2):
            let scale = arguments.count == 2 ? arguments[1] : 0
            guard arguments[0] > 0, scale <= arguments[0] else { return nil }
            self = .decimal(precision: arguments[0], scale: scale)
        case ("real", 0), ("float", 0): self = .real
        case ("double", 0), ("doubleprecision", 0): self = .double
        case ("text", 0): self = .text(limit: nil)
        case ("varchar", 1) where arguments[0] > 0: self = .text(limit: arguments[0])
        case ("bytes", 0), ("blob", 0), ("bytea", 0): self = .bytes
        case ("date", 0): self = .date
        case ("time", 0): self = .time
        case ("timestamp", 0): self = .timestamp
        case ("timestamptz", 0), ("timestampwithtimezone", 0): self = .timestampTZ
        case ("uuid", 0): self = .uuid
        case ("json", 0), ("jsonb", 0): self = .json
        default: return nil
        }
    }

    /// As it is written.
    public var description: String {
        switch self {
        case .boolean: "boolean"
        case .integer(let bits): bits == 16 ? "smallint" : bits == 32 ? "integer" : "bigint"
        case .decimal(let precision?, let scale): "decimal(\(precision),\(scale ?? 0))"
        case .decimal: "decimal"
        case .real: "real"
        case .double: "double"
        case .text(let limit): limit.map { "varchar(\($0))" } ?? "text"
        case .bytes: "bytes"
        case .date: "date"
        case .time: "time"
        case .timestamp: "timestamp"
        case .timestampTZ: "timestamptz"
        case .uuid: "uuid"
        case .json: "json"
        }
    }
}

/// A span of time as definitions write it: `90s`, `15m`, `24h`, `7d`.
public enum PipelineSpan {
    /// The longest there is, in seconds: a hundred years, so that times can be reckoned with it.
    private static let longest = 36_525 * 86_400

    /// The seconds of a span; nil for what is none, and for more than a hundred years.
    public static func seconds(_ text: String) -> Int? {
        guard let unit = text.last, let count = Int(text.dropLast()), count >= 0,
            let factor = ["s": 1, "m": 60, "h": 3_600, "d": 86_400][unit]
        else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        return overflow || product > longest ? nil : product
    }
}
