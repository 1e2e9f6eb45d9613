import Roost
import RoostConnectionPool
import RoostMySQL
import RoostTestSupport
import Testing

/// What a server does to its sessions, and what a pool makes of it.
@Suite(.serialized, .enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(3))) struct FaultTests {
    // MARK: Killed sessions

    @Test(arguments: TestServer.running)
    func aKilledStatementFailsAndThePoolOpensAnother(server: TestServer) async throws {
        try await server.withUser("killed") { user in
            try await server.withPool(PoolConfiguration(maximumConnections: 1)) {
                $0.user = user
            } _: { pool in
                async let outcome = pool.withConnection { connection in
                    await #expect(throws: DatabaseError.self) { try await connection.execute("select sleep(120)") }
                }
                try await server.waitUntilRunning(user, "sleep(120)")
                #expect(try await server.terminate(user) == 1)
                #expect(try await outcome?.condition == .connectionLost)
                let answer = try await pool.withConnection {
                    try await $0.query("select 42").decode(Int.self).fetchOnly()
                }
                #expect(answer == 42)
                #expect(pool.statistics.opened == 2)
            }
        }
    }

    @Test(arguments: TestServer.running)
    func requestsBehindAKilledOneFailToo(server: TestServer) async throws {
        try await server.withUser("behind") { user in
            try await server.withConnection {
                $0.user = user
            } _: { connection in
                try await withThrowingTaskGroup(of: DatabaseError.Condition?.self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            let error = await #expect(throws: DatabaseError.self) {
                                try await connection.execute("select sleep(120)")
                            }
                            return error?.condition
                        }
                    }
                    try await server.waitUntilRunning(user, "sleep(120)")
                    try await server.terminate(user)
                    for try await condition in group { #expect(condition == .connectionLost) }
                }
                let later = await #expect(throws: DatabaseError.self) { try await connection.ping() }
                #expect(later?.condition == .connectionLost)
            }
        }
    }

    @Test(arguments: TestServer.running)
    func aKilledTransactionFailsAndLeavesNothing(server: TestServer) async throws {
        let table = "killed_\(UInt32.random(in: 0 ... .max))"
        try await server.withUser("transaction") { user in
            try await server.withPool(PoolConfiguration(maximumConnections: 1)) {
                $0.user = user
            } _: { pool in
                _ = try await pool.withConnection { try await $0.execute("create table \(unsafe: table) (n integer)") }
                let error = await #expect(throws: DatabaseError.self) {
                    try await pool.withConnection { connection in
                        try await connection.withTransaction { transaction in
                            try await transaction.execute("insert into \(unsafe: table) values (1)")
                            try await server.terminate(user)
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
                            try await $0.query("select \(number), \(text), \(number) * 3")
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

    @Test(arguments: TestServer.running)
    func thousandsOfCancelledTasksLeakNothingAndMixUpNothing(server: TestServer) async throws {
        var generator = SeededGenerator(seed: 11)
        let plans = (0..<3_000).map { _ in
            (
                isCancelled: Int.random(in: 0..<3, using: &generator) > 0,
                turns: Int.random(in: 0..<60, using: &generator)
            )
        }
        try await server.withUser("cancelled") { user in
            try await server.withPool(PoolConfiguration(maximumConnections: 8)) {
                $0.user = user
            } _: { pool in
                let delivered = await withTaskGroup(of: Int.self) { group in
                    for (number, plan) in plans.enumerated() {
                        let task = Task {
                            try await pool.withConnection {
                                // Every tenth one dallies, so that cancellations meet statements that run.
                                try await $0.query("select \(number), sleep(\(number % 10 == 0 ? 0.02 : 0))")
                                    .decode((Int, Int).self).fetchOnly().0
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
                try await server.waitUntilSessions(of: user, areAtMost: held.idle + held.connecting)
                // What was lent back is whole: nothing is left of statements that were ended.
                for _ in 0..<16 {
                    let answer = try await pool.withConnection {
                        try await $0.query("select 7").decode(Int.self).fetchOnly()
                    }
                    #expect(answer == 7)
                }
            }
            try await server.waitUntilSessions(of: user, areAtMost: 0)
        }
    }

    // MARK: Deadlocks

    @Test(arguments: TestServer.running)
    func aDeadlockBetweenTwoTasksIsRetried(server: TestServer) async throws {
        let table = "deadlock_\(UInt32.random(in: 0 ... .max))"
        let meeting = Meeting(of: 2)
        try await server.withPool(PoolConfiguration(maximumConnections: 2)) { pool in
            _ = try await pool.withConnection { connection in
                try await connection.execute(
                    "create table \(unsafe: table) (id int primary key, n int not null) engine = innodb"
                )
                try await connection.execute("insert into \(unsafe: table) values (1, 0), (2, 0)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (first, second) in [(1, 2), (2, 1)] {
                    group.addTask {
                        try await pool.withConnection { connection in
                            try await connection.withTransaction(retry: .standard) { transaction in
                                try await transaction.execute(
                                    "update \(unsafe: table) set n = n + 1 where id = \(first)"
                                )
                                // Each has its own row now, and wants the other's.
                                await meeting.arrive()
                                try await transaction.execute(
                                    "update \(unsafe: table) set n = n + 1 where id = \(second)"
                                )
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let numbers = try await pool.withConnection { connection in
                let numbers = try await connection.query("select n from \(unsafe: table)").decode(Int.self)
                    .fetchAll(limit: 9)
                try await connection.execute("drop table \(unsafe: table)")
                return numbers
            }
            #expect(numbers == [2, 2])
            // Two attempts, and one more of the task that was the victim.
            #expect(await meeting.arrived >= 3)
        }
    }

    @Test(arguments: TestServer.running)
    func transfersThatLockEachOtherOutKeepTheSum(server: TestServer) async throws {
        let table = "accounts_\(UInt32.random(in: 0 ... .max))"
        var generator = SeededGenerator(seed: 5)
        let transfers = (0..<200).map { _ in
            let from = Int.random(in: 1...4, using: &generator)
            return (from: from, to: from % 4 + 1, amount: Int.random(in: 1...50, using: &generator))
        }
        try await server.withPool(PoolConfiguration(maximumConnections: 8)) { pool in
            _ = try await pool.withConnection { connection in
                try await connection.execute(
                    "create table \(unsafe: table) (id int primary key, balance int not null) engine = innodb"
                )
                try await connection.execute("insert into \(unsafe: table) values (1, 0), (2, 0), (3, 0), (4, 0)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for transfer in transfers {
                    group.addTask {
                        try await pool.withConnection { connection in
                            try await connection.withTransaction(retry: RetryPolicy(maximumAttempts: 100)) {
                                try await $0.execute(
                                    "update \(unsafe: table) set balance = balance - \(transfer.amount) where id = \(transfer.from)"
                                )
                                try await $0.execute(
                                    "update \(unsafe: table) set balance = balance + \(transfer.amount) where id = \(transfer.to)"
                                )
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let balances = try await pool.withConnection { connection in
                let balances = try await connection.query("select balance from \(unsafe: table) order by id")
                    .decode(Int.self).fetchAll(limit: 9)
                try await connection.execute("drop table \(unsafe: table)")
                return balances
            }
            let expected = (1...4).map { id in
                transfers.reduce(0) { $0 + ($1.to == id ? $1.amount : 0) - ($1.from == id ? $1.amount : 0) }
            }
            #expect(balances == expected)
        }
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
}
