/// The identity of a distributed transaction (X/Open XA: format, global part, branch).
public struct Xid: Sendable, Hashable {
    /// The format of the two parts.
    public var formatID: Int32
    /// The global transaction's identity, up to 64 bytes.
    public var globalTransactionID: String
    /// The branch's identity, up to 64 bytes.
    public var branchQualifier: String

    /// An identity from its parts.
    public init(formatID: Int32 = 0, globalTransactionID: String, branchQualifier: String = "") {
        self.formatID = formatID
        self.globalTransactionID = globalTransactionID
        self.branchQualifier = branchQualifier
    }
}

/// A connection that takes part in two-phase commit (PEP 249 `tpc_*`).
public protocol TwoPhaseConnection: Connection {
    /// Begins a transaction under this identity.
    func beginTwoPhase(_ xid: Xid) async throws(DatabaseError)
    /// First phase: from here on the transaction survives a crash.
    func prepareTwoPhase() async throws(DatabaseError)
    /// Second phase: commits a prepared transaction, this session's or a recovered one.
    func commitTwoPhase(_ xid: Xid) async throws(DatabaseError)
    /// Second phase: rolls a prepared transaction back.
    func rollbackTwoPhase(_ xid: Xid) async throws(DatabaseError)
    /// The prepared transactions that wait for their second phase.
    func recoverTwoPhase() async throws(DatabaseError) -> [Xid]
}

/// A message one session sent to others.
public struct Notification: Sendable, Hashable {
    /// The channel.
    public var channel: String
    /// The text.
    public var payload: String

    /// A message.
    public init(channel: String, payload: String) {
        self.channel = channel
        self.payload = payload
    }
}

/// A connection that can listen to messages other sessions send.
public protocol NotificationConnection: Connection {
    /// The messages of a channel from now on; ending the iteration stops listening.
    func notifications(on channel: String) async throws(DatabaseError) -> AsyncThrowingStream<Notification, any Error>
    /// Sends a message.
    func notify(_ channel: String, payload: String) async throws(DatabaseError)
}
