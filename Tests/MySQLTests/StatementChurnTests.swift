import Foundation
import Roost
import RoostMySQL
import Testing

/// A connection that never sees the same statement twice.
@Suite(.enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(10))) struct StatementChurnTests {
    /// How many; `ROOST_TEST_CHURN` asks for more.
    private static var count: Int { Int(TestServer.variable("ROOST_TEST_CHURN")) ?? 3_000 }

    private func preparedByThisSession(_ connection: MySQLConnection, _ observer: MySQLConnection) async throws -> Int {
        try await observer.query(
            """
            select count(*) from performance_schema.prepared_statements_instances s \
            join performance_schema.threads t on t.thread_id = s.owner_thread_id \
            where t.processlist_id = \(Int(connection.connectionID))
            """
        ).decode(Int.self).fetchOnly()
    }

    @Test(arguments: TestServer.running)
    func theServerKeepsAsManyStatementsAsTheCacheHolds(server: TestServer) async throws {
        try await server.withConnection {
            $0.set("statement_cache_size", "50")
        } _: { connection in
            for number in 0..<Self.count {
                let answer = try await connection.query("select \(unsafe: String(number)) + \(1)").decode(Int.self)
                    .fetchOnly()
                #expect(answer == number + 1)
            }
            let cached = await connection.statementCacheStatistics
            #expect(cached.count == 50)
            #expect(cached.misses >= Self.count)
            // What left the cache last is closed with the next request.
            try await connection.ping()
            let prepared = try await server.withConnection { try await preparedByThisSession(connection, $0) }
            #expect(prepared == 50)
        }
    }
}
