import Roost
import RoostConnectionPool
import RoostSQLite
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The pool with real connections, to databases in memory: what state machine tests cannot show.
struct ConnectionPoolTests {
    /// Opens connections, and can be told to fail.
    private final class Opener: Sendable {
        struct State {
            var opened: [SQLiteConnection] = []
            var failures: [DatabaseError] = []
        }
        let state = Locked(State())

        func open() async throws(DatabaseError) -> SQLiteConnection {
            if let failure = state.withLock({ $0.failures.popLast() }) { throw failure }
            let configuration = try SQLiteConfiguration(try ConnectionConfiguration("sqlite::memory:"))
            let connection = try await SQLiteConnection.open(configuration)
            state.withLock { $0.opened.append(connection) }
            return connection
        }

        var stillOpen: Int {
            get async {
                var count = 0
                for connection in state.withLock(\.opened) where await !connection.isClosed { count += 1 }
                return count
            }
        }
    }

    private func pool(
        _ opener: Opener,
        maximum: Int = 4,
        _ change: (inout PoolConfiguration) -> Void = { _ in }
    ) throws -> ConnectionPool<SQLiteConnection> {
        var configuration = PoolConfiguration(maximumConnections: maximum)
        configuration.acquireTimeout = .seconds(300)
        configuration.initialBackoff = .milliseconds(1)
        configuration.maximumBackoff = .milliseconds(2)
        change(&configuration)
        return try ConnectionPool(configuration) { () async throws(DatabaseError) in try await opener.open() }
    }

    @Test func manyTasksShareFewConnections() async throws {
        let opener = Opener()
        let pool = try pool(opener)
        async let running: Void = pool.run()
        let busy = Locked((now: 0, most: 0))
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<500 {
                group.addTask {
                    try await pool.withConnection { connection in
                        busy.withLock {
                            $0.now += 1; $0.most = max($0.most, $0.now)
                        }
                        defer { busy.withLock { $0.now -= 1 } }
                        return try await connection.query("select \(number)").decode(Int.self).fetchOnly()
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(total == 124_750)
        #expect(busy.withLock(\.most) <= 4)
        #expect(pool.statistics.opened <= 4)
        #expect(pool.statistics.inUse == 0 && pool.statistics.waiting == 0)
        pool.close()
        await running
        #expect(await opener.stillOpen == 0)
    }

    @Test func tasksCancelledAtAnyMomentLeakNothing() async throws {
        let opener = Opener()
        let pool = try pool(opener, maximum: 2)
        async let running: Void = pool.run()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let task = Task {
                        try await pool.withConnection { connection in
                            try await connection.query("select \(number)").decode(Int.self).fetchOnly()
                        }
                    }
                    for _ in 0..<(number % 7) { await Task.yield() }
                    if number % 3 != 0 { task.cancel() }
                    if let value = try? await task.value { #expect(value == number) }
                }
            }
        }
        #expect(pool.statistics.inUse == 0 && pool.statistics.waiting == 0)
        #expect(try await pool.withConnection { try await $0.query("select 7").decode(Int.self).fetchOnly() } == 7)
        pool.close()
        await running
        #expect(await opener.stillOpen == 0)
    }

    @Test func closingEndsRunOnceTheLastIsBack() async throws {
        let opener = Opener()
        let pool = try pool(opener)
        async let running: Void = pool.run()
        let lent = try await pool.acquire()
        pool.close()
        let error = await #expect(throws: DatabaseError.self) { _ = try await pool.acquire() }
        #expect(error?.condition == .connectionClosed)
        #expect(try await lent.query("select 1").decode(Int.self).fetchOnly() == 1)
        await pool.release(lent)
        await running
        #expect(await opener.stillOpen == 0)
    }

    @Test func whatComesBackAfterRunWasCancelledIsClosed() async throws {
        let opener = Opener()
        let pool = try pool(opener)
        let running = Task { await pool.run() }
        let lent = try await pool.acquire()
        let other = try await pool.acquire()
        await pool.release(other)
        running.cancel()
        await running.value
        #expect(await other.isClosed)
        #expect(await !lent.isClosed)
        await pool.release(lent)
        #expect(await lent.isClosed)
    }

    @Test func drainingWaitsForWhatIsLent() async throws {
        let opener = Opener()
        let pool = try pool(opener)
        async let running: Void = pool.run()
        let lent = try await pool.acquire()
        async let drained: Void = pool.drain()
        await #expect(throws: DatabaseError.self) {
            while true { await pool.release(try await pool.acquire()) }
        }
        await pool.release(lent)
        await drained
        await running
        #expect(await opener.stillOpen == 0)
    }

