import Foundation
import Roost
import Testing

@testable import RoostSQLite

@Suite struct SQLiteConnectionTests {
    func memory() async throws -> SQLiteConnection {
        try await SQLiteDriver().connect(ConnectionConfiguration("sqlite::memory:"))
    }

    @Test func decodesTuplesAndNull() async throws {
        let connection = try await memory()
        let rows = try await connection.query("select 1, 'a', null, 2.5")
        let all = try await rows.decode((Int, String, Int?, Double).self).fetchAll(limit: 10)
        #expect(all.count == 1)
        #expect(all[0] == (1, "a", nil, 2.5))
    }

    @Test func anInjectionStaysData() async throws {
        let connection = try await memory()
        try await connection.execute("create table customer (name text)")
        let hostile = "x'); drop table customer; --"
        try await connection.execute("insert into customer values (\(hostile))")
        let names = try await connection.query("select name from customer").decode(String.self).fetchAll(limit: 2)
        #expect(names == [hostile])
    }

    @Test func streamsManyRows() async throws {
        let connection = try await memory()
        let rows = try await connection.query(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) select i, 'row ' || i from n"
        )
        var sum = 0
        for try await (number, text) in rows.decode((Int, String).self) {
            sum += number
            #expect(text.hasPrefix("row "))
        }
        #expect(sum == 100_000 * 100_001 / 2)
    }

    @Test func wrongTypesNameTheColumn() async throws {
        let connection = try await memory()
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await connection.query("select 'x' as price").decode(Int.self).fetchOne()
        }
        #expect(error?.condition == .typeMismatch)
        #expect(error?.column == "price")
        let null = await #expect(throws: DatabaseError.self) {
            _ = try await connection.query("select null as price").decode(Int.self).fetchOne()
        }
        #expect(null?.condition == .unexpectedNull)
        let missing = await #expect(throws: DatabaseError.self) {
            _ = try await connection.query("select 1").decode((Int, Int).self).fetchOne()
        }
        #expect(missing?.condition == .missingColumn)
    }

    @Test func constraintViolationsNameTheirSubject() async throws {
        let connection = try await memory()
        try await connection.execute("create table parent (id integer primary key)")
        try await connection.execute(
            "create table t (id integer primary key, code text unique, n integer not null check (n > 0), p references parent)"
        )
        try await connection.execute("insert into t values (1, 'a', 1, null)")
        func condition(_ statement: Statement) async -> DatabaseError? {
            do {
                try await connection.execute(statement)
                return nil
            } catch { return error }
        }
        let unique = await condition("insert into t values (2, 'a', 1, null)")
        #expect(unique?.condition == .uniqueViolation)
        #expect(unique?.table == "t")
        #expect(unique?.column == "code")
        #expect(unique?.sqlState == "23505")
        #expect(await condition("insert into t values (3, 'c', null, null)")?.condition == .notNullViolation)
        #expect(await condition("insert into t values (3, 'c', 0, null)")?.condition == .checkViolation)
        #expect(await condition("insert into t values (3, 'c', 1, 99)")?.condition == .foreignKeyViolation)
        #expect(await condition("selct 1")?.position == 1)
        #expect(await condition("select * from nosuch")?.condition == .undefinedTable)
        #expect(await condition("select \"nosuch\" from t")?.condition == .undefinedColumn)
        #expect(await condition("select 1; drop table t")?.condition == .invalidStatement)
        #expect(await condition("select ?")?.condition == .parameterMismatch)
    }

    @Test func transactionsNestAndSurviveErrors() async throws {
        let connection = try await memory()
        try await connection.execute("create table t (id integer primary key)")
        struct Refusal: Error {}
        try await connection.withTransaction { connection in
            try await connection.execute("insert into t values (1)")
            await #expect(throws: Refusal.self) {
                try await connection.withTransaction { connection in
                    try await connection.execute("insert into t values (2)")
                    throw Refusal()
                }
            }
            await #expect(throws: DatabaseError.self) { try await connection.execute("insert into t values (1)") }
            try await connection.execute("insert into t values (3)")
        }
        await #expect(throws: Refusal.self) {
            try await connection.withTransaction { connection in
                try await connection.execute("insert into t values (4)")
                throw Refusal()
            }
        }
        let ids = try await connection.query("select id from t order by id").decode(Int.self).fetchAll(limit: 9)
        #expect(ids == [1, 3])
        #expect(await connection.transactionStatus == .idle)
    }

    @Test func readOnlyTransactionsRefuseWrites() async throws {
        let connection = try await memory()
        try await connection.execute("create table t (id integer)")
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.withTransaction(.readOnly) { try await $0.execute("insert into t values (1)") }
        }
        #expect(error?.condition == .readOnly)
        try await connection.execute("insert into t values (2)")
    }

    @Test func executeManyIsAllOrNothing() async throws {
        let connection = try await memory()
        try await connection.execute("create table t (id integer primary key, name text, at timestamp)")
        let now = Instant(Date())
        let rows = (1...5_000).map { id -> (Int, String?, Instant) in (id, id % 3 == 0 ? nil : "name \(id)", now) }
        let summary = try await connection.executeMany("insert into t values (?, ?, ?)", rows)
        #expect(summary.rowsAffected == 5_000)
        #expect(summary.lastInsertID == .int(5_000))
        await #expect(throws: DatabaseError.self) {
            try await connection.executeMany("insert into t (id) values (?)", Array(5_001...6_000) + [1])
        }
        let (count, nulls) = try await connection.query("select count(*), count(*) filter (where name is null) from t")
            .decode((Int, Int).self).fetchOnly()
        #expect(count == 5_000)
        #expect(nulls == 1_666)
        let at = try await connection.query("select at from t limit 1").decode(Instant.self).fetchOnly()
        #expect(at == now)
    }

    @Test func cancellationEndsTheStatement() async throws {
        let connection = try await memory()
        let endless: Statement =
            "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
        let task = Task { try await connection.execute(endless) }
        task.cancel()
        let result = await task.result
        #expect(throws: DatabaseError.self) { try result.get() }
        try await connection.execute("select 1")
    }

    @Test func timeoutsEndTheStatement() async throws {
        let connection = try await memory()
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.execute(
                "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
                options: ExecutionOptions(timeout: .milliseconds(20))
            )
        }
        #expect(error?.condition == .timeout)
    }

    @Test func aLockedDatabaseIsAnErrorOfItsOwn() async throws {
        let directory = try TemporaryDirectory()
        let url = "sqlite:\(directory.file("a.db"))?mode=rwc&lock_timeout=30ms"
        let first = try await SQLiteDriver().connect(ConnectionConfiguration(url))
        let second = try await SQLiteDriver().connect(ConnectionConfiguration(url))
        try await first.begin()
        let error = await #expect(throws: DatabaseError.self) { try await second.begin() }
        #expect(error?.condition == .lockTimeout)
        #expect(error?.isRetryable == true)
        try await first.rollback()
        try await second.begin()
        try await second.commit()
    }

    @Test func badFilesEachHaveTheirOwnError() async throws {
        let directory = try TemporaryDirectory()
        func condition(_ url: String) async -> DatabaseError? {
            do {
                _ = try await SQLiteDriver().connect(ConnectionConfiguration(url))
                return nil
            } catch { return error }
        }
        let missing = await condition("sqlite:\(directory.file("missing.db"))")
        #expect(missing?.condition == .cannotConnect)
        #expect(missing?.message.contains("does not exist") == true)
        #expect(await condition("sqlite:\(directory.path)")?.message.contains("directory") == true)
        let text = directory.file("text.db")
        try String(repeating: "not a database at all. ", count: 100).write(
            toFile: text,
            atomically: true,
            encoding: .utf8
        )
        #expect(await condition("sqlite:\(text)")?.condition == .notADatabase)
        #expect(await condition("sqlite:\(text)?mode=nonsense")?.condition == .invalidConfiguration)
    }

    @Test func closedConnectionsSaySo() async throws {
        let connection = try await memory()
        await connection.close()
        await connection.close()
        let error = await #expect(throws: DatabaseError.self) { try await connection.execute("select 1") }
        #expect(error?.condition == .connectionClosed)
    }

    @Test func preparedAgainAfterDDL() async throws {
        let connection = try await memory()
        try await connection.execute("create table t (a)")
        try await connection.execute("insert into t values (1)")
        #expect(try await connection.query("select * from t").columns.names == ["a"])
        try await connection.execute("alter table t add column b default 2")
        let rows = try await connection.query("select * from t")
        #expect(rows.columns.names == ["a", "b"])
        #expect(try await rows.decode((Int, Int).self).fetchOnly() == (1, 2))
    }

    @Test func aDatabaseServesManyTasksWithAWriterAndReaders() async throws {
        let directory = try TemporaryDirectory()
        let configuration = try ConnectionConfiguration("sqlite:\(directory.file("a.db"))?mode=rwc&pool_size=4")
        let database = try await DriverRegistry([SQLiteDriver()]).open(configuration)
        try await database.execute("create table t (n integer)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                group.addTask {
                    for step in 0..<20 {
                        try await database.withTransaction { connection in
                            _ = try await connection.execute("insert into t values (\(task * 100 + step))")
                        }
                        _ = try await database.fetchAll("select count(*) from t", as: Int.self, limit: 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.fetchAll("select count(*) from t", as: Int.self, limit: 1) == [320])
        await database.close()
    }

    @Test func runsOnTheConnectionsOwnThread() async throws {
        let connection = try await memory()
        let sum = try await connection.run { connection in
            var sum = 0
            for number in 1...100 {
                sum += try await connection.query("select \(number)").decode(Int.self).fetchOnly()
            }
            return sum
        }
        #expect(sum == 5_050)
    }

    @Test func anUnreadResultStandsInNobodysWay() async throws {
        let connection = try await memory()
        try await connection.execute("create table t (n integer)")
        try await connection.executeMany("insert into t values (?)", 1...10_000)
        for _ in 0..<50 {
            try await connection.execute("create index i on t (n)")
            let results = try await connection.query("select * from t")
            _ = try await results.fetchOne()
            results.close()
            // SQLite refuses to drop an index of a table that is being read.
            try await connection.execute("drop index i")
        }
    }

    @Test func aRefusedThreadIsAnError() {
        let error = #expect(throws: DatabaseError.self) {
            _ = try SQLiteExecutor(name: "too large", stackSize: 1 << 46)
        }
        #expect(error?.condition == .cannotConnect)
        #expect(error?.hint?.contains("threads") == true)
    }
}
