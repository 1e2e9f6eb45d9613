/// Why a pool closed a connection.
public enum PoolCloseReason: String, Sendable, Hashable, CaseIterable {
    /// It was idle for long, and beyond the minimum.
    case idle
    /// It had reached its lifetime.
    case expired
    /// It did not answer, or came back broken.
    case broken
    /// It could not be brought back to its first state.
    case notReset
    /// The pool was closed or drained.
    case shutdown
}

/// What a pool looks like at one moment.
public struct PoolStatistics: Sendable, Hashable {
    /// Connections lent out.
    public var inUse = 0
    /// Connections that wait to be lent.
    public var idle = 0
    /// Connections that are being opened.
    public var connecting = 0
    /// Tasks that wait for a connection.
    public var waiting = 0
    /// The most connections there may be.
    public var maximum = 0
    /// Connections opened since the beginning.
    public var opened = 0
    /// Attempts to connect that failed since the beginning.
    public var failedToOpen = 0
    /// Connections closed since the beginning, by reason.
    public var closed: [PoolCloseReason: Int] = [:]
    /// Acquisitions that timed out since the beginning.
    public var timeouts = 0
    /// Connections reported as leaked since the beginning.
    public var leaked = 0
    /// How many connections the server granted before it said that it has no more, if it said so lately.
    public var serverLimit: Int?

    /// An empty pool.
    public init() {}
}
