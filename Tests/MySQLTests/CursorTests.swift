import Roost
import RoostMySQL
import Testing

/// Cursors whose rows stay on the server until they are fetched.
@Suite(.enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(10))) struct CursorTests {
    private static func numbers(_ count: Int) -> Statement {
        """
        with recursive n as (select 1 as id union all select id + 1 from n where id < \(count))
        select id, concat('text ', id) as t from n
        """
    }

    @Test(arguments: TestServer.running, [1, 99, 100, 101, 1_000])
    func everyRowComesOnceInPortions(server: TestServer, count: Int) async throws {
        try await server.withConnection { connection in
            let cursor = try await connection.openCursor(Self.numbers(count), arraySize: 100)
            #expect(cursor.columns.map(\.name) == ["id", "t"])
            var found: [Int] = []
            while case let rows = try await cursor.fetchMany(), !rows.isEmpty {
                #expect(rows.count == min(100, count - found.count))
                found += try rows.map { try $0.decode(0, as: Int.self) }
                // Between portions the connection is free.
                #expect(try await connection.query("select \(found.count)").decode(Int.self).fetchOnly() == found.count)
            }
            #expect(found == Array(1...count))
        }
    }

    @Test(arguments: TestServer.running)
    func severalAreOpenAtOnce(server: TestServer) async throws {
        try await server.withConnection { connection in
            let one = try await connection.openCursor(Self.numbers(500), arraySize: 7)
            let two = try await connection.openCursor(Self.numbers(500), arraySize: 11)
            for number in 1...500 {
                #expect(try await one.fetchOne()?.decode(0, as: Int.self) == number)
                #expect(try await two.fetchOne()?.decode(0, as: Int.self) == number)
            }
            #expect(try await one.fetchOne() == nil)
            #expect(try await two.fetchOne() == nil)
        }
    }

    /// What is left early goes, and what is read to its end does too.
    @Test(arguments: TestServer.running)
    func theServerKeepsNone(server: TestServer) async throws {
        try await server.withConnection { connection in
            for round in 0..<50 {
                let cursor = try await connection.openCursor(Self.numbers(50), arraySize: 10)
                _ = try await cursor.fetchOne()
                if round % 2 == 0 { cursor.close() }
                if round % 3 == 0 { _ = try await cursor.fetchAll(limit: .unbounded) }
            }
            _ = try await connection.query("select 1").fetchAll(limit: 1)
            let open = try await connection.query(
                """
                select count(*) from performance_schema.prepared_statements_instances i
                join performance_schema.threads t on t.thread_id = i.owner_thread_id where t.processlist_id = connection_id()
                """
            ).decode(Int.self).fetchOnly()
            #expect(open <= 4)
        }
    }

    @Test(arguments: TestServer.running)
    func statementsWithoutRowsAndWithErrors(server: TestServer) async throws {
        try await server.withConnection { connection in
            let empty = try await connection.openCursor("select 1 from dual where 1 = \(0)", arraySize: 10)
            #expect(try await empty.fetchMany().isEmpty)
            await #expect(throws: DatabaseError.self) {
                _ = try await connection.openCursor("select nosuch", arraySize: 10)
            }
            // The connection's reset ends its cursors, and says so.
            let lost = try await connection.openCursor(Self.numbers(50), arraySize: 10)
            _ = try await lost.fetchMany()
            try await connection.execute("set @a = 1")
            try await connection.reset()
            await #expect(throws: DatabaseError.self) { _ = try await lost.fetchMany() }
            #expect(try await connection.query("select 1").decode(Int.self).fetchOnly() == 1)
        }
    }
}
