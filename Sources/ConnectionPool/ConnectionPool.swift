public import Logging
public import Roost

/// A bounded set of connections, lent one task at a time.
///
/// ```swift
/// let pool = try ConnectionPool(PoolConfiguration(maximumConnections: 20)) { () async throws(DatabaseError) in
///     try await PostgreSQLConnection.connect(configuration)
/// }
/// // In a service group, or in a task group of one's own:
/// async let running: Void = pool.run()
/// let count = try await pool.withConnection { try await $0.query("select count(*) from customer").decode(Int.self).fetchOnly() }
/// ```
///
/// Waiters are served first come, first served, each with a deadline; the connection used last is lent first, so that the others
/// may grow idle and be closed. A login that is refused fails all waiters at once; what may pass is tried again with growing waits.
public final class ConnectionPool<C: Connection>: Sendable {
    typealias Machine = PoolStateMachine<C, CheckedContinuation<Result<C, DatabaseError>, Never>>
    typealias Moment = ContinuousClock.Instant

    enum Work: Sendable {
        case open
        case close(C, PoolCloseReason)
        case timer(Moment)
    }

    private struct State {
        var machine: Machine
        var armed: Moment?
        var emptied: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Locked<State>
    private let works: AsyncStream<Work>
    private let workSource: AsyncStream<Work>.Continuation
    private let connect: @Sendable () async throws(DatabaseError) -> C
    private let observer: (any PoolObserver)?
    private let logger: Logger
    private let clock = ContinuousClock()
    /// The settings.
    public let configuration: PoolConfiguration

    /// A pool that opens connections by `connect`. It opens none before ``run()`` runs.
    ///
    /// - Throws: `interface.invalidConfiguration` naming the setting that cannot be.
    public init(
        _ configuration: PoolConfiguration,
        logger: Logger = Logger(label: "roost.pool"),
        observer: (any PoolObserver)? = nil,
        connect: @escaping @Sendable () async throws(DatabaseError) -> C
    ) throws(DatabaseError) {
        try configuration.validate()
        self.configuration = configuration
        self.logger = logger
        self.observer = observer
        self.connect = connect
        state = Locked(State(machine: Machine(configuration)))
        (works, workSource) = AsyncStream.makeStream(of: Work.self)
    }

    /// The numbers at this moment.
    public var statistics: PoolStatistics { state.withLock { $0.machine.statistics } }

    // MARK: Lending

    /// Lends a connection to `body`, and takes it back whatever happens.
    ///
    /// A body that is not isolated to an actor runs where the connection's work runs, so that its statements need no change of
    /// threads; it must not block.
    public func withConnection<R>(
        fileID: String = #fileID,
        line: Int = #line,
        _ body: (C) async throws -> R
    ) async throws -> R {
        let connection = try await acquire(fileID: fileID, line: line)
        do {
            let result = try await withTaskExecutorPreference(connection.taskExecutor) { try await body(connection) }
            await release(connection)
            return result
        } catch {
            await release(connection)
            throw error
        }
    }

    /// A connection for the caller alone, until ``release(_:)``. Prefer ``withConnection(fileID:line:_:)``, which cannot forget.
    ///
    /// - Parameter timeout: how long to wait; the configuration's by default.
    /// - Throws: `operational.poolTimeout`; the error of connecting when it is for good; `operational.cancelled`.
    public func acquire(
        timeout: Duration? = nil,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> C {
        let place = PoolPlace(fileID: fileID, line: line)
        let begin = clock.now
        let limit = timeout ?? configuration.acquireTimeout
        while true {
            if Task.isCancelled { throw Self.cancelled }
            let free = perform { machine, actions in
                machine.acquireFree(now: begin, place: place, &actions)
            }
            switch free {
            case .refuse(let error)?: throw error
            case .lease(let connection, let needsCheck)?:
                guard needsCheck, await !isAlive(connection) else {
                    observer?.acquired(after: .zero)
                    return connection
                }
                perform { $0.release(connection, now: clock.now, unusableBecause: .broken, &$1) }
            case .wait?, nil:
                return try await wait(since: begin, deadline: limit.map { begin + $0 }, place)
            }
        }
    }

    private func wait(since begin: Moment, deadline: Moment?, _ place: PoolPlace) async throws(DatabaseError) -> C {
        let ticket = Locked<UInt64?>(nil)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let id = perform { $0.wait(waiter, now: clock.now, deadline: deadline, place: place, &$1) }
                ticket.withLock { $0 = id }
                // Cancelled on the way here, when there was no number to call.
                if Task.isCancelled { cancelWaiter(id) }
            }
        } onCancel: {
            if let id = ticket.withLock({ $0 }) { cancelWaiter(id) }
        }
        return try result.get()
    }

    private func cancelWaiter(_ id: UInt64) {
        state.withLock { $0.machine.cancel(id) }?.resume(returning: .failure(Self.cancelled))
    }

