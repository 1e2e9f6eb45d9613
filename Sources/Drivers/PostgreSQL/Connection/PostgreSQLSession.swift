import NIOCore
import Roost
import WireProtocol

/// A connection's inside: drives the state machines with what the transport brings, and resumes who waits. Confined to the event
/// loop.
final class PostgreSQLSession: WireSession {
    let transport: WireTransport
    var machine: PostgreSQLStateMachine
    var cache: StatementCache
    /// Statements that left the cache and are still on the server.
    var namesToClose: [String] = []
    private var startup: StartupStateMachine?
    private let tls: WireTLS?
    let settings: PostgreSQLConfiguration
    /// Whether statements are prepared anew each time, for a pooler that does not know them by name.
    var usesUnnamedStatements = false
    private var startupWaiter: CheckedContinuation<Void, Never>?
    private var startupError: DatabaseError?
    private(set) var processID: Int32 = 0
    private(set) var secret: [UInt8] = []
    private(set) var security: WireSecurity?
    private(set) var parameters: [String: String] = [:]
    /// Why the connection is gone; nil while it is there.
    private(set) var closeError: DatabaseError?
    /// Names a place to send a cancellation to; set once connected.
    var sendCancel: ((PostgreSQLSession) -> Void)?
    /// Cancellations on their way: new requests wait for them, lest they be hit.
    private(set) var cancelsInFlight = 0
    private var cancelWaiters: [() -> Void] = []
    /// Whether something may have been left behind in the session since it was last reset.
    var isDirty = false
    /// Whether the database's types are being read.
    var isLoadingTypes = false
    /// How many cancellations were sent so far.
    private(set) var cancelsSent = 0
    var listeners: [String: [Int: AsyncThrowingStream<Notification, any Error>.Continuation]] = [:]
    var onNotice: ((Notice) -> Void)?

    /// Bytes of an abandoned result that are read and dropped before the server is asked to stop.
    private static let abandonedBytes = 1 << 18

    init(
        transport: WireTransport,
        startup: StartupStateMachine,
        tls: WireTLS?,
        settings: PostgreSQLConfiguration,
        types: TypeCatalogue
    ) {
        self.transport = transport
        machine = PostgreSQLStateMachine(types: types)
        self.startup = startup
        self.tls = tls
        self.settings = settings
        cache = StatementCache(capacity: settings.common.statementCacheCapacity)
    }

    // MARK: Start-up

    /// Begins the start-up and suspends until it is over.
    func start(deadline: NIODeadline, isolation: isolated any Actor) async throws(DatabaseError) {
        transport.schedule(deadline)
        if closeError == nil, let action = startup?.connected() { perform(action) }
        await withCheckedContinuation { continuation in
            if closeError == nil, startup != nil { startupWaiter = continuation } else { continuation.resume() }
        }
        if let startupError { throw startupError }
        if let closeError { throw closeError }
    }

    private func perform(_ action: StartupStateMachine.Action) {
        switch action {
        case .send(var bytes):
            transport.write { $0.writeBuffer(&bytes) }
            transport.flush()
        case .startTLS:
            guard let tls else { return transport.fail(PostgreSQLErrors.violation("TLS without settings for it")) }
            do throws(DatabaseError) { try transport.startTLS(tls) } catch { transport.fail(error) }
        case .ready:
            guard let done = startup else { return }
            processID = done.processID
            secret = done.secret
            parameters = done.parameters
            security = done.securityInUse
            startup = nil
            finishStartup()
        }
    }

    private func finishStartup() {
        let waiter = startupWaiter
        startupWaiter = nil
        waiter?.resume()
    }

    func secured(_ security: WireSecurity) {
        if let action = startup?.secured(security) { perform(action) }
    }

    // MARK: Reading

    var isFull: Bool { machine.isFull }

