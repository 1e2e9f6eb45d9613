import Roost
import RoostMigrations
import RoostSchema
import Testing

/// What is generated for PostgreSQL, applied beside those who read and write without a pause.
@Suite(.enabled(if: TestEngine.running.contains(.postgresql))) struct PlanWriterTests {
    private static let base = """
        create table shop (id bigint primary key);
        create table item (id bigint primary key, n bigint not null default 0, shop_id bigint not null default 1);
        """

    private static let desired = """
        create table shop (id bigint primary key);
        create table item (id bigint primary key, n bigint not null default 0, shop_id bigint not null default 1, note text,
          is_old boolean not null default false, constraint item_n check (n >= 0),
          constraint item_shop foreign key (shop_id) references shop (id));
        create index item_shop_id on item (shop_id);
        create index item_n_shop on item (n, shop_id);
        """

    private static func execute(_ script: String, on connection: any Connection) async throws {
        for part in StatementSplitter.split(script, dialect: connection.dialect) {
            try await connection.execute(Statement(unsafe: part.text))
        }
    }

    private static let update: Statement = "update item set n = n + 1 where id = 7"

    /// The server itself bounds each wait of the writer: at a hundred times what a statement of the run may wait, so that a busy machine is no
    /// failure. The same SQL as one would write it by hand keeps the writer out for as long as it takes.
    @Test func aWriterWaitsNoLongerThanTheLockTimeout() async throws {
        let wanted = try await TestEngine.postgresql.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                try await Self.execute(Self.desired, on: connection)
                return try await Schema.read(from: connection)
            }
        }
        try await TestEngine.postgresql.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                try await Self.execute(Self.base, on: connection)
                try await connection.execute("insert into shop values (1)")
                try await connection.execute("insert into item (id) select n from generate_series(1, 20000) n")
                let current = try await Schema.read(from: connection)
                var generator = MigrationGenerator(from: current, to: wanted, historyTable: "roost_migrations")
                try await Self.checkNaive(current, wanted, generator.changes, connection, database)

                generator.isOnline = true
                let files = try MigrationFiles()
                defer { files.remove() }
                var number = 0
                let templates = try generator.templates(parents: [], description: "safe") {
                    number += 1
                    return "g\(number)"
                }
                for template in templates { try template.write(into: files.path) }
                let graph = try files.graph()
                let findings = try MigrationLinter.findings(
                    in: graph,
                    dialect: connection.dialect,
                    capabilities: connection.capabilities
                )
                #expect(!findings.contains { $0.severity != .note }, "\(findings)")
                try await Self.apply(graph, connection, database)
                let after = MigrationGenerator(
                    from: try await Schema.read(from: connection),
                    to: wanted,
                    historyTable: "roost_migrations"
                )
                #expect(after.changes.isEmpty)
            }
        }
    }

    private static func checkNaive(
        _ current: Schema,
        _ wanted: Schema,
        _ changes: [Schema.Change],
        _ connection: any Connection,
        _ database: ConnectionConfiguration
    ) async throws {
        try await TestEngine.withConnection(database) { writer in
            try await writer.execute("set lock_timeout = '50ms'")
            try await connection.begin(.readWrite)
            for statement in try current.definitions(of: changes, to: wanted) {
                try await connection.execute(Statement(unsafe: statement))
            }
            let error = await #expect(throws: DatabaseError.self) { try await writer.execute(Self.update) }
            #expect(error?.condition == .lockTimeout)
            try await connection.rollback()
        }
    }

    private static func apply(
        _ graph: RevisionGraph,
        _ connection: any Connection,
        _ database: ConnectionConfiguration
    ) async throws {
        var configuration = MigrationConfiguration()
        configuration.lockTimeout = .milliseconds(50)
        configuration.lockAttempts = .max
        configuration.lockDelay = .milliseconds(10)
        configuration.maximumLockDelay = .milliseconds(50)
        let migrator = Migrator(connection: connection, graph: graph, configuration: configuration)
        let background = BackgroundWriter(database: database)
        let reads: @Sendable (Int) -> [Statement] = { _ in ["begin", "select count(*) from item", "commit"] }
        let writes: @Sendable (Int) -> [Statement] = { turn in
            turn == 0 ? ["set lock_timeout = '5s'"] : [Self.update]
        }
        let count = try await background.write(writes) {
            _ = try await background.write(reads) { try await migrator.apply() }
        }
        #expect(count > 1)
        #expect(try await migrator.status().isUpToDate)
    }
}
