import Roost
import RoostMySQL
import Testing

/// Statements, their results and their errors, as these servers do them.
@Suite(.enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(10))) struct StatementTests {
    /// However many statements run, the server keeps no more than the cache does.
    @Test(arguments: TestServer.running)
    func statementChurnLeavesTheCacheSize(server: TestServer) async throws {
        try await server.withConnection {
            $0.set("statement_cache_size", "50")
        } _: { connection in
            for number in 0..<2_000 {
                _ = try await connection.query("select \(unsafe: "\(number)") + \(1)").fetchAll(limit: 1)
            }
            let open = try await connection.query(
                """
                select count(*) from performance_schema.prepared_statements_instances i
                join performance_schema.threads t on t.thread_id = i.owner_thread_id where t.processlist_id = connection_id()
                """
            ).decode(Int.self).fetchOnly()
            #expect(open <= 51)
        }
    }

    @Test(arguments: TestServer.running)
    func proceduresReturnResultsAndOutParameters(server: TestServer) async throws {
        let name = "p\(UInt32.random(in: 0 ... .max))"
        try await server.withConnection { connection in
            try await connection.execute(
                """
                create procedure \(identifier: name)(in a int, out b int, inout c int)
                begin
                    select a as first; select a + 1 as second, 'x' as text; set b = a * 2; set c = c + a;
                end
                """
            )
            let results = try await connection.call(name, [.int(5), .int(0), .int(100)])
            #expect(try await results.fetchOne()?.decode("first", as: Int.self) == 5)
            #expect(try await results.nextResultSet())
            #expect(results.columns.map(\.name) == ["second", "text"])
            #expect(try await results.fetchOne()?.decode(0, as: Int.self) == 6)
            #expect(try await results.nextResultSet())
            let out = try await results.fetchOne()?.decode((Int, Int).self)
            #expect(out?.0 == 10 && out?.1 == 105)
            #expect(try await !results.nextResultSet())
            #expect(try await connection.query("select 1").decode(Int.self).fetchOnly() == 1)
            try await connection.execute("drop procedure \(identifier: name)")
        }
    }

    @Test(arguments: TestServer.running)
    func aResultThatIsLeftEarlyLeavesTheConnectionUsable(server: TestServer) async throws {
        try await server.withConnection { connection in
            for _ in 0..<3 {
                let results = try await connection.query(
                    "select 1 from information_schema.collations a, information_schema.collations b, information_schema.collations c"
                )
                _ = try await results.fetchOne()
                results.close()
                #expect(try await connection.query("select 1").decode(Int.self).fetchOnly() == 1)
            }
        }
    }

    @Test(arguments: TestServer.running)
    func timeOutsEndTheStatementOnTheServer(server: TestServer) async throws {
        try await server.withConnection { connection in
            do {
                _ = try await connection.query(
                    "select sleep(1000), \(1)",
                    options: ExecutionOptions(timeout: .milliseconds(50))
                )
                .fetchAll(limit: 9)
                Issue.record("it slept")
            } catch let error as DatabaseError {
                #expect(error.condition == .timeout)
            }
            // It sleeps no more: the next one is answered.
            #expect(try await connection.query("select 1").decode(Int.self).fetchOnly() == 1)
        }
    }

    @Test(arguments: TestServer.running)
    func cancelledTasksNeverDisturbOthers(server: TestServer) async throws {
        try await server.withConnection { connection in
            for round in 0..<30 {
                let task = Task { try await connection.query("select sleep(1000)").fetchAll(limit: 1) }
                if round % 3 > 0 { await Task.yield() }
                if round % 3 > 1 { connection.cancel() }
                task.cancel()
                await #expect(throws: DatabaseError.self) { _ = try await task.value }
                let found = try await connection.query("select \(round)").decode(Int.self).fetchOnly()
                #expect(found == round)
            }
        }
    }

    /// The server undoes the whole transaction; nothing of what follows must run outside of one.
    @Test(arguments: TestServer.running)
    func aDeadlockEndsTheTransaction(server: TestServer) async throws {
        let table = "deadlock\(UInt32.random(in: 0 ... .max))"
        try await server.withConnection { connection in
            try await connection.execute("create table \(identifier: table) (id int primary key, n int)")
            try await connection.execute("insert into \(identifier: table) values (1, 0), (2, 0)")
        }
        func add(_ connection: MySQLConnection, _ first: Int, _ second: Int) async throws {
            try await connection.withTransaction(retry: RetryPolicy(maximumAttempts: 50)) { connection in
                try await connection.execute("update \(identifier: table) set n = n + 1 where id = \(first)")
                await Task.yield()
                try await connection.execute("update \(identifier: table) set n = n + 1 where id = \(second)")
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    try await server.withConnection { connection in
                        for _ in 0..<25 { try await add(connection, worker % 2 + 1, 2 - worker % 2) }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await server.withConnection { connection in
            #expect(
                try await connection.query("select sum(n) from \(identifier: table)").decode(Int.self).fetchOnly()
                    == 200
            )
            try await connection.execute("drop table \(identifier: table)")
        }
    }

    @Test(arguments: TestServer.running)
    func aKilledConnectionFailsAndThePoolRecovers(server: TestServer) async throws {
        let database = try await DriverRegistry([MySQLDriver(server.flavour)]).open(server.configuration())
        try await server.withConnection { other in
            for _ in 0..<5 {
                let id = try await database.withConnection {
                    try await $0.query("select connection_id()").decode(Int.self).fetchOnly()
                }
                try await other.execute("kill \(unsafe: "\(id)")")
                let task = Task { try await database.fetchAll("select 1", as: Int.self, limit: 1) }
                // The first one may meet the killed connection; the next one does not.
                if let found = try? await task.value { #expect(found == [1]) }
                #expect(try await database.fetchAll("select 1", as: Int.self, limit: 1) == [1])
            }
        }
        await database.close()
    }

    /// The pool hands out sessions as they were when they were opened.
    @Test(arguments: TestServer.running)
    func whatASessionWasSetToIsForgotten(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("set @a = 5, time_zone = '+05:00', sql_mode = ''")
            try await connection.execute("create temporary table left_behind (a int)")
            try await connection.reset()
            let row = try await connection.query("select @a, @@time_zone, @@sql_mode like '%STRICT%'").decode(
                (String?, String, Bool).self
            ).fetchOnly()
            #expect(row == (nil, "+00:00", true))
            await #expect(throws: DatabaseError.self) { _ = try await connection.execute("select * from left_behind") }
        }
    }

    @Test(arguments: TestServer.running)
    func aStatementOutlivesAChangeOfItsTable(server: TestServer) async throws {
        let table = "changed\(UInt32.random(in: 0 ... .max))"
        try await server.withConnection { connection in
            try await connection.execute("create table \(identifier: table) (a int)")
            try await connection.execute("insert into \(identifier: table) values (1)")
            let statement: Statement = "select * from \(identifier: table) where 1 = \(1)"
            #expect(try await connection.query(statement).columns.count == 1)
            _ = try await server.withConnection {
                try await $0.execute("alter table \(identifier: table) add b varchar(10) default 'x', modify a bigint")
            }
            let row = try await connection.query(statement).decode((Int, String).self).fetchOnly()
            #expect(row == (1, "x"))
            _ = try await server.withConnection { try await $0.execute("alter table \(identifier: table) drop b") }
            #expect(try await connection.query(statement).decode(Int.self).fetchOnly() == 1)
            try await connection.execute("drop table \(identifier: table)")
        }
    }

    @Test(arguments: TestServer.running)
    func errorsSayWhatAndWhere(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute(
                "create temporary table e (id int primary key, code varchar(5) not null, n tinyint, unique key by_code (code))"
            )
            try await connection.execute("insert into e values (1, 'one', 1)")
            func error(_ statement: Statement) async -> DatabaseError? {
                do throws(DatabaseError) { _ = try await connection.execute(statement) } catch { return error }
                return nil
            }
            let duplicate = await error("insert into e values (2, 'one', 1)")
            #expect(duplicate?.condition == .uniqueViolation && duplicate?.constraint == "by_code")
            #expect(duplicate.map { "\($0)".contains("one") } == false)
            let long = await error("insert into e values (3, \("secret words"), 1)")
            #expect(long?.condition == .valueTooLong && long?.column == "code")
            let range = await error("insert into e values (4, 'four', \(1_000))")
            #expect(range?.condition == .valueOutOfRange && range?.column == "n")
            #expect(await error("insert into e (id) values (5)")?.condition == .notNullViolation)
            #expect(await error("select * from e where nosuch = 1")?.condition == .undefinedColumn)
            #expect(await error("kill 999999999")?.category == .programming)
        }
    }
}
