public import Roost

/// How a pool behaves.
public struct PoolConfiguration: Sendable {
    /// The most connections open at once. Few are better than many: a server does its work on its cores, and everything beyond
    /// some multiple of them waits inside it instead of here. Default 10.
    public var maximumConnections: Int
    /// Connections kept open even when idle. Default 0.
    public var minimumConnections: Int
    /// How long ``ConnectionPool/acquire(timeout:fileID:line:)`` waits; nil for ever. Default 30 s.
    public var acquireTimeout: Duration?
    /// How long a connection beyond the minimum may be idle before it is closed; nil for ever. Default 10 min.
    public var idleTimeout: Duration?
    /// How old a connection may become before it is replaced; nil for ever. Default 30 min. Each gets up to a tenth less, so that
    /// they do not all go at once.
    public var maximumLifetime: Duration?
    /// After how much idleness a connection is asked for a sign of life before it is lent; nil for never. Default 5 s.
    public var livenessCheckAfter: Duration?
    /// How long a connection may be lent before it is reported as leaked, with the place that acquired it; nil for never.
    /// Default 1 min.
    public var leakThreshold: Duration?
    /// The wait before the second attempt to connect after a failure that may pass; it doubles up to ``maximumBackoff``.
    public var initialBackoff: Duration
    /// The longest wait between attempts to connect.
    public var maximumBackoff: Duration

    /// A configuration with the defaults.
    public init(maximumConnections: Int = 10) {
        self.maximumConnections = maximumConnections
        minimumConnections = 0
        acquireTimeout = .seconds(30)
        idleTimeout = .seconds(600)
        maximumLifetime = .seconds(1_800)
        livenessCheckAfter = .seconds(5)
        leakThreshold = .seconds(60)
        initialBackoff = .milliseconds(100)
        maximumBackoff = .seconds(15)
    }

    /// - Throws: `interface.invalidConfiguration` naming what cannot be.
    func validate() throws(DatabaseError) {
        if maximumConnections < 1 { throw Self.invalid("A pool needs room for at least one connection.") }
        if !(0...maximumConnections).contains(minimumConnections) {
            throw Self.invalid("A pool's minimum of connections lies between 0 and its maximum.")
        }
        for duration in [acquireTimeout, idleTimeout, maximumLifetime, leakThreshold, initialBackoff, maximumBackoff] {
            if let duration, duration <= .zero { throw Self.invalid("A pool's durations are longer than nothing.") }
        }
    }

    private static func invalid(_ message: String) -> DatabaseError {
        DatabaseError(.interface, .invalidConfiguration, message, hint: "Check the pool's settings.")
    }
}

extension PoolConfiguration {
    /// What a driver takes from a connection's settings: how many, and how long to wait for one.
    public init(_ configuration: ConnectionConfiguration, defaultMaximum: Int = 10) {
        self.init(maximumConnections: configuration.maximumConnections ?? defaultMaximum)
        acquireTimeout = configuration.poolTimeout
    }
}

extension PoolConfiguration {
    /// Whether an attempt to connect that failed with this error would fail again with the same settings: a wrong password, an
    /// unknown database, a certificate that is not trusted.
    public static func isPermanent(_ error: DatabaseError) -> Bool {
        switch error.condition {
        case .authenticationFailed, .undefinedDatabase, .tlsFailed, .invalidConfiguration, .insufficientPrivilege,
            .notSupported, .notADatabase, .protocolViolation:
            true
        default: false
        }
    }
}
