import Roost
import Testing

@testable import RoostSQLite

/// Loops over many rows run on the connection's thread where their caller leaves it open, and give the same rows wherever they run.
@Suite struct LoopPlaceTests {
    private struct Numbered: RowDecodable {
        var number: Int
        var text: String

        init(from row: inout RowReader) throws(DatabaseError) {
            number = try row.next()
            text = try row.next()
        }
    }

    private let count = 50_000
    private var rows: Statement {
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < \(count)) select i, 'row ' || i from n"
    }

    private func memory() async throws -> SQLiteConnection {
        try await SQLiteDriver().connect(ConnectionConfiguration("sqlite::memory:"))
    }

    @concurrent
    private func sum(_ connection: SQLiteConnection) async throws -> [Int] {
        var each = 0
        try await connection.query(rows).decode(Numbered.self).forEach { each += $0.number }
        let all = try await connection.query(rows).decode(Numbered.self).fetchAll(limit: .rows(count))
        let made = try await connection.query(rows).map({ (number: Int, _: String) in number }, limit: .rows(count))
        return [each, all.reduce(0) { $0 + $1.number }, made.reduce(0, +)]
    }

    @Test func everyRowComesWhoeverAsks() async throws {
        let connection = try await memory()
        let expected = Array(repeating: count * (count + 1) / 2, count: 3)
        #expect(try await sum(connection) == expected)
        #expect(try await withTaskExecutorPreference(connection.taskExecutor) { try await sum(connection) } == expected)
    }

    @MainActor
    @Test func aCallersActorIsKept() async throws {
        let connection = try await memory()
        var each = 0
        try await connection.query(rows).decode(Numbered.self).forEach {
            MainActor.assertIsolated()
            each += $0.number
        }
        #expect(each == count * (count + 1) / 2)
    }

    @Test func anErrorInALoopEndsTheResult() async throws {
        struct Enough: Error {}
        let connection = try await memory()
        var seen = 0
        await #expect(throws: Enough.self) {
            try await connection.query(rows).decode(Numbered.self).forEach { row in
                seen = row.number
                if row.number == 30_000 { throw Enough() }
            }
        }
        #expect(seen == 30_000)
        #expect(try await connection.query("select 1").decode(Int.self).fetchOnly() == 1)
    }

    @Test func rowsMadeFarAwayAreWritten() async throws {
        let connection = try await memory()
        try await connection.execute("create table moment (id integer, at timestamp, until timestamptz, note text)")
        let tuples = (0..<20_000).map { index in
            let micros = Int64(index) * 86_400_000_123
            let at: LocalDateTime? = index.isMultiple(of: 3) ? nil : LocalDateTime(microsecondsSinceEpoch: micros)
            return (index, at, Instant(microsecondsSinceEpoch: -micros), "note \(index)")
        }
        let summary = try await connection.executeMany("insert into moment values (?, ?, ?, ?)", tuples)
        #expect(summary.rowsAffected == tuples.count)
        let read = try await connection.query("select id, at, until, note from moment order by id")
            .decode((Int, LocalDateTime?, Instant, String).self).fetchAll(limit: .rows(tuples.count))
        #expect(read.elementsEqual(tuples) { $0 == $1 })
    }
}
