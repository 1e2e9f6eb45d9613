import DequeModule
import Roost

/// A pool's decisions: who gets which connection, when one is opened, closed or given up on. Pure: it knows no clock, no task and
/// no socket; moments come in as arguments, and what is to be done goes out as ``Actions``.
struct PoolStateMachine<Connection: AnyObject, Waiter> {
    typealias Moment = ContinuousClock.Instant

    /// What the pool has to do.
    struct Actions {
        /// Waiters that get a connection, or an error.
        var resume: [(waiter: Waiter, result: Result<Connection, DatabaseError>, since: Moment)] = []
        /// How many connections to open.
        var open = 0
        /// Connections to close.
        var close: [(connection: Connection, reason: PoolCloseReason)] = []
        /// Places that hold a connection for too long.
        var leaks: [SourcePlace] = []
        /// How many waiters timed out.
        var timeouts = 0
    }

    /// What became of a request for a connection.
    enum Acquisition {
        /// This one; the caller asks it for a sign of life first if `needsCheck`.
        case lease(Connection, needsCheck: Bool)
        case refuse(DatabaseError)
    }

    private struct Idle {
        let connection: Connection
        let since: Moment
    }

    private struct Lease {
        let connection: Connection
        let since: Moment
        let place: SourcePlace
        var isReported = false
    }

    private struct Waiting {
        let id: UInt64
        let waiter: Waiter
        let since: Moment
        let deadline: Moment?
        let place: SourcePlace
    }

    private enum Phase {
        case running, paused, draining, closed
    }

    let configuration: PoolConfiguration
    /// A number from 0 to 1, for jitter.
    private let random: () -> Double
    private var phase = Phase.running
    private var idle: [Idle] = []
    private var leases: [ObjectIdentifier: Lease] = [:]
    private var expiry: [ObjectIdentifier: Moment] = [:]
    private var waiting = Deque<Waiting>()
    private var connecting = 0
    private var nextID: UInt64 = 0
    private var failures = 0
    private var lastError: DatabaseError?
    private var retryAt: Moment?
    /// The server's own limit, once met, until the moment after which it is tried again.
    private var limit: (count: Int, until: Moment)?
    /// When something may be due next: never too late, and too early at most once, since looking at the moment sets it right. So no
    /// step on the way has to look through all waiters.
    private(set) var due: Moment?
    private(set) var statistics = PoolStatistics()

    init(_ configuration: PoolConfiguration, random: @escaping () -> Double = { .random(in: 0...1) }) {
        self.configuration = configuration
        self.random = random
        statistics.maximum = configuration.maximumConnections
    }

    private var open: Int { idle.count + leases.count + connecting }
    var isClosed: Bool { phase == .closed }
    /// Whether nothing is lent, opened or kept any more.
    var isEmpty: Bool { open == 0 }

    private mutating func updateStatistics() {
        statistics.inUse = leases.count
        statistics.idle = idle.count
        statistics.connecting = connecting
        statistics.waiting = waiting.count
    }

    // MARK: Acquiring

    /// A connection that is free now; nil when the caller has to wait. The hot path: no waiter is made for it.
    mutating func acquireFree(now: Moment, place: SourcePlace, _ actions: inout Actions) -> Acquisition? {
        guard phase == .running || phase == .paused else { return .refuse(Self.closedError) }
        guard phase == .running, waiting.isEmpty else { return nil }
        // The one used last is the likeliest to be alive, and the others can grow idle.
        while let last = idle.popLast() {
            if isExpired(last.connection, now) {
                close(last.connection, .expired, &actions)
                continue
            }
            lend(last.connection, now, place)
            let idleTime = last.since.duration(to: now)
            let needsCheck = configuration.livenessCheckAfter.map { idleTime >= $0 } ?? false
            return .lease(last.connection, needsCheck: needsCheck)
        }
        return nil
    }

    /// A number for a waiter to be, so that it can be called off whatever comes first.
    mutating func ticket() -> UInt64 {
        nextID += 1
        return nextID
    }

    /// Puts a waiter at the end of the queue and opens a connection if there is room.
    mutating func wait(
        _ waiter: Waiter,
        as id: UInt64,
        now: Moment,
        deadline: Moment?,
        place: SourcePlace,
        _ actions: inout Actions
    ) {
        guard phase == .running || phase == .paused else {
            // Closed since the caller looked.
            return actions.resume.append((waiter, .failure(Self.closedError), now))
        }
        note(deadline)
        waiting.append(Waiting(id: id, waiter: waiter, since: now, deadline: deadline, place: place))
        // One may have come back since the caller looked.
        serveIdle(now, &actions)
        fill(now, &actions)
        updateStatistics()
    }