    @Test func failuresThatPassArePassedOver() async throws {
        let opener = Opener()
        opener.state.withLock {
            $0.failures = Array(repeating: DatabaseError(.operational, .cannotConnect, "not yet"), count: 5)
        }
        let pool = try pool(opener)
        async let running: Void = pool.run()
        #expect(try await pool.withConnection { try await $0.query("select 1").decode(Int.self).fetchOnly() } == 1)
        #expect(pool.statistics.failedToOpen == 5)
        pool.close()
        await running
    }

    @Test func failuresForGoodReachEveryWaiterAtOnce() async throws {
        let opener = Opener()
        opener.state.withLock {
            $0.failures = Array(
                repeating: DatabaseError(.operational, .authenticationFailed, "wrong password"),
                count: 1_000
            )
        }
        let pool = try pool(opener)
        async let running: Void = pool.run()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let error = await #expect(throws: DatabaseError.self) { _ = try await pool.acquire() }
                    #expect(error?.condition == .authenticationFailed)
                }
            }
        }
        pool.close()
        await running
    }

    @Test func aBrokenConnectionIsReplaced() async throws {
        let opener = Opener()
        let pool = try pool(opener, maximum: 1)
        async let running: Void = pool.run()
        try await pool.withConnection { await $0.close() }
        #expect(try await pool.withConnection { try await $0.query("select 1").decode(Int.self).fetchOnly() } == 1)
        #expect(pool.statistics.opened == 2)
        #expect(pool.statistics.closed[.broken] == 1)
        pool.close()
        await running
    }

    @Test func pausingHoldsBackAndResumingServes() async throws {
        let opener = Opener()
        let pool = try pool(opener)
        async let running: Void = pool.run()
        pool.pause()
        let task = Task {
            try await pool.withConnection { try await $0.query("select 5").decode(Int.self).fetchOnly() }
        }
        while pool.statistics.waiting == 0 { await Task.yield() }
        #expect(pool.statistics.inUse == 0)
        pool.resume()
        #expect(try await task.value == 5)
        pool.close()
        await running
    }

    private static func thisThread() -> String { String(describing: pthread_self()) }

    @Test func whoWaitedGoesOnWhereTheConnectionWorks() async throws {
        let opener = Opener()
        let pool = try pool(opener, maximum: 1)
        async let running: Void = pool.run()
        let lent = try await pool.acquire()
        let thread = await lent.run { _ in Self.thisThread() }
        let (served, late) = (Task { try await pool.withConnection { _ in Self.thisThread() } }, Locked(false))
        while pool.statistics.waiting == 0 { await Task.yield() }
        let cancelled = Task {
            defer { late.withLock { $0 = Self.thisThread() == thread } }
            _ = try await pool.withConnection { _ in Issue.record("lent to a task that was cancelled") }
        }
        while pool.statistics.waiting == 1 { await Task.yield() }
        cancelled.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await cancelled.value }
        #expect(error?.condition == .cancelled)
        await pool.release(lent)
        #expect(try await served.value == thread)
        // Code of the caller's own has no business there.
        #expect(late.withLock { !$0 })
        pool.close()
        await running
    }
}
