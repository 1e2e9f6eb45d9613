import Foundation
import Roost
import RoostMigrations
import RoostSchema
import Testing

/// Revisions tried on tables with rows.
@Suite struct TrialTests {
    private func trial(
        _ engine: TestEngine,
        _ files: [String: String],
        _ change: (inout MigrationTrial) -> Void = { $0.rows = 6 },
        _ body: (MigrationTrial, any Connection) async throws -> Void
    ) async throws {
        let folder = try MigrationFiles(files)
        defer { folder.remove() }
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                var configuration = MigrationConfiguration()
                configuration.allowsDestructive = true
                var trial = MigrationTrial(
                    Migrator(connection: connection, graph: try folder.graph(), configuration: configuration)
                )
                change(&trial)
                try await body(trial, connection)
            }
        }
    }

    private static let shop = MigrationFiles.file(
        "a",
        "none",
        """
        -- migrate:up
        create table customer (id bigint primary key, name varchar(40) not null unique, born date, note varchar(3));
        create table sale (
            id integer primary key, customer bigint not null references customer (id), price decimal(8,2) not null, at timestamp not null,
            constraint positive check (price >= 0));
        create table odd (id integer primary key, n integer not null check (n < 0));
        -- migrate:down
        drop table odd; drop table sale; drop table customer;
        """
    )

    @Test(arguments: TestEngine.running)
    func tablesAreFilledAndRowsAreKept(engine: TestEngine) async throws {
        let more = MigrationFiles.file(
            "b",
            "a",
            "-- migrate:up\nalter table customer add column city varchar(20);\n-- migrate:down\nalter table customer drop column city;"
        )
        try await trial(engine, ["1.sql": Self.shop, "2.sql": more]) { trial, connection in
            let report = try await trial.run()
            #expect(report.findings.isEmpty)
            #expect(report.unfilled.count == 1 && report.unfilled.first?.hasPrefix("odd") == true, "\(report.unfilled)")
            for table in ["customer", "sale"] {
                let count = try await connection.query("select count(*) from \(identifier: table)").decode(Int.self)
                    .fetchOnly()
                #expect(count == 6, "\(table)")
            }
        }
    }

    /// What runs on an empty database and fails on one that is used.
    @Test(arguments: TestEngine.running)
    func whatFailsOnRowsIsFound(engine: TestEngine) async throws {
        let unique = MigrationFiles.file("b", "a", "create unique index customer_born on customer (born);")
        let seed: @Sendable (any Connection) async throws -> Void = {
            try await $0.execute(
                "insert into customer (id, name, born) values (1, 'Ana', '2000-01-01'), (2, 'Bo', '2000-01-01')"
            )
        }
        let change: (inout MigrationTrial) -> Void = {
            $0.seed = seed
            $0.seedAfter = ["a"]
        }
        try await trial(engine, ["1.sql": Self.shop, "2.sql": unique], change) { trial, _ in
            do {
                _ = try await trial.run()
                Issue.record("two have the same birthday")
            } catch let error as MigrationError {
                #expect(error.cause?.condition == .uniqueViolation && error.file?.hasSuffix("2.sql") == true)
            }
        }
        // A table made anew and forgotten to be filled.
        let lost = MigrationFiles.file(
            "b",
            "a",
            "drop table odd; alter table sale rename to old; create table odd (id int); drop table old; create table sale (id int);"
        )
        try await trial(engine, ["1.sql": Self.shop, "2.sql": lost]) { trial, _ in
            let report = try await trial.run()
            #expect(report.findings == ["sale had 6 rows, and 0 after revision b"], "\(report.findings)")
        }
    }
}
