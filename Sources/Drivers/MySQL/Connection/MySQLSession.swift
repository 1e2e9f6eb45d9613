import NIOCore
import Roost
import WireProtocol

/// A connection's inside: drives the state machines with what the transport brings, and tells who waits. Confined to the event loop.
///
/// Requests are answered one after the other: the next one is sent when the one before it has ended.
final class MySQLSession: WireSession {
    let transport: WireTransport
    let settings: MySQLConfiguration
    var machine = MySQLStateMachine()
    var cache: StatementCache
    /// Statements that left the cache and are still on the server.
    var idsToClose: [UInt32] = []
    var login: LoginStateMachine?
    /// The frames packets go in; nil where compression was not agreed on.
    private(set) var frames: FrameCodec?
    private let tls: WireTLS?
    private var onLogin: ((Result<Void, DatabaseError>) -> Void)?
    private(set) var greeting: ServerGreeting?
    private(set) var security: WireSecurity?
    /// Why the connection is gone; nil while it is there.
    private(set) var closeError: DatabaseError?
    /// Asks the server, over another connection, to end what runs here; calls back once that is done.
    var sendKill: ((UInt32, @escaping () -> Void) -> Void)?
    /// Whether a kill is on its way: nothing is sent meanwhile, lest it be hit.
    var isKilling = false
    /// Whether a kill may still hit what runs next.
    var needsDraining = false
    /// The server's `sql_mode`, as it was at the login.
    var sqlMode = ""
    /// Whether something may have been left behind in the session since it was last reset, of which the server does not tell.
    var isDirty = false
    /// Statements whose rows are fetched from a cursor.
    var cursors: [ServerStatement] = []

    /// Bytes of an abandoned result that are read and dropped before the server is asked to stop.
    static let abandonedBytes = 1 << 16

    init(transport: WireTransport, login: LoginStateMachine, tls: WireTLS?, settings: MySQLConfiguration) {
        self.transport = transport
        self.login = login
        self.tls = tls
        self.settings = settings
        cache = StatementCache(capacity: settings.common.statementCacheCapacity)
        machine.zeroDates = settings.zeroDates
    }

    // MARK: The login

    /// Calls back once the login is over.
    func start(deadline: NIODeadline, _ completion: @escaping (Result<Void, DatabaseError>) -> Void) {
        if let closeError { return completion(.failure(closeError)) }
        guard login != nil else { return completion(.success(())) }
        onLogin = completion
        transport.schedule(deadline)
    }

    private func finishLogin(_ outcome: Result<Void, DatabaseError>) {
        login = nil
        let completion = onLogin
        onLogin = nil
        completion?(outcome)
    }

    private func perform(_ action: LoginStateMachine.Action) throws(DatabaseError) {
        switch action {
        case .send(var bytes):
            transport.write { $0.writeBuffer(&bytes) }
            transport.flush()
        case .startTLS(var bytes):
            guard let tls else { throw MySQLErrors.violation("TLS without settings for it") }
            transport.write { $0.writeBuffer(&bytes) }
            transport.flush()
            try transport.startTLS(tls)
        case .ready:
            guard let login else { return }
            greeting = login.greeting
            security = login.security
            machine.capabilities = login.capabilities
            if login.capabilities.hasFrames, let algorithm = CompressionAlgorithm(settings.compression) {
                frames = FrameCodec(algorithm)
            }
            machine.initialSchema = settings.database
            machine.sessionState.schema = settings.database.isEmpty ? nil : settings.database
            machine.engine = flavour.rawValue
            finishLogin(.success(()))
        }
    }

    func secured(_ security: WireSecurity) {
        do throws(DatabaseError) {
            if let action = try login?.secured(security) { try perform(action) }
        } catch {
            transport.fail(error)
        }
    }

    // MARK: Reading

    /// Rows that nobody wants come no faster than the server can be told to stop.
    var isFull: Bool { machine.isFull || isKilling }

    func receive(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> Int {
        var used = 0
        while login != nil {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            guard let (count, action) = try login?.receive(rest) else { return used }
            used += count
            guard let action else { continue }
            if case .startTLS = action {
                // What follows the greeting belongs to the handshake, never to us.
                guard used == bytes.count else { throw MySQLErrors.violation("data before the TLS handshake") }
                try perform(action)
                return used
            }
            try perform(action)
        }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
        guard let frames else { return used + (try machine.receive(rest)) }
        return used
            + (try frames.receive(rest, isFull: { self.isFull }) { (packets) throws(DatabaseError) in
                try machine.receive(packets)
            })
    }

    func receiveCompleted() {
        if let head = machine.head, head.interruption == .abandoned { killHead() }
        while !machine.events.isEmpty {
            var events: [MySQLStateMachine.Event] = []
            swap(&events, &machine.events)
            for event in events { handle(event) }
            events.removeAll(keepingCapacity: true)
            if machine.events.isEmpty { swap(&events, &machine.events) }
        }
    }

    private func handle(_ event: MySQLStateMachine.Event) {
        switch event {
        case .changed(let exchange):
            if exchange.isDone {
                if exchange.awaitsWarnings { return }
                settle(exchange)
                if case .cursor = exchange.request { closeCursor(exchange) }
                if askForWarnings(exchange) { return }
                // First the next request, then whoever waits for this one: the server need not wait for them.
                sendNext()
            }
            exchange.wake()
        case .prepared(let exchange): execute(exchange)
        case .refused(let statement): cache.remove(statement)
        case .fileAskedFor(let exchange, let name): fileAskedFor(exchange, name)
        case .paused(let exchange):
            // Whoever opened the cursor waits for its first rows.
            if !exchange.hasDeliveredRows, exchange.firstPart?.batches.isEmpty == true { fetchMore(exchange) }
            sendNext()
            exchange.wake()
        }
    }

    func disconnected(_ error: DatabaseError) {
        closeError = closeError ?? error
        finishLogin(.failure(error))
        machine.failAll(error)
        receiveCompleted()
    }

    func checkOpen() throws(DatabaseError) {
        guard let error = closeError else { return }
        throw error.condition == .connectionClosed
            ? error
            : DatabaseError(
                .operational,
                .connectionLost,
                "The connection was lost earlier: \(error.message)",
                hint: "Open a new connection to go on.",
                sqlState: "08003",
                engine: MySQLErrors.engine
            )
    }
}
