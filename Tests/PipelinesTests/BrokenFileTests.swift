import Foundation
import Roost
import RoostPipelines
import RoostSchema
import Testing

/// Files with records that cannot be read.
@Suite struct BrokenFileTests {
    /// `x` of the last line is no UTF-8.
    private static let csv =
        Array("id,amount\n1,1.5\n2\n3,\"4\"x\n4,many\n5,2.5,\n6,0.5\n7,x\n".utf8).map { $0 == 0x78 ? 0xFF : $0 }

    private func run(
        _ harness: PipelineHarness,
        _ contract: String,
        _ more: String = "",
        file: String = "in.csv"
    ) async throws -> PipelineReport {
        try await harness.run(
            """
            contract: {\(contract)}
            rejects: {file: rejects.ndjson\(more)}
            steps:
              load:
                source: {file: \(file), types: {amount: "decimal(6,2)"}}
                target: {connection: b, table: t, mode: append}
            """
        )
    }

    @Test func recordsThatBreakTheFormAreRejects() async throws {
        try await PipelineHarness.with(.sqlite, .sqlite) { harness, _, target in
            try Data(Self.csv).write(to: harness.folder.appending(path: "in.csv"))
            try await target.run(["create table t (id integer primary key, amount decimal_text(6,2))"])
            let frozen = try await run(harness, "types: freeze")
            #expect(
                frozen.error?.message.contains("in.csv, line 3, column 1") == true,
                "\(frozen.error?.message ?? "")"
            )
            #expect(try await target.all("select id from t") == [])
            for types in ["discard_row", "discard_value"] {
                try await target.run(["delete from t"])
                let report = try await run(harness, "types: \(types)")
                #expect(report.status == .succeeded, "\(report.error?.message ?? "")")
                // A value that is none of its type need not take its row along; what is no row has none.
                let ids: [Int64] = types == "discard_row" ? [1, 6] : [1, 4, 6]
                #expect(try await target.all("select id from t order by id") == ids.map { [.int($0)] })
                #expect(report.steps[0].rowsRead == 7)
                #expect(report.steps[0].rowsWritten == ids.count)
                #expect(report.steps[0].rowsRejected == 5)
                let lines = try harness.read("rejects.ndjson").split(separator: "\n")
                #expect(lines.count == 5)
                for (line, reason) in [
                    (3, "1 values where 2"), (4, "something follows a closing quote"), (6, "3 values where 2"),
                    (8, "is not UTF-8"),
                ] {
                    let found = lines.filter {
                        $0.contains("line \(line)\"") && $0.contains("\"rejected\":\"row\"") && $0.contains(reason)
                    }
                    #expect(found.count == 1, "\(line) \(reason): \(lines)")
                }
                #expect(lines.contains { $0.contains("line 5\"") && $0.contains("\"column\":\"amount\"") })
            }
            try await target.run(["delete from t"])
            let limited = try await run(harness, "types: discard_row", ", limit: 3")
            #expect(limited.error?.condition == .tooManyRejects)
            #expect(limited.error?.message.contains("in.csv, line") == true)
            #expect(try await target.all("select id from t") == [])
            #expect(
                try await Schema.read(from: target).tables.map(\.name.name) == ["roost_pipeline_state", "t"]
            )
        }
    }

    @Test func linesOfJSONAreRejectsToo() async throws {
        try await PipelineHarness.with(.sqlite, .sqlite) { harness, _, target in
            try harness.write(
                "{\"id\":1,\"amount\":1.5}\n{\"id\":2\n{\"id\":3,\"amuont\":1}\n{\"amount\":2,\"id\":4}\n",
                to: "in.ndjson"
            )
            let report = try await run(harness, "types: discard_row", file: "in.ndjson")
            #expect(report.status == .succeeded, "\(report.error?.message ?? "")")
            #expect(report.steps[0].rowsRead == 4 && report.steps[0].rowsRejected == 2)
            #expect(try await target.all("select count(*) from t") == [[.int(2)]])
        }
    }

    /// Nobody knows where the next record begins.
    @Test func aQuoteThatDoesNotEndEndsTheRun() async throws {
        try await PipelineHarness.with(.sqlite, .sqlite) { harness, _, target in
            try harness.write("id,amount\n1,1\n2,\"3\n4,5\n", to: "in.csv")
            let report = try await run(harness, "types: discard_row")
            #expect(
                report.error?.message.contains("in.csv, line 3, column 3") == true,
                "\(report.error?.message ?? "")"
            )
            #expect(try await Schema.read(from: target).tables.map(\.name.name) == ["roost_pipeline_state"])
        }
    }

    @Test func aCastThatFailsPublishesNothing() async throws {
        try await PipelineHarness.with(.sqlite, .sqlite) { harness, source, target in
            try await source.run([
                "create table x (id integer, note text)", "insert into x values (1, '7'), (2, 'seven')",
            ])
            let report = try await harness.run(
                """
                steps:
                  load:
                    source: {connection: a, table: x}
                    columns: {note: {cast: integer}}
                    target: {connection: b, table: y}
                """
            )
            #expect(report.error?.condition == .typeMismatch)
            #expect(report.error?.message.contains("note in a.x, row 2") == true, "\(report.error?.message ?? "")")
            #expect(report.error?.message.contains("seven") == false)
            #expect(try await Schema.read(from: target).tables.map(\.name.name) == ["roost_pipeline_state"])
        }
    }
}
