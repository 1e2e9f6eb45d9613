import Foundation
import Roost
import RoostMigrations
import RoostTestSupport
import Testing

/// Servers that are killed while migrations run.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ServerCrashTests {
    /// Ten statements, each with a question that shows whether it took effect. The table `journal` was `audit` before the last.
    private static func steps(_ engine: TestEngine, isWhole: Bool) -> [(statement: String, isDone: String)] {
        let concurrently = engine.isPostgreSQL && !isWhole ? " concurrently" : ""
        let index =
            engine.isPostgreSQL
            ? "select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid where relname = 'customer_name' and indisvalid"
            : "select count(*) from information_schema.statistics where table_schema = database() and index_name = 'customer_name'"
        return [
            (
                "create table customer (id bigint primary key, name varchar(40) not null)",
                "select 1 + count(*) from customer"
            ),
            ("insert into customer values (1, 'Ana'), (2, 'Bo')", "select count(*) - 1 from customer"),
            (
                "alter table customer add column visits bigint not null default 0",
                "select 1 + count(visits) from customer"
            ),
            ("update customer set visits = visits + 1", "select count(*) from customer where visits = 1"),
            ("create table audit (n bigint)", "select 1 + count(*) from AUDIT"),
            ("insert into audit select visits from customer", "select count(*) from AUDIT where n = 1"),
            ("create index\(concurrently) customer_name on customer (name)", index),
            ("alter table customer add column city varchar(40)", "select 1 + count(city) from customer"),
            ("insert into audit select count(*) from audit", "select count(*) from AUDIT where n = 2"),
            ("alter table audit rename to journal", "select 1 + count(*) from journal"),
        ]
    }

    /// How many of the statements took effect: they did one after the other, or something is lost or done twice.
    private static func done(
        _ steps: [(statement: String, isDone: String)],
        _ connection: any Connection
    ) async throws -> Int {
        func number(_ question: String) async throws -> Int {
            do {
                return try await connection.number(Statement(unsafe: question))
            } catch let error as DatabaseError where [.undefinedTable, .undefinedColumn].contains(error.condition) {
                return 0
            }
        }
        let table = try await number("select 1 + count(*) from journal") > 0 ? "journal" : "audit"
        var found: [Bool] = []
        for step in steps { found.append(try await number(step.isDone.replacing("AUDIT", with: table)) > 0) }
        let count = found.prefix { $0 }.count
        #expect(!found.dropFirst(count).contains(true), "\(found)")
        return count
    }

    private static func checkEnd(_ connection: any Connection) async throws {
        let visits = try await connection.query("select visits from customer order by id").decode(Int.self)
            .fetchAll(limit: 10)
        #expect(visits == [1, 1])
        let journal = try await connection.query("select n from journal order by n").decode(Int.self).fetchAll(
            limit: 10
        )
        #expect(journal == [1, 1, 2])
        let names = try await connection.query("select * from customer").fetchMany(1).first?.columns.names
        #expect(names == ["id", "name", "visits", "city"])
    }

    /// Test servers forget at a crash what they did last, which is faster; this one remembers.
    private static func remember(_ engine: TestEngine, _ connection: any Connection) async throws {
        try await connection.execute(
            engine.isPostgreSQL ? "set synchronous_commit = on" : "set global innodb_flush_log_at_trx_commit = 1"
        )
    }

    private static func url(_ server: OwnServer, database: String? = nil) throws -> ConnectionConfiguration {
        var url = try DatabaseURL(server.url)
        if let database { url.database = database }
        var configuration = try ConnectionConfiguration(url: url)
        configuration.connectTimeout = .seconds(300)
        return configuration
    }

    /// At each of the ten statements, before the server hears of it, and once it was carried out but the history does not know: all on
    /// one server, since it takes a second or two to start again. Where starting takes longer the moments take turns.
    @Test(arguments: TestEngine.running.filter { $0 != .sqlite })
    func aMigrationWhoseServerIsKilledIsTakenUp(engine: TestEngine) async throws {
        try await OwnServer.with(engine.serverName) { server in
            for isWhole in engine.isTransactional ? [false, true] : [false] {
                let steps = Self.steps(engine, isWhole: isWhole)
                let files = try MigrationFiles([
                    "1.sql": MigrationFiles.file(
                        "ten",
                        "none",
                        steps.map { $0.statement + ";\n" }.joined(),
                        header: isWhole ? "" : "-- transactional: no\n"
                    )
                ])
                defer { files.remove() }
                let graph = try files.graph()
                for (index, step) in steps.enumerated() {
                    let turn: [CrashingConnection.Moment] = index % 2 == 0 ? [.before] : [.after]
                    for moment in isWhole || !engine.isPostgreSQL ? turn : CrashingConnection.Moment.allCases {
                        let name = "at_\(index)_\(moment)_\(isWhole)"
                        let database = try Self.url(server, database: name)
                        _ = try await TestEngine.withConnection(Self.url(server)) {
                            try await $0.execute("create database \(identifier: name)")
                        }
                        try await Self.kill(server, engine, at: step.statement, moment, database, graph)
                        try await TestEngine.withConnection(database) {
                            try await Self.takeUp(index, isWhole: isWhole, steps, $0, graph)
                        }
                    }
                }
            }
        }
    }

    private static func kill(
        _ server: OwnServer,
        _ engine: TestEngine,
        at statement: String,
        _ moment: CrashingConnection.Moment,
        _ database: ConnectionConfiguration,
        _ graph: RevisionGraph
    ) async throws {
        let base = try await TestEngine.drivers.connect(database)
        try await remember(engine, base)
        let connection = CrashingConnection(base, killing: server, at: statement, moment)
        let error = await #expect(throws: MigrationError.self) {
            try await Migrator(connection: connection, graph: graph).apply()
        }
        #expect(await connection.hasCrashed, "\(statement): \(String(describing: error))")
        await base.close()
        try await server.restart()
    }

    private static func takeUp(
        _ index: Int,
        isWhole: Bool,
        _ steps: [(statement: String, isDone: String)],
        _ connection: any Connection,
        _ graph: RevisionGraph
    ) async throws {
        let migrator = Migrator(connection: connection, graph: graph)
        let before = try await migrator.status()
        let done = try await Self.done(steps, connection)
        #expect(before.applied.isEmpty)
        if isWhole {
            // Nothing is left of it.
            #expect(before.dirty.isEmpty && before.pending.map(\.id) == ["ten"] && done == 0, "\(index): \(done)")
        } else {
            let entry = try #require(before.dirty.first)
            #expect(entry.stepsDone == index, "\(index): \(entry)")
            #expect((entry.stepsDone...entry.stepStarted).contains(done), "\(index): \(done) are done, and \(entry)")
            let refused = await #expect(throws: MigrationError.self) { try await migrator.apply() }
            #expect(refused?.kind == .dirty)
            #expect(try await migrator.repair().map(\.state) == [.applied])
        }
        #expect(try await migrator.apply().count == (isWhole ? 1 : 0))
        #expect(try await migrator.status().isUpToDate)
        #expect(try await Self.done(steps, connection) == steps.count)
        try await checkEnd(connection)
    }
}
