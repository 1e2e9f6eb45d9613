import Roost
import RoostConformance
import RoostMySQL
import RoostTestSupport
import Testing

/// The suite every driver runs, on MariaDB and MySQL.
@Suite(.enabled(if: !TestServer.running.isEmpty)) struct MySQLConformanceTests {
    /// One after the other: the cases of a server share its limit of connections.
    @Test(.serialized, arguments: TestServer.running, ConformanceSuite.indices(concurrentOnly: isThreadSanitized))
    func behaves(server: TestServer, index: Int) async throws {
        var target = ConformanceTarget(
            driver: MySQLDriver(server.flavour),
            configuration: try server.configuration(),
            endlessQuery:
                "select 1 from information_schema.collations a, information_schema.collations b, information_schema.collations c",
            columnType: { MySQLDriver.columnType(for: $0, in: server.flavour) }
        )
        target.identityColumn = "bigint auto_increment primary key"
        target.doublingProcedure = { "create procedure \(identifier: $0)(inout n int) set n = n * 2" }
        target.holds = MySQLDriver.holds(in: server.flavour)
        let testCase = ConformanceSuite.cases[index]
        if case .failed(let reason) = await testCase.run(on: target) {
            Issue.record("\(server): \(testCase): \(reason)")
        }
    }
}
