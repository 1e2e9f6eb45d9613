import Roost
import RoostPostgreSQL
import Testing

/// An extension that changes what a table is: hypertables are written, copied, read and described like any other.
@Suite(.enabled(if: !TestServer.variable("ROOST_TEST_TIMESCALEDB").isEmpty)) struct TimescaleDBTests {
    private static let start = Instant(microsecondsSinceEpoch: 1_769_896_800_000_000)

    private static func at(second: Int) -> Instant {
        Instant(microsecondsSinceEpoch: start.microsecondsSinceEpoch + Int64(second) * 1_000_000)
    }

    @Test func hypertablesAreFilledAndSummedUp() async throws {
        let readings = (0..<10_000).map { (Self.at(second: $0 * 6), $0 % 4, Double($0 % 100) / 4) }
        try await withHypertable { connection in
            let half = readings.count / 2
            let summary = try await connection.executeMany(
                "insert into reading (at, sensor, celsius) values (?, ?, ?)",
                readings[..<half]
            )
            #expect(summary.rowsAffected == half)
            let copied = try await connection.copyIn(
                to: "reading",
                columns: ["at", "sensor", "celsius"],
                rows: readings[half...]
            )
            #expect(copied == half)

            // Sixteen and two thirds hours lie on both sides of a day's border.
            let chunks: Statement = "select count(*) from show_chunks('reading')"
            #expect(try await connection.query(chunks).decode(Int.self).fetchOnly() == 2)

            let hour = Interval(microseconds: 3_600_000_000)
            let buckets = try await connection.query(
                """
                select time_bucket(\(hour), at) as bucket, sensor, count(*), avg(celsius) from reading
                group by bucket, sensor order by bucket, sensor
                """
            ).decode((Instant, Int, Int, Double).self).fetchAll(limit: 1_000)
            #expect(buckets.count == 17 * 4)
            for (bucket, sensor, count, mean) in buckets {
                let end = Instant(microsecondsSinceEpoch: bucket.microsecondsSinceEpoch + hour.microseconds)
                let values = readings.filter { $0.0 >= bucket && $0.0 < end && $0.1 == sensor }.map(\.2)
                #expect(count == values.count)
                #expect(abs(mean - values.reduce(0, +) / Double(values.count)) < 1e-9)
            }
        }
    }

    @Test func aPreparedStatementOutlivesNewChunks() async throws {
        try await withHypertable { connection in
            for day in 0..<30 {
                try await connection.execute(
                    "insert into reading (at, sensor, celsius) values (\(Self.at(second: day * 86_400)), 1, 20.5)"
                )
                let count: Statement = "select count(*) from reading where sensor = \(1)"
                #expect(try await connection.query(count).decode(Int.self).fetchOnly() == day + 1)
            }
            let removed: Statement = "select drop_chunks('reading', \(Self.at(second: 20 * 86_400)))"
            _ = try await connection.query(removed).fetchAll(limit: 100)
            let left: Statement = "select count(*) from reading where sensor = \(1)"
            #expect(try await connection.query(left).decode(Int.self).fetchOnly() <= 11)
        }
    }

    /// A database of its own: the extension starts a worker in each that has it.
    private func withHypertable(_ body: (PostgreSQLConnection) async throws -> Void) async throws {
        let name = "timescale_\(UInt32.random(in: 0 ... .max))"
        try await TestServer.postgresql18.withConnection { admin in
            try await admin.execute("create database \(identifier: name)")
            do {
                try await TestServer.postgresql18.withConnection({ $0.database = name }) { connection in
                    try await connection.execute("create extension timescaledb")
                    try await connection.execute(
                        "create table reading (at timestamptz not null, sensor int not null, celsius double precision)"
                    )
                    let day = Interval(days: 1)
                    _ = try await connection.query(
                        "select create_hypertable('reading', 'at', chunk_time_interval => \(day))"
                    ).fetchAll(limit: 1)
                    try await body(connection)
                }
            } catch {
                try await admin.execute("drop database \(identifier: name) with (force)")
                throw error
            }
            try await admin.execute("drop database \(identifier: name) with (force)")
        }
    }
}
