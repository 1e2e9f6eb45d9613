import Foundation
import Roost
import RoostTestSupport

/// Random values for the columns of the witnesses' table, the same in every run of a seed.
struct WitnessValues {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func one(of count: Int) -> Bool { Int.random(in: 0..<count, using: &generator) == 0 }
    private mutating func number(_ range: ClosedRange<Int64>) -> Int64 { .random(in: range, using: &generator) }
    private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator) ?? "" }

    private mutating func text() -> String {
        if one(of: 3) {
            return pick(["", "NULL", "\\", "\"", "tab\tline\n", "'", "%s $1 ?", "e\u{301}", " ", "😀", "\0", "\u{1A}"])
        }
        let scalars = (0..<number(0...20)).map { _ in Unicode.Scalar(UInt32(number(1...0xD7FF))) ?? "?" }
        return String(String.UnicodeScalarView(scalars))
    }

    private mutating func bytes(_ longest: Int64) -> [UInt8] {
        (0..<number(0...longest)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    private mutating func decimal() -> BigDecimal {
        if one(of: 6) { return BigDecimal(pick(["0", "0.000", "10000", "-0.0001", "-99999999.99990000"])) ?? .zero }
        var text = one(of: 2) ? "-" : ""
        for _ in 0..<number(1...35) { text += "\(number(0...9))" }
        let scale = number(0...30)
        if scale > 0 { text += "." }
        for _ in 0..<scale { text += "\(number(0...9))" }
        return BigDecimal(text) ?? .zero
    }

    private mutating func double() -> Double {
        let magnitude = Double.random(in: -1...1, using: &generator)
        return one(of: 6) ? Double(number(-9...9)) : magnitude * pow(10, Double(number(-300...300)))
    }

    private mutating func time() -> Value {
        let microseconds = number(one(of: 2) ? 0...86_399_999_999 : -2_880_000_000_000...2_880_000_000_000)
        if (0..<86_400_000_000).contains(microseconds) {
            return .time(LocalTime(nanosecondsSinceMidnight: microseconds * 1_000))
        }
        return .interval(Interval(microseconds: microseconds))
    }

    private mutating func json(depth: Int = 0) -> String {
        switch number(0...(depth < 3 ? 5 : 3)) {
        case 0: return "null"
        case 1: return one(of: 2) ? "true" : "false"
        case 2: return "\(number(-1 << 53...1 << 53))"
        case 3:
            return "\"" + (0..<number(0...10)).map { _ in pick(["a", "ö", "€", "😀", "\\\"", "\\\\", "'"]) }.joined()
                + "\""
        case 4: return "[" + (0..<number(0...4)).map { _ in json(depth: depth + 1) }.joined(separator: ", ") + "]"
        default:
            let fields = (0..<number(0...4)).map { "\"k\($0)\": " + json(depth: depth + 1) }
            return "{" + fields.joined(separator: ",") + "}"
        }
    }

    private mutating func point() -> [UInt8] {
        var bytes: [UInt8] = [1, 1, 0, 0, 0]
        for limit in [180.0, 90.0] {
            let number = Double.random(in: -limit...limit, using: &generator)
            withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
        }
        return bytes
    }

    private mutating func float() -> Float { Float(number(-1 << 40...1 << 40)) / 1_024 }

    private mutating func value(_ column: String) -> Value {
        switch column {
        case "b": .bool(one(of: 2))
        case "i1": .int(number(-128...127))
        case "u1": .int(number(0...255))
        case "i2": .int(number(-32_768...32_767))
        case "u2": .int(number(0...65_535))
        case "i3": .int(number(-1 << 23...1 << 23 - 1))
        case "u3": .int(number(0...1 << 24 - 1))
        case "i4": .int(number(-1 << 31...1 << 31 - 1))
        case "u4": .int(number(0...1 << 32 - 1))
        case "i8": .int(number(.min ... .max))
        case "u8", "bi": .uint(UInt64(bitPattern: number(.min ... .max)))
        case "f4": .float(float())
        case "f8": .double(double())
        case "n": .decimal(decimal())
        case "t": .text(text())
        case "v": .text(String(String.UnicodeScalarView(text().unicodeScalars.prefix(20))))
        case "la": .text(pick(["", "a", "Müßig", "ÿþ€", "'\\\""]))
        case "y": .bytes(bytes(60))
        case "bb": .bytes(bytes(400))
        case "yr": .int(number(1_901...2_155))
        // From the year 1 to 9999.
        case "d": .date(LocalDate(daysSinceEpoch: Int32(number(-719_162...2_932_896))))
        case "ti": time()
        case "dt":
            .timestamp(LocalDateTime(microsecondsSinceEpoch: number(-62_135_596_800_000_000...253_402_300_799_999_999)))
        case "ts": .timestampTZ(Instant(microsecondsSinceEpoch: number(1_000_000...2_147_483_647_999_999)))
        case "e": .text(pick(["a", "ö", "x,y"]))
        case "s": .text(pick(["", "a", "b", "a,c", "a,b,c"]))
        case "j": .json(JSON(json()))
        case "p": .bytes(point())
        case "u": .text(UUID(seeded: &generator).uuidString.lowercased())
        case "i6": .text(pick(["::1", "2001:db8::ff00:42:8329", "::ffff:192.0.2.128"]))
        case "ve": .array((0..<3).map { _ in .float(float()) })
        default: .null
        }
    }

    /// One value for each column.
    mutating func row(_ id: Int, _ names: [String]) -> [Value] {
        var row: [Value] = [.int(Int64(id))]
        for name in names.dropFirst() { row.append(one(of: 12) ? .null : value(name)) }
        return row
    }
}

extension UUID {
    fileprivate init(seeded generator: inout SeededGenerator) {
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bytes) { target in
            for index in target.indices { target[index] = UInt8.random(in: 0...255, using: &generator) }
        }
        // Random ones by RFC 9562; MariaDB takes no number of another variant for a UUID of a version.
        bytes.6 = bytes.6 & 0x0F | 0x40
        bytes.8 = bytes.8 & 0x3F | 0x80
        self.init(uuid: bytes)
    }
}
