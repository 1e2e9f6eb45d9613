import Roost
import RoostConformance
import RoostPostgreSQL
import Testing

/// The suite every driver runs, on every PostgreSQL there is: direct and through a pooler.
@Suite(.enabled(if: !TestServer.running.isEmpty)) struct PostgreSQLConformanceTests {
    @Test(arguments: TestServer.running)
    func behaves(server: TestServer) async throws {
        var target = ConformanceTarget(
            driver: PostgreSQLDriver(),
            configuration: try server.configuration(),
            endlessQuery: "with recursive n(i) as (select 1::bigint union all select i + 1 from n) select i from n",
            columnType: { PostgreSQLDriver.columnType(for: $0) }
        )
        if server == .pgbouncer { target.capabilities.features.subtract([.lockTimeouts, .notifications]) }
        _ = await ConformanceSuite.run(on: target) { testCase, outcome in
            if case .failed(let reason) = outcome { Issue.record("\(server): \(testCase): \(reason)") }
        }
    }
}
