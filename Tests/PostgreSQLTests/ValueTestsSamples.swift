import Roost
import RoostPostgreSQL
import RoostTestSupport

/// Random values of PostgreSQL's own types.
struct ValueSamples {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    mutating func bool() -> Bool { Bool.random(using: &generator) }

    /// A byte that means something in these texts.
    mutating func mark() -> UInt8 { "()[]{}<>,\"\\:./-e0 ".utf8.randomElement(using: &generator) ?? 0 }

    // MARK: Bounds

    mutating func decimal() -> BigDecimal {
        switch int(0...9) {
        case 0: .infinity
        case 1: .negativeInfinity
        default: BigDecimal("\(int(-1_000...1_000)).\(int(0...999))") ?? .zero
        }
    }

    mutating func date() -> LocalDate {
        switch int(0...9) {
        case 0: .infinity
        case 1: .negativeInfinity
        default: LocalDate(daysSinceEpoch: Int32(int(-1_500_000...5_000_000)))
        }
    }

    mutating func micros() -> Int64 {
        switch int(0...9) {
        case 0: .max
        case 1: .min
        case 2: Int64(int(-4_000_000_000...4_000_000_000)) * 1_000_000
        case 3: Int64(int(4_000_000_000...9_000_000_000_000)) * 1_000_000
        default: Int64(int(-200_000_000_000_000_000...200_000_000_000_000_000))
        }
    }

    mutating func timestamp() -> LocalDateTime { LocalDateTime(microsecondsSinceEpoch: micros()) }
    mutating func instant() -> Instant { Instant(microsecondsSinceEpoch: micros()) }

    mutating func double() -> Double {
        switch int(0...11) {
        case 0: 0
        case 1: -0.0
        case 2: .infinity
        case 3: -.infinity
        case 4: Double(int(-1_000...1_000))
        case 5: Double(int(-1_000...1_000)) / 8
        case 6:
            [
                1e15, 1e14, 123_456_789_012_345, 1_234_567_890_123_456, 1e-4, 1e-5, 1.5e-5, .leastNonzeroMagnitude,
                .greatestFiniteMagnitude,
            ][
                int(0...8)
            ]
        case 7: Double.random(in: -1...1, using: &generator)
        case 8: Double.random(in: -1e20...1e20, using: &generator)
        default: Double.random(in: -1e6...1e6, using: &generator)
        }
    }

    // MARK: Ranges

    mutating func range<Bound>(_ bound: (inout ValueSamples) -> Bound) -> PostgreSQLRange<Bound> {
        if int(0...9) == 0 { return .empty }
        while true {
            let ends = (0..<2).map { _ -> PostgreSQLRange<Bound>.Endpoint in
                switch int(0...6) {
                case 0: .unbounded
                case 1...3: .inclusive(bound(&self))
                default: .exclusive(bound(&self))
                }
            }
            if let range = PostgreSQLRange(lower: ends[0], upper: ends[1]) { return range }
        }
    }

    mutating func multirange<Bound>(_ bound: (inout ValueSamples) -> Bound) -> PostgreSQLMultirange<Bound> {
        PostgreSQLMultirange((0..<int(0...5)).map { _ in range(bound) })
    }

    // MARK: Addresses and bits

    mutating func byte() -> UInt8 { int(0...2) == 0 ? UInt8(int(0...255)) : 0 }

    mutating func address(isNetwork: Bool = false) -> PostgreSQLInternetAddress {
        var bytes = (0..<(bool() ? 4 : 16)).map { _ in byte() }
        if bytes.count == 16, int(0...3) == 0 { bytes.replaceSubrange(0..<10, with: repeatElement(0, count: 10)) }
        if bytes.count == 16, int(0...5) == 0 { bytes.replaceSubrange(10..<12, with: [0xFF, 0xFF]) }
        let prefix = bool() ? nil : int(0...(bytes.count * 8))
        let address = PostgreSQLInternetAddress(bytes: bytes, prefixLength: prefix)
        return (isNetwork ? address?.network : address) ?? address ?? self.address(isNetwork: isNetwork)
    }

    mutating func hardware(_ count: Int) -> PostgreSQLHardwareAddress {
        while true {
            if let address = PostgreSQLHardwareAddress(bytes: (0..<count).map { _ in UInt8(int(0...255)) }) {
                return address
            }
        }
    }

    mutating func bits(_ count: ClosedRange<Int>) -> PostgreSQLBits {
        PostgreSQLBits((0..<int(count)).map { _ in bool() })
    }

    // MARK: Geometry

    mutating func point() -> PostgreSQLPoint { PostgreSQLPoint(x: double(), y: double()) }

    mutating func points() -> [PostgreSQLPoint] { (0..<int(1...5)).map { _ in point() } }

    /// Of a line not both may be zero.
    mutating func line() -> PostgreSQLLine { PostgreSQLLine(a: double(), b: Double(int(1...9)), c: double()) }

    mutating func circle() -> PostgreSQLCircle { PostgreSQLCircle(center: point(), radius: abs(double())) }

    // MARK: Composites

    mutating func text() -> String {
        let parts = [
            "a", " ", "\"", "\\", "(", ")", "[", "]", "{", "}", ",", "ü", "🐘", "\n", "\t", "NULL", "'", ";", "\u{B}",
            "\u{A0}",
        ]
        return (0..<int(0...8)).map { _ in parts[int(0...(parts.count - 1))] }.joined()
    }

    mutating func composite() -> PostgreSQLComposite {
        PostgreSQLComposite(fields: (0..<3).map { _ in int(0...4) == 0 ? nil : text() })
    }
}
