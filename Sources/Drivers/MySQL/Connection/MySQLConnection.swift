import Logging
import NIOCore
public import Roost
import Synchronization
public import WireProtocol

/// One connection to a MySQL or MariaDB server.
///
/// An actor on its event loop: calls of several tasks are answered in turn. Statements that read and write rows are prepared once and
/// kept; results stream in batches with back-pressure.
public actor MySQLConnection: Connection {
    let bound: NIOLoopBound<MySQLSession>
    let configuration: MySQLConfiguration
    private nonisolated let serialExecutor: any SerialExecutor
    private nonisolated let loopExecutor: EventLoopTaskExecutor
    private nonisolated let isCancelPending = PendingCancel()
    var savepoints: [String] = []
    /// The transaction branch that is open or prepared here.
    var branch: Xid?
    /// The template last written for many rows at once, and what it became; nil in it when it cannot be.
    var lastInsert: (template: Statement, width: Int, insert: MultiRowInsert?)?

    /// What watches this connection's statements; nil when the configuration asks for nothing to be watched.
    public nonisolated let observation: ConnectionObservation?
    /// Where it is connected to.
    public nonisolated let endpoint: WireEndpoint
    /// Which of the two it is.
    public nonisolated let flavour: MySQLFlavour
    /// The server's version: `10.11.14`, `9.7.0`.
    public nonisolated let serverVersion: String
    /// The version of TLS, as people write it: `TLSv1.3`; nil without.
    public nonisolated let tlsVersion: String?
    /// The server's number for this connection, as in `SHOW PROCESSLIST`.
    public nonisolated let connectionID: UInt32

    /// The event loop's executor.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { serialExecutor.asUnownedSerialExecutor() }
    /// The event loop, for `withTaskExecutorPreference`: code run there sends statements without changing threads. It must not
    /// block: other connections share the loop.
    public nonisolated var taskExecutor: (any ConnectionExecutor)? { loopExecutor }

    private nonisolated let liveness: WireLiveness
    /// Whether the connection is known to be gone.
    public nonisolated var isKnownLost: Bool { liveness.isLost }

    init(
        bound: NIOLoopBound<MySQLSession>,
        configuration: MySQLConfiguration,
        endpoint: WireEndpoint,
        facts: Facts
    ) {
        self.bound = bound
        self.configuration = configuration
        self.endpoint = endpoint
        serialExecutor = bound.eventLoop.executor
        loopExecutor = EventLoopTaskExecutor(bound.eventLoop)
        flavour = facts.flavour
        serverVersion = facts.serverVersion
        tlsVersion = facts.tlsVersion
        connectionID = facts.connectionID
        liveness = facts.liveness
        observation = ConnectionObservation(
            configuration.common,
            database: DatabaseFacts(
                driverName: facts.flavour.rawValue,
                namespace: configuration.database,
                serverAddress: endpoint.address,
                serverPort: endpoint.port
            ),
            dialect: facts.flavour.dialect
        )
    }

    deinit {
        // Whoever forgets to close loses the connection, but does not keep the server's.
        let bound = bound
        bound.eventLoop.execute { bound.value.quit() }
    }

    /// What connecting found out.
    struct Facts: Sendable {
        var flavour: MySQLFlavour
        var serverVersion: String
        var tlsVersion: String?
        var connectionID: UInt32
        var liveness: WireLiveness
    }

    private final class PendingCancel: Sendable {
        let value = Atomic(false)
    }

    var session: MySQLSession { bound.value }

    /// `mysql` or `mariadb`
    public nonisolated var driverName: String { flavour.rawValue }
    /// The server's dialect.
    public nonisolated var dialect: Dialect { flavour.dialect }
    /// What the server can do.
    public nonisolated var capabilities: Capabilities { flavour.capabilities }
    /// `TLSv1.3`, `unix socket` or `no TLS`.
    public nonisolated var transportDescription: String? {
        switch endpoint {
        case .unixSocket: "unix socket"
        case .host: tlsVersion ?? "no TLS"
        }
    }
    /// Whether the connection was closed or lost.
    public var isClosed: Bool { session.closeError != nil }

    /// Idle, or open with the number of savepoints, or failed after a deadlock.
    public var transactionStatus: TransactionStatus {
        guard session.closeError == nil else { return .idle }
        if session.machine.isTransactionLost { return .failed }
        if branch != nil || session.machine.status.contains(.inTransaction) { return .open(depth: savepoints.count) }
        return .idle
    }

    /// How often a statement was found prepared, how often not, and how many are kept.
    public var statementCacheStatistics: (hits: Int, misses: Int, count: Int) {
        (session.cache.hits, session.cache.misses, session.cache.count)
    }

    /// Ends whatever statement runs now.
    public nonisolated func cancel() {
        // However often it is called, one request at a time waits for the event loop, so that it is never kept from reading.
        guard !isCancelPending.value.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let (bound, isCancelPending) = (bound, isCancelPending)
        bound.eventLoop.execute {
            isCancelPending.value.store(false, ordering: .releasing)
            bound.value.interruptCurrent()
        }
    }

    /// Ends the session; an open transaction is rolled back by the server. Requests in flight fail.
    public func close() async {
        guard session.closeError == nil else { return }
        session.quit()
    }
}

extension MySQLSession {
    /// Says goodbye and closes.
    func quit() {
        guard closeError == nil else { return }
        var sequence: UInt8 = 0
        transport.write { buffer in
            buffer.writePacket(sequence: &sequence, in: frames) { $0.writeInteger(Command.quit) }
        }
        transport.flush()
        transport.fail(MySQLErrors.closed)
    }
}
