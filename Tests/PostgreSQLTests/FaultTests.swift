import Roost
import RoostConnectionPool
import RoostPostgreSQL
import RoostTestSupport
import Testing

/// What a server does to its sessions, and what a pool makes of it.
///
/// One after the other: a producer without end leaves little of its event loop to anybody else.
@Suite(.serialized, .enabled(if: !TestServer.direct.isEmpty), .timeLimit(.minutes(2))) struct FaultTests {
    // MARK: Killed sessions

    @Test(arguments: TestServer.direct)
    func aKilledStatementFailsAndThePoolOpensAnother(server: TestServer) async throws {
        let name = applicationName("killed")
        try await server.withPool(PoolConfiguration(maximumConnections: 1)) {
            $0.name(name)
        } _: { pool in
            async let outcome = pool.withConnection { connection in
                await #expect(throws: DatabaseError.self) { try await connection.execute("select pg_sleep(120)") }
            }
            try await server.waitUntilRunning(name, "pg_sleep(120)")
            #expect(try await server.terminate(name) == 1)
            let error = try await outcome
            #expect(error?.condition == .connectionLost)
            #expect(error?.sqlState == "57P01")
            let answer = try await pool.withConnection {
                try await $0.query("select 42").decode(Int.self).fetchOnly()
            }
            #expect(answer == 42)
            #expect(pool.statistics.opened == 2)
            #expect(pool.statistics.closed[.broken] == 1)
        }
    }

    @Test(arguments: TestServer.direct)
    func requestsBehindAKilledOneFailToo(server: TestServer) async throws {
        let name = applicationName("pipelined")
        try await server.withConnection {
            $0.name(name)
        } _: { connection in
            try await withThrowingTaskGroup(of: DatabaseError.Condition?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let error = await #expect(throws: DatabaseError.self) {
                            try await connection.execute("select pg_sleep(120)")
                        }
                        return error?.condition
                    }
                }
                try await server.waitUntilRunning(name, "pg_sleep(120)")
                try await server.terminate(name)
                for try await condition in group { #expect(condition == .connectionLost) }
            }
            let later = await #expect(throws: DatabaseError.self) { try await connection.ping() }
            #expect(later?.condition == .connectionLost)
        }
    }

    @Test(arguments: TestServer.direct)
    func aKilledTransactionFailsAndLeavesNothing(server: TestServer) async throws {
        let name = applicationName("transaction")
        let table = "killed_\(UInt32.random(in: 0 ... .max))"
        try await server.withPool(PoolConfiguration(maximumConnections: 1)) {
            $0.name(name)
        } _: { pool in
            _ = try await pool.withConnection { try await $0.execute("create table \(unsafe: table) (n integer)") }
            let error = await #expect(throws: DatabaseError.self) {
                try await pool.withConnection { connection in
                    try await connection.withTransaction { transaction in
                        try await transaction.execute("insert into \(unsafe: table) values (1)")
                        try await server.terminate(name)
                        try await transaction.execute("insert into \(unsafe: table) values (2)")
                    }
                }
            }
            #expect(error?.condition == .connectionLost)
            let count = try await pool.withConnection { connection in
                let count = try await connection.query("select count(*) from \(unsafe: table)").decode(Int.self)
                    .fetchOnly()
                try await connection.execute("drop table \(unsafe: table)")
                return count
            }
            #expect(count == 0)
        }
    }

    @Test(arguments: TestServer.direct)
    func aKilledCopyInFails(server: TestServer) async throws {
        try await losesItsConnectionWhileCopyingIn(server, applicationName("copy in")) { connection in
            // Data without end: only the server's can be what ends it.
            let chunk = [UInt8]((0..<100_000).flatMap { _ in Array("1234567\n".utf8) })
            let endless = AsyncStream(unfolding: { chunk })
            try await connection.copyIn(to: "copied", format: .text, data: endless)
        }
    }

    @Test(arguments: TestServer.direct)
    func aKilledCopyInOfRowsFails(server: TestServer) async throws {
        try await losesItsConnectionWhileCopyingIn(server, applicationName("copy rows in")) { connection in
            let endless = sequence(first: Int64(0)) { $0 + 1 }
            try await connection.copyIn(to: "copied", columns: ["a"], endless) {
                (row: Int64, builder: inout RowBatchBuilder) in builder.append(row)
            }
        }
    }

    /// Ends the server's side while `body` copies into the table `copied`; the pool has to recover.
    private func losesItsConnectionWhileCopyingIn(
        _ server: TestServer,
        _ name: String,
        _ body: @escaping @Sendable (PostgreSQLConnection) async throws -> Void
    ) async throws {
        try await server.withPool(PoolConfiguration(maximumConnections: 1)) {
            $0.name(name)
        } _: { pool in
            async let outcome = pool.withConnection { connection in
                try await connection.execute("create temp table copied (a bigint)")
                return await #expect(throws: DatabaseError.self) { try await body(connection) }
            }
            try await server.waitUntilRunning(name, "FROM STDIN")
            try await server.terminate(name)
            #expect(try await outcome?.condition == .connectionLost)
            try await pool.withConnection { try await $0.ping() }
        }
    }

    @Test(arguments: TestServer.direct)
    func aKilledCopyOutFails(server: TestServer) async throws {
        let name = applicationName("copy out")
        try await server.withPool(PoolConfiguration(maximumConnections: 1)) {
            $0.name(name)
        } _: { pool in
            let error = await #expect(throws: DatabaseError.self) {
                try await pool.withConnection { connection in
                    let copy = try await connection.copyOut(
                        "select generate_series(1, 2000000000)",
                        format: .text
                    )
                    var isFirst = true
                    for try await _ in copy {
                        if isFirst { try await server.terminate(name) }
                        isFirst = false
                    }
                }
            }
            #expect(error?.condition == .connectionLost)
            try await pool.withConnection { try await $0.ping() }
        }
    }

    // MARK: Many tasks

    @Test(arguments: TestServer.running)
    func aThousandTasksEachGetTheirOwnAnswer(server: TestServer) async throws {
        try await server.withPool(PoolConfiguration(maximumConnections: 8)) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1_000 {
                    group.addTask {
                        let text = "task \(number)"
                        let answer = try await pool.withConnection {
                            try await $0.query("select \(number), \(text)::text, \(number)::bigint * 3")
                                .decode((Int, String, Int).self).fetchOnly()
                        }
                        #expect(answer == (number, text, number * 3))
                    }
                }
                try await group.waitForAll()
            }
            let statistics = pool.statistics
            #expect(statistics.opened <= 8)
            #expect(statistics.inUse == 0 && statistics.waiting == 0)
        }
    }

    @Test(arguments: TestServer.direct)
    func thousandsOfCancelledTasksLeakNothingAndMixUpNothing(server: TestServer) async throws {
        let name = applicationName("cancelled")
        var generator = SeededGenerator(seed: 11)
        let plans = (0..<3_000).map { _ in
            (
                isCancelled: Int.random(in: 0..<3, using: &generator) > 0,
                turns: Int.random(in: 0..<60, using: &generator)
            )
        }
        try await server.withPool(PoolConfiguration(maximumConnections: 8)) {
            $0.name(name)
        } _: { pool in
            let delivered = await withTaskGroup(of: Int.self) { group in
                for (number, plan) in plans.enumerated() {
                    let task = Task {
                        try await pool.withConnection {
                            // Every tenth one dallies, so that cancellations meet statements that run.
                            try await $0.query(
                                "select \(number), pg_sleep(\(number % 10 == 0 ? 0.02 : 0))::text"
                            ).decode((Int, String).self).fetchOnly().0
                        }
                    }
                    group.addTask {
                        if plan.isCancelled {
                            for _ in 0..<plan.turns { await Task.yield() }
                            task.cancel()
                        }
                        switch await task.result {
                        case .success(let answer):
                            #expect(answer == number)
                            return 1
                        case .failure(let error):
                            let condition = (error as? DatabaseError)?.condition
                            #expect(plan.isCancelled && condition == .cancelled, "\(error)")
                            return 0
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(delivered >= plans.count { !$0.isCancelled })
            let held = pool.statistics
            #expect(held.inUse == 0 && held.waiting == 0)
            #expect(held.idle + held.connecting <= 8)
            try await server.waitUntil(
                "select count(*) from pg_stat_activity where application_name = \(name)"
            ) { $0 <= held.idle + held.connecting }
            // What was lent back is whole: nothing is left of statements that were ended.
            for _ in 0..<16 {
                let answer = try await pool.withConnection {
                    try await $0.query("select 7").decode(Int.self).fetchOnly()
                }
                #expect(answer == 7)
            }
        }
        try await server.waitUntil("select count(*) from pg_stat_activity where application_name = \(name)") { $0 == 0 }
    }

    // MARK: Logins that fail

    @Test(arguments: TestServer.running)
    func aWrongPasswordFailsAllWaitersAtOnce(server: TestServer) async throws {
        try await server.withPool(PoolConfiguration(maximumConnections: 4)) {
            $0.password = Secret("not the password")
        } _: { pool in
            // Who waited for its time-out would hear of that instead.
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        let error = await #expect(throws: DatabaseError.self) {
                            try await pool.withConnection { try await $0.ping() }
                        }
                        #expect(error?.condition == .authenticationFailed)
                        #expect(error?.debugDescription.contains("not the password") == false)
                    }
                }
            }
            #expect(pool.statistics.waiting == 0)
        }
    }

    @Test(arguments: TestServer.direct)
    func aFullServerIsUsedByTheConnectionsThereAre(server: TestServer) async throws {
        // A user of its own: other tests use up roost_limited's connections at the same time.
        let user = "limited_\(UInt32.random(in: 0 ... .max))"
        let password = TestServer.variable("ROOST_TEST_PASSWORD")
        _ = try await server.withConnection {
            try await $0.execute(
                "create user \(unsafe: user) password '\(unsafe: password)' connection limit 2"
            )
        }
        try await server.withPool(PoolConfiguration(maximumConnections: 5)) {
            $0.user = user
        } _: { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let answer = try await pool.withConnection {
                            try await $0.query("select \(number), pg_sleep(0.005)::text").decode((Int, String).self)
                                .fetchOnly().0
                        }
                        #expect(answer == number)
                    }
                }
                try await group.waitForAll()
            }
            // On a busy machine the answers may be there before the refusal of the third connection.
            for _ in 0..<1_000 where pool.statistics.failedToOpen == 0 {
                _ = try await pool.withConnection { try await $0.execute("select pg_sleep(0.01)") }
            }
            let statistics = pool.statistics
            #expect(statistics.opened == 2)
            #expect(statistics.failedToOpen >= 1)
            // A connection past the limit says which limit it met.
            let error = await #expect(throws: DatabaseError.self) {
                try await server.withConnection({ $0.user = user }) { try await $0.ping() }
            }
            #expect(error?.condition == .tooManyConnections)
        }
        try await server.waitUntil("select count(*) from pg_stat_activity where usename = \(user)") { $0 == 0 }
        _ = try await server.withConnection { try await $0.execute("drop user \(unsafe: user)") }
    }
}
