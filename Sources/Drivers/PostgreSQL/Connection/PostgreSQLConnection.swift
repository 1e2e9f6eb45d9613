import Logging
import NIOCore
import NIOPosix
public import Roost
import Synchronization
public import WireProtocol

/// One connection to a PostgreSQL server.
///
/// An actor on its event loop: calls of several tasks are pipelined, each answered in turn. Statements are prepared once and kept;
/// results stream in batches with back-pressure.
public actor PostgreSQLConnection: Connection {
    let bound: NIOLoopBound<PostgreSQLSession>
    let configuration: PostgreSQLConfiguration
    private nonisolated let serialExecutor: any SerialExecutor
    private nonisolated let cancelRequest = CancelRequest()
    private nonisolated let loopExecutor: EventLoopTaskExecutor
    var savepoints: [String] = []
    var nextListener = 0
    var nextCursor = 0
    /// The name under which the open transaction will be prepared.
    var preparedName: String?

    /// What watches this connection's statements; nil when the configuration asks for nothing to be watched.
    public nonisolated let observation: ConnectionObservation?
    /// Where it is connected to.
    public nonisolated let endpoint: WireEndpoint
    /// The version the server reports: `15.18`.
    public nonisolated let serverVersion: String
    /// The version of TLS, as people write it: `TLSv1.3`; nil without.
    public nonisolated var tlsVersion: String? { security?.version }
    nonisolated let security: WireSecurity?
    /// The server's process that serves this connection; a pooler's own number where one is in between.
    public nonisolated let processID: Int32
    /// Whether a pooler such as PgBouncer stands between this connection and the server.
    public nonisolated let isPooled: Bool

    /// The event loop's executor.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { serialExecutor.asUnownedSerialExecutor() }
    /// The event loop, for `withTaskExecutorPreference`: code run there sends statements without changing threads. It must not
    /// block: other connections share the loop.
    public nonisolated var taskExecutor: (any ConnectionExecutor)? { loopExecutor }

    private nonisolated let liveness: WireLiveness
    /// Whether the connection is known to be gone.
    public nonisolated var isKnownLost: Bool { liveness.isLost }

    init(
        bound: NIOLoopBound<PostgreSQLSession>,
        configuration: PostgreSQLConfiguration,
        endpoint: WireEndpoint,
        facts: Facts
    ) {
        self.bound = bound
        self.configuration = configuration
        self.endpoint = endpoint
        serialExecutor = bound.eventLoop.executor
        loopExecutor = EventLoopTaskExecutor(bound.eventLoop)
        serverVersion = facts.serverVersion
        security = facts.security
        processID = facts.processID
        isPooled = facts.isPooled
        liveness = facts.liveness
        observation = ConnectionObservation(
            configuration.common,
            database: DatabaseFacts(
                driverName: PostgreSQLErrors.engine,
                namespace: configuration.database,
                serverAddress: endpoint.address,
                serverPort: endpoint.port
            ),
            dialect: .postgresql
        )
    }

    deinit {
        // Whoever forgets to close loses the connection, but does not keep the server's.
        let bound = bound
        bound.eventLoop.execute {
            bound.value.transport.write { $0.writeTerminate() }
            bound.value.transport.close()
        }
    }

    /// What connecting found out.
    struct Facts: Sendable {
        var serverVersion: String
        var security: WireSecurity?
        var processID: Int32
        var isPooled: Bool
        var liveness: WireLiveness
    }

    var session: PostgreSQLSession { bound.value }

    /// `postgresql`
    public nonisolated var driverName: String { PostgreSQLErrors.engine }
    /// PostgreSQL's dialect.
    public nonisolated var dialect: Dialect { .postgresql }
    /// What PostgreSQL can do.
    public nonisolated var capabilities: Capabilities { PostgreSQLDriver().capabilities }
    /// `TLSv1.3`, `unix socket` or `no TLS`, and whether a pooler is in between.
    public nonisolated var transportDescription: String? {
        let way =
            switch endpoint {
            case .unixSocket: "unix socket"
            case .host: tlsVersion ?? "no TLS"
            }
        return isPooled ? way + ", through a pooler" : way
    }
    /// Whether the connection was closed or lost.
    public var isClosed: Bool { session.closeError != nil }
    /// The settings the server reports: `server_version`, `TimeZone`, …
    public var serverParameters: [String: String] { session.parameters }

    /// Idle, or open with the number of savepoints, or failed.
    public var transactionStatus: TransactionStatus {
        guard session.closeError == nil else { return .idle }
        switch session.machine.transactionStatus {
        case UInt8(ascii: "T"): return .open(depth: savepoints.count)
        case UInt8(ascii: "E"): return .failed
        default: return .idle
        }
    }

    /// How often a statement was found prepared, how often not, and how many are kept.
    public var statementCacheStatistics: (hits: Int, misses: Int, count: Int) {
        (session.cache.hits, session.cache.misses, session.cache.statementCount)
    }

    /// Ends whatever statement runs now.
    public nonisolated func cancel() {
        // However often it is called, one request at a time waits for the event loop, so that it is never kept from reading.
        guard !cancelRequest.isPending.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let (bound, cancelRequest) = (bound, cancelRequest)
        bound.eventLoop.execute {
            cancelRequest.isPending.store(false, ordering: .releasing)
            bound.value.interruptCurrent()
        }
    }

    /// Whether a call of ``cancel()`` waits for the event loop.
    private final class CancelRequest: Sendable {
        let isPending = Atomic(false)
    }

    /// Ends the session; an open transaction is rolled back by the server. Requests in flight fail.
    public func close() async {
        guard session.closeError == nil else { return }
        session.transport.write { $0.writeTerminate() }
        session.transport.fail(PostgreSQLErrors.closed)
        session.transport.flush()
    }
}
