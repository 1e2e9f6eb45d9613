import Foundation
import Roost
import RoostPipelines
import Testing

/// About how many rows there will be.
@Suite(.serialized) struct RowForecastTests {
    private static func fill(_ connection: any Connection, _ engine: TestDatabase) async throws {
        try await connection.run(["create table t (id integer primary key, note varchar(20))"])
        try await connection.executeMany("insert into t values (?, ?)", (1...2_000).map { ($0, "note \($0)") })
        switch engine {
        case .sqlite: break
        case .postgresql: try await connection.run(["analyze t"])
        case .mysql, .mariadb: _ = try await connection.all("analyze table t")
        }
    }

    @Test(arguments: TestDatabase.running)
    func enginesEstimate(engine: TestDatabase) async throws {
        try await engine.withDatabase { connection in
            try await Self.fill(connection, engine)
            let table = try await StatementSource.table("t", on: connection)
            let rows = try #require(table.source.forecast?.rows)
            #expect((1_000...4_000).contains(rows), "\(rows)")
            let some = try await StatementSource.table("t", on: connection, where: "id < 5")
            #expect(some.source.forecast?.rows == nil)
        }
    }

    @Test func filesTellByTheirBytes() async throws {
        try await PipelineHarness.with(.sqlite, .sqlite) { harness, _, _ in
            for (name, count) in [("a", 20_000), ("b", 60_000)] {
                try harness.write("id\n" + (100_000..<100_000 + count).map { "\($0)\n" }.joined(), to: "\(name).csv")
            }
            let source = try FileSource("\(harness.folder.path)/*.csv", form: FileForm(.csv))
            #expect(source.forecast?.rows == nil)
            let rows = try await source.open()
            _ = try await rows.nextBatch()
            let first = try #require(source.forecast?.rows)
            // A piece of the file is read that is not rows yet.
            #expect((40_000...80_000).contains(first), "\(first)")
            while try await rows.nextBatch() != nil {}
            #expect(source.forecast?.rows == 80_000)
        }
    }

    /// A table whose engine says that there are millions of rows is not counted, and is copied whole whatever is true.
    @Test(.enabled(if: TestDatabase.postgresql.isRunning))
    func anEstimateThatIsWrongLosesNoRow() async throws {
        try await TestDatabase.postgresql.withDatabase { source in
            try await Self.fill(source, .postgresql)
            try await source.run(["update pg_class set reltuples = 3000000 where oid = 't'::regclass"])
            try await TestDatabase.postgresql.withDatabase { target in
                let plan = try await CopyPlan.make(from: source, to: target, CopyOptions())
                let copy = DatabaseCopy(from: source, to: target, plan)
                let parts = Locked(0)
                let results = try await copy.run(progress: { _ in parts.withLock { $0 += 1 } })
                #expect(results.map(\.rows) == [2_000] && results.allSatisfy(\.wentRaw))
                #expect(copy.forecast.rows == 3_000_000)
                #expect(parts.withLock { $0 } == 13)
                #expect(
                    try await target.all("select count(*), max(note) from t") == [[.int(2_000), .text("note 999")]]
                )
            }
        }
    }
}
