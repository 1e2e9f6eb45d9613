import Logging
import Roost

/// A pool without the type of what it lends: its lock, its decisions, and who acts on them.
///
/// All of it is compiled here for one type. Code of the generic pool runs as it is written, for any type of connection: it would look
/// types up at each step, which was a fifth of what a busy pool costs.
final class PoolCore: Sendable {
    /// A connection, whatever its type; a pool lends what it was given, and nothing else.
    typealias Lent = any AnyObject & Sendable
    typealias Machine = PoolStateMachine<Lent, Waiter>
    typealias Moment = ContinuousClock.Instant
    /// Connections that nobody closes any more but who brings them.
    typealias Orphans = [(connection: Lent, reason: PoolCloseReason)]

    /// A task that waits for a connection.
    struct Waiter: Sendable {
        fileprivate let continuation: CheckedContinuation<Result<Lent, DatabaseError>, Never>
        /// Where it waits, if it wants to go on where its connection's work runs.
        fileprivate let handover: HandoverExecutor?
    }

    enum Work: Sendable {
        case open
        case close(Lent, PoolCloseReason)
        case timer(Moment)
    }

    private struct State {
        var machine: Machine
        var armed: Moment?
        var emptied: [CheckedContinuation<Void, Never>] = []
        /// What ``ConnectionPool/run()`` has to do.
        var works: [Work] = []
        /// Whether ``ConnectionPool/run()`` is over, and nobody opens or closes anything for the pool any more.
        var hasStopped = false
    }

    private let state: Locked<State>
    /// Wakes ``ConnectionPool/run()``: there is work, or there will be none.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    let observer: (any PoolObserver)?
    let logger: Logger
    let clock = ContinuousClock()
    private let executor: @Sendable (Lent) -> (any ConnectionExecutor)?

    /// - Parameter executor: where the work of a connection runs.
    init(
        _ configuration: PoolConfiguration,
        logger: Logger,
        observer: (any PoolObserver)?,
        opened: [Lent],
        executor: @escaping @Sendable (Lent) -> (any ConnectionExecutor)?
    ) {
        self.logger = logger
        self.observer = observer
        self.executor = executor
        var machine = Machine(configuration)
        for connection in opened.prefix(configuration.maximumConnections) { machine.adopt(connection, now: clock.now) }
        state = Locked(State(machine: machine))
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    var statistics: PoolStatistics { state.withLock { $0.machine.statistics } }

    func place(of connection: Lent) -> SourcePlace? { state.withLock { $0.machine.place(of: connection) } }

    func pause() { state.withLock { $0.machine.pause() } }

    // MARK: Lending

    /// A connection that is free now; nil when the caller has to wait.
    func acquireFree(now: Moment, place: SourcePlace) -> Machine.Acquisition? {
        perform { $0.acquireFree(now: now, place: place, &$1) }
    }

    /// Suspends until a connection came free, or there will be none.
    ///
    /// - Parameter handover: where the task waits, if it goes on where its connection's work runs.
    func wait(
        since begin: Moment,
        deadline: Moment?,
        _ place: SourcePlace,
        handover: HandoverExecutor? = nil
    ) async -> Result<Lent, DatabaseError> {
        let id = state.withLock { $0.machine.ticket() }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = Waiter(continuation: continuation, handover: handover)
                perform { $0.wait(waiter, as: id, now: clock.now, deadline: deadline, place: place, &$1) }
                // Cancelled on the way here, when nobody waited yet.
                if Task.isCancelled { cancelWaiter(id) }
            }
        } onCancel: {
            cancelWaiter(id)
        }
        // Orders what was done to the connection before what is done now, in a way the thread sanitizer sees: of a continuation that
        // is resumed before its task suspends it knows nothing.
        state.withLock { _ in }
        return outcome
    }

    private func cancelWaiter(_ id: UInt64) {
        if let waiter = state.withLock({ $0.machine.cancel(id) }) { resume(waiter, .failure(Self.cancelled)) }
    }

    private func resume(_ waiter: Waiter, _ outcome: Result<Lent, DatabaseError>) {
        if let handover = waiter.handover {
            switch outcome {
            case .success(let connection): handover.hand(over: executor(connection))
            case .failure: handover.hand(over: nil)
            }
        }
        waiter.continuation.resume(returning: outcome)
    }

    static var cancelled: DatabaseError {
        DatabaseError(.operational, .cancelled, "Waiting for a connection was cancelled.", sqlState: "57014")
    }

    /// A connection came back.
    func release(_ connection: Lent, unusableBecause reason: PoolCloseReason?) -> Orphans {
        performCollecting { $0.release(connection, now: clock.now, unusableBecause: reason, &$1) }.orphans
    }

    /// A connection was opened.
    func opened(_ connection: Lent) -> Orphans {
        performCollecting { $0.opened(connection, now: clock.now, &$1) }.orphans
    }

    /// Suspends until nothing is lent, opened or kept any more.
    func untilEmpty() async {
        await withCheckedContinuation { waiter in
            let isEmpty = state.withLock { state in
                if !state.machine.isEmpty { state.emptied.append(waiter) }
                return state.machine.isEmpty
            }
            if isEmpty { waiter.resume() }
        }
    }

    // MARK: Acting

    /// Asks the machine, and does what it says, outside of the lock.
    func perform<R>(_ body: (inout Machine, inout Machine.Actions) -> R) -> R {
        let (result, orphans) = performCollecting(body)
        // Only what comes back after the pool stopped is nobody's to close, and those who bring it back ask for it.
        assert(orphans.isEmpty)
        return result
    }

    /// The same for what may bring a connection; who asks closes those that nobody closes any more, because ``ConnectionPool/run()`` is over.
    private func performCollecting<R>(
        _ body: (inout Machine, inout Machine.Actions) -> R
    ) -> (result: R, orphans: Orphans) {
        var actions = Machine.Actions()
        var emptied: [CheckedContinuation<Void, Never>] = []
        var orphans: Orphans = []
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
            resume(waiter, outcome)
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

    // MARK: For who runs the pool

    func takeWorks() -> [Work] {
        state.withLock { state in
            defer { state.works.removeAll(keepingCapacity: true) }
            return state.works
        }
    }

    /// A timer went off.
    func timePassed(armedFor moment: Moment) {
        state.withLock { if $0.armed == moment { $0.armed = nil } }
        perform { $0.timePassed(now: clock.now, &$1) }
    }

    /// Nobody will do anything for the pool any more; gives back what is left to do.
    func stop() -> (works: [Work], orphans: Orphans) {
        var last = Machine.Actions()
        let works = state.withLock { state in
            state.machine.shutDown(isDraining: false, &last)
            state.hasStopped = true
            defer { state.works = [] }
            return state.works
        }
        signal.finish()
        for (waiter, outcome, _) in last.resume { resume(waiter, outcome) }
        return (works, last.close)
    }
}
