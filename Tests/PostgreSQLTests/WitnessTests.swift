import Foundation
import Roost
import RoostPostgreSQL
import RoostTestSupport
import Testing

/// Values of every built-in type, with psycopg 3 as the witness: what Roost writes psycopg reads, and the other way round.
@Suite(.enabled(if: !TestServer.direct.isEmpty && Witness.isExpected, "\(Witness.absence)"), .timeLimit(.minutes(5)))
struct WitnessTests {
    private static let columns = """
        id integer, b boolean, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision, n numeric, t text, \
        v varchar(20), y bytea, d date, ti time, tz timetz, ts timestamp, tt timestamptz, iv interval, u uuid, j json, \
        jb jsonb, r4 int4range, rn numrange, rd daterange, ai integer[], at text[], an numeric[], af double precision[], \
        ay bytea[], ad date[], aa integer[], au uuid[], ab boolean[]
        """
    private static let rowCount = 500

    /// Makes the table, runs `body`, and drops it again.
    private func withTable(
        _ server: TestServer,
        _ body: (PostgreSQLConnection, String) async throws -> Void
    ) async throws {
        let table = "witness_\(UInt32.random(in: 0 ... .max))"
        try await server.withConnection { connection in
            try await connection.execute("create table \(unsafe: table) (\(unsafe: Self.columns))")
            let result: Result<Void, any Error>
            do { result = .success(try await body(connection, table)) } catch { result = .failure(error) }
            try await connection.execute("drop table \(unsafe: table)")
            try result.get()
        }
    }

    private func compare(_ ours: [[String]], _ theirs: [[String]], _ names: [String]) {
        #expect(ours.count == theirs.count)
        for (row, (left, right)) in zip(ours, theirs).enumerated() {
            #expect(left.count == right.count)
            for (column, (one, other)) in zip(left, right).enumerated() where one != other {
                Issue.record("row \(row), column \(names[column]): Roost \(one), psycopg \(other)")
            }
        }
    }

    @Test(arguments: TestServer.direct, [1, 2])
    func psycopgReadsWhatRoostWrote(server: TestServer, seed: Int) async throws {
        try await withTable(server) { connection, table in
            var values = WitnessValues(seed: UInt64(seed))
            let rows = (0..<Self.rowCount).map { values.row($0) }
            let marks = rows[0].map { _ in "?" }.joined(separator: ", ")
            for row in rows {
                try await connection.execute(
                    Statement("insert into \(table) values (\(marks))", row, dialect: .postgresql)
                )
            }
            let names = try await connection.query("select * from \(unsafe: table) limit 0").columns.names
            compare(rows.map { Witness.canonical($0) }, try await Witness.run(server, "read", table), names)
        }
    }

    @Test(arguments: TestServer.direct, [3, 4])
    func roostReadsWhatPsycopgWrote(server: TestServer, seed: Int) async throws {
        try await withTable(server) { connection, table in
            let theirs = try await Witness.run(server, "write", table, "\(seed)", "\(Self.rowCount)")
            // The first use asks for text, since the columns are not known yet; the second for binary.
            for _ in 0..<2 {
                let rows = try await connection.query("select * from \(unsafe: table) order by id")
                let names = rows.columns.names
                var ours: [[String]] = []
                while let batch = try await rows.nextBatch() {
                    for row in 0..<batch.rowCount {
                        ours.append(
                            Witness.canonical(
                                (0..<batch.columnCount).map { batch.value(row: row, column: $0) ?? .null }
                            )
                        )
                    }
                }
                compare(ours, theirs, names)
            }
        }
    }
}

/// The other program, and the form in which both say what a value is.
enum Witness {
    /// Its Python, with psycopg; `scripts/servers` makes it.
    static var python: String? { ProcessInfo.processInfo.environment["ROOST_TEST_WITNESS"] }
    static let absence = "psycopg 3 is not there; scripts/servers install witness fetches it"
    /// Where everything has to be there, its absence is a failure and not a reason to skip.
    static var isExpected: Bool { python != nil || ProcessInfo.processInfo.environment["CI"] != nil }

    /// Runs the witness and returns the rows it printed.
    static func run(_ server: TestServer, _ arguments: String...) async throws -> [[String]] {
        guard let python else { throw SubProcess.Failure(description: absence) }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Witness/witness.py"
        )
        let data = try await SubProcess.run(
            python,
            [script.path] + arguments,
            variables: [
                "PGHOST": "127.0.0.1", "PGPORT": "\(try server.port)", "PGUSER": "roost", "PGDATABASE": "roost",
                "PGPASSWORD": TestServer.variable("ROOST_TEST_PASSWORD"),
            ]
        )
        return try data.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode([String].self, from: $0) }
    }

    /// A row in the form `witness.py` prints. Ranges are no kind of their own: both sides write them as the text they are.
    static func canonical(_ row: [Value]) -> [String] {
        row.enumerated().map { index, value in
            if case .text(let text) = value, WitnessValues.rangeColumns.contains(index) {
                text
            } else {
                CanonicalForm.of(value)
            }
        }
    }
}
