import Foundation
import Roost
import RoostMigrations
import Testing

@Suite struct RunTests {
    private static let shop = [
        "1.sql": MigrationFiles.file(
            "a",
            "none",
            "-- migrate:up\ncreate table customer (id integer primary key, name varchar(40) not null);\n"
                + "insert into customer values (1, 'Ana');\n-- migrate:down\ndrop table customer;"
        ),
        "2.sql": MigrationFiles.file(
            "b",
            "a",
            "-- migrate:up\nalter table customer add column city varchar(40);\nupdate customer set city = 'Oslo';\n"
                + "-- migrate:down\nalter table customer drop column city;"
        ),
    ]

    /// A migrator over files on an empty database.
    private func withMigrator(
        _ engine: TestEngine,
        _ files: [String: String],
        _ body: (Migrator, MigrationFiles) async throws -> Void
    ) async throws {
        let folder = try MigrationFiles(files)
        defer { folder.remove() }
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                var configuration = MigrationConfiguration()
                configuration.allowsDestructive = true
                try await body(
                    Migrator(connection: connection, graph: try folder.graph(), configuration: configuration),
                    folder
                )
            }
        }
    }

    private func failing(_ body: () async throws -> Void) async throws -> MigrationError {
        do { try await body() } catch let error as MigrationError { return error }
        throw MigrationError(.usage, "It should have failed.")
    }

    @Test(arguments: TestEngine.running)
    func revisionsAreAppliedAndRolledBack(engine: TestEngine) async throws {
        try await withMigrator(engine, Self.shop) { migrator, _ in
            let connection = migrator.connection
            #expect(try await migrator.status().pending.map(\.id) == ["a", "b"])
            let done = try await migrator.apply()
            #expect(done.map(\.revision) == ["a", "b"])
            #expect(done.allSatisfy { $0.state == .applied && $0.durationMilliseconds != nil })
            let status = try await migrator.status()
            #expect(status.isUpToDate && status.current == ["b"])
            #expect(status.applied.map(\.sequence) == [1, 2])
            #expect(try await migrator.apply().isEmpty)
            let city = try await connection.query("select city from customer").decode(String.self).fetchOnly()
            #expect(city == "Oslo")
            #expect(try await migrator.rollback().map(\.revision) == ["b"])
            #expect(try await migrator.status().pending.map(\.id) == ["b"])
            let row = try await connection.query("select * from customer").fetchMany(1).first
            #expect(row?.columns.names == ["id", "name"])
            #expect(try await migrator.apply().map(\.revision) == ["b"])
            #expect(try await migrator.rollback(downTo: .base).map(\.revision) == ["b", "a"])
            #expect(try await migrator.status().applied.isEmpty)
            #expect(try await migrator.apply(upTo: .relative(1)).map(\.revision) == ["a"])
        }
    }

    @Test(arguments: TestEngine.running)
    func brokenSQLNamesFileAndLine(engine: TestEngine) async throws {
        let files = [
            "1.sql": MigrationFiles.file("a", "none", "create table t (id integer);"),
            "2.sql": MigrationFiles.file("b", "a", "insert into t values (1);\n\ninsert into\n  nosuch values (2);"),
        ]
        try await withMigrator(engine, files) { migrator, folder in
            let error = try await failing { try await migrator.apply() }
            #expect(error.kind == .statement)
            #expect(error.file?.hasSuffix("/2.sql") == true)
            // Some engines say where in the statement, the others have its first line.
            #expect(error.line == 7 || error.line == 8)
            #expect(error.message.contains("nosuch"))
            #expect(error.isPartlyDone)
            let status = try await migrator.status()
            #expect(status.applied.map(\.revision) == ["a"])
            // Where the whole revision is one transaction nothing of it is left.
            let rows = try await migrator.connection.query("select count(*) from t").decode(Int.self).fetchOnly()
            #expect(rows == 0)
            #expect(status.dirty.isEmpty)
            try folder.write(MigrationFiles.file("b", "a", "insert into t values (1);"), to: "2.sql")
            let mended = Migrator(connection: migrator.connection, graph: try folder.graph())
            #expect(try await mended.apply().map(\.revision) == ["b"])
        }
    }

    @Test(arguments: TestEngine.running)
    func stepsThatAreDoneStayDoneAndAreNotEdited(engine: TestEngine) async throws {
        let first = "create table t (id integer);\ninsert into t values (1);\n"
        func file(_ sql: String) -> String { MigrationFiles.file("a", "none", sql, header: "-- transactional: no\n") }
        try await withMigrator(engine, ["1.sql": file(first + "create table u (id nosuchtype(x));")]) {
            migrator,
            folder in
            // SQLite takes any type; it is broken there by what follows.
            if engine == .sqlite { try folder.write(file(first + "create table u;"), to: "1.sql") }
            let migrator = Migrator(connection: migrator.connection, graph: try folder.graph())
            let error = try await failing { try await migrator.apply() }
            #expect(error.isPartlyDone && error.line == 8)
            let dirty = try await migrator.status().dirty
            #expect(dirty.map(\.stepsDone) == [2] && dirty.map(\.stepStarted) == [2])
            #expect(try await failing { try await migrator.apply() }.kind == .dirty)
            #expect(try await failing { try await migrator.repair() }.kind == .statement)
            // What is done must stay as it was.
            try folder.write(file("create table t (id bigint);\ninsert into t values (1);\nselect 1;"), to: "1.sql")
            let edited = Migrator(connection: migrator.connection, graph: try folder.graph())
            #expect(try await failing { try await edited.repair() }.kind == .integrity)
            try folder.write(file(first + "create table u (id integer);"), to: "1.sql")
            let mended = Migrator(connection: migrator.connection, graph: try folder.graph())
            #expect(try await mended.repair().map(\.state) == [.applied])
            #expect(try await mended.status().isUpToDate)
            let rows = try await migrator.connection.query("select count(*) from t").decode(Int.self).fetchOnly()
            #expect(rows == 1)
        }
    }

    @Test(arguments: TestEngine.running)
    func nothingRunsThatIsRefused(engine: TestEngine) async throws {
        var files = Self.shop
        files["3.sql"] = MigrationFiles.file("c", "b", "drop table customer;")
        try await withMigrator(engine, files) { migrator, folder in
            let careful = Migrator(connection: migrator.connection, graph: migrator.graph)
            let refusal = try await failing { try await careful.apply() }
            #expect(refusal.kind == .refused && refusal.line == 5)
            #expect(try await careful.status().applied.isEmpty, "looked at before anything runs")
            try folder.write(MigrationFiles.file("c", "b", "select 1;\ncommit;"), to: "3.sql")
            let ending = Migrator(connection: migrator.connection, graph: try folder.graph())
            #expect(try await failing { try await ending.apply() }.line == 6)
            #expect(try await ending.status().applied.isEmpty)
        }
    }

    @Test(arguments: TestEngine.running)
    func editedAndMissingFilesStopARun(engine: TestEngine) async throws {
        try await withMigrator(engine, Self.shop) { migrator, folder in
            try await migrator.apply(upTo: .revision("a"))
            try folder.write((Self.shop["1.sql"] ?? "") + "-- more", to: "1.sql")
            let edited = Migrator(connection: migrator.connection, graph: try folder.graph())
            #expect(try await edited.status().edited.map(\.revision) == ["a"])
            #expect(try await failing { try await edited.apply() }.kind == .integrity)
            #expect(try await edited.repair(acceptsEdits: true).count == 1)
            #expect(try await edited.apply().map(\.revision) == ["b"])
            try FileManager.default.removeItem(at: folder.folder.appending(path: "2.sql"))
            let without = Migrator(connection: migrator.connection, graph: try folder.graph())
            #expect(try await failing { try await without.apply() }.message.contains("no file"))
        }
    }

    @Test(arguments: TestEngine.running)
    func stampingAndSquashingRunNothing(engine: TestEngine) async throws {
        try await withMigrator(engine, Self.shop) { migrator, folder in
            #expect(try await migrator.stamp(.head).map(\.revision) == ["a", "b"])
            #expect(try await migrator.status().isUpToDate)
            #expect(try await migrator.stamp(.base).count == 2)
            try await migrator.apply()
            let template = try MigrationSquash.template(
                upTo: "b",
                in: migrator.graph,
                named: "s",
                description: "all"
            )
            try template.write(into: folder.path)
            for name in ["1.sql", "2.sql"] {
                try FileManager.default.removeItem(at: folder.folder.appending(path: name))
            }
            try folder.write(
                MigrationFiles.file("c", "b", "insert into customer (id, name) values (2, 'Bo');"),
                to: "c.sql"
            )
            let squashed = Migrator(connection: migrator.connection, graph: try folder.graph())
            #expect(try await squashed.status().squashed.map(\.id) == ["s"])
            #expect(try await squashed.apply().map(\.revision) == ["c"])
            #expect(try await squashed.status().applied.map(\.revision) == ["s", "c"])
            // A new database is made from the one file.
            try await engine.withDatabase { database in
                try await TestEngine.withConnection(database) { connection in
                    let fresh = Migrator(connection: connection, graph: try folder.graph())
                    #expect(try await fresh.apply().map(\.revision) == ["s", "c"])
                    let rows = try await connection.query("select count(*) from customer where name is not null")
                        .decode(Int.self).fetchOnly()
                    #expect(rows == 2)
                }
            }
        }
    }

    private struct Greeting: Migration {
        let revision = "g"
        let parents = ["b"]
        let description = "in Swift"
        func up(on connection: any Connection) async throws {
            try await connection.execute("insert into customer (id, name) values (\(7), \("O'Hara"))")
        }
    }

    @Test(arguments: TestEngine.running)
    func swiftMigrationsStandBesideFiles(engine: TestEngine) async throws {
        try await withMigrator(engine, Self.shop) { migrator, folder in
            let revisions = try MigrationFolder(path: folder.path).revisions + [Revision(Greeting())]
            let mixed = Migrator(connection: migrator.connection, graph: try RevisionGraph(revisions))
            #expect(try await mixed.apply().map(\.revision) == ["a", "b", "g"])
            let name = try await migrator.connection.query("select name from customer where id = 7").decode(String.self)
                .fetchOnly()
            #expect(name == "O'Hara")
            let error = try await failing { try await mixed.rollback() }
            #expect(error.message.contains("no down"))
        }
    }

    @Test(arguments: TestEngine.running)
    func offlineScriptsDoWhatRunsDo(engine: TestEngine) async throws {
        var files = Self.shop
        files["1.sql"] = files["1.sql"]?.replacing("-- description: a", with: "-- description: it's a \\ test")
        try await withMigrator(engine, files) { migrator, _ in
            let connection = migrator.connection
            func run(_ direction: Revision.Direction, _ path: [Revision]) async throws {
                let script = try OfflineScript.text(
                    of: path,
                    direction,
                    dialect: connection.dialect,
                    capabilities: connection.capabilities
                )
                for part in StatementSplitter.split(script, dialect: connection.dialect) {
                    try await connection.execute(Statement(unsafe: part.text))
                }
            }
            try await run(.up, migrator.graph.revisions)
            let status = try await migrator.status()
            #expect(status.isUpToDate && status.applied.map(\.sequence) == [1, 2])
            #expect(status.applied.first?.description == "it's a \\ test")
            try await run(.down, migrator.graph.revisions.reversed())
            #expect(try await migrator.status().applied.isEmpty)
            #expect(try await migrator.apply().count == 2)
        }
    }
}
