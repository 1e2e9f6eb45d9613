import Roost
import RoostMigrations
import RoostSchema
import RoostTestSupport
import Testing

/// Migrations that are written from two structures.
@Suite(.timeLimit(.minutes(20))) struct GenerateTests {
    /// The answer to a question, as text.
    private static func answer(_ question: String, _ connection: any Connection) async throws -> [String] {
        try await connection.query(Statement(unsafe: question)).fetchAll(limit: 99).map { row in
            row.values.map(CanonicalForm.of).joined(separator: " ")
        }
    }

    private static func rows(_ change: DesiredChange, _ connection: any Connection) async throws -> [String] {
        let counts = "select (select count(*) from customer), (select count(*) from orders)"
        return try await answer(counts, connection) + answer(change.keeps, connection)
    }

    /// There and back: what is generated makes what was wanted and nothing else, keeps the rows, and its way down undoes it.
    @Test(arguments: DesiredChange.groups())
    func whatIsGeneratedMakesWhatWasWanted(engine: TestEngine, group: DesiredChange.Group) async throws {
        try await engine.withDatabase { database in
            var connection = try await TestEngine.drivers.connect(database)
            for change in group.changes where change.engines.contains(engine) {
                do {
                    connection = try await engine.emptied(connection)
                    try await connection.run(try change.desired)
                    let desired = try await Schema.read(from: connection)
                    connection = try await engine.emptied(connection)
                    try await Self.make(change, desired, connection)
                } catch {
                    Issue.record("\(change.name): \(error)")
                    await connection.close()
                    connection = try await TestEngine.drivers.connect(database)
                }
            }
            await connection.close()
        }
    }

    private static func make(_ change: DesiredChange, _ desired: Schema, _ connection: any Connection) async throws {
        try await connection.run(change.start + DesiredChange.baseRows + change.rows)
        let before = try await Schema.read(from: connection)
        let rows = try await rows(change, connection)
        let generator = MigrationGenerator.from(before, to: desired)
        #expect(generator.questions.isEmpty, "\(change.name)")
        #expect(!generator.changes.isEmpty, "\(change.name)")
        let files = try MigrationFiles()
        defer { files.remove() }
        let texts = try generator.write(into: files).map(\.text).joined()
        var configuration = MigrationConfiguration()
        configuration.allowsDestructive = true
        let migrator = Migrator(connection: connection, graph: try files.graph(), configuration: configuration)
        try await migrator.apply()
        let again = try await MigrationGenerator.from(connection, to: desired)
        #expect(again.changes.isEmpty, "\(change.name): \(again.changes.map(\.description)) after \(texts)")
        #expect(try await Self.rows(change, connection) == rows, "\(change.name): \(texts)")
        if let works = change.works {
            try await connection.begin(.readWrite)
            try await connection.execute(Statement(unsafe: works))
            try await connection.rollback()
        }
        try await migrator.rollback(downTo: .base)
        let back = try await MigrationGenerator.from(connection, to: before)
        #expect(
            back.changes.isEmpty,
            "\(change.name): \(back.changes.map(\.description)) after the way back of \(texts)"
        )
        #expect(try await Self.rows(change, connection) == rows, "\(change.name): back by \(texts)")
    }

    /// A value that rows have does not go silently: the server refuses, and the rows keep it.
    @Test(arguments: TestEngine.running.filter { $0 != .sqlite }) func aValueThatRowsHaveStays(engine: TestEngine)
        async throws
    {
        let base =
            engine.isPostgreSQL
            ? "create type mood as enum ('sad', 'glad'); create table person (id int primary key, m mood);"
            : "create table person (id int primary key, m enum('sad', 'glad'));"
        try await engine.withDatabase { database in
            let first = try await TestEngine.drivers.connect(database)
            try await first.run(base.replacing(", 'glad'", with: ""))
            let desired = try await Schema.read(from: first)
            let connection = try await engine.emptied(first)
            try await connection.run(base + "insert into person values (1, 'glad'), (2, 'sad')")
            let files = try MigrationFiles()
            defer { files.remove() }
            try await MigrationGenerator.from(connection, to: desired).write(into: files)
            let graph = try files.graph()
            let findings = try MigrationLinter.findings(
                in: graph,
                dialect: connection.dialect,
                capabilities: connection.capabilities
            )
            #expect(findings.contains { $0.code == "LK104" }, "\(findings)")
            if engine.isPostgreSQL {
                // It is a type that goes.
                let error = await #expect(throws: MigrationError.self) {
                    try await Migrator(connection: connection, graph: graph).apply()
                }
                #expect(error?.kind == .refused)
            }
            var configuration = MigrationConfiguration()
            configuration.allowsDestructive = true
            let migrator = Migrator(connection: connection, graph: graph, configuration: configuration)
            let error = await #expect(throws: MigrationError.self) { try await migrator.apply() }
            #expect(error?.kind == .statement)
            #expect(
                error?.message.contains(engine.isPostgreSQL ? "\"glad\"" : "'m'") == true,
                "\(String(describing: error))"
            )
            let kept = try await Self.answer("select count(*) from person where m = 'glad'", connection)
            #expect(kept == ["1"])
            #expect(try await migrator.status().applied.isEmpty)
            await connection.close()
        }
    }

    /// An enumeration that grows is not rewritten: its table keeps its file.
    @Test(arguments: TestEngine.running.filter(\.isPostgreSQL)) func aValueMoreRewritesNothing(engine: TestEngine)
        async throws
    {
        let base = "create type mood as enum ('sad', 'glad'); create table person (id int primary key, m mood);"
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { first in
                try await first.run(base.replacing("'sad', 'glad'", with: "'sad', 'so so', 'glad'"))
                let desired = try await Schema.read(from: first)
                let connection = try await engine.emptied(first)
                try await connection.run(base + "insert into person values (1, 'sad')")
                let file: Statement = "select pg_relation_filenode('person')::bigint"
                let before = try await connection.query(file).decode(Int64.self).fetchOnly()
                let files = try MigrationFiles()
                defer { files.remove() }
                try await MigrationGenerator.from(connection, to: desired).write(into: files)
                try await Migrator(connection: connection, graph: try files.graph()).apply()
                #expect(try await connection.query(file).decode(Int64.self).fetchOnly() == before)
                #expect(try await MigrationGenerator.from(connection, to: desired).changes.isEmpty)
            }
        }
    }
}
