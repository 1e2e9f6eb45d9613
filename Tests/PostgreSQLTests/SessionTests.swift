import Roost
import RoostPostgreSQL
import Testing

/// What a session does beside statements: notifications, two-phase commit, time-outs, several tasks at once.
@Suite(.enabled(if: !TestServer.direct.isEmpty)) struct SessionTests {
    @Test(arguments: TestServer.direct)
    func notificationsArriveInOrder(server: TestServer) async throws {
        try await server.withConnection { listener in
            let messages = try await listener.notifications(on: "Roost channel")
            try await server.withConnection { sender in
                for number in 0..<100 { try await sender.notify("Roost channel", payload: "\(number)") }
            }
            var received: [String] = []
            for try await message in messages {
                received.append(message.payload)
                if received.count == 100 { break }
            }
            #expect(received == (0..<100).map(String.init))
        }
    }

    @Test(arguments: TestServer.direct)
    func preparedTransactionsSurviveTheirSession(server: TestServer) async throws {
        let xid = Xid(
            formatID: 7,
            globalTransactionID: "order \(UInt32.random(in: 0 ... .max))",
            branchQualifier: "b'1"
        )
        try await server.withConnection { connection in
            try await connection.execute("create table if not exists two_phase (n integer)")
            try await connection.beginTwoPhase(xid)
            try await connection.execute("insert into two_phase values (1)")
            try await connection.prepareTwoPhase()
        }
        try await server.withConnection { connection in
            #expect(try await connection.recoverTwoPhase().contains(xid))
            try await connection.commitTwoPhase(xid)
            #expect(try await !connection.recoverTwoPhase().contains(xid))
            #expect(try await connection.query("select count(*) from two_phase").decode(Int.self).fetchOnly() == 1)
            try await connection.execute("drop table two_phase")
        }
    }

    @Test(arguments: TestServer.direct)
    func timeOutsEndTheStatementOnTheServer(server: TestServer) async throws {
        try await server.withConnection { connection in
            let error = await #expect(throws: DatabaseError.self) {
                try await connection.execute(
                    "select pg_sleep(60)",
                    options: ExecutionOptions(timeout: .milliseconds(50))
                )
            }
            #expect(error?.condition == .timeout)
            let running = try await connection.query(
                "select count(*) from pg_stat_activity where pid = \(Int(connection.processID)) and query like '%pg_sleep%' and state = 'active' and query not like '%activity%'"
            ).decode(Int.self).fetchOnly()
            #expect(running == 0)
        }
    }

    @Test(arguments: TestServer.running)
    func cancelledTasksNeverDisturbOthers(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        if number % 10 == 0 {
                            let task = Task { try await connection.execute("select pg_sleep(30)") }
                            task.cancel()
                            await #expect(throws: DatabaseError.self) { try await task.value }
                        } else {
                            let value = try await connection.query("select \(number)").decode(Int.self).fetchOnly()
                            #expect(value == number)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await connection.ping()
        }
    }

    @Test(arguments: TestServer.running)
    func aThousandTasksShareEightConnections(server: TestServer) async throws {
        var configuration = try server.configuration()
        configuration.maximumConnections = 8
        let database = try await DriverRegistry([PostgreSQLDriver()]).open(configuration)
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<1_000 {
                group.addTask { try await database.fetchAll("select \(number)", as: Int.self, limit: 1).first ?? -1 }
            }
            return try await group.reduce(0, +)
        }
        #expect(total == 499_500)
        await database.close()
    }

    @Test(arguments: TestServer.running)
    func aPoolFailsFastOnAWrongPassword(server: TestServer) async throws {
        let database = try await DriverRegistry([PostgreSQLDriver()]).open(
            server.configuration { $0.password = Secret("wrong") }
        )
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let error = await #expect(throws: DatabaseError.self) { try await database.execute("select 1") }
                    #expect(error?.condition == .authenticationFailed)
                }
            }
        }
        await database.close()
    }

    @Test(arguments: TestServer.direct)
    func aKilledSessionFailsItsStatementAndThePoolRecovers(server: TestServer) async throws {
        var configuration = try server.configuration()
        configuration.maximumConnections = 2
        let database = try await DriverRegistry([PostgreSQLDriver()]).open(configuration)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.withConnection { connection in
                let process = try await connection.query("select pg_backend_pid()").decode(Int.self).fetchOnly()
                let victim = Task { try await connection.execute("select pg_sleep(60)") }
                try await database.execute("select pg_terminate_backend(\(process))")
                _ = try await victim.value
            }
        }
        #expect(error?.condition == .connectionLost)
        for _ in 0..<10 { try await database.execute("select 1") }
        await database.close()
    }

    @Test(arguments: TestServer.direct)
    func noConnectionIsLeakedByCancelledTasks(server: TestServer) async throws {
        var configuration = try server.configuration { $0.set("application_name", "roost leak test") }
        configuration.maximumConnections = 8
        let database = try await DriverRegistry([PostgreSQLDriver()]).open(configuration)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<1_000 {
                let task = Task { try await database.execute("select pg_sleep(0.001)") }
                if number % 2 == 0 { task.cancel() }
                group.addTask { _ = try? await task.value }
            }
        }
        #expect(try await database.fetchAll("select 1", as: Int.self, limit: 1) == [1])
        await database.close()
        // The server notices closed connections by itself, soon.
        try await server.withConnection { connection in
            var count = -1
            for _ in 0..<200 where count != 0 {
                count = try await connection.query(
                    "select count(*) from pg_stat_activity, pg_sleep(0.01) where application_name = 'roost leak test'"
                ).decode(Int.self).fetchOnly()
            }
            #expect(count == 0)
        }
    }
}
