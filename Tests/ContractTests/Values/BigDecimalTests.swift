import Roost
import RoostTestSupport
import Testing

@Suite struct BigDecimalTests {
    @Test(arguments: [
        ("0", "0"), ("-0.00", "0.00"), ("1.10", "1.10"), ("007", "7"), (".5", "0.5"), ("-12.340", "-12.340"),
        ("1e3", "1000"),
        ("1.5e-3", "0.0015"), ("12345678901234567890.123456789", "12345678901234567890.123456789"), ("NaN", "NaN"),
        ("-infinity", "-Infinity"), ("0.001", "0.001"),
    ])
    func readsAndPrints(text: String, expected: String) {
        #expect(BigDecimal(text)?.description == expected)
    }

    @Test(arguments: ["", "-", ".", "1.2.3", "1e", "0x1", "1e999999999", "abc", "1 "])
    func malformedTextIsNil(text: String) {
        #expect(BigDecimal(text) == nil)
    }

    @Test func comparesByValue() {
        #expect(BigDecimal("1.10") == BigDecimal("1.1"))
        #expect(BigDecimal("1.10").hashValue == BigDecimal("1.1").hashValue)
        let ordered = ["-Infinity", "-100.5", "-100", "-0.01", "0", "0.009", "0.01", "9.99", "10", "Infinity", "NaN"]
            .compactMap { BigDecimal($0) }
        #expect(ordered.shuffled().sorted() == ordered)
    }

    @Test func agreesWithIntegersAndDoubles() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let a = Int64(bitPattern: generator.next()) >> Int64(generator.next() % 63)
            let b = Int64(bitPattern: generator.next()) >> Int64(generator.next() % 63)
            #expect((BigDecimal(a) < BigDecimal(b)) == (a < b))
            #expect(BigDecimal(a).integer(Int64.self) == a)
            let double = Double(bitPattern: generator.next())
            if double.isFinite { #expect(BigDecimal(double).doubleValue == double) }
        }
        #expect(BigDecimal("12.00")?.integer(Int.self) == 12)
        #expect(BigDecimal("12.5")?.integer(Int.self) == nil)
        #expect(BigDecimal("99999999999999999999")?.integer(Int.self) == nil)
    }
}
