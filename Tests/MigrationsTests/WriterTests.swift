import Foundation
import Roost
import RoostMigrations
import Testing

/// What those who use the database notice of migrations, on PostgreSQL.
@Suite(.enabled(if: TestEngine.running.contains(.postgresql))) struct WriterTests {
    private func withItems(_ body: (ConnectionConfiguration, any Connection) async throws -> Void) async throws {
        try await TestEngine.postgresql.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                try await connection.execute("create table item (id bigint primary key, n bigint not null default 0)")
                try await connection.execute("insert into item select n from generate_series(1, 100) n")
                try await body(database, connection)
            }
        }
    }

    /// Asks until the server says yes. A minute without is a failure.
    private func wait(_ connection: any Connection, _ question: Statement) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await connection.query(question).decode(Bool.self).fetchOnly() == false {
            try #require(ContinuousClock.now < deadline)
        }
    }

    private static let isWaiting: Statement = """
        select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' \
        and pid <> pg_backend_pid())
        """

    private func write(_ connection: any Connection) async throws {
        for _ in 0..<20 { try await connection.execute("update item set n = n + 1 where id = 7") }
    }

    /// A reader keeps its transaction open. SQL as it is waits behind it, and writers wait behind that; a run gives way.
    @Test func aWriterIsNotHeldUpByAMigrationThatWaits() async throws {
        try await withItems { database, reader in
            try await TestEngine.withConnection(database) { writer in
                try await TestEngine.withConnection(database) { other in
                    try await writer.execute("set lock_timeout = '50ms'")
                    try await reader.begin(.readWrite)
                    _ = try await reader.query("select count(*) from item").fetchAll(limit: 1)
                    async let naive: ExecutionSummary = other.execute("alter table item add column naive int")
                    try await wait(reader, Self.isWaiting)
                    await #expect(throws: DatabaseError.self) { try await write(writer) }
                    try await reader.commit()
                    _ = try await naive

                    // The same by a run: it gives way again and again, and the writer is through each time.
                    let folder = try MigrationFiles([
                        "1.sql": MigrationFiles.file("a", "none", "alter table item add column planned int;")
                    ])
                    defer { folder.remove() }
                    var configuration = MigrationConfiguration()
                    configuration.lockTimeout = .milliseconds(20)
                    configuration.lockAttempts = .max
                    configuration.lockDelay = .milliseconds(20)
                    configuration.maximumLockDelay = .milliseconds(20)
                    let (retries, continuation) = AsyncStream<Int>.makeStream()
                    let migrator = Migrator(connection: other, graph: try folder.graph(), configuration: configuration)
                    {
                        if case .retrying(_, let attempt, _) = $0 { continuation.yield(attempt) }
                    }
                    try await writer.execute("set lock_timeout = '60s'")
                    try await reader.begin(.readWrite)
                    _ = try await reader.query("select count(*) from item").fetchAll(limit: 1)
                    async let applied = migrator.apply()
                    for await attempt in retries {
                        // While the reader is there the migration cannot get through; the writer does.
                        try await write(writer)
                        if attempt >= 3 { break }
                    }
                    try await reader.commit()
                    #expect(try await applied.map(\.revision) == ["a"])
                }
            }
        }
    }

    /// An index as it is made plainly keeps writers out until it is done; one that lint asks for does not.
    @Test func writersGoOnWhileAnIndexIsBuilt() async throws {
        try await withItems { database, reader in
            try await TestEngine.withConnection(database) { writer in
                try await TestEngine.withConnection(database) { other in
                    try await writer.execute("set lock_timeout = '50ms'")
                    try await other.begin(.readWrite)
                    try await other.execute("create index plain on item (n)")
                    await #expect(throws: DatabaseError.self) { try await write(writer) }
                    try await other.rollback()

                    let folder = try MigrationFiles([
                        "1.sql": MigrationFiles.file(
                            "a",
                            "none",
                            "create index concurrently safe on item (n);",
                            header: "-- transactional: no\n"
                        )
                    ])
                    defer { folder.remove() }
                    var configuration = MigrationConfiguration()
                    configuration.lockTimeout = .seconds(60)
                    let migrator = Migrator(connection: other, graph: try folder.graph(), configuration: configuration)
                    // A transaction that was there before keeps the build from its end.
                    try await reader.begin(.readWrite)
                    try await reader.execute("update item set n = 5 where id = 9")
                    async let applied = migrator.apply()
                    try await wait(reader, Self.isWaiting)
                    try await writer.execute("set lock_timeout = '60s'")
                    try await write(writer)
                    try await reader.commit()
                    #expect(try await applied.map(\.revision) == ["a"])
                }
            }
        }
    }

    /// Somebody cancels the build; the index it leaves is found and built again.
    @Test func aCancelledConcurrentIndexIsRepaired() async throws {
        try await withItems { database, reader in
            try await TestEngine.withConnection(database) { other in
                let folder = try MigrationFiles([
                    "1.sql": MigrationFiles.file(
                        "a",
                        "none",
                        "create index concurrently safe on item (n);\ncreate table after_it (id int);",
                        header: "-- transactional: no\n"
                    )
                ])
                defer { folder.remove() }
                var configuration = MigrationConfiguration()
                configuration.lockTimeout = .seconds(60)
                let (events, continuation) = AsyncStream<MigrationEvent>.makeStream()
                let migrator = Migrator(connection: other, graph: try folder.graph(), configuration: configuration) {
                    continuation.yield($0)
                }
                try await reader.begin(.readWrite)
                try await reader.execute("update item set n = 5 where id = 9")
                async let applied = migrator.apply()
                try await wait(reader, Self.isWaiting)
                _ = try await reader.query(
                    """
                    select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() \
                    and wait_event_type = 'Lock' and pid <> pg_backend_pid()
                    """
                ).fetchAll(limit: 9)
                do {
                    _ = try await applied
                    Issue.record("it was cancelled")
                } catch {
                    #expect((error as? MigrationError)?.kind == .cancelled)
                }
                try await reader.commit()
                let validity: Statement = "select indisvalid from pg_index where indexrelid = 'safe'::regclass"
                #expect(try await reader.query(validity).decode(Bool.self).fetchOnly() == false)
                #expect(try await migrator.status().dirty.map(\.stepsDone) == [0])
                #expect(try await migrator.repair().map(\.state) == [.applied])
                #expect(try await reader.query(validity).decode(Bool.self).fetchOnly())
                continuation.finish()
                var removed: [String] = []
                for await case .removedInvalidIndex(_, let index) in events { removed.append(index) }
                #expect(removed == ["public.safe"])
                #expect(try await migrator.status().isUpToDate)
            }
        }
    }
}
