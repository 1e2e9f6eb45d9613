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
}
