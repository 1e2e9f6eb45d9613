import Roost
import RoostConformance
import RoostPostgreSQL
import RoostTestSupport
import Testing

/// The suite every driver runs, on every PostgreSQL there is: direct and through a pooler.
@Suite(.enabled(if: !TestServer.running.isEmpty)) struct PostgreSQLConformanceTests {
    /// One after the other: the cases of a server share its limit of connections.
    @Test(.serialized, arguments: TestServer.running, ConformanceSuite.indices(concurrentOnly: isThreadSanitized))
    func behaves(server: TestServer, index: Int) async throws {
        var target = ConformanceTarget(
            driver: PostgreSQLDriver(),
            configuration: try server.configuration(),
            endlessQuery: "with recursive n(i) as (select 1::bigint union all select i + 1 from n) select i from n",
            columnType: { PostgreSQLDriver.columnType(for: $0) }
        )
        target.doublingProcedure = {
            "create procedure \(identifier: $0)(inout n int) language plpgsql as $$ begin n := n * 2; end $$"
        }
        if server == .pgbouncer { target.capabilities.features.subtract([.lockTimeouts, .notifications]) }
        let testCase = ConformanceSuite.cases[index]
        if case .failed(let reason) = await testCase.run(on: target) {
            Issue.record("\(server): \(testCase): \(reason)")
        }
    }
}
