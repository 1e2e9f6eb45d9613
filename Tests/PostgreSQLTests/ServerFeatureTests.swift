import Roost
import RoostPostgreSQL
import Testing

/// What PostgreSQL has beyond the contract: listeners that reconnect, cursors on the server, advisory locks, shared snapshots.
@Suite struct ServerFeatureTests {
    @Test(arguments: TestServer.direct)
    func aListenerSurvivesTheLossOfItsConnection(server: TestServer) async throws {
        let name = "listener \(UInt32.random(in: 0 ... .max))"
        let channels = ["roost a \(name)", "roost b \(name)"]
        let configuration = try server.configuration { $0.set("application_name", name) }
        try await server.withConnection { other in
            var events = PostgreSQLListener(configuration, channels: channels).makeAsyncIterator()
            for round in 0..<3 {
                #expect(try await events.next() == .listening)
                for channel in channels { try await other.notify(channel, payload: "\(round)") }
                for channel in channels {
                    #expect(try await events.next() == .message(Notification(channel: channel, payload: "\(round)")))
                }
                try await other.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = \(name)"
                )
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func aListenerThatIsLeftLeavesNothingBehind(server: TestServer) async throws {
        let name = "left listener \(UInt32.random(in: 0 ... .max))"
        let configuration = try server.configuration { $0.set("application_name", name) }
        let task = Task {
            var count = 0
            for try await _ in PostgreSQLListener(configuration, channels: ["roost nothing"]) { count += 1 }
            return count
        }
        try await server.waitUntil("select count(*) from pg_stat_activity where application_name = \(name)") { $0 == 1 }
        task.cancel()
        #expect(try await task.value <= 1)
        try await server.waitUntil("select count(*) from pg_stat_activity where application_name = \(name)") { $0 == 0 }
    }

    @Test(arguments: TestServer.direct)
    func aListenerWithAWrongPasswordFails(server: TestServer) async throws {
        let configuration = try server.configuration { $0.password = Secret("wrong") }
        var events = PostgreSQLListener(configuration, channels: ["a"]).makeAsyncIterator()
        do {
            _ = try await events.next()
            Issue.record("it listens")
        } catch let error as DatabaseError {
            #expect(error.condition == .authenticationFailed)
        }
    }

    @Test(arguments: TestServer.running)
    func cursorsScroll(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.withTransaction { connection in
                let last = 10
                let cursor = try await connection.declareCursor(
                    for: "select n, 'row ' || n from generate_series(1, \(last)) n",
                    scrolls: true
                )
                func fetch(_ portion: ServerCursor.Portion) async throws -> [Int] {
                    try await cursor.fetch(portion).decode((Int, String).self).fetchAll(limit: 100).map(\.0)
                }
                #expect(try await fetch(.forward(3)) == [1, 2, 3])
                #expect(try await fetch(.backward(2)) == [2, 1])
                #expect(try await fetch(.absolute(-1)) == [10])
                #expect(try await fetch(.absolute(4)) == [4])
                #expect(try await fetch(.relative(2)) == [6])
                #expect(try await cursor.move(.forward(2)) == 2)
                #expect(try await fetch(.rest) == [9, 10])
                #expect(try await fetch(.rest) == [])
                try await cursor.close()
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func aCursorHoldsBeyondItsTransaction(server: TestServer) async throws {
        try await server.withConnection { connection in
            let error = await #expect(throws: DatabaseError.self) {
                _ = try await connection.declareCursor(for: "select 1")
            }
            #expect(error?.condition == .invalidTransactionState)
            // Of other columns each time, under statements that look alike.
            for query: Statement in ["select 1::bigint", "select 'a'", "select 1.5::float8, true"] {
                let cursor = try await connection.withTransaction { connection in
                    try await connection.declareCursor(for: query, holds: true)
                }
                let rows = try await cursor.fetch(.rest)
                let expected = try await connection.query(query)
                #expect(rows.columns.map(\.name) == expected.columns.map(\.name))
                #expect(try await rows.fetchAll(limit: 10).count == expected.fetchAll(limit: 10).count)
                try await cursor.close()
            }
            let cursor = try await connection.declareCursor(for: "select 1", holds: true)
            let backwards = await #expect(throws: DatabaseError.self) { _ = try await cursor.fetch(.backward(1)) }
            #expect(backwards?.sqlState == "55000")
            try await connection.ping()
        }
    }

    @Test(arguments: TestServer.direct)
    func advisoryLocksExclude(server: TestServer) async throws {
        let key = Int64.random(in: .min ... .max)
        try await server.withConnection { first in
            try await server.withConnection { second in
                let inner = try await first.withAdvisoryLock(key) { _ in
                    try await second.withAdvisoryLock(key, waits: false) { _ in 1 }
                }
                #expect(inner == .some(nil))
                #expect(try await second.withAdvisoryLock(key, waits: false) { _ in 2 } == 2)
                let shared = try await first.withAdvisoryLock(key, isShared: true) { _ in
                    try await second.withAdvisoryLock(key, isShared: true, waits: false) { _ in 3 }
                }
                #expect(shared == .some(3))
                // Given back although the body failed.
                await #expect(throws: DatabaseError.self) {
                    try await first.withAdvisoryLock(key) { connection in try await connection.execute("selec") }
                }
                #expect(try await second.withAdvisoryLock(key, waits: false) { _ in 4 } == 4)
                // And with the transaction's end.
                try await first.withTransaction { connection in
                    try await connection.lockInTransaction(key)
                    #expect(try await second.withAdvisoryLock(key, waits: false) { _ in 5 } == nil)
                }
                #expect(try await second.withAdvisoryLock(key, waits: false) { _ in 6 } == 6)
            }
        }
    }

    @Test(arguments: [TestServer.pgbouncer].filter { $0.url != nil })
    func aPoolersSessionIsNotLocked(server: TestServer) async throws {
        try await server.withConnection { connection in
            let error = await #expect(throws: DatabaseError.self) {
                try await connection.withAdvisoryLock(1) { _ in }
            }
            #expect(error?.category == .notSupported)
        }
    }

    @Test(arguments: TestServer.direct)
    func snapshotsAreShared(server: TestServer) async throws {
        let table = "snapshot_\(UInt32.random(in: 0 ... .max))"
        try await server.withConnection { first in
            try await first.execute("create table \(identifier: table) as select 1 as n")
            try await server.withConnection { second in
                try await first.withTransaction(TransactionOptions(isolation: .repeatableRead)) { first in
                    let snapshot = try await first.exportSnapshot()
                    try await second.execute("insert into \(identifier: table) values (2)")
                    let seen = try await second.withSnapshot(snapshot) { second in
                        try await second.query("select count(*) from \(identifier: table)").decode(Int.self).fetchOnly()
                    }
                    #expect(seen == 1)
                }
                let count = try await second.query("select count(*) from \(identifier: table)").decode(Int.self)
                    .fetchOnly()
                #expect(count == 2)
                await #expect(throws: DatabaseError.self) {
                    try await second.withSnapshot("' --") { _ in }
                }
                #expect(await second.transactionStatus == .idle)
            }
            try await first.execute("drop table \(identifier: table)")
        }
    }
}
