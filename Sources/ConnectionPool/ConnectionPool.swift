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
    private typealias Lent = PoolCore.Lent
    private typealias Moment = PoolCore.Moment

    private let core: PoolCore
    private let connect: @Sendable () async throws(DatabaseError) -> C
    private var observer: (any PoolObserver)? { core.observer }
    private var logger: Logger { core.logger }
    private var clock: ContinuousClock { core.clock }
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
        self.connect = connect
        core = PoolCore(configuration, logger: logger, observer: observer, opened: opened) {
            unsafeDowncast($0, to: C.self).taskExecutor
        }
    }

    /// The numbers at this moment.
    public var statistics: PoolStatistics { core.statistics }

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
        try await withConnection(at: SourcePlace(fileID: fileID, line: line), body)
    }

    func withConnection<R>(at place: SourcePlace, _ body: (C) async throws -> R) async throws -> R {
        let begin = clock.now
        let deadline = deadline(since: begin, nil)
        if let connection = try await leaseFree(since: begin, deadline, at: place) {
            return try await withTaskExecutorPreference(connection.taskExecutor) {
                try await lend(connection, at: place, to: body)
            }
        }
        let handover = HandoverExecutor()
        return try await withTaskExecutorPreference(handover) {
            let lent = await core.wait(since: begin, deadline: deadline, place, handover: handover)
            let connection = connection(try lent.get())
            if !handover.hasArrived { await Task.yield() }
            return try await lend(connection, at: place, to: body)
        }
    }

    /// Runs `body`, and takes the connection back: where its work runs, which is where this is called.
    private func lend<R>(_ connection: C, at place: SourcePlace, to body: (C) async throws -> R) async throws -> R {
        connection.observation?.beginScope(at: place)
        let result: R
        do { result = try await body(connection) } catch {
            await release(connection)
            throw error
        }
        if let finding = await release(connection) { throw finding }
        return result
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
        let begin = clock.now
        let deadline = deadline(since: begin, timeout)
        let connection: C
        if let free = try await leaseFree(since: begin, deadline, at: place) {
            connection = free
        } else {
            connection = self.connection(try await core.wait(since: begin, deadline: deadline, place).get())
        }
        connection.observation?.beginScope(at: place)
        return connection
    }

    private func deadline(since begin: Moment, _ timeout: Duration?) -> Moment? {
        (timeout ?? configuration.acquireTimeout).map { begin + $0 }
    }

    /// A connection that is free now, and alive; nil when the caller has to wait.
    private func leaseFree(
        since begin: Moment,
        _ deadline: Moment?,
        at place: SourcePlace
    ) async throws(DatabaseError) -> C? {
        while true {
            if Task.isCancelled { throw PoolCore.cancelled }
            switch core.acquireFree(now: begin, place: place) {
            case .refuse(let error)?: throw error
            case .lease(let lent, let needsCheck)?:
                let connection = connection(lent)
                // A server that ends idle sessions, as with wait_timeout, closes their sockets; nobody need notice.
                var isGone = connection.isKnownLost
                if needsCheck, !isGone { isGone = await !isAlive(connection, until: deadline) }
                guard isGone else {
                    observer?.acquired(after: begin.duration(to: clock.now))
                    return connection
                }
                await giveBack(connection, unusableBecause: .broken)
                if let deadline, deadline <= clock.now {
                    throw core.perform { $0.timedOut(since: begin, now: clock.now, &$1) }
                }
            case nil: return nil
            }
        }
    }

    /// What the core lends is what was opened here.
    private func connection(_ lent: Lent) -> C { unsafeDowncast(lent, to: C.self) }

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
            let place = core.place(of: connection)
            logger.warning(
                "a connection came back with an open transaction, which is rolled back",
                metadata: ["acquired_at": "\(place?.description ?? "an unknown place")"]
            )
        }
        do throws(DatabaseError) { try await connection.reset() } catch { return (.notReset, hasOpenTransaction) }
        return (nil, hasOpenTransaction)
    }

    private func giveBack(_ connection: C, unusableBecause reason: PoolCloseReason?) async {
        await closeOrphans(core.release(connection, unusableBecause: reason))
    }

    /// Closes what nobody closes any more, because ``run()`` is over.
    private func closeOrphans(_ orphans: PoolCore.Orphans) async {
        for (lent, reason) in orphans { await close(lent, reason) }
    }

    // MARK: Running

    /// Opens, closes and watches connections until the pool is closed and everything lent has come back, or the task is cancelled.
    /// Whoever gives a connection back after that closes it on the way.
    public func run() async {
        core.perform { $0.start(now: clock.now, &$1) }
        await withDiscardingTaskGroup { timers in
            await withDiscardingTaskGroup { connections in
                for await _ in core.signals {
                    for work in core.takeWorks() {
                        switch work {
                        case .open: connections.addTask { await self.openOne() }
                        case .close(let lent, let reason):
                            connections.addTask { await self.close(lent, reason) }
                        case .timer(let moment): timers.addTask { await self.fire(at: moment) }
                        }
                    }
                }
            }
            timers.cancelAll()
        }
        await stop()
    }

    /// Does what is left to do once nobody else will.
    private func stop() async {
        let (works, orphans) = core.stop()
        await closeOrphans(orphans)
        for work in works {
            switch work {
            case .close(let lent, let reason): await close(lent, reason)
            case .open: core.perform { $0.failedToOpen(PoolCore.Machine.closedError, now: clock.now, &$1) }
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
            await closeOrphans(core.opened(connection))
        } catch {
            logger.debug("connecting failed", metadata: ["condition": "\(error.condition)"])
            core.perform { $0.failedToOpen(error, now: clock.now, &$1) }
        }
    }

    private func close(_ lent: Lent, _ reason: PoolCloseReason) async {
        await connection(lent).close()
        observer?.closed(reason)
    }

    private func fire(at moment: Moment) async {
        do { try await clock.sleep(until: moment) } catch { return }
        core.timePassed(armedFor: moment)
    }

    // MARK: Life

    /// Lends nothing until ``resume()``; who asks waits. For switching a server over.
    public func pause() {
        core.pause()
    }

    /// Lends again.
    public func resume() {
        core.perform { $0.resume(now: clock.now, &$1) }
    }

    /// Lends nothing any more, waits until everything lent has come back, and closes.
    public func drain() async {
        core.perform { $0.shutDown(isDraining: true, &$1) }
        await core.untilEmpty()
        close()
    }

    /// Closes the pool: waiters fail, idle connections close now, lent ones when they come back.
    public func close() {
        core.perform { $0.shutDown(isDraining: false, &$1) }
    }
}
