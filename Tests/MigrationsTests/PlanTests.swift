import Foundation
import Roost
import RoostMigrations
import Testing

/// Plans: what they say, and that what was planned is what runs.
@Suite struct PlanTests {
    private static let files = [
        "1.sql": MigrationFiles.file(
            "a",
            "none",
            "-- migrate:up\ncreate table item (id bigint primary key, name varchar(20));\n-- migrate:down\ndrop table item;"
        ),
        "2.sql": MigrationFiles.file("b", "a", "create index item_name on item (name);\n"),
        "3.sql": MigrationFiles.file("c", "b", "create table tag (id bigint primary key);"),
    ]

    private func refused(_ body: () async throws -> Void) async throws -> MigrationError {
        do { try await body() } catch let error as MigrationError { return error }
        throw MigrationError(.usage, "It should have been refused.")
    }

    @Test(arguments: TestEngine.running)
    func whatWasPlannedIsWhatRuns(engine: TestEngine) async throws {
        let folder = try MigrationFiles(Self.files)
        defer { folder.remove() }
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                func migrator() throws -> Migrator { Migrator(connection: connection, graph: try folder.graph()) }
                try await migrator().apply(upTo: .revision("a"))
                for number in 1...50 {
                    try await connection.execute("insert into item values (\(number), \("n"))")
                }
                switch engine {
                case .mysql, .mariadb: _ = try await connection.query("analyze table item").fetchAll(limit: 9)
                default: try await connection.execute("analyze")
                }
                let plan = try await migrator().plan()
                #expect(plan.applied.map(\.revision) == ["a"])
                #expect(plan.revisions.map(\.revision) == ["b", "c"])
                let step = try #require(plan.revisions.first?.steps.first)
                #expect(step.sql == "create index item_name on item (name)")
                #expect(step.locks.map(\.table) == ["item"] && step.locks.map(\.work) == [.scan])
                // MySQL keeps what it knew for a while.
                if engine != .mysql { #expect(step.locks.first?.rows == 50) }
                #expect(plan.revisions.first?.isReversible == false)
                #expect(step.findings.map(\.code) == (engine.isPostgreSQL ? ["LK101"] : []))
                let kept = try JSONDecoder().decode(MigrationPlan.self, from: try JSONEncoder().encode(plan))
                #expect(kept == plan)

                // Another database, also on the same server.
                try await engine.withDatabase { other in
                    try await TestEngine.withConnection(other) { other in
                        let stranger = Migrator(connection: other, graph: try folder.graph())
                        let error = try await refused { try await stranger.apply(plan) }
                        #expect(error.message.contains("another database"))
                        #expect(try await stranger.status().history.isEmpty)
                    }
                }
                // A file that was edited since, and back.
                let text = try #require(Self.files["3.sql"])
                try folder.write(text.replacing("bigint", with: "int"), to: "3.sql")
                let edited = try await refused { try await migrator().apply(plan) }
                #expect(edited.kind == .integrity && edited.file?.hasSuffix("3.sql") == true)
                try folder.write(text, to: "3.sql")
                // A new revision is none of the plan's business.
                try folder.write(MigrationFiles.file("d", "c", "create table late (id int);"), to: "4.sql")
                #expect(try await migrator().apply(plan).map(\.revision) == ["b", "c"])
                #expect(try await migrator().status().pending.map(\.id) == ["d"])
                let moved = try await refused { try await migrator().apply(plan) }
                #expect(moved.kind == .usage && moved.message.contains("revision c was applied"))
            }
        }
    }

    /// However many revisions and tables there are.
    @Test(arguments: TestEngine.running)
    func planningTakesAFewStatements(engine: TestEngine) async throws {
        var contents: [String: String] = [:]
        for number in 0..<30 {
            contents["\(number + 100).sql"] = MigrationFiles.file(
                "r\(number)",
                number == 0 ? "none" : "r\(number - 1)",
                "create table t\(number) (id int);\nalter table t\(number / 2) add column c\(number) int;"
            )
        }
        let folder = try MigrationFiles(contents)
        defer { folder.remove() }
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                let counting = CrashingConnection(connection, at: .max, .before)
                let plan = try await Migrator(connection: counting, graph: try folder.graph()).plan()
                #expect(plan.revisions.count == 30)
                #expect(await counting.requests <= 5)
            }
        }
    }

    @Test func whatLosesDataIsShownAndStillHasToBeAllowed() async throws {
        let folder = try MigrationFiles(["1.sql": MigrationFiles.file("a", "none", "drop table if exists old;")])
        defer { folder.remove() }
        try await TestEngine.sqlite.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                let migrator = Migrator(connection: connection, graph: try folder.graph())
                let plan = try await migrator.plan()
                #expect(plan.isDestructive)
                #expect(plan.findings.map(\.code).contains("DS101"))
                #expect(try await refused { try await migrator.apply(plan) }.kind == .refused)
            }
        }
    }
}
