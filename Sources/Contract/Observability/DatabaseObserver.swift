/// What happens in a pool, for metrics. Called outside of the pool's lock; must not block.
public protocol PoolObserver: Sendable {
    /// The numbers changed.
    func poolChanged(_ statistics: PoolStatistics)
    /// A connection was lent after this wait.
    func acquired(after wait: Duration)
    /// A task waited in vain.
    func acquireTimedOut()
    /// A connection was opened, after this time.
    func opened(after duration: Duration)
    /// A connection was closed.
    func closed(_ reason: PoolCloseReason)
    /// A connection was lent for longer than the threshold; `place` acquired it.
    func leaked(place: SourcePlace)
}

/// What happens on connections and in their pool, for metrics and traces. Set it in ``ConnectionConfiguration/observer``; without
/// one, and without a slow-query log or guards, nothing is timed, counted or kept.
///
/// No call carries a value that was bound to a statement, and literals in its text are replaced. Calls must not block.
public protocol DatabaseObserver: PoolObserver {
    /// A statement is about to be sent. What is returned comes back with its end: a span, say.
    func statementBegan(_ statement: ObservedStatement) -> (any Sendable)?
    /// A statement ended: its rows were read, or dropped, or it failed. `token` is what ``statementBegan(_:)`` returned.
    func statementEnded(_ statement: ObservedStatement, _ outcome: StatementOutcome, token: (any Sendable)?)
    /// A transaction is run again after a failure that may pass.
    func transactionRetried(after error: DatabaseError, attempt: Int, on database: DatabaseFacts)
    /// A guard found something.
    func found(_ finding: GuardFinding, on database: DatabaseFacts)
}

/// An observer does what it wants of these; by default nothing.
extension DatabaseObserver {
    public func poolChanged(_ statistics: PoolStatistics) {}
    public func acquired(after wait: Duration) {}
    public func acquireTimedOut() {}
    public func opened(after duration: Duration) {}
    public func closed(_ reason: PoolCloseReason) {}
    public func leaked(place: SourcePlace) {}
    public func transactionRetried(after error: DatabaseError, attempt: Int, on database: DatabaseFacts) {}
    public func found(_ finding: GuardFinding, on database: DatabaseFacts) {}
}

/// Which database a connection leads to, without a secret.
public struct DatabaseFacts: Sendable, Hashable {
    /// The driver's name: `postgresql`, `sqlite`, …
    public var driverName: String
    /// The database's name, if it has one.
    public var namespace: String?
    /// The server's name or address, or the path of its socket.
    public var serverAddress: String?
    /// The server's port.
    public var serverPort: Int?

    /// Facts.
    public init(driverName: String, namespace: String? = nil, serverAddress: String? = nil, serverPort: Int? = nil) {
        self.driverName = driverName
        self.namespace = namespace
        self.serverAddress = serverAddress
        self.serverPort = serverPort
    }
}

/// A statement as an observer sees it.
public struct ObservedStatement: Sendable {
    /// What the statement is, whatever its values.
    public var fingerprint: StatementFingerprint
    /// Where it is run.
    public var database: DatabaseFacts
    /// Who sent it, if that is known.
    public var place: SourcePlace?
    /// How many rows of parameters it is run with; nil when it is no batch.
    public var batchSize: Int?
}

/// How a statement ended.
public struct StatementOutcome: Sendable {
    /// From sending it to the last of its rows, the reader's own time included.
    public var duration: Duration
    /// How many rows were handed out.
    public var rows: Int
    /// How many rows it changed, if it says so.
    public var rowsAffected: Int?
    /// Why it failed.
    public var error: DatabaseError?
}
