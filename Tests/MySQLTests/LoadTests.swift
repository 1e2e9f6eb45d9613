import Foundation
import Roost
import RoostMySQL
import RoostTestSupport
import Testing

/// `LOAD DATA LOCAL` from what a caller supplies, and never from a file.
@Suite(.enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(10))) struct LoadTests {
    private struct StreamFailed: Error {}

    private static func chunks(_ texts: [String]) -> AsyncStream<[UInt8]> {
        AsyncStream { continuation in
            for text in texts { continuation.yield(Array(text.utf8)) }
            continuation.finish()
        }
    }

    @Test(arguments: TestServer.running)
    func valuesOfEveryKindArriveAsTheyAre(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute(
                """
                create temporary table l (i bigint, u bigint unsigned, f float, d double, n decimal(30, 10), t text,
                    l varchar(20) character set latin1, b varbinary(300), w bit(64), day date, at datetime(6), stamp timestamp(6) null,
                    o time(6), flag boolean, j json)
                """
            )
            let columns = ["i", "u", "f", "d", "n", "t", "l", "b", "w", "day", "at", "stamp", "o", "flag", "j"]
            let all = (0...255).map { UInt8($0) }
            let rows: [[Value]] = [
                [
                    .int(.min), .uint(.max), .float(0.1), .double(-1.7976931348623157e308),
                    .decimal(try #require(BigDecimal("-12345678901234567890.0123456789"))),
                    .text("tab\tline\nback\\slash \\N \u{0} 'quote' 🚰"), .text("Müßig"), .bytes(all), .uint(.max),
                    .date(try #require(LocalDate("0001-01-01"))),
                    .timestamp(try #require(LocalDateTime("9999-12-31T23:59:59.999999"))),
                    .timestampTZ(try #require(Instant("2024-07-01T12:00:00.25+02:00"))),
                    .interval(Interval(microseconds: -3_020_399_000_000)), .bool(true), .json(JSON("[1, 2]")),
                ],
                [
                    .int(0), .uint(0), .float(.greatestFiniteMagnitude), .double(2.5e-300), .null, .text(""), .null,
                    .bytes([]),
                    .uint(1), .null, .timestamp(try #require(LocalDateTime("2024-02-29T00:00:00"))), .null,
                    .time(try #require(LocalTime("23:59:59.5"))), .bool(false), .null,
                ],
                Array(repeating: .null, count: columns.count),
            ]
            let summary = try await connection.load(into: "l", columns: columns, rows) { row, builder in
                for value in row { builder.append(value) }
            }
            #expect(summary.rowsAffected == 3 && summary.warnings.isEmpty)
            let back = try await connection.query("select * from l").fetchAll(limit: 9)
            for (row, wanted) in zip(back, rows) {
                for (index, value) in wanted.enumerated() {
                    var found = try row.decode(index, as: Value.self)
                    if case .bool = value, case .int(let number) = found { found = .bool(number == 1) }
                    #expect(found == value, "\(columns[index])")
                }
            }
        }
    }

    /// Through the load and through inserts, a table becomes the same.
    @Test(arguments: TestServer.running, [UInt64(1), 2])
    func loadsLikeInserts(server: TestServer, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let letters = Array("ab\\\t\n\r\"',;NΩ🚰\u{0}")
        let rows = (0..<5_000).map { number in
            let text = String(
                (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                    letters.randomElement(using: &generator) ?? "x"
                }
            )
            let bytes = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            return (
                number, number % 7 == 0 ? nil : text, number % 5 == 0 ? nil : bytes,
                Double.random(in: -1e9...1e9, using: &generator)
            )
        }
        try await server.withConnection { connection in
            for name in ["loaded", "inserted"] {
                try await connection.execute(
                    "create temporary table \(identifier: name) (id int primary key, t varchar(50), b varbinary(20), d double)"
                )
            }
            let summary = try await connection.load(into: "loaded", columns: ["id", "t", "b", "d"], rows: rows)
            #expect(summary.rowsAffected == 5_000)
            try await connection.executeMany("insert into inserted values (?, ?, ?, ?)", rows)
            let different = try await connection.query(
                """
                select count(*) from loaded l join inserted i on l.id = i.id
                where not (l.t <=> i.t and hex(l.t) <=> hex(i.t) and l.b <=> i.b and l.d = i.d)
                """
            ).decode(Int.self).fetchOnly()
            #expect(different == 0)
        }
    }

    @Test(arguments: TestServer.running)
    func dataThatHasItsForm(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table c (id int primary key, name varchar(20), n double)")
            var format = LoadFormat.csv
            format.skippedLines = 1
            let pieces = ["id,na", "", "me,n\n1,\"a, \"\"b\"\"\",1.5\n2,", "NULL,2", "\n3,plain,NULL\n"]
            let summary = try await connection.load(into: "c", format: format, data: Self.chunks(pieces))
            #expect(summary.rowsAffected == 3 && summary.warnings.isEmpty)
            let rows = try await connection.query("select id, name, n from c order by id").decode(
                (Int, String?, Double?).self
            )
            .fetchAll(limit: 9)
            #expect(rows.map(\.1) == ["a, \"b\"", nil, "plain"] && rows.map(\.2) == [1.5, 2, nil])
            let more = try await connection.load(
                into: "c",
                columns: ["name", "id"],
                format: .text,
                data: Self.chunks(["x\\ty\t4\n", "\\N\t5\n"])
            )
            #expect(more.rowsAffected == 2)
            let names = try await connection.query("select name from c where id > 3 order by id").decode(String?.self)
                .fetchAll(limit: 9)
            #expect(names == ["x\ty", nil])
        }
    }

    @Test(arguments: TestServer.running)
    func rowsThatDoNotFitByPolicy(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table p (id int primary key, t varchar(3)) engine = innodb")
            try await connection.execute("insert into p values (1, 'one')")
            func content() async throws -> [String] {
                try await connection.query("select concat(id, t) from p order by id").decode(String.self).fetchAll(
                    limit: 9
                )
            }
            do throws(DatabaseError) {
                try await connection.load(into: "p", columns: ["id", "t"], rows: [(2, "two"), (1, "uno"), (3, "3")])
                Issue.record("a taken key was loaded")
            } catch {
                #expect(error.condition == .uniqueViolation && !"\(error)".contains("uno"))
            }
            do throws(DatabaseError) {
                try await connection.load(into: "p", columns: ["id", "t"], rows: [(2, "too long")])
                Issue.record("a long value was loaded")
            } catch {
                #expect(error.category == .data)
            }
            #expect(try await content() == ["1one"])
            let kept = try await connection.load(
                into: "p",
                columns: ["id", "t"],
                rows: [(1, "uno"), (2, "too long")],
                policy: .ignore
            )
            #expect(kept.rowsAffected == 1 && kept.warnings.count == 2)
            #expect(try await content() == ["1one", "2too"])
            let replaced = try await connection.load(
                into: "p",
                columns: ["id", "t"],
                rows: [(1, "uno")],
                policy: .replace
            )
            #expect((replaced.rowsAffected ?? 0) > 0)
            #expect(try await content() == ["1uno", "2too"])
        }
    }

    /// Inside a transaction a load that fails undoes itself alone.
    @Test(arguments: TestServer.running)
    func aLoadInATransaction(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table x (id int primary key) engine = innodb")
            try await connection.withTransaction { connection in
                try await connection.load(into: "x", columns: ["id"], [1, 2]) { $1.append(Int64($0)) }
                await #expect(throws: DatabaseError.self) {
                    try await connection.load(into: "x", columns: ["id"], [3, 1]) { $1.append(Int64($0)) }
                }
            }
            #expect(try await connection.query("select count(*) from x").decode(Int.self).fetchOnly() == 2)
        }
    }

    @Test(arguments: TestServer.running)
    func aStreamThatFailsOrIsCancelledLeavesNothing(server: TestServer) async throws {
        let table = "broken\(UInt32.random(in: 0 ... .max))"
        try await server.withConnection { connection in
            try await connection.execute("create table \(identifier: table) (id int) engine = innodb")
            let failing = AsyncThrowingStream<[UInt8], any Error> { continuation in
                continuation.yield(Array("1\n2\n".utf8))
                continuation.finish(throwing: StreamFailed())
            }
            await #expect(throws: StreamFailed.self) {
                try await connection.load(into: table, format: .text, data: failing)
            }
            #expect(
                try await connection.query("select count(*) from \(identifier: table)").decode(Int.self).fetchOnly()
                    == 0
            )

            // A stream that has more to say, some day.
            let (data, feeding) = AsyncStream.makeStream(of: [UInt8].self)
            for _ in 0..<20 { feeding.yield(Array(String(repeating: "7\n", count: 10_000).utf8)) }
            let task = Task { try await connection.load(into: table, format: .text, data: data) }
            try await server.withConnection { watcher in
                let begun: Statement =
                    "select count(*) from \(unsafe: server.processes) where info like \("LOAD DATA%\(table)%")"
                while try await watcher.query(begun).decode(Int.self).fetchOnly() == 0 {}
            }
            task.cancel()
            do {
                _ = try await task.value
                Issue.record("a cancelled load went on")
            } catch let error as DatabaseError {
                #expect(error.condition == .cancelled)
            }
            #expect(
                try await connection.query("select count(*) from \(identifier: table)").decode(Int.self).fetchOnly()
                    == 0
            )
            try await connection.execute("drop table \(identifier: table)")
        }
    }

    @Test(arguments: TestServer.running)
    func theRowsOfAnotherDatabase(server: TestServer) async throws {
        try await server.withConnection { source in
            try await server.withConnection { connection in
                try await connection.execute("create temporary table r (id bigint primary key, t varchar(40))")
                let rows = try await source.query(
                    """
                    with recursive n as (select 1 as id union all select id + 1 from n where id < 30000)
                    select id, concat('text ', id) from n
                    """
                )
                let summary = try await connection.load(into: "r", columns: ["id", "t"], rowsOf: rows)
                #expect(summary.rowsAffected == 30_000)
                let sums = try await connection.query("select sum(id), sum(length(t)) from r").decode((Int, Int).self)
                    .fetchOnly()
                #expect(sums == (450_015_000, 30_000 * 5 + 138_894))
            }
        }
    }

    /// A server must not be able to read files of the client, and being refused one does not end the connection.
    @Test(arguments: TestServer.running)
    func filesAreNotGivenAway(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table loaded (a text)")
            for _ in 0..<3 {
                do throws(DatabaseError) {
                    try await connection.execute("load data local infile '/etc/hostname' into table loaded")
                    Issue.record("a file was sent")
                } catch {
                    #expect(error.condition == .notSupported && error.hint?.contains("load(into:") == true)
                }
                #expect(try await connection.query("select count(*) from loaded").decode(Int.self).fetchOnly() == 0)
            }
        }
    }

    @Test(arguments: TestServer.running)
    func mistakesAreNamed(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table m (id int, name text)")
            await #expect(throws: DatabaseError.self) {
                try await connection.load(into: "m", columns: [], rows: [(1, 2)])
            }
            await #expect(throws: DatabaseError.self) {
                try await connection.load(into: "nosuch", columns: ["id"], rows: [(1, 2)])
            }
            do throws(DatabaseError) {
                try await connection.load(into: "m", columns: ["id"], rows: [(1, "x")])
                Issue.record("rows of another width were loaded")
            } catch {
                #expect(error.condition == .parameterMismatch)
            }
            await #expect(throws: DatabaseError.self) {
                try await connection.load(into: "m", columns: ["id", "name"], rows: [(1, Double.nan)])
            }
            #expect(try await connection.query("select count(*) from m").decode(Int.self).fetchOnly() == 0)
        }
    }
}
