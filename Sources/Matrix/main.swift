import Foundation
import Roost
import RoostConformance
import RoostMySQL
import RoostPostgreSQL
import RoostSQLite

// Runs the suite on every driver whose server is there, and prints the matrix of the README. Exits with 1 when a behaviour is
// missing. An argument keeps it to the targets whose name begins so.

let path = FileManager.default.temporaryDirectory.appending(path: "roost-matrix-\(UUID().uuidString).sqlite")
    .path(percentEncoded: false)
defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }

var targets: [(String, ConformanceTarget)] = [
    (
        "sqlite",
        ConformanceTarget(
            driver: SQLiteDriver(),
            configuration: try ConnectionConfiguration(
                url: DatabaseURL(scheme: "sqlite", database: path, options: [.init(name: "mode", value: "rwc")])
            ),
            endlessQuery: "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n",
            columnType: { SQLiteDriver.columnType(for: $0) }
        )
    )
]
let environment = ProcessInfo.processInfo.environment
for (name, variable) in [
    ("postgresql 15", "ROOST_TEST_POSTGRESQL_15_URL"), ("postgresql 18", "ROOST_TEST_POSTGRESQL_18_URL"),
    ("pgbouncer", "ROOST_TEST_PGBOUNCER_URL"),
] {
    guard let url = environment[variable] else { continue }
    var target = ConformanceTarget(
        driver: PostgreSQLDriver(),
        configuration: try ConnectionConfiguration(url),
        endlessQuery: "with recursive n(i) as (select 1::bigint union all select i + 1 from n) select i from n",
        columnType: { PostgreSQLDriver.columnType(for: $0) }
    )
    target.doublingProcedure = {
        "create procedure \(identifier: $0)(inout n int) language plpgsql as $$ begin n := n * 2; end $$"
    }
    // In transaction mode a pooler shares its sessions: what outlives a transaction cannot be had.
    if name == "pgbouncer" { target.capabilities.features.subtract([.lockTimeouts, .notifications]) }
    targets.append((name, target))
}
for (flavour, variable) in [(MySQLFlavour.mariadb, "ROOST_TEST_MARIADB_URL"), (.mysql, "ROOST_TEST_MYSQL_URL")] {
    guard let url = environment[variable] else { continue }
    var target = ConformanceTarget(
        driver: MySQLDriver(flavour),
        configuration: try ConnectionConfiguration(url),
        endlessQuery:
            "select 1 from information_schema.collations a, information_schema.collations b, information_schema.collations c",
        columnType: { MySQLDriver.columnType(for: $0, in: flavour) }
    )
    target.identityColumn = "bigint auto_increment primary key"
    target.doublingProcedure = { "create procedure \(identifier: $0)(inout n int) set n = n * 2" }
    target.holds = MySQLDriver.holds(in: flavour)
    targets.append((flavour.rawValue, target))
}

let wanted = CommandLine.arguments.dropFirst().first ?? ""
var failures = 0
var reports: [ConformanceReport] = []
for (name, target) in targets where name.hasPrefix(wanted) {
    var report = await ConformanceSuite.run(on: target) { testCase, outcome in
        if case .failed(let reason) = outcome {
            failures += 1
            FileHandle.standardError.write(Data("failed on \(name): \(testCase): \(reason)\n".utf8))
        }
    }
    report.driver = name
    reports.append(report)
}
print(ConformanceReport.markdown(reports), terminator: "")
if failures > 0 { exit(1) }
