import Foundation
import Roost
import RoostMigrations
import Testing

/// Runs that die, and runs that meet.
@Suite struct CrashTests {
    /// Ten steps, none of which may be done twice or not at all without the end showing it.
    private static func tenSteps(_ engine: TestEngine, isWhole: Bool) -> [String: String] {
        let concurrently = engine.isPostgreSQL && !isWhole ? " concurrently" : ""
        let sql = """
            create table customer (id bigint primary key, name varchar(40) not null);
            insert into customer values (1, 'Ana'), (2, 'Bo');
            alter table customer add column visits bigint not null default 0;
            update customer set visits = visits + 1;
            create table audit (n bigint);
            insert into audit select visits from customer;
            create index\(concurrently) customer_name on customer (name);
            alter table customer add column city varchar(40);
            insert into audit select count(*) from audit;
            alter table audit rename to journal;
            """
        return ["1.sql": MigrationFiles.file("ten", "none", sql, header: isWhole ? "" : "-- transactional: no\n")]
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

    /// Dies at one request; true when the run was through before that.
    private static func crash(
        _ database: ConnectionConfiguration,
        _ graph: RevisionGraph,
        at request: Int,
        _ moment: CrashingConnection.Moment
    ) async throws -> Bool {
        let base = try await TestEngine.drivers.connect(database)
        let connection = CrashingConnection(base, at: request, moment)
        do {
            try await Migrator(connection: connection, graph: graph).apply()
        } catch {
            guard await connection.hasCrashed else { throw error }
        }
        // A request that the server refused has no moment after it; the run went on.
        let requests = await connection.requests
        await base.close()
        return requests < request
    }

    private static func recover(_ connection: any Connection, _ graph: RevisionGraph) async throws {
        let migrator = Migrator(connection: connection, graph: graph)
        let before = try await migrator.status()
        if before.dirty.isEmpty {
            // What is said to be applied is, and what is said not to be left nothing.
            let isThere: Bool
            do {
                try await connection.execute("select count(*) from journal")
                isThere = true
            } catch {
                guard error.condition == .undefinedTable else { throw error }
                isThere = false
            }
            #expect(isThere == !before.applied.isEmpty)
        }
        if !before.dirty.isEmpty { try await migrator.repair() }
        try await migrator.apply()
        #expect(try await migrator.status().isUpToDate)
        #expect(try await migrator.apply().isEmpty)
    }

    /// At every request of the run, before and after the server did it.
    @Test(arguments: TestEngine.running, [true, false])
    func aRunThatDiesAnywhereIsTakenUp(engine: TestEngine, isWhole: Bool) async throws {
        let files = try MigrationFiles(Self.tenSteps(engine, isWhole: isWhole))
        defer { files.remove() }
        let graph = try files.graph()
        var request = 1
        var isThrough = false
        while !isThrough {
            for moment in CrashingConnection.Moment.allCases {
                isThrough = try await engine.withDatabase { database in
                    let wasThrough = try await Self.crash(database, graph, at: request, moment)
                    try await TestEngine.withConnection(database) { connection in
                        try await Self.recover(connection, graph)
                        try await Self.checkEnd(connection)
                    }
                    return wasThrough
                }
            }
            request += 1
        }
        #expect(request > 20, "the run had that many requests to die at")
    }

    @Test(arguments: TestEngine.running)
    func twoRunsAtOnceBothEndRight(engine: TestEngine) async throws {
        var contents: [String: String] = [:]
        for number in 0..<8 {
            contents["\(number).sql"] = MigrationFiles.file(
                "r\(number)",
                number == 0 ? "none" : "r\(number - 1)",
                number == 0
                    ? "create table log (n bigint);"
                    : "create table t\(number) (id bigint);\ninsert into log values (\(number));"
            )
        }
        let files = try MigrationFiles(contents)
        defer { files.remove() }
        let graph = try files.graph()
        try await engine.withDatabase { database in
            let done = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await TestEngine.withConnection(database) { connection in
                            try await Migrator(connection: connection, graph: graph).apply().map(\.revision)
                        }
                    }
                }
                return try await group.reduce(into: [String]()) { $0 += $1 }
            }
            #expect(done.sorted() == (0..<8).map { "r\($0)" }, "each by one of them")
            try await TestEngine.withConnection(database) { connection in
                let log = try await connection.query("select n from log order by n").decode(Int.self).fetchAll(
                    limit: 99
                )
                #expect(log == Array(1..<8))
            }
        }
    }

    @Test(arguments: TestEngine.running)
    func aLockThatIsHeldIsWaitedForAndSaysWhoHasIt(engine: TestEngine) async throws {
        let files = try MigrationFiles(["1.sql": MigrationFiles.file("a", "none", "select 1;")])
        defer { files.remove() }
        struct Blocking: Migration {
            let revision = "b"
            let parents: [String] = []
            let description = "meets another run"
            let database: ConnectionConfiguration
            let graph: RevisionGraph
            let seen: @Sendable (MigrationError) -> Void

            func up(on connection: any Connection) async throws {
                // Another run while this one holds the lock.
                try await TestEngine.withConnection(database) { other in
                    var configuration = MigrationConfiguration()
                    configuration.lockWait = .zero
                    do {
                        try await Migrator(connection: other, graph: graph, configuration: configuration).apply()
                    } catch {
                        if let error = error as? MigrationError { seen(error) }
                    }
                }
            }
        }
        let graph = try files.graph()
        try await engine.withDatabase { database in
            var impatient = database
            impatient.lockTimeout = .milliseconds(50)
            let (stream, continuation) = AsyncStream<MigrationError>.makeStream()
            let blocking = Blocking(database: impatient, graph: graph) { continuation.yield($0) }
            try await TestEngine.withConnection(database) { connection in
                let revisions = try RevisionGraph([Revision(blocking)])
                try await Migrator(connection: connection, graph: revisions).apply()
            }
            continuation.finish()
            let errors = await stream.reduce(into: [MigrationError]()) { $0.append($1) }
            #expect(errors.map(\.kind) == [.locked])
            #expect(errors.first?.message.contains("Another run holds the lock") == true)
        }
    }

    /// PostgreSQL leaves an index that could not be built, invalid; the next try removes it.
    @Test(arguments: TestEngine.running.filter(\.isPostgreSQL))
    func anInvalidIndexIsReplaced(engine: TestEngine) async throws {
        let files = try MigrationFiles([
            "1.sql": MigrationFiles.file("a", "none", "create table t (n bigint);\ninsert into t values (1), (1);"),
            "2.sql": MigrationFiles.file(
                "b",
                "a",
                "create unique index concurrently t_n on t (n);",
                header: "-- transactional: no\n"
            ),
        ])
        defer { files.remove() }
        let graph = try files.graph()
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                let migrator = Migrator(connection: connection, graph: graph)
                await #expect(throws: MigrationError.self) { try await migrator.apply() }
                func invalid() async throws -> [Bool] {
                    try await connection.query(
                        "select indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid where relname = 't_n'"
                    ).decode(Bool.self).fetchAll(limit: 9)
                }
                #expect(try await invalid() == [false])
                try await connection.execute("delete from t where ctid <> (select min(ctid) from t)")
                try await migrator.repair()
                #expect(try await invalid() == [true])
                #expect(try await migrator.status().isUpToDate)
            }
        }
    }
}
