import Foundation
import Roost
import RoostTestSupport

/// Random values for the columns of the witness's table, the same in every run of a seed.
struct WitnessValues {
    static let rangeColumns = 20...22
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func one(of count: Int) -> Bool { Int.random(in: 0..<count, using: &generator) == 0 }
    private mutating func number(_ range: ClosedRange<Int64>) -> Int64 { .random(in: range, using: &generator) }
    private mutating func pick<T>(_ choices: [T], else fallback: T) -> T {
        choices.randomElement(using: &generator) ?? fallback
    }

    private mutating func text(_ longest: Int = 30) -> String {
        if one(of: 3) {
            return pick(
                ["", "NULL", "null", "\\", "\"", "{,}", "tab\tline\n", "'", "%s $1 ?", "e\u{301}", " ", "😀"],
                else: ""
            )
        }
        let count = Int(number(0...Int64(longest)))
        let scalars = (0..<count).map { _ in Unicode.Scalar(UInt32(number(1...0xD7FF))) ?? "?" }
        return String(String.UnicodeScalarView(scalars))
    }

    private mutating func bytes(_ longest: Int64) -> [UInt8] {
        (0..<number(0...longest)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    private mutating func decimal() -> BigDecimal {
        let specials = ["NaN", "Infinity", "-Infinity", "0", "0.000", "10000", "0.0001", "-99999999.99990000"]
        var text = pick(specials, else: "0")
        if !one(of: 6) {
            text = (one(of: 2) ? "-" : "") + "\(number(1...9))"
            for _ in 0..<number(0...50) { text += "\(number(0...9))" }
            let scale = number(0...40)
            if scale > 0 { text += "." }
            for _ in 0..<scale { text += "\(number(0...9))" }
        }
        return BigDecimal(text) ?? .nan
    }

    private mutating func double() -> Double {
        if one(of: 5) { return pick([0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude], else: 0) }
        return Double(bitPattern: UInt64(bitPattern: number(.min ... .max)))
    }

    private mutating func date() -> LocalDate {
        if one(of: 5) { return pick([.infinity, .negativeInfinity], else: .infinity) }
        // From 4713-01-01 BC, PostgreSQL's first year, to 5874897.
        return LocalDate(
            daysSinceEpoch: Int32(one(of: 2) ? number(-2_440_000...2_145_000_000) : number(-800_000...800_000))
        )
    }

    /// Microseconds from 4713 BC to 294276, or the infinities.
    private mutating func moment() -> Int64 {
        if one(of: 6) { return one(of: 2) ? .max : .min }
        return one(of: 2)
            ? number(-210_800_000_000_000_000...9_223_371_331_199_999_999 - 946_684_800_000_000)
            : number(-1 << 52...1 << 52)
    }

    private mutating func time() -> LocalTime {
        LocalTime(nanosecondsSinceMidnight: (one(of: 10) ? 86_400_000_000 : number(0...86_399_999_999)) * 1_000)
    }

    private mutating func interval() -> Interval {
        Interval(
            months: Int32(number(-2_000_000_000...2_000_000_000)),
            days: Int32(number(Int64(Int32.min)...Int64(Int32.max))),
            microseconds: number(-1 << 62...1 << 62)
        )
    }

    private mutating func uuid() -> UUID {
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bytes) { target in
            for index in target.indices { target[index] = UInt8.random(in: 0...255, using: &generator) }
        }
        return UUID(uuid: bytes)
    }

    private mutating func json(depth: Int = 0) -> String {
        switch number(0...(depth < 3 ? 5 : 3)) {
        case 0: return "null"
        case 1: return one(of: 2) ? "true" : "false"
        case 2: return "\(number(-1 << 53...1 << 53))"
        case 3:
            let letters = (0..<number(0...10)).map { _ in
                pick(["a", "ö", "€", "😀", "\\\"", "\\\\", "/", "'", "$1"], else: "a")
            }
            return "\"" + letters.joined() + "\""
        case 4: return "[" + (0..<number(0...4)).map { _ in json(depth: depth + 1) }.joined(separator: ", ") + "]"
        default:
            return "{" + (0..<number(0...4)).map { "\"k\($0)\": " + json(depth: depth + 1) }.joined(separator: ",")
                + "}"
        }
    }

    /// A range as the server writes it: of integers and days half-open.
    private mutating func range(_ show: (Int64) -> String) -> Value {
        let low = number(-1_000_000...1_000_000)
        let high = low + number(1_000...1_000_000)
        switch number(0...5) {
        case 0: return .text("empty")
        case 1: return .text("(,\(show(high)))")
        case 2: return .text("[\(show(low)),)")
        default: return .text("[\(show(low)),\(show(high)))")
        }
    }

    private mutating func array(_ make: (inout WitnessValues) -> Value) -> Value {
        .array((0..<number(0...6)).map { _ in one(of: 5) ? .null : make(&self) })
    }

    private mutating func matrix() -> Value {
        let width = number(1...3)
        return .array(
            (0..<number(1...3)).map { _ in
                .array((0..<width).map { _ in one(of: 6) ? .null : .int(number(-1 << 31...1 << 31 - 1)) })
            }
        )
    }

    /// One value for each column.
    mutating func row(_ id: Int) -> [Value] {
        var row: [Value] = [
            .int(Int64(id)), .bool(one(of: 2)), .int(number(-32_768...32_767)), .int(number(-1 << 31...1 << 31 - 1)),
            .int(number(.min ... .max)), .float(Float(double())), .double(double()), .decimal(decimal()), .text(text()),
            .text(text(20)), .bytes(bytes(40)), .date(date()), .time(time()),
        ]
        row += [
            .timeTZ(OffsetTime(time: time(), utcOffset: Int32(number(-57_599...57_599)))),
            .timestamp(LocalDateTime(microsecondsSinceEpoch: moment())),
            .timestampTZ(Instant(microsecondsSinceEpoch: moment())),
            .interval(interval()), .uuid(uuid()), .json(JSON(json())), .json(JSON(json())),
        ]
        row += [
            range { "\($0)" }, range { "\($0).5" },
            range { LocalDate(daysSinceEpoch: Int32($0 / 200 + 20_000)).description },
        ]
        row += [
            array { .int($0.number(-1 << 31...1 << 31 - 1)) }, array { .text($0.text()) },
            array { .decimal($0.decimal()) },
            array { .double($0.double()) }, array { .bytes($0.bytes(9)) }, array { .date($0.date()) }, matrix(),
            array { .uuid($0.uuid()) }, array { .bool($0.one(of: 2)) },
        ]
        for index in row.indices.dropFirst() where one(of: 12) { row[index] = .null }
        return row
    }
}
