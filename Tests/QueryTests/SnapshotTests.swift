import Foundation
import Roost
import RoostQuery
import Testing

/// What the suite's queries are in the dialects no server runs here for, held against what was read and found right
/// (Tests/Data/Query). `ROOST_RECORD_SNAPSHOTS=1` writes the files anew: read what changed before it is committed.
@Suite struct SnapshotTests {
    @Test(arguments: [Dialect.sqlserver, .oracle, .db2]) func textIsAsRecorded(dialect: Dialect) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Data/Query/\(dialect.name).txt").standardizedFileURL
        let lines = QuerySuiteTests.cases.map { "\($0.name): \(text(of: $0, dialect))" }
        if ProcessInfo.processInfo.environment["ROOST_RECORD_SNAPSHOTS"] != nil {
            try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
        }
        let recorded = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines.count == recorded.count)
        for (line, expected) in zip(lines, recorded) { #expect(line == expected) }
    }

    private func text(of testCase: QueryCase, _ dialect: Dialect) -> String {
        do {
            return try AnyQuery(node: testCase.statement().node).statement(for: dialect).rendered(for: dialect)
        } catch {
            return "! " + error.message
        }
    }
}
