import InMemoryTracing
import Logging
import MetricsTestKit
import Roost
import RoostObservability
import RoostSQLite
import Testing
import Tracing

struct TelemetryTests {
    private let metrics = TestMetrics()
    private let tracer = InMemoryTracer()
    private let log = CapturedLog()

    private func open(_ change: (inout ConnectionConfiguration) -> Void = { _ in }) async throws -> Database {
        var configuration = try ConnectionConfiguration("sqlite::memory:", logger: log.logger)
        configuration.observer = DatabaseTelemetry(poolName: "shop", metrics: metrics, tracer: tracer)
        change(&configuration)
        return try await DriverRegistry([SQLiteDriver()]).open(configuration)
    }

    private func labels(_ dimensions: [(String, String)]) -> [String: String] {
        Dictionary(dimensions, uniquingKeysWith: { first, _ in first })
    }

    @Test func statementsAreTimedByWhatTheyAre() async throws {
        let database = try await open()
        try await database.execute("create table customer (id integer primary key, name text)")
        for name in ["Ada", "Grace"] {
            try await database.execute("insert into customer (name) values (\(name))")
        }
        let names = try await database.fetchAll("select name from customer", as: String.self, limit: 10)
        #expect(names.count == 2)
        await database.close()

        let durations = metrics.recorders.filter { $0.label == "db.client.operation.duration" }
        let inserts = try #require(
            durations.first { labels($0.dimensions)["db.query.summary"] == "INSERT customer" }
        )
        #expect(inserts.values.count == 2)
        #expect(inserts.values.allSatisfy { $0 > 0 && $0 < 60 })
        #expect(labels(inserts.dimensions)["db.system.name"] == "sqlite")
        #expect(labels(inserts.dimensions)["db.operation.name"] == "INSERT")
        let rows = try #require(
            metrics.recorders.first {
                $0.label == "db.client.response.returned_rows"
                    && labels($0.dimensions)["db.operation.name"] == "SELECT"
            }
        )
        #expect(rows.values == [2])
        let all = metrics.recorders.flatMap(\.dimensions).map(\.1)
        #expect(!all.contains { $0.contains("Ada") || $0.contains("Grace") })
    }

    @Test func errorsAreCountedByCondition() async throws {
        let database = try await open()
        try await database.execute("create table t (id integer primary key)")
        try await database.execute("insert into t values (1)")
        for _ in 0..<3 {
            await #expect(throws: DatabaseError.self) { try await database.execute("insert into t values (\(1))") }
        }
        await database.close()
        let errors = try #require(
            metrics.counters.first {
                $0.label == "roost.errors" && labels($0.dimensions)["error.type"] == "uniqueViolation"
            }
        )
        #expect(errors.totalValue == 3)
        let span = try #require(tracer.finishedSpans.last)
        #expect(span.status?.code == .error)
        #expect(span.status?.message == "uniqueViolation")
    }

    @Test func spansHoldNoLiteralsAndKnowWhoAsked() async throws {
        let database = try await open()
        let line = #line + 1
        try await database.query("select 'secret' as a, 42 as b") { _ = try await $0.fetchAll(limit: 2) }
        await database.close()
        let span = try #require(tracer.finishedSpans.last)
        #expect(span.operationName == "SELECT")
        #expect(span.kind == .client)
        #expect(span.attributes.get("db.query.text") == .string("select ? as a, ? as b"))
        #expect(span.attributes.get("db.response.returned_rows") == .int64(1))
        #expect(span.attributes.get("code.line.number") == .int64(Int64(line)))
    }

    @Test func aResultThatIsLeftEarlyEndsItsSpan() async throws {
        let database = try await open()
        try await database.query(
            "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n",
            options: ExecutionOptions(batchBytes: 256)
        ) { rows in _ = try await rows.fetchMany(3) }
        await database.close()
        #expect(tracer.finishedSpans.count == 1)
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test func thePoolIsMeasured() async throws {
        let database = try await open { $0.poolTimeout = .milliseconds(20) }
        try await database.withConnection { _ in
            _ = await #expect(throws: DatabaseError.self) { try await database.withConnection { _ in } }
        }
        await database.close()
        let timeouts = try #require(metrics.counters.first { $0.label == "db.client.connection.timeouts" })
        #expect(timeouts.totalValue == 1)
        #expect(labels(timeouts.dimensions)["db.client.connection.pool.name"] == "shop")
        #expect(metrics.recorders.contains { $0.label == "db.client.connection.wait_time" && !$0.values.isEmpty })
        let closed = metrics.counters.filter { $0.label == "roost.connections.closed" }
        #expect(closed.map { labels($0.dimensions)["roost.close.reason"] } == ["shutdown"])
    }

    @Test func labelsStayFewHoweverManyStatements() async throws {
        let database = try await open {
            $0.observer = DatabaseTelemetry(maximumStatements: 5, metrics: metrics, tracer: nil)
        }
        for number in 0..<50 { try await database.execute("select 1 as \(identifier: "c\(number)")") }
        await database.close()
        let durations = metrics.recorders.filter { $0.label == "db.client.operation.duration" }
        #expect(durations.count == 6)
        #expect(durations.contains { labels($0.dimensions)["db.query.summary"] == "other" && $0.values.count == 45 })
    }

    @Test func slowStatementsAreLoggedWithoutValues() async throws {
        let database = try await open { $0.slowQueryThreshold = .zero }
        try await database.execute("select \("secret"), 'literal'")
        await database.close()
        let entry = try #require(log.warnings.first)
        #expect(entry.message == "slow statement")
        #expect(entry.metadata["statement"] == "select ?")
        #expect(entry.metadata["milliseconds"] != nil)
        #expect("\(entry.metadata["place"] ?? "")".contains("TelemetryTests.swift"))
    }

    @Test func retriesAreCounted() async throws {
        let database = try await open()
        let attempts = Locked(0)
        try await database.withTransaction(retry: RetryPolicy(maximumAttempts: 3, initialDelay: .zero)) { _ in
            if attempts.withLock({
                $0 += 1; return $0
            }) < 3 {
                throw DatabaseError(.operational, .deadlock, "again")
            }
        }
        await database.close()
        let retries = try #require(metrics.counters.first { $0.label == "roost.transaction.retries" })
        #expect(retries.totalValue == 2)
        #expect(labels(retries.dimensions)["error.type"] == "deadlock")
    }
}