    /// Lends idle connections to those who wait.
    private mutating func serveIdle(_ now: Moment, _ actions: inout Actions) {
        while phase == .running, !waiting.isEmpty, let last = idle.popLast() {
            if isExpired(last.connection, now) {
                close(last.connection, .expired, &actions)
            } else {
                offer(last.connection, now, &actions)
            }
        }
    }

    /// A waiter that does not want any more; nil when it was served already.
    mutating func cancel(_ id: UInt64) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
        let waiter = waiting.remove(at: index).waiter
        updateStatistics()
        return waiter
    }

    private mutating func note(_ moment: Moment?) {
        guard let moment else { return }
        due = due.map { min($0, moment) } ?? moment
    }

    private mutating func lend(_ connection: Connection, _ now: Moment, _ place: SourcePlace) {
        leases[ObjectIdentifier(connection)] = Lease(connection: connection, since: now, place: place)
        note(configuration.leakThreshold.map { now + $0 })
        updateStatistics()
    }

    private func isExpired(_ connection: Connection, _ now: Moment) -> Bool {
        expiry[ObjectIdentifier(connection)].map { $0 <= now } ?? false
    }

    // MARK: Giving back

    /// A connection came back whole, or `isUsable` is false.
    mutating func release(
        _ connection: Connection,
        now: Moment,
        unusableBecause reason: PoolCloseReason? = nil,
        _ actions: inout Actions
    ) {
        // One that was never lent, or is given back twice, changes nothing.
        guard leases.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        if let reason {
            close(connection, reason, &actions)
        } else if phase == .draining || phase == .closed {
            close(connection, .shutdown, &actions)
        } else if isExpired(connection, now) {
            close(connection, .expired, &actions)
        } else {
            offer(connection, now, &actions)
        }
        fill(now, &actions)
        updateStatistics()
    }

    /// The place that holds a connection.
    func place(of connection: Connection) -> SourcePlace? {
        leases[ObjectIdentifier(connection)]?.place
    }

    private mutating func offer(_ connection: Connection, _ now: Moment, _ actions: inout Actions) {
        if phase == .running, let next = waiting.popFirst() {
            lend(connection, now, next.place)
            actions.resume.append((next.waiter, .success(connection), next.since))
        } else {
            idle.append(Idle(connection: connection, since: now))
            note(configuration.idleTimeout.map { now + $0 })
            note(expiry[ObjectIdentifier(connection)])
        }
    }

    private mutating func close(_ connection: Connection, _ reason: PoolCloseReason, _ actions: inout Actions) {
        expiry.removeValue(forKey: ObjectIdentifier(connection))
        statistics.closed[reason, default: 0] += 1
        actions.close.append((connection, reason))
    }

    // MARK: Opening

    /// Opens as many connections as waiters and minimum ask for and the limits allow.
    private mutating func fill(_ now: Moment, _ actions: inout Actions) {
        guard phase == .running || phase == .paused else { return }
        if let limit, limit.until <= now {
            self.limit = nil
            statistics.serverLimit = nil
        }
        if let retryAt, retryAt > now { return }
        retryAt = nil
        let maximum = min(configuration.maximumConnections, limit?.count ?? .max)
        let wanted = max(waiting.count - connecting, configuration.minimumConnections - open)
        // After a failure one attempt at a time finds out whether it has passed.
        let room = min(maximum - open, failures > 0 ? 1 - connecting : .max)
        let count = max(min(wanted, room), 0)
        connecting += count
        actions.open += count
    }

    /// A connection that was opened before the pool was made.
    mutating func adopt(_ connection: Connection, now: Moment) {
        var actions = Actions()
        connecting += 1
        opened(connection, now: now, &actions)
    }

    /// A connection was opened.
    mutating func opened(_ connection: Connection, now: Moment, _ actions: inout Actions) {
        connecting -= 1
        statistics.opened += 1
        failures = 0
        lastError = nil
        if let lifetime = configuration.maximumLifetime {
            expiry[ObjectIdentifier(connection)] = now + lifetime * (1 - 0.1 * random())
        }
        if phase == .draining || phase == .closed {
            close(connection, .shutdown, &actions)
        } else {
            offer(connection, now, &actions)
            fill(now, &actions)
        }
        updateStatistics()
    }

    /// An attempt to connect failed: for good, and then nobody waits any longer; or it may pass, and then it is tried again later
    /// while waiters keep their deadlines.
    mutating func failedToOpen(_ error: DatabaseError, now: Moment, _ actions: inout Actions) {
        connecting -= 1
        statistics.failedToOpen += 1
        lastError = error
        if error.condition == .tooManyConnections {
            limit = (max(open - connecting, 1), now + Self.limitLasts)
            statistics.serverLimit = limit?.count
            note(limit?.until)
        }
        if PoolConfiguration.isPermanent(error) {
            failures = 0
            while let next = waiting.popFirst() { actions.resume.append((next.waiter, .failure(error), next.since)) }
        } else if (retryAt ?? now) <= now {
            // Attempts that were under way together fail together: that is one failure, not many.
            failures += 1
            let doubled = configuration.initialBackoff * (1 << min(failures - 1, 20))
            retryAt = now + min(doubled, configuration.maximumBackoff) * (0.5 + 0.5 * random())
            note(retryAt)
        }
        updateStatistics()
    }

    /// For how long the server's own limit is believed before it is tried again.
    private static var limitLasts: Duration { .seconds(30) }

    // MARK: Time

    /// The next moment at which something is due; nil when nothing is.
    private func nextMoment() -> Moment? {
        var moments: [Moment] = waiting.compactMap(\.deadline)
        if let retryAt, !waiting.isEmpty || open < configuration.minimumConnections { moments.append(retryAt) }
        if let limit, waiting.count > 0 { moments.append(limit.until) }
        if let timeout = configuration.idleTimeout, idle.count + leases.count > configuration.minimumConnections {
            moments += idle.map { $0.since + timeout }
        }
        moments += idle.compactMap { expiry[ObjectIdentifier($0.connection)] }
        if let threshold = configuration.leakThreshold {
            moments += leases.values.lazy.filter { !$0.isReported }.map { $0.since + threshold }
        }
        return moments.min()
    }

    /// Does what is due.
    mutating func timePassed(now: Moment, _ actions: inout Actions) {
        for index in waiting.indices.reversed() {
            guard let deadline = waiting[index].deadline, deadline <= now else { continue }
            let late = waiting.remove(at: index)
            statistics.timeouts += 1
            actions.timeouts += 1
            actions.resume.append((late.waiter, .failure(timeoutError(since: late.since, now)), late.since))
        }
        var surplus = idle.count + leases.count - configuration.minimumConnections
        var kept: [Idle] = []
        for entry in idle {
            let isStale = configuration.idleTimeout.map { entry.since + $0 <= now } ?? false
            if isExpired(entry.connection, now) {
                close(entry.connection, .expired, &actions)
                surplus -= 1
            } else if isStale, surplus > 0 {
                close(entry.connection, .idle, &actions)
                surplus -= 1
            } else {
                kept.append(entry)
            }
        }
        idle = kept
        if let threshold = configuration.leakThreshold {
            for (id, lease) in leases where !lease.isReported && lease.since + threshold <= now {
                leases[id]?.isReported = true
                statistics.leaked += 1
                actions.leaks.append(lease.place)
            }
        }
        fill(now, &actions)
        due = nextMoment()
        updateStatistics()
    }

    /// A caller gave up before it became a waiter: its time went into looking whether an idle connection is alive.
    mutating func timedOut(since begin: Moment, now: Moment, _ actions: inout Actions) -> DatabaseError {
        statistics.timeouts += 1
        actions.timeouts += 1
        return timeoutError(since: begin, now)
    }

    private func timeoutError(since begin: Moment, _ now: Moment) -> DatabaseError {
        let longest = leases.values.min { $0.since < $1.since }
        var message =
            "No connection came free within \(begin.duration(to: now)): \(leases.count) of "
            + "\(configuration.maximumConnections) are in use, \(connecting) are being opened, \(waiting.count) tasks wait."
        if let longest { message += " The longest is held by \(longest.place)." }
        if let lastError { message += " The last attempt to connect failed: \(lastError.message)" }
        return DatabaseError(
            .operational,
            .poolTimeout,
            message,
            hint: lastError?.hint
                ?? "Hold connections for less time, or raise pool_size if the server has cores to spare."
        )
    }

    // MARK: Life

    mutating func start(now: Moment, _ actions: inout Actions) { fill(now, &actions) }

    /// Lends nothing until ``resume(now:_:)``; who asks waits.
    mutating func pause() {
        if phase == .running { phase = .paused }
    }

    mutating func resume(now: Moment, _ actions: inout Actions) {
        guard phase == .paused else { return }
        phase = .running
        serveIdle(now, &actions)
        fill(now, &actions)
        updateStatistics()
    }

    /// Ends the pool: nothing new is lent, what is idle is closed, what is lent is closed when it comes back.
    mutating func shutDown(isDraining: Bool, _ actions: inout Actions) {
        phase = isDraining && !isEmpty ? .draining : .closed
        for entry in idle { close(entry.connection, .shutdown, &actions) }
        idle.removeAll()
        while let next = waiting.popFirst() {
            actions.resume.append((next.waiter, .failure(Self.closedError), next.since))
        }
        updateStatistics()
    }

    static var closedError: DatabaseError {
        DatabaseError(
            .interface,
            .connectionClosed,
            "The pool is closed.",
            hint: "Make a new one; a pool cannot be used after it was closed.",
            sqlState: "08003"
        )
    }
}
