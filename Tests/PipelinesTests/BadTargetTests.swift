import Foundation
import Roost
import RoostPipelines
import RoostSchema
import RoostTestSupport
import Testing

/// Copies by who may not, and into places where nothing fits any more.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BadTargetTests {
    private static func copy(
        _ source: any Connection,
        _ target: any Connection,
        _ change: (inout CopyOptions) -> Void = { _ in }
    ) async throws {
        var options = CopyOptions()
        options.partRows = 2_000
        change(&options)
        let plan = try await CopyPlan.make(from: source, to: target, options)
        _ = try await DatabaseCopy(from: source, to: target, plan).run()
    }

    private static func fill(_ connection: any Connection) async throws {
        try await connection.run(["create table item (id integer primary key, note text not null)"])
        let rows = (1...16_000).map { ($0, String(repeating: "x", count: 500 + $0 % 7)) }
        try await connection.executeMany("insert into item values (?, ?)", rows)
    }

    private static func expectOldRows(_ target: any Connection, _ error: DatabaseError?) async throws {
        #expect(error?.condition == .diskFull, "\(error.map { "\($0)" } ?? "none")")
        #expect(error?.hint?.contains("--resume") == true)
        #expect(try await target.all("select id from item") == [[.int(7)]])
        #expect(await target.transactionStatus == .idle)
    }

    private static func expectCopied(_ source: any Connection, _ target: any Connection) async throws {
        let left = try await StatementSource.table("item", on: source)
        let right = try await StatementSource.table("item", on: target)
        #expect(try await RowComparison(left.source, right.source, key: left.key).run().isEqual)
        #expect(try await Schema.read(from: target).tables.map(\.name.name) == ["item"])
    }

    @Test(arguments: TestDatabase.running.filter { $0 != .sqlite }, [DatabaseCopy.Side.source, .target])
    func whoMayNotIsToldAndLeavesNothing(engine: TestDatabase, side: DatabaseCopy.Side) async throws {
        try await engine.withDatabaseURL { url, administrator in
            try await TestDatabase.sqlite.withDatabase { other in
                let (source, target) = side == .source ? (administrator, other) : (other, administrator)
                try await source.run(["create table item (id integer primary key)", "insert into item values (1)"])
                let password = try #require(url.password).reveal()
                let user = "limited_\(UInt32.random(in: 0 ... .max))"
                var own = url
                own.user = user
                if engine == .postgresql {
                    try await administrator.run(["create role \(user) login password '\(password)'"])
                } else {
                    // Who reads the structure of a table needs some privilege on it.
                    let right = side == .source ? "insert" : "select"
                    try await administrator.run([
                        "create user \(user)@'%' identified by '\(password)'",
                        "grant \(right) on \(url.database).* to \(user)@'%'",
                    ])
                }
                let error = await #expect(throws: DatabaseError.self) {
                    try await TestDatabase.using(own) { limited in
                        let ends = side == .source ? (limited, target) : (source, limited)
                        try await Self.copy(ends.0, ends.1)
                    }
                }
                try await administrator.run([
                    engine == .postgresql ? "drop role \(user)" : "drop user \(user)@'%'"
                ])
                #expect(error?.condition == .insufficientPrivilege, "\(error.map { "\($0)" } ?? "none")")
                #expect(error?.hint?.contains("--resume") != true)
                #expect(try await Schema.read(from: target).tables.isEmpty)
            }
        }
    }

    /// A database that must not grow stands for a disk.
    @Test func aFullDiskPublishesNothing() async throws {
        try await TestDatabase.sqlite.withDatabase { source in
            try await Self.fill(source)
            try await TestDatabase.sqlite.withDatabase { target in
                try await target.run(["create table item (id integer primary key)", "insert into item values (7)"])
                _ = try await target.all("pragma max_page_count = 1000")
                let error = await #expect(throws: DatabaseError.self) { try await Self.copy(source, target) }
                try await Self.expectOldRows(target, error)
                _ = try await target.all("pragma max_page_count = 1000000")
                try await Self.copy(source, target) { $0.resumes = true }
                try await Self.expectCopied(source, target)
            }
        }
    }

    private static let mayMount = geteuid() == 0 && access("/usr/bin/mount", X_OK) == 0

    @Test(.enabled(if: TestDatabase.postgresql.isRunning && mayMount, "a small disk takes who may mount one"))
    func aFullServerPublishesNothing() async throws {
        try await TestDatabase.sqlite.withDatabase { source in
            try await Self.fill(source)
            try await OwnServer.with("postgresql15") { server in
                let disk = "/tmp/roost-disk-\(UInt32.random(in: 0 ... .max))"
                try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
                _ = try await SubProcess.run(
                    "/usr/bin/mount",
                    ["-t", "tmpfs", "-o", "size=14m,uid=65534,gid=65534,mode=700", "tmpfs", disk]
                )
                let result: Result<Void, any Error>
                do {
                    result = .success(try await fillUp(server, disk, from: source))
                } catch {
                    result = .failure(error)
                }
                // The server is alive and has files open there; it goes in a moment.
                _ = try await SubProcess.run("/usr/bin/umount", ["-l", disk])
                try FileManager.default.removeItem(atPath: disk)
                try result.get()
            }
        }
    }

    private func fillUp(_ server: OwnServer, _ disk: String, from source: any Connection) async throws {
        try await TestDatabase.using(try DatabaseURL(server.url)) { target in
            try await target.run([
                "create tablespace small location '\(disk)'", "set default_tablespace = small",
                "create table filler as select repeat(md5(i::text), 10) as text from generate_series(1, 20000) i",
                "create table item (id integer primary key)", "insert into item values (7)",
            ])
            let error = await #expect(throws: DatabaseError.self) { try await Self.copy(source, target) }
            try await Self.expectOldRows(target, error)
            try await target.run(["drop table filler", "checkpoint"])
            try await Self.copy(source, target) { $0.resumes = true }
            try await Self.expectCopied(source, target)
            try await target.run(["drop table item", "checkpoint", "drop tablespace small"])
        }
    }
}
