import Logging
import Roost
import RoostSQLite
import Testing

/// Guards that fail, as tests use them, and guards that report, as servers do.
struct GuardTests {
    private let log = CapturedLog()

    private func open(_ guards: RuntimeGuards) async throws -> Database {
        var configuration = try ConnectionConfiguration("sqlite::memory:", logger: log.logger)
        configuration.guards = guards
        return try await DriverRegistry([SQLiteDriver()]).open(configuration)
    }

    @Test func askingOnceARowFails() async throws {
        let database = try await open(RuntimeGuards(reaction: .fail, repeatedStatements: 10))
        let error = await #expect(throws: DatabaseError.self) {
            try await database.withConnection { connection in
                for id in 0..<20 { try await connection.execute("select \(id)") }
            }
        }
        #expect(error?.condition == .guardViolation)
        #expect(error?.message.contains("GuardTests.swift") == true)
        #expect(error?.message.contains("select ?") == true)
        // A scope of its own each time is no loop over rows.
        for id in 0..<20 { try await database.execute("select \(id)") }
        await database.close()
    }

    @Test func aReportIsNoErrorAndSaidOnce() async throws {
        let database = try await open(RuntimeGuards(repeatedStatements: 10))
        try await database.withConnection { connection in
            for id in 0..<30 { try await connection.execute("select \(id)") }
        }
        await database.close()
        #expect(log.warnings.map { $0.metadata["kind"] } == ["repeated_statement"])
    }

    @Test func aTransactionLeftOpenFails() async throws {
        let database = try await open(.strict)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.withConnection { try await $0.begin() }
        }
        #expect(error?.condition == .guardViolation)
        #expect(error?.message.contains("GuardTests.swift") == true)
        _ = try await database.withTransaction { try await $0.execute("select 1") }
        await database.close()
    }

    @Test func anUnboundedFetchOfManyRowsFails() async throws {
        let database = try await open(RuntimeGuards(reaction: .fail, unboundedRows: 100))
        let many: Statement =
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 200) select i from n"
        let error = await #expect(throws: DatabaseError.self) {
            try await database.fetchAll(many, as: Int.self, limit: .unbounded)
        }
        #expect(error?.condition == .guardViolation)
        #expect(try await database.fetchAll(many, as: Int.self, limit: 200).count == 200)
        await database.close()
    }

    @Test func aLongTransactionFailsAndTheErrorOfItsBodyWins() async throws {
        let database = try await open(RuntimeGuards(reaction: .fail, transactionDuration: .zero))
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await database.withTransaction { try await $0.execute("select 1") }
        }
        #expect(error?.condition == .guardViolation)
        let other = await #expect(throws: DatabaseError.self) {
            try await database.withTransaction { try await $0.execute("select from nowhere") }
        }
        #expect(other?.condition == .syntaxError)
        await database.close()
    }
}
