import Roost
import RoostMySQL
import Testing

/// What servers tell of sessions and statements besides their results.
@Suite(.enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(10))) struct SessionTests {
    @Test(arguments: TestServer.running)
    func warningsAreInTheSummary(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temporary table w (id int primary key, t varchar(3))")
            try await connection.execute("insert into w values (1, 'one')")
            let summary = try await connection.execute(
                "insert ignore into w values (1, \("secret words")), (2, 'too long')"
            )
            #expect(summary.rowsAffected == 1 && summary.warnings.count >= 2)
            #expect(summary.warnings.contains { $0.code == "1062" && $0.severity == "Warning" })
            #expect(!summary.warnings.contains { $0.message.contains("secret") })
            let rows = try await connection.query("select cast('x1' as signed)")
            #expect(try await rows.fetchAll(limit: 9).count == 1)
            #expect(rows.summary.warnings.map(\.code) == ["1292"])
            #expect(try await connection.execute("do 1").warnings.isEmpty)
            // The rows are read in portions, and what is warned of comes at the end.
            let long = try await connection.query(
                """
                with recursive n as (select 1 as id union all select id + 1 from n where id < 60000)
                select id, 'some text to fill the batches', if(id = 59999, cast('x1' as signed), 0) from n
                """
            )
            var count = 0
            while try await long.fetchOne() != nil { count += 1 }
            #expect(count == 60_000 && long.summary.warnings.map(\.code) == ["1292"])
            #expect(try await connection.query("select 1").decode(Int.self).fetchOnly() == 1)
        }
        try await server.withConnection {
            $0.set("warnings", "false")
        } _: { connection in
            let summary = try await connection.execute("select cast('x1' as signed)")
            let warnings = try await connection.lastWarnings()
            #expect(summary.warnings.isEmpty && warnings.map(\.code) == ["1292"])
        }
    }

    /// Whether a session has to be reset is what the server says, not what a statement looks like.
    @Test(arguments: TestServer.running)
    func onlyWhatLeavesSomethingBehindCostsAReset(server: TestServer) async throws {
        try await server.withConnection { connection in
            func isReset(after statement: Statement) async throws -> Bool {
                _ = try await connection.query("select \(1)").fetchAll(limit: 1)
                let before = await connection.statementCacheStatistics.count
                _ = try await connection.execute(statement)
                try await connection.reset()
                let after = await connection.statementCacheStatistics.count
                return after < before
            }
            #expect(try await isReset(after: "set @a = 1"))
            #expect(try await isReset(after: "select 1 into @b"))
            #expect(try await isReset(after: "create temporary table t (a int)"))
            #expect(try await isReset(after: "set time_zone = '+03:00'"))
            #expect(try await isReset(after: "select get_lock('roost-test', 0)"))
            #expect(try await isReset(after: "use information_schema"))
            #expect(try await isReset(after: "select 'get_lock is only mentioned'"))
            #expect(try await !isReset(after: "show tables"))
            #expect(try await !isReset(after: "select 1"))
            try await connection.withTransaction(TransactionOptions(isolation: .serializable)) {
                _ = try await $0.query("select 1").fetchAll(limit: 1)
            }
            #expect(try await !isReset(after: "select 2"))
        }
    }

    @Test(arguments: TestServer.running)
    func theDefaultDatabaseIsKnownAndComesBack(server: TestServer) async throws {
        try await server.withConnection { connection in
            let first = await connection.sessionState.schema
            try await connection.execute("use information_schema")
            let second = await connection.sessionState.schema
            #expect(first == "roost" && second == "information_schema")
            try await connection.reset()
            #expect(try await connection.query("select database()").decode(String.self).fetchOnly() == "roost")
            let third = await connection.sessionState.schema
            #expect(third == "roost")
        }
    }

    @Test(arguments: TestServer.running)
    func whatIsTrackedIsTold(server: TestServer) async throws {
        try await server.withConnection {
            $0.set("session_track", "variables,transactions,gtids")
        } _: { connection in
            try await connection.execute("set max_sort_length = 2000")
            let variables = await connection.sessionState.variables
            #expect(variables["max_sort_length"] == "2000")
            try await connection.withTransaction(.readOnly) { connection in
                _ = try await connection.query("select 1").fetchAll(limit: 1)
                let state = await connection.sessionState
                #expect(state.transactionState?.first == "T")
                #expect(state.transactionCharacteristics?.contains("READ ONLY") == true)
            }
            let state = await connection.sessionState
            #expect(state.transactionState == "________")
        }
        await #expect(throws: DatabaseError.self) {
            try await server.withConnection {
                $0.set("session_track", "everything")
            } _: { _ in
            }
        }
    }

    @Test(arguments: TestServer.running)
    func namedLocks(server: TestServer) async throws {
        let name = "roost lock \(UInt32.random(in: 0 ... .max))"
        try await server.withConnection { one in
            try await server.withConnection {
                $0.set("lock_timeout", "1s")
            } _: { two in
                let inside = try await one.withNamedLock(name) { _ in
                    let missed = try await two.withNamedLock(name, waits: false) { _ in true }
                    #expect(missed == nil)
                    do {
                        _ = try await two.withNamedLock(name) { _ in true }
                        Issue.record("two held the lock")
                    } catch let error as DatabaseError {
                        #expect(error.condition == .lockTimeout)
                    }
                    return 5
                }
                #expect(inside == 5)
                #expect(try await two.withNamedLock(name, waits: false) { _ in 6 } == 6)
                struct Failure: Error {}
                await #expect(throws: Failure.self) { try await one.withNamedLock(name) { _ in throw Failure() } }
                #expect(try await two.withNamedLock(name, waits: false) { _ in 7 } == 7)
            }
        }
    }

    @Test(arguments: TestServer.running)
    func aSnapshotIsOfTheMomentItBegins(server: TestServer) async throws {
        let table = "snapshot\(UInt32.random(in: 0 ... .max))"
        try await server.withConnection { one in
            try await one.execute("create table \(identifier: table) (id int primary key) engine = innodb")
            try await server.withConnection { two in
                try await one.withConsistentSnapshot { one in
                    try await two.execute("insert into \(identifier: table) values (1)")
                    #expect(
                        try await one.query("select count(*) from \(identifier: table)").decode(Int.self).fetchOnly()
                            == 0
                    )
                    await #expect(throws: DatabaseError.self) {
                        try await one.execute("insert into \(identifier: table) values (2)")
                    }
                }
            }
            #expect(try await one.query("select count(*) from \(identifier: table)").decode(Int.self).fetchOnly() == 1)
            try await one.execute("drop table \(identifier: table)")
        }
    }
}