    var readsInBulk: Bool {
        guard let head = machine.head else { return false }
        return head.stage == .copyOut && head.copied.isGathered
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> Int {
        var used = 0
        while startup != nil {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            guard let (count, action) = try startup?.receive(rest), count > 0 else { return used }
            used += count
            if let action {
                perform(action)
                // What follows the answer to the question for TLS belongs to the handshake, never to us.
                if case .startTLS = action {
                    guard used == bytes.count else {
                        throw PostgreSQLErrors.violation("data before the TLS handshake")
                    }
                    return used
                }
            }
        }
        return used + (try machine.receive(UnsafeRawBufferPointer(rebasing: bytes[used...])))
    }

    func receiveCompleted() {
        if let head = machine.head, head.interruption == .abandoned { interruptHead() }
        guard !machine.events.isEmpty else { return }
        var events: [PostgreSQLStateMachine.Event] = []
        swap(&events, &machine.events)
        for event in events { handle(event) }
        events.removeAll(keepingCapacity: true)
        if machine.events.isEmpty { swap(&events, &machine.events) }
    }

    private func handle(_ event: PostgreSQLStateMachine.Event) {
        switch event {
        case .changed(let exchange):
            exchange.wake()
            if exchange.isDone, let head = machine.head, head.interruption != nil { interruptHead() }
        case .prepared(let statement, let succeeded):
            if succeeded {
                if statement.state == .preparing { statement.state = .ready }
            } else {
                forget(statement)
            }
        case .notification(let channel, let payload):
            guard let known = listeners[channel] else { return }
            for listener in known.values { listener.yield(Notification(channel: channel, payload: payload)) }
        case .parameter(let name, let value):
            if parameters.count < 256 || parameters[name] != nil { parameters[name] = value }
        case .notice(let notice):
            onNotice?(notice)
        case .refuseCopy(let exchange):
            transport.write { buffer in
                buffer.writeMessage("f") { $0.writeZeroTerminated("COPY FROM STDIN needs data; use copyIn") }
                // The server passed over the Sync that came with the statement.
                if !exchange.script.isSimple { buffer.writeSync() }
            }
            transport.flush()
        case .statementsDiscarded:
            cache.removeAll()
        }
    }

    func disconnected(_ error: DatabaseError) {
        let reason = machine.fatalError ?? error
        closeError = reason
        if startup != nil {
            startupError = startupError ?? reason
            startup = nil
        }
        finishStartup()
        machine.failAll(reason)
        receiveCompleted()
        endListeners(reason)
        cancelSettled()
    }

    /// Ends every stream of notifications.
    func endListeners(_ error: DatabaseError? = nil) {
        for listener in listeners.values.flatMap(\.values) { listener.finish(throwing: error) }
        listeners.removeAll()
    }

    // MARK: Requests

    /// Puts a request into the queue; what it sends was written to the transport. Requests of one turn of the event loop share a
    /// packet when others are in flight already.
    func submit(_ exchange: Exchange, timeout: Duration?) {
        let isAlone = machine.inFlight == 0
        machine.enqueue(exchange)
        if let timeout {
            let deadline = NIODeadline.now() + TimeAmount(timeout)
            exchange.deadline = deadline
            exchange.timeout = timeout
            transport.schedule(deadline)
        }
        if isAlone { transport.flush() } else { transport.flushSoon() }
    }

    func deadlineReached(_ now: NIODeadline) {
        if startup != nil {
            startupError = DatabaseError(
                .operational,
                .cannotConnect,
                "The server did not finish the login in time.",
                hint: "It may be overloaded; connect_timeout sets how long to wait.",
                sqlState: "08001",
                engine: PostgreSQLErrors.engine
            )
            return transport.close()
        }
        var next: NIODeadline?
        var isStuck = false
        var expired: [Exchange] = []
        machine.forEachInFlight { exchange in
            guard var deadline = exchange.deadline else { return }
            if exchange.isShielded, deadline <= now, exchange !== machine.head, let timeout = exchange.timeout {
                // Its time begins when its turn comes.
                deadline = now + TimeAmount(timeout)
                exchange.deadline = deadline
            }
            if deadline <= now {
                if exchange.isShielded {
                    isStuck = true
                } else if exchange.interruption == nil {
                    expired.append(exchange)
                } else {
                    isStuck = isStuck || exchange.cancelWasSent
                }
            } else {
                next = min(next ?? deadline, deadline)
            }
        }
        if isStuck {
            return transport.fail(
                DatabaseError(
                    .operational,
                    .connectionLost,
                    "The server did not react in time; the connection was given up.",
                    hint: "The server or the network may be down.",
                    sqlState: "08006",
                    engine: PostgreSQLErrors.engine
                )
            )
        }
        for exchange in expired { interrupt(exchange, .timeout) }
        if let next { transport.schedule(next) }
    }

    // MARK: Ending statements

    /// Asks the server to end a request: at once if it runs now, otherwise when its turn comes.
    func interrupt(_ exchange: Exchange, _ reason: Exchange.Interruption) {
        guard !exchange.isDone, !exchange.isShielded, exchange.interruption == nil else { return }
        exchange.interruption = reason
        if machine.head === exchange { interruptHead() }
    }

    /// Gives a request that is ended by other means than a cancellation the same time to end.
    func giveGrace(_ exchange: Exchange) {
        guard !exchange.isDone, !exchange.cancelWasSent else { return }
        exchange.interruption = exchange.interruption ?? .cancelled
        exchange.cancelWasSent = true
        let deadline = NIODeadline.now() + TimeAmount(settings.cancelTimeout)
        exchange.deadline = deadline
        transport.schedule(deadline)
    }

    /// Ends whatever runs now.
    func interruptCurrent() {
        if let head = machine.head { interrupt(head, .cancelled) }
    }

    private func interruptHead() {
        guard let head = machine.head, head.interruption != nil, !head.cancelWasSent else { return }
        if head.interruption == .abandoned, head.passedOverBytes < Self.abandonedBytes { return }
        head.cancelWasSent = true
        let deadline = NIODeadline.now() + TimeAmount(settings.cancelTimeout)
        head.deadline = deadline
        transport.schedule(deadline)
        // Rows nobody fetches must not keep the answer from being read.
        if !head.passesOverRows {
            head.isEnding = true
            if (head.decoder?.rowCount ?? 0) > 0 { head.isCutShort = true }
        }
        head.passesOverRows = true
        head.decoder = nil
        cancelsInFlight += 1
        cancelsSent += 1
        sendCancel?(self)
        transport.resume()
    }

    /// A cancellation reached the server, or failed to.
    func cancelSettled() {
        cancelsInFlight = max(cancelsInFlight - 1, 0)
        guard cancelsInFlight == 0 || closeError != nil else { return }
        let waiters = cancelWaiters
        cancelWaiters = []
        for waiter in waiters { waiter() }
    }

    /// Calls back once no cancellation is on its way any more.
    func afterCancels(_ callback: @escaping () -> Void) {
        cancelWaiters.append(callback)
    }

    /// Suspends while a cancellation is on its way.
    func waitForCancels(isolation: isolated any Actor) async {
        while cancelsInFlight > 0, closeError == nil {
            await withCheckedContinuation { continuation in
                if cancelsInFlight > 0 { afterCancels { continuation.resume() } } else { continuation.resume() }
            }
        }
    }

    /// The consumer of a result will not read further.
    func abandon(_ exchange: Exchange) {
        guard !exchange.isDone else { return }
        exchange.passesOverRows = true
        exchange.decoder = nil
        exchange.batches.removeAll()
        exchange.batchedBytes = 0
        exchange.copied.removeAll()
        // Inside a transaction an ended statement would take the transaction with it.
        if machine.transactionStatus == UInt8(ascii: "I") {
            exchange.interruption = exchange.interruption ?? .abandoned
        }
        transport.resume()
    }
}