    private func isAlive(_ connection: C) async -> Bool {
        do throws(DatabaseError) {
            try await connection.ping()
            return true
        } catch {
            return Task.isCancelled
        }
    }

    /// Gives a connection back. An open transaction is rolled back and reported with the place that acquired the connection; the
    /// session is brought back to its first state.
    public func release(_ connection: C) async {
        var reason: PoolCloseReason?
        if await connection.isClosed {
            reason = .broken
        } else {
            if await connection.transactionStatus != .idle {
                let place = state.withLock { $0.machine.place(of: connection) }
                logger.warning(
                    "a connection came back with an open transaction, which is rolled back",
                    metadata: ["acquired_at": "\(place?.description ?? "an unknown place")"]
                )
            }
            do throws(DatabaseError) { try await connection.reset() } catch { reason = .notReset }
        }
        perform { $0.release(connection, now: clock.now, unusableBecause: reason, &$1) }
    }

    // MARK: Acting

    /// Asks the machine, and does what it says, outside of the lock.
    @discardableResult
    private func perform<R>(_ body: (inout Machine, inout Machine.Actions) -> R) -> R {
        var actions = Machine.Actions()
        var timer: Moment?
        var emptied: [CheckedContinuation<Void, Never>] = []
        let result = state.withLock { state in
            let result = body(&state.machine, &actions)
            if let due = state.machine.due, state.armed.map({ due < $0 }) ?? true {
                state.armed = due
                timer = due
            }
            if state.machine.isEmpty { swap(&emptied, &state.emptied) }
            return result
        }
        if let timer { workSource.yield(.timer(timer)) }
        for _ in 0..<actions.open { workSource.yield(.open) }
        for (connection, reason) in actions.close { workSource.yield(.close(connection, reason)) }
        for (waiter, outcome, since) in actions.resume {
            if case .success = outcome { observer?.acquired(after: since.duration(to: clock.now)) }
            waiter.resume(returning: outcome)
        }
        for place in actions.leaks {
            logger.warning("a connection is held for long; is it leaked?", metadata: ["acquired_at": "\(place)"])
            observer?.leaked(place: place)
        }
        for _ in 0..<actions.timeouts { observer?.acquireTimedOut() }
        if let observer { observer.poolChanged(statistics) }
        for waiter in emptied { waiter.resume() }
        return result
    }

    // MARK: Running

    /// Opens, closes and watches connections until the pool is closed or the task is cancelled or told to shut down.
    public func run() async {
        perform { $0.start(now: clock.now, &$1) }
        await withDiscardingTaskGroup { group in
            for await work in works {
                switch work {
                case .open: group.addTask { await self.openOne() }
                case .close(let connection, let reason): group.addTask { await self.close(connection, reason) }
                case .timer(let moment): group.addTask { await self.fire(at: moment) }
                }
            }
            group.cancelAll()
        }
        // Cancelled: nobody is left to open or close anything.
        var last = Machine.Actions()
        state.withLock { $0.machine.shutDown(isDraining: false, &last) }
        for (waiter, outcome, _) in last.resume { waiter.resume(returning: outcome) }
        for (connection, _) in last.close { await connection.close() }
    }

    private func openOne() async {
        let begin = clock.now
        do throws(DatabaseError) {
            let connection = try await connect()
            observer?.opened(after: begin.duration(to: clock.now))
            perform { $0.opened(connection, now: clock.now, &$1) }
        } catch {
            logger.debug("connecting failed", metadata: ["condition": "\(error.condition)"])
            perform { $0.failedToOpen(error, now: clock.now, &$1) }
        }
    }

    private func close(_ connection: C, _ reason: PoolCloseReason) async {
        await connection.close()
        observer?.closed(reason)
    }

    private func fire(at moment: Moment) async {
        do { try await clock.sleep(until: moment) } catch { return }
        state.withLock { if $0.armed == moment { $0.armed = nil } }
        perform { $0.timePassed(now: clock.now, &$1) }
    }

    // MARK: Life

    /// Lends nothing until ``resume()``; who asks waits. For switching a server over.
    public func pause() {
        state.withLock { $0.machine.pause() }
    }

    /// Lends again.
    public func resume() {
        perform { $0.resume(now: clock.now, &$1) }
    }

    /// Lends nothing any more and waits until everything lent has come back; then closes.
    public func drain() async {
        perform { $0.shutDown(isDraining: true, &$1) }
        await withCheckedContinuation { waiter in
            let isEmpty = state.withLock { state in
                if !state.machine.isEmpty { state.emptied.append(waiter) }
                return state.machine.isEmpty
            }
            if isEmpty { waiter.resume() }
        }
        close()
    }

    /// Closes the pool: waiters fail, idle connections close now, lent ones when they come back.
    public func close() {
        perform { $0.shutDown(isDraining: false, &$1) }
        if state.withLock({ $0.machine.isEmpty }) { workSource.finish() }
    }

    private static var cancelled: DatabaseError {
        DatabaseError(.operational, .cancelled, "Waiting for a connection was cancelled.", sqlState: "57014")
    }
}
