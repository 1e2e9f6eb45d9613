import Foundation
import Testing

@testable import Roost

@Suite struct TupleRowsTests {
    /// What encoding each value by itself makes of the same rows.
    private func expected(_ rows: [[any DatabaseEncodable]]) -> [[Value?]] {
        rows.map { $0.map { $0.databaseValue } }
    }

    private func values<each C: DatabaseEncodable>(
        _ rows: some Sequence<(repeat each C)>,
        limit: Int = .max
    ) throws -> [[Value?]] {
        try read(TupleRows<_, repeat each C>(rows), limit: limit)
    }

    private func read<R: Sequence, each C: DatabaseEncodable>(
        _ source: consuming TupleRows<R, repeat each C>,
        limit: Int = .max
    ) throws -> [[Value?]] {
        var builder = RowBatchBuilder(columnCount: source.width)
        var found: [[Value?]] = []
        var isOver = false
        while !isOver {
            isOver = try source.fill(&builder, until: limit)
            let batch = builder.takeBatch()
            for row in 0..<batch.rowCount {
                found.append((0..<batch.columnCount).map { batch.value(row: row, column: $0) })
            }
        }
        return found
    }

    @Test func valuesOfEveryWidthAreFoundInTheirTuple() throws {
        let id = UUID()
        let rows:
            [(Bool, Int64, Int8, String, Bool, Double?, UInt16, String?, Float, UUID, Int?, Bool?, Int32, [Int])] = [
                (true, .max, -1, "über", false, nil, 7, nil, 0.5, id, nil, nil, -9, [1, 2]),
                (
                    false, .min, 127, String(repeating: "x", count: 300), true, 2.5, .max, "short", -1, id, 3, true,
                    .max, []
                ),
            ]
        let expected = expected(
            rows.map { [$0.0, $0.1, $0.2, $0.3, $0.4, $0.5, $0.6, $0.7, $0.8, $0.9, $0.10, $0.11, $0.12, $0.13] }
        )
        #expect(try values(rows) == expected)
        // Not side by side in memory.
        #expect(try values(rows.lazy.map { $0 }) == expected)
        #expect(try values(AnySequence(rows)) == expected)
    }

    @Test func timesAndDecimalsAreFoundToo() throws {
        let at = LocalDateTime(microsecondsSinceEpoch: 1_700_000_000_123_456)
        let rows = [(UInt8(1), at, BigDecimal("1.5"), Instant(microsecondsSinceEpoch: 5), LocalDate(daysSinceEpoch: 9))]
        #expect(try values(rows) == expected(rows.map { [$0.0, $0.1, $0.2, $0.3, $0.4] }))
    }

    @Test(arguments: [1, 40, 200, 10_000])
    func batchesOfAnySizeHoldEachRowOnce(limit: Int) throws {
        let rows = (0..<100).map { ($0, "row \($0)") }
        let expected = expected(rows.map { [$0.0, $0.1] })
        #expect(try values(rows, limit: limit) == expected)
        #expect(try values(rows[...], limit: limit) == expected)
        #expect(
            try values(sequence(first: 0) { $0 < 99 ? $0 + 1 : nil }.lazy.map { ($0, "row \($0)") }, limit: limit)
                == expected
        )
    }

    @Test func oneValueIsARowOfOne() throws {
        #expect(try read(TupleRows<_, String>(["a", "b"])) == [[.text("a")], [.text("b")]])
        #expect(try read(TupleRows<_, Int>([])) == [])
    }
}
