import Foundation
import Roost
import RoostPipelines
import RoostTestSupport
import Testing

/// Several parts at a time, and servers that go away meanwhile.
@Suite(.serialized, .timeLimit(.minutes(10))) struct JobsTests {
    private static let rowCount = 8_000
    private static var servers: [TestDatabase] { TestDatabase.running.filter { $0 != .sqlite } }

    private static func fill(_ connection: any Connection, _ rowCount: Int = rowCount) async throws {
        try await connection.run([
            "create table account (id integer primary key, amount bigint not null, note varchar(40))"
        ])
        let rows = (1...rowCount).map { ($0, Int64(100), $0 % 3 == 0 ? nil : "account \($0)") }
        try await connection.executeMany("insert into account values (?, ?, ?)", rows)
    }

    /// Moves amounts from account to account until it is cancelled: in every state of the database their sum is the same.
    private static func moveAmounts(_ url: DatabaseURL) async throws {
        try await TestDatabase.using(url) { connection in
            var generator = SeededGenerator(seed: 7)
            while !Task.isCancelled {
                let (one, other) = (
                    Int.random(in: 1...rowCount, using: &generator), Int.random(in: 1...rowCount, using: &generator)
                )
                try await connection.begin()
                try await connection.execute("update account set amount = amount - 5 where id = \(min(one, other))")
                try await connection.execute("update account set amount = amount + 5 where id = \(max(one, other))")
                try await connection.commit()
            }
        }
    }

    private static func copy(
        _ urls: (source: DatabaseURL, target: DatabaseURL),
        _ source: any Connection,
        _ target: any Connection,
        noted: @escaping @Sendable (String) -> Void = { _ in },
        progress: @escaping @Sendable (Int) -> Void = { _ in },
        change: (inout CopyOptions) -> Void = { _ in }
    ) async throws -> [DatabaseCopy.TableResult] {
        var options = CopyOptions()
        options.jobs = 4
        options.allowsLocking = true
        options.partRows = 400
        change(&options)
        let plan = try await CopyPlan.make(from: source, to: target, options)
        let copy = DatabaseCopy(from: source, to: target, plan) { (side) async throws(DatabaseError) in
            try await TestDatabase.connect(side == .source ? urls.source : urls.target)
        }
        return try await copy.run(noted: noted, progress: progress)
    }

    /// A database to read from: on a server of its own where the jobs lock all tables for a moment, which others would notice.
    private static func withSource(
        _ engine: TestDatabase,
        _ body: (DatabaseURL, any Connection) async throws -> Void
    ) async throws {
        if engine == .postgresql { return try await engine.withDatabaseURL(body) }
        try await OwnServer.with(engine.rawValue) { server in
            let url = try DatabaseURL(server.url)
            try await TestDatabase.using(url) { try await body(url, $0) }
        }
    }

    /// All jobs see one state, although another is committed every moment.
    @Test(arguments: [
        (TestDatabase.postgresql, TestDatabase.mariadb), (.mysql, .postgresql), (.mariadb, .mysql),
        (.postgresql, .postgresql),
    ])
    func allJobsReadOneState(from: TestDatabase, to: TestDatabase) async throws {
        guard from.isRunning, to.isRunning else { return }
        try await Self.withSource(from) { sourceURL, source in
            try await to.withDatabaseURL { targetURL, target in
                try await Self.fill(source)
                let notes = Locked<[String]>([])
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try? await Self.moveAmounts(sourceURL) }
                    let results = try await Self.copy(
                        (sourceURL, targetURL),
                        source,
                        target,
                        noted: { note in notes.withLock { $0.append(note) } },
                        change: { $0.verifies = true }
                    )
                    #expect(results.map(\.rows) == [Self.rowCount])
                    group.cancelAll()
                }
                #expect(notes.withLock { $0 } == [])
                let sums = try await target.query("select count(*), count(distinct amount), sum(amount) from account")
                    .fetchAll(limit: 1)
                #expect(sums[0].values[0].integer == Int64(Self.rowCount))
                #expect(sums[0].values[2].integer == Int64(Self.rowCount) * 100)
            }
        }
    }

    /// Who may not take the lock is told, and gets the copy all the same.
    @Test(arguments: [TestDatabase.mariadb, .mysql].filter(\.isRunning))
    func withoutThePrivilegeThereIsOneJob(engine: TestDatabase) async throws {
        try await engine.withDatabaseURL { url, source in
            try await engine.withDatabaseURL { targetURL, target in
                try await Self.fill(source)
                let user = "reader_\(UInt32.random(in: 0 ... .max))"
                let password = try #require(url.password).reveal()
                let database = url.database
                try await source.execute("create user \(unsafe: user)@'%' identified by '\(unsafe: password)'")
                try await source.execute("grant select on \(identifier: database).* to \(unsafe: user)@'%'")
                var own = url
                own.user = user
                let notes = Locked<[String]>([])
                try await TestDatabase.using(own) { reader in
                    let results = try await Self.copy(
                        (own, targetURL),
                        reader,
                        target,
                        noted: { note in notes.withLock { $0.append(note) } }
                    )
                    #expect(results.map(\.rows) == [Self.rowCount])
                }
                try await source.execute("drop user \(unsafe: user)@'%'")
                let told = notes.withLock { $0 }
                #expect(told.count == 1 && told.first?.contains("RELOAD") == true, "\(told)")
            }
        }
    }

    /// No lock is taken on all tables that was not allowed.
    @Test(arguments: [TestDatabase.mariadb, .mysql].filter(\.isRunning))
    func unaskedNoWriterWaits(engine: TestDatabase) async throws {
        try await engine.withDatabaseURL { url, source in
            try await engine.withDatabaseURL { targetURL, target in
                try await Self.fill(source, 1_000)
                let notes = Locked<[String]>([])
                let results = try await Self.copy(
                    (url, targetURL),
                    source,
                    target,
                    noted: { note in notes.withLock { $0.append(note) } },
                    change: { $0.allowsLocking = false }
                )
                #expect(results.map(\.rows) == [1_000])
                let told = notes.withLock { $0 }
                #expect(told.count == 1 && told.first?.contains("not allowed") == true, "\(told)")
            }
        }
    }

    /// A server without `local_infile` takes inserts. When it is killed in mid-copy, as target or as source, the copy goes on after its
    /// restart, and is of the source as it is then.
    @Test(arguments: servers)
    func aServerIsKilledAndTheCopyGoesOn(engine: TestDatabase) async throws {
        try await TestDatabase.sqlite.withDatabaseURL { localURL, local in
            // So many parts that the copy does not end before the server does.
            try await Self.fill(local, 24_000)
            try await OwnServer.with(engine == .postgresql ? "postgresql15" : engine.rawValue) { server in
                let url = try DatabaseURL(server.url)
                if engine != .postgresql {
                    try await TestDatabase.using(url) { try await $0.run(["set global local_infile = 0"]) }
                }
                // As target.
                try await Self.interrupted(server) { progress in
                    try await TestDatabase.using(url) { target in
                        _ = try await Self.copy((localURL, url), local, target, progress: progress)
                    }
                }
                try await local.run([
                    "update account set note = 'later' where id in (1, 4000)", "delete from account where id = 3",
                ])
                try await TestDatabase.using(url) { target in
                    _ = try await Self.copy((localURL, url), local, target, change: { $0.resumes = true })
                    try await Self.expectEqual(local, target)
                }
                // As source.
                try await TestDatabase.sqlite.withDatabaseURL { backURL, back in
                    try await Self.interrupted(server) { progress in
                        try await TestDatabase.using(url) { source in
                            _ = try await Self.copy((url, backURL), source, back, progress: progress)
                        }
                    }
                    try await TestDatabase.using(url) { source in
                        try await source.run(["update account set amount = 7 where id = 2"])
                        _ = try await Self.copy((url, backURL), source, back, change: { $0.resumes = true })
                        try await Self.expectEqual(source, back)
                    }
                }
            }
        }
    }

    /// A copy that ends after its table has its name, and before that is noted, has published what the source held then. What was written
    /// since is not passed over.
    @Test(arguments: [TestDatabase.mariadb, .mysql].filter(\.isRunning))
    func whatWasPublishedIsLookedAtAgain(engine: TestDatabase) async throws {
        try await TestDatabase.sqlite.withDatabaseURL { localURL, local in
            try await engine.withDatabaseURL { url, target in
                try await Self.fill(local)
                try await target.run([
                    "create table account (id integer primary key)",
                    """
                    create table roost_copy_state (copied_table varchar(190) not null, part integer not null, lower_key bigint,
                    upper_key bigint, signature varchar(190) not null, copied_rows bigint, primary key (copied_table, part))
                    """,
                    """
                    create trigger full before delete on roost_copy_state for each row
                    signal sqlstate 'HY000' set mysql_errno = 1205, message_text = 'not now'
                    """,
                ])
                await #expect(throws: DatabaseError.self) { _ = try await Self.copy((localURL, url), local, target) }
                try await Self.expectEqual(local, target)
                try await target.run([
                    "drop trigger full", "create table account__roost_old (left_behind integer)",
                ])
                try await local.run([
                    "update account set note = 'later' where id in (1, 4000)", "delete from account where id = 3",
                ])
                for _ in 0..<2 {
                    _ = try await Self.copy((localURL, url), local, target, change: { $0.resumes = true })
                    try await Self.expectEqual(local, target)
                    let tables = try await target.query(
                        "select table_name from information_schema.tables where table_schema = database()"
                    ).decode(String.self).fetchAll(limit: 9)
                    #expect(tables == ["account"])
                }
            }
        }
    }

    /// Runs a copy, kills the server once rows went through, and starts it again. A copy that ended before the kill proves nothing, and is
    /// made again.
    private static func interrupted(
        _ server: OwnServer,
        _ copy: @escaping @Sendable (@escaping @Sendable (Int) -> Void) async throws -> Void
    ) async throws {
        var wasInterrupted = false
        for _ in 0..<5 where !wasInterrupted {
            let (moved, continuation) = AsyncStream.makeStream(of: Int.self)
            let running = Task {
                defer { continuation.finish() }
                try await copy { continuation.yield($0) }
            }
            var rows = 0
            for await count in moved {
                rows += count
                if rows > 1_500 { break }
            }
            try await server.kill()
            if case .failure(let error) = await running.result {
                #expect(error is DatabaseError, "\(error)")
                wasInterrupted = true
            }
            try await server.restart()
        }
        #expect(wasInterrupted)
    }

    private static func expectEqual(_ one: any Connection, _ other: any Connection) async throws {
        let left = try await StatementSource.table("account", on: one)
        let right = try await StatementSource.table("account", on: other)
        let report = try await RowComparison(left.source, right.source, key: left.key).run()
        #expect(report.isEqual, "\(report.summary) \(report.differences.prefix(5))")
    }
}

extension Value {
    /// A whole number, however the engine gave it.
    fileprivate var integer: Int64? {
        switch self {
        case .int(let number): number
        case .uint(let number): Int64(exactly: number)
        case .decimal(let number): number.integer()
        default: nil
        }
    }
}
