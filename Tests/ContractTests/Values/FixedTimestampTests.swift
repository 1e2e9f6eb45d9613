import RoostTestSupport
import Testing

@testable import Roost

@Suite struct FixedTimestampTests {
    private func text(_ microseconds: Int64) -> String {
        withUnsafeTemporaryAllocation(byteCount: 26, alignment: 1) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            FixedTimestamp.write(microseconds, separator: 0x20, to: start)
            return String(decoding: UnsafeRawBufferPointer(buffer), as: UTF8.self)
        }
    }

    private func read(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { FixedTimestamp.microseconds(UnsafeRawBufferPointer($0)) }
    }

    @Test(
        arguments: [
            (-62_167_219_200_000_000, "0000-01-01 00:00:00.000000"),
            (-62_162_035_200_000_000, "0000-03-01 00:00:00.000000"),
            (-1, "1969-12-31 23:59:59.999999"), (0, "1970-01-01 00:00:00.000000"),
            (951_782_400_000_001, "2000-02-29 00:00:00.000001"), (4_107_542_399_999_999, "2100-02-28 23:59:59.999999"),
            (253_402_300_799_999_999, "9999-12-31 23:59:59.999999"),
        ] as [(Int64, String)]
    )
    func edgesAreWrittenAsTheCalendarHasThem(microseconds: Int64, text: String) {
        #expect(self.text(microseconds) == text)
        #expect(LocalDateTime(text)?.microsecondsSinceEpoch == microseconds)
    }

    @Test func whatIsWrittenIsReadAsTheSameMoment() {
        for _ in 0..<20_000 {
            let moment = Int64.random(in: FixedTimestamp.writable)
            let text = text(moment)
            #expect(read(text) == moment, "\(text)")
            #expect(LocalDateTime(text)?.microsecondsSinceEpoch == moment, "\(text)")
        }
    }

    @Test func daysOfTenThousandYearsAreRead() {
        // Thirteen has no factor in common with weeks, years or eras, so that every day of a year comes along.
        for day in stride(from: Int64(-719_528), through: 2_932_896, by: 13) {
            let moment = day * 86_400_000_000 + 86_399_999_999
            if read(text(moment)) != moment { Issue.record("\(text(moment))") }
        }
    }

    @Test func oneOtherCharacterIsReadOnlyWhereItIsADigitToo() {
        var random = SeededGenerator(seed: 19)
        for _ in 0..<20_000 {
            var bytes = Array(text(Int64.random(in: FixedTimestamp.writable, using: &random)).utf8)
            let index = Int.random(in: 0..<26, using: &random)
            let before = bytes[index]
            let after = UInt8.random(in: 0...255, using: &random)
            bytes[index] = after
            let isRead = bytes.withUnsafeBytes { FixedTimestamp.microseconds($0) } != nil
            let isDigit = before >= 48 && before <= 57 && after >= 48 && after <= 57
            let isSeparator = index == 10 && (after == 0x20 || after == 0x54)
            #expect(!isRead || isDigit || isSeparator || before == after, "\(bytes)")
        }
    }

    @Test func daysAndTimesThatAreNotAreNotRead() {
        for text in [
            "2023-02-29 00:00:00", "1900-02-29 00:00:00", "2024-02-30 00:00:00", "2024-04-31 00:00:00",
            "2024-00-01 00:00:00", "2024-13-01 00:00:00", "2024-01-00 00:00:00", "2024-01-32 00:00:00",
            "2024-01-01 24:00:00", "2024-01-01 23:60:00", "2024-01-01 23:59:60", "2024-01-01 23:59:59.00000",
        ] {
            #expect(read(text) == nil, "\(text)")
        }
        #expect(read("2000-02-29 00:00:00") == 951_782_400_000_000)
    }
}
