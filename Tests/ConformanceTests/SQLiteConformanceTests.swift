import Foundation
import Roost
import RoostConformance
import RoostSQLite
import RoostTestSupport
import Testing

@Suite struct SQLiteConformanceTests {
    @Test(arguments: ConformanceSuite.indices(concurrentOnly: isThreadSanitized))
    func behaves(index: Int) async throws {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "roost-conformance-\(UUID().uuidString).sqlite"
        )
        .path(percentEncoded: false)
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let testCase = ConformanceSuite.cases[index]
        let outcome = await testCase.run(on: try .sqlite(path: path))
        if case .failed(let reason) = outcome { Issue.record("\(testCase): \(reason)") }
    }

    /// A suite that cannot fail proves nothing: a column that rounds decimals is found out.
    @Test func aLossyColumnTypeFails() async throws {
        var target = try ConformanceTarget.sqlite(path: ":memory:")
        target.columnType = { $0 == .decimal ? "DECIMAL" : SQLiteDriver.columnType(for: $0) }
        let longDecimal = ConformanceSuite.cases.first { $0.title == "decimal: 38 digits" }
        let outcome = await longDecimal?.run(on: target)
        guard case .failed = outcome else {
            Issue.record("the rounding went unnoticed: \(String(describing: outcome))")
            return
        }
    }

    @Test func theSuiteIsLargeAndItsTitlesAreDistinct() {
        let titles = ConformanceSuite.cases.map(\.description)
        #expect(Set(titles).count == titles.count)
        #expect(titles.filter { $0.hasPrefix("PEP 249") }.count >= 36)
        #expect(titles.count >= 36 + 120)
    }
}

extension ConformanceTarget {
    /// SQLite, with the column types the driver documents as exact.
    static func sqlite(path: String) throws -> ConformanceTarget {
        var configuration = try ConnectionConfiguration(
            url: DatabaseURL(scheme: "sqlite", database: path, options: [.init(name: "mode", value: "rwc")])
        )
        // A busy machine is slow, and that is no failure.
        configuration.poolTimeout = .seconds(300)
        return ConformanceTarget(
            driver: SQLiteDriver(),
            configuration: configuration,
            endlessQuery: "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n",
            columnType: { SQLiteDriver.columnType(for: $0) }
        )
    }
}
