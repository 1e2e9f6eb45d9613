import Roost
import RoostMySQL
import RoostTestSupport
import Testing

/// Many rows at once: MariaDB's bulk command, and inserts of many rows on MySQL.
@Suite(.enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(5))) struct BatchTests {
    private typealias Item = (Int, String?, Double?, Instant, [UInt8]?, BigDecimal, LocalDate, Bool)

    private func items(_ count: Int, _ generator: inout SeededGenerator) -> [Item] {
        (0..<count).map { number in
            let moment = Int64.random(in: 1_000_000..<2_000_000_000_000_000, using: &generator)
            return (
                number, number % 5 == 0 ? nil : "nåme \(number)", number % 7 == 0 ? nil : Double(number) / 8,
                Instant(microsecondsSinceEpoch: moment),
                number % 3 == 0 ? nil : [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number % 300),
                BigDecimal("\(number).\(number % 100)") ?? .zero,
                LocalDate(daysSinceEpoch: Int32.random(in: -300_000...2_000_000, using: &generator)), number % 2 == 0
            )
        }
    }

    @Test(arguments: TestServer.running, [0, 1, 15, 17, 129, 3_000, 20_000])
    func whatGoesInComesOut(server: TestServer, count: Int) async throws {
        var generator = SeededGenerator(seed: UInt64(count))
        let items = items(count, &generator)
        try await server.withConnection { connection in
            try await connection.execute(
                """
                create temporary table item (id bigint primary key, name varchar(50), x double, at timestamp(6) not null,
                    b varbinary(300), d decimal(20, 5), day date, flag boolean)
                """
            )
            let template: Statement = "insert into item values (?, ?, ?, ?, ?, ?, ?, ?)"
            let summary = try await connection.executeMany(template, items)
            #expect(summary.rowsAffected == count)
            let back = try await connection.query("select * from item order by id").decode(
                (Int, String?, Double?, Instant, [UInt8]?, BigDecimal, LocalDate, Bool).self
            ).fetchAll(limit: 100_000)
            #expect(back.count == count)
            for (left, right) in zip(back, items) {
                let isSame =
                    left.0 == right.0 && left.1 == right.1 && left.2 == right.2 && left.3 == right.3
                    && left.4 == right.4
                    && left.6 == right.6 && left.7 == right.7
                #expect(isSame && left.5 == right.5, "\(left) \(right)")
            }
        }
    }

    /// Templates that are written for many rows, and others, do the same.
    @Test(arguments: TestServer.running)
    func everyFormOfTemplate(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute(
                "create temporary table f (id int primary key, n int not null, t varchar(20) default 'none')"
            )
            let rows = (1...40).map { ($0, $0 * 2) }
            func sum() async throws -> (Int, Int) {
                try await connection.query("select count(*), coalesce(sum(n), 0) from f").decode((Int, Int).self)
                    .fetchOnly()
            }
            let templates: [Statement] = [
                "insert into f (id, n) values (?, ?)", "INSERT INTO f (id, n)\nVALUES(?,\n?)",
                "insert into f (id, n, t) values (?, ? + 0, 'it''s (?)')", "insert into f (id, n) values (:a, :b)",
                "insert into f (n, id) select b, a from (select ? as a, ? as b) s",
                "replace into f (id, n) values (?, ?)",
                "insert into f (id, n) values (?, ?) on duplicate key update n = values(n) + 1",
                "insert ignore into f (id, n) values (?, 0 + ?)", "insert into f (id, n) values (?, ?), (1000, 0)",
            ]
            for (index, template) in templates.enumerated() where index < 8 {
                try await connection.executeMany(template, rows)
                let found = try await sum()
                #expect(found == (40, 1_640), "\(template.text)")
                try await connection.execute("delete from f")
            }
            await #expect(throws: DatabaseError.self) { try await connection.executeMany(templates[8], rows) }
            let found = try await sum()
            #expect(found == (0, 0))
        }
    }

    @Test(arguments: TestServer.running)
    func aFailedRowUndoesAll(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table u (id int primary key) engine = innodb")
            do throws(DatabaseError) {
                try await connection.executeMany("insert into u values (?)", (0..<3_000).map { $0 == 2_500 ? 7 : $0 })
                Issue.record("no error")
            } catch {
                #expect(error.condition == .uniqueViolation)
            }
            #expect(try await connection.query("select count(*) from u").decode(Int.self).fetchOnly() == 0)
            let status = await connection.transactionStatus
            #expect(status == .idle)
        }
    }

    /// A column of several kinds is sent one row after the other.
    @Test(arguments: TestServer.running)
    func columnsOfSeveralKinds(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table k (id int, v text)")
            let rows: [[Value]] = [
                [.int(1), .text("a")], [.int(2), .int(5)], [.int(3), .null], [.int(4), .double(1.5)],
            ]
            let template = try Statement(template: "insert into k values (?, ?)", dialect: connection.dialect)
            try await connection.executeMany(template, values: rows)
            let back = try await connection.query("select v from k order by id").decode(String?.self).fetchAll(limit: 9)
            #expect(back == ["a", "5", nil, "1.5"])
        }
    }
}
