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
        /// What ``run()`` has to do.
        var works: [Work] = []
        /// Whether ``run()`` is over, and nobody opens or closes anything for the pool any more.
        var hasStopped = false
    }

    private let state: Locked<State>
    /// Wakes ``run()``: there is work, or there will be none.
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let connect: @Sendable () async throws(DatabaseError) -> C
    private let observer: (any PoolObserver)?
    private let logger: Logger
    private let clock = ContinuousClock()
    /// The settings.
    public let configuration: PoolConfiguration

    /// A pool that opens connections by `connect`. It opens none before ``run()`` runs.
    ///
    /// - Parameter opened: connections that are open already and belong to the pool from now on.
    /// - Throws: `interface.invalidConfiguration` naming the setting that cannot be.
    public init(
        _ configuration: PoolConfiguration,
        logger: Logger = Logger(label: "roost.pool"),
        observer: (any PoolObserver)? = nil,
        opened: [C] = [],
        connect: @escaping @Sendable () async throws(DatabaseError) -> C
    ) throws(DatabaseError) {
        try configuration.validate()
        self.configuration = configuration
        self.logger = logger
        self.observer = observer
        self.connect = connect
        var machine = Machine(configuration)
        for connection in opened.prefix(configuration.maximumConnections) { machine.adopt(connection, now: clock.now) }
        state = Locked(State(machine: machine))
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
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
        // Giving it back runs there too, and needs no change of threads of its own.
        return try await withTaskExecutorPreference(connection.taskExecutor) {
            let result: R
            do { result = try await body(connection) } catch {
                await release(connection)
                throw error
            }
            if let finding = await release(connection) { throw finding }
            return result
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
        try await acquire(timeout: timeout, at: SourcePlace(fileID: fileID, line: line))
    }

    func acquire(timeout: Duration? = nil, at place: SourcePlace) async throws(DatabaseError) -> C {
        let connection = try await lease(timeout: timeout, at: place)
        connection.observation?.beginScope(at: place)
        return connection
    }

    private func lease(timeout: Duration?, at place: SourcePlace) async throws(DatabaseError) -> C {
        let begin = clock.now
        let deadline = (timeout ?? configuration.acquireTimeout).map { begin + $0 }
        while true {
            if Task.isCancelled { throw Self.cancelled }
            let free = perform { machine, actions in
                machine.acquireFree(now: begin, place: place, &actions)
            }
            switch free {
            case .refuse(let error)?: throw error
            case .lease(let connection, let needsCheck)?:
                // A server that ends idle sessions, as with wait_timeout, closes their sockets; nobody need notice.
                var isGone = connection.isKnownLost
                if needsCheck, !isGone { isGone = await !isAlive(connection, until: deadline) }
                guard isGone else {
                    observer?.acquired(after: begin.duration(to: clock.now))
                    return connection
                }
                await giveBack(connection, unusableBecause: .broken)
                if let deadline, deadline <= clock.now {
                    throw perform { $0.timedOut(since: begin, now: clock.now, &$1) }
                }
            case nil:
                return try await wait(since: begin, deadline: deadline, place)
            }
        }
    }

    private func wait(since begin: Moment, deadline: Moment?, _ place: SourcePlace) async throws(DatabaseError) -> C {
        let id = state.withLock { $0.machine.ticket() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                perform { $0.wait(waiter, as: id, now: clock.now, deadline: deadline, place: place, &$1) }
                // Cancelled on the way here, when nobody waited yet.
                if Task.isCancelled { cancelWaiter(id) }
            }
        } onCancel: {
            cancelWaiter(id)
        }
        return try result.get()
    }

    private func cancelWaiter(_ id: UInt64) {
        state.withLock { $0.machine.cancel(id) }?.resume(returning: .failure(Self.cancelled))
    }

    private func isAlive(_ connection: C, until deadline: Moment?) async -> Bool {
        do throws(DatabaseError) {
            try await connection.ping(timeout: deadline.map { clock.now.duration(to: $0) })
            return true
        } catch {
            return Task.isCancelled
        }
    }

    /// Gives a connection back. An open transaction is rolled back and reported with the place that acquired the connection; the
    /// session is brought back to its first state.
    ///
    /// - Returns: what the guards found while it was lent, when their findings are errors.
    @discardableResult
    public func release(_ connection: C) async -> DatabaseError? {
        let (reason, hasOpenTransaction) = await reset(connection)
        // Before somebody else has it.
        let finding = connection.observation?.endScope(hasOpenTransaction: hasOpenTransaction)
        await giveBack(connection, unusableBecause: reason)
        return finding
    }

    /// Brings the session back to its first state, and says what it found. All on the connection: one change of threads at most.
    private func reset(_ connection: isolated C) async -> (unusableBecause: PoolCloseReason?, hasOpenTransaction: Bool)
    {
        if connection.isClosed { return (.broken, false) }
        let hasOpenTransaction = connection.transactionStatus != .idle
        if hasOpenTransaction {
            let place = state.withLock { $0.machine.place(of: connection) }
            logger.warning(
                "a connection came back with an open transaction, which is rolled back",
                metadata: ["acquired_at": "\(place?.description ?? "an unknown place")"]
            )
        }
        do throws(DatabaseError) { try await connection.reset() } catch { return (.notReset, hasOpenTransaction) }
        return (nil, hasOpenTransaction)
    }

    private func giveBack(_ connection: C, unusableBecause reason: PoolCloseReason?) async {
        await performClosing { $0.release(connection, now: clock.now, unusableBecause: reason, &$1) }
    }

    // MARK: Acting

    /// Asks the machine, and does what it says, outside of the lock.
    private func perform<R>(_ body: (inout Machine, inout Machine.Actions) -> R) -> R {
        let (result, orphans) = performCollecting(body)
        // Only what comes back after the pool stopped is nobody's to close, and those who bring it back ask for it.
        assert(orphans.isEmpty)
        return result
    }

    /// The same for what may bring a connection: closes those that nobody closes any more, because ``run()`` is over.
    private func performClosing(_ body: (inout Machine, inout Machine.Actions) -> Void) async {
        for (connection, reason) in performCollecting(body).orphans { await close(connection, reason) }
    }

    private func performCollecting<R>(
        _ body: (inout Machine, inout Machine.Actions) -> R
    ) -> (result: R, orphans: [(connection: C, reason: PoolCloseReason)]) {
        var actions = Machine.Actions()
        var emptied: [CheckedContinuation<Void, Never>] = []
        var orphans: [(connection: C, reason: PoolCloseReason)] = []
        var hasWork = false
        var isOver = false
        let result = state.withLock { state in
            let result = body(&state.machine, &actions)
            if state.machine.isEmpty { swap(&emptied, &state.emptied) }
            if state.hasStopped {
                swap(&orphans, &actions.close)
                return result
            }
            if let due = state.machine.due, state.armed.map({ due < $0 }) ?? true {
                state.armed = due
                state.works.append(.timer(due))
            }
            for _ in 0..<actions.open { state.works.append(.open) }
            for (connection, reason) in actions.close { state.works.append(.close(connection, reason)) }
            hasWork = !state.works.isEmpty
            isOver = state.machine.isClosed && state.machine.isEmpty
            return result
        }
        if hasWork { signal.yield() }
        if isOver { signal.finish() }
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
        return (result, orphans)
    }

    // MARK: Running

    /// Opens, closes and watches connections until the pool is closed and everything lent has come back, or the task is cancelled.
    /// Whoever gives a connection back after that closes it on the way.
    public func run() async {
        perform { $0.start(now: clock.now, &$1) }
        await withDiscardingTaskGroup { timers in
            await withDiscardingTaskGroup { connections in
                for await _ in signals {
                    for work in takeWorks() {
                        switch work {
                        case .open: connections.addTask { await self.openOne() }
                        case .close(let connection, let reason):
                            connections.addTask { await self.close(connection, reason) }
                        case .timer(let moment): timers.addTask { await self.fire(at: moment) }
                        }
                    }
                }
            }
            timers.cancelAll()
        }
        await stop()
    }

    private func takeWorks() -> [Work] {
        state.withLock { state in
            defer { state.works.removeAll(keepingCapacity: true) }
            return state.works
        }
    }

    /// Does what is left to do once nobody else will.
    private func stop() async {
        var last = Machine.Actions()
        let works = state.withLock { state in
            state.machine.shutDown(isDraining: false, &last)
            state.hasStopped = true
            defer { state.works = [] }
            return state.works
        }
        signal.finish()
        for (waiter, outcome, _) in last.resume { waiter.resume(returning: outcome) }
        for (connection, reason) in last.close { await close(connection, reason) }
        for work in works {
            switch work {
            case .close(let connection, let reason): await close(connection, reason)
            case .open: perform { $0.failedToOpen(Machine.closedError, now: clock.now, &$1) }
            case .timer: break
            }
        }
        observer?.poolChanged(statistics)
    }

    private func openOne() async {
        let begin = clock.now
        do throws(DatabaseError) {
            let connection = try await connect()
            observer?.opened(after: begin.duration(to: clock.now))
            await performClosing { $0.opened(connection, now: clock.now, &$1) }
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

    /// Lends nothing any more, waits until everything lent has come back, and closes.
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
    }

    private static var cancelled: DatabaseError {
        DatabaseError(.operational, .cancelled, "Waiting for a connection was cancelled.", sqlState: "57014")
    }
}
