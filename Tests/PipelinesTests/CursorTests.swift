import Roost
import RoostPipelineDefinition
import Testing

@testable import RoostPipelines

/// Numbers at the ends of what there is, which a definition or a row may hold.
@Suite struct CursorTests {
    @Test func spansEndAtAHundredYears() {
        #expect(PipelineSpan.seconds("36525d") == 36_525 * 86_400)
        #expect(PipelineSpan.seconds("36526d") == nil)
        #expect(PipelineSpan.seconds("100000000000000d") == nil)
        #expect(PipelineSpan.seconds("9223372036854775807s") == nil)
    }

    @Test func aCursorGoesBackToTheFirstAtMost() {
        #expect(Value.int(5).earlier(by: "10", seconds: nil) == .int(-5))
        #expect(Value.int(.min + 1).earlier(by: "10", seconds: nil) == .int(.min))
        #expect(Value.int(5).earlier(by: "-10", seconds: nil) == nil)
        let year = 365 * 86_400
        let first = Value.timestamp(LocalDateTime(microsecondsSinceEpoch: .min + 1))
        #expect(first.earlier(by: "365d", seconds: year) == .timestamp(LocalDateTime(microsecondsSinceEpoch: .min)))
        let infinite = Value.timestampTZ(Instant(microsecondsSinceEpoch: .max))
        #expect(infinite.earlier(by: "365d", seconds: year) == infinite)
        #expect(Value.date(.infinity).earlier(by: "365d", seconds: year) == .date(.infinity))
        let day = Value.date(LocalDate(daysSinceEpoch: 400))
        #expect(day.earlier(by: "365d", seconds: year) == .date(LocalDate(daysSinceEpoch: 35)))
    }

    @Test(arguments: [
        ("infinity", true), ("-infinity", false), ("9999-12-31 23:59:59Z", true), ("1970-01-01 00:00:00Z", false),
    ])
    func timesAtTheEndsAreFreshOrNot(latest: String, isFresh: Bool) async throws {
        try await PipelineHarness.with(.sqlite, .sqlite) { _, source, _ in
            try await source.run(["create table rows (at TIMESTAMPTZ)", "insert into rows values ('\(latest)')"])
            let runner = CheckRunner(
                connection: source,
                rows: "rows",
                target: nil,
                columns: ColumnList([ColumnDescription(name: "at", kind: .timestampTZ)]),
                parameters: [:],
                now: Instant(microsecondsSinceEpoch: 1_790_000_000_000_000),
                isAdded: false
            )
            let check = PipelineCheck(name: "fresh", .freshness(column: "at", seconds: 60))
            #expect(try await runner.run(check).isPassed == isFresh)
        }
    }
}
