import Foundation
import Roost
import RoostSQLite
import Synchronization
import Testing

@Suite struct SQLiteExtensionTests {
    func memory() async throws -> SQLiteConnection {
        try await SQLiteDriver().connect(ConnectionConfiguration("sqlite::memory:"))
    }

    @Test func functionsAndCollations() async throws {
        let connection = try await memory()
        try await connection.createFunction("twice", argumentCount: 1) { arguments in
            guard case .int(let number) = arguments.first else {
                throw DatabaseError(.data, .typeMismatch, "twice wants an integer")
            }
            return .int(number * 2)
        }
        #expect(try await connection.query("select twice(21)").decode(Int.self).fetchOnly() == 42)
        let error = await #expect(throws: DatabaseError.self) { try await connection.execute("select twice('x')") }
        #expect(error?.message.contains("wants an integer") == true)
        try await connection.createCollation("by_length") { $0.count - $1.count }
        let texts = try await connection.query(
            "select t from (select 'ccc' as t union all select 'a' union all select 'bb') order by t collate by_length"
        ).decode(String.self).fetchAll(limit: 3)
        #expect(texts == ["a", "bb", "ccc"])
    }

    @Test func backupIsACompleteCopyThatDoesNotOverwrite() async throws {
        let directory = try TemporaryDirectory()
        let connection = try await memory()
        try await connection.execute("create table t (id integer primary key, text text)")
        try await connection.executeMany(
            "insert into t values (?, ?)",
            (1...20_000).map { id -> (Int, String) in (id, "row \(id)") }
        )
        let steps = Atomic<Int>(0)
        let path = directory.file("copy.db")
        try await connection.backup(to: path, pagesPerStep: 10) { _ in steps.add(1, ordering: .relaxed) }
        #expect(steps.load(ordering: .relaxed) > 5)
        let copy = try await SQLiteDriver().connect(ConnectionConfiguration("sqlite:\(path)"))
        #expect(try await copy.query("select count(*) from t").decode(Int.self).fetchOnly() == 20_000)
        #expect(try await copy.integrityProblems().isEmpty)
        await #expect(throws: DatabaseError.self) { try await connection.backup(to: path) }
    }

    @Test func damageIsReported() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("damaged.db")
        let connection = try await SQLiteDriver().connect(
            ConnectionConfiguration("sqlite:\(path)?mode=rwc&journal_mode=delete")
        )
        try await connection.execute("create table t (id integer primary key, text text)")
        try await connection.executeMany(
            "insert into t values (?, ?)",
            (1...5_000).map { id -> (Int, String) in (id, "row \(id)") }
        )
        await connection.close()
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seek(toOffset: 4_096 * 3)
        file.write(Data(repeating: 0xFF, count: 4_096))
        try file.close()
        let damaged = try await SQLiteDriver().connect(ConnectionConfiguration("sqlite:\(path)"))
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await damaged.query("select sum(length(text)) from t").fetchOne()
        }
        #expect(error?.condition == .corrupted)
    }

    @Test func aFullDiskIsAnErrorAndChangesNothing() async throws {
        let directory = try TemporaryDirectory()
        let url = "sqlite:\(directory.file("small.db"))?mode=rwc"
        let connection = try await SQLiteDriver().connect(ConnectionConfiguration(url))
        try await connection.execute("create table t (b blob)")
        // SQLite's own limit raises the same error as a full disk does.
        try await connection.execute("pragma max_page_count = 20")
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.executeMany(
                "insert into t values (?)",
                (0..<100).map { _ in [UInt8](repeating: 1, count: 4_000) }
            )
        }
        #expect(error?.condition == .diskFull)
        #expect(await connection.transactionStatus == .idle)
        #expect(try await connection.query("select count(*) from t").decode(Int.self).fetchOnly() == 0)
    }

    @Test func foreignKeyProblemsAreFound() async throws {
        let connection = try await memory()
        try await connection.execute("pragma foreign_keys = off")
        try await connection.execute("create table p (id integer primary key)")
        try await connection.execute("create table c (id integer primary key, p integer references p)")
        try await connection.execute("insert into c values (1, 99)")
        let problems = try await connection.foreignKeyProblems()
        #expect(problems.map(\.table) == ["c"])
        #expect(problems.first?.rowID == 1)
    }

    @Test func changesAreObserved() async throws {
        let connection = try await memory()
        try await connection.execute("create table t (id integer primary key)")
        let seen = Mutex<[SQLiteRowChange]>([])
        try await connection.observeChanges { change in seen.withLock { $0.append(change) } }
        try await connection.execute("insert into t values (1), (2)")
        try await connection.execute("update t set id = 3 where id = 2")
        try await connection.execute("delete from t where id = 1")
        try await connection.observeChanges(nil)
        try await connection.execute("insert into t values (9)")
        #expect(seen.withLock { $0.map(\.kind) } == [.insert, .insert, .update, .delete])
    }

    @Test func decodesIntoInitializersAndDecodables() async throws {
        struct Customer: Decodable, Equatable {
            var id: Int
            var name: String
            var email: String?
            var tags: [String]?
        }
        let connection = try await memory()
        let sql: Statement = "select 1 as id, 'Ana' as name, null as email, '[\"a\"]' as tags"
        let made = try await connection.query("select 1, 'Ana', null").map(
            { (id: Int, name: String, email: String?) in
                Customer(id: id, name: name, email: email)
            },
            limit: 5
        )
        #expect(made == [Customer(id: 1, name: "Ana")])
        let decoded = try await connection.query(sql).fetchAll(decodable: Customer.self, limit: 5)
        #expect(decoded == [Customer(id: 1, name: "Ana", tags: ["a"])])
        await #expect(throws: DatabaseError.self) {
            _ = try await connection.query("select 'x' as id, 'n' as name").fetchAll(decodable: Customer.self, limit: 1)
        }
    }
}
