import Foundation
import Roost
import RoostConformance
import RoostSQLite

// Runs the suite on every driver and prints the matrix of the README. Exits with 1 when a behaviour is missing.

let path = FileManager.default.temporaryDirectory.appending(path: "roost-matrix-\(UUID().uuidString).sqlite")
    .path(percentEncoded: false)
defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }

let sqlite = ConformanceTarget(
    driver: SQLiteDriver(),
    configuration: try ConnectionConfiguration(
        url: DatabaseURL(scheme: "sqlite", database: path, options: [.init(name: "mode", value: "rwc")])
    ),
    endlessQuery: "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n",
    columnType: { SQLiteDriver.columnType(for: $0) }
)
var failures = 0
let report = await ConformanceSuite.run(on: sqlite) { testCase, outcome in
    if case .failed(let reason) = outcome {
        failures += 1
        FileHandle.standardError.write(Data("failed: \(testCase): \(reason)\n".utf8))
    }
}
print(ConformanceReport.markdown([report]), terminator: "")
if failures > 0 { exit(1) }
