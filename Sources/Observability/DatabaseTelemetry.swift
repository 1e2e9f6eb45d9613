public import CoreMetrics
public import Roost
public import Tracing

/// Turns what happens on connections and in their pool into metrics (swift-metrics) and spans (swift-distributed-tracing), under
/// OpenTelemetry's names for databases.
///
/// ```swift
/// var configuration = try ConnectionConfiguration("postgresql://app@db.example/shop")
/// configuration.observer = DatabaseTelemetry(poolName: "shop")
/// configuration.slowQueryThreshold = .milliseconds(250)
/// configuration.guards = .standard
/// ```
///
/// Labels hold no values: statements are told apart by their text without literals. At most ``maximumStatements`` different
/// statements get a label of their own; what comes after them is `other`, so that labels cannot grow without bound.
public final class DatabaseTelemetry: DatabaseObserver {
    /// The pool's name in its metrics.
    public let poolName: String
    /// How many different statements get labels of their own.
    public let maximumStatements: Int
    private let tracer: (any Tracer)?
    private let instruments: Instruments

    /// Telemetry for one pool or connection. Make it after `MetricsSystem` and `InstrumentationSystem` were bootstrapped.
    ///
    /// - Parameters:
    ///   - poolName: the pool's name in its metrics.
    ///   - maximumStatements: how many different statements get labels of their own.
    ///   - metrics: where metrics go.
    ///   - tracer: where spans go; nil for no spans.
    public init(
        poolName: String = "default",
        maximumStatements: Int = 500,
        metrics: any MetricsFactory = MetricsSystem.factory,
        tracer: (any Tracer)? = InstrumentationSystem.tracer
    ) {
        self.poolName = poolName
        self.maximumStatements = maximumStatements
        self.tracer = tracer
        instruments = Instruments(poolName: poolName, factory: metrics)
    }

    // MARK: Statements

    /// Starts a client span (`db.query.text` and its kin); the span is the token.
    public func statementBegan(_ statement: ObservedStatement) -> (any Sendable)? {
        guard let tracer else { return nil }
        let span: any Span = tracer.startAnySpan(statement.fingerprint.summary, ofKind: .client)
        guard span.isRecording else { return nil }
        span.updateAttributes { attributes in
            attributes[SemanticNames.system] = SemanticNames.system(of: statement.database.driverName)
            attributes[SemanticNames.namespace] = statement.database.namespace
            attributes[SemanticNames.serverAddress] = statement.database.serverAddress
            attributes[SemanticNames.serverPort] = statement.database.serverPort
            attributes[SemanticNames.operation] = statement.fingerprint.operation
            attributes[SemanticNames.summary] = statement.fingerprint.summary
            attributes[SemanticNames.text] = statement.fingerprint.text
            attributes[SemanticNames.fingerprint] = statement.fingerprint.name
            attributes[SemanticNames.batchSize] = statement.batchSize
            attributes[SemanticNames.codeFile] = statement.place?.fileID
            attributes[SemanticNames.codeLine] = statement.place?.line
        }
        return span
    }

    /// Ends the span and records `db.client.operation.duration` (seconds), the rows returned, and errors by condition.
    public func statementEnded(_ statement: ObservedStatement, _ outcome: StatementOutcome, token: (any Sendable)?) {
        let instruments = instruments.statement(statement, outcome.error?.condition, limit: maximumStatements)
        instruments.duration.record(outcome.duration.wholeAndPartSeconds)
        if outcome.error == nil { instruments.rows.record(Int64(outcome.rows)) }
        instruments.errors?.increment(by: 1)
        guard let span = token as? any Span else { return }
        span.updateAttributes { attributes in
            attributes[SemanticNames.returnedRows] = outcome.rows
            attributes[SemanticNames.affectedRows] = outcome.rowsAffected
            attributes[SemanticNames.errorType] = outcome.error?.condition.rawValue
            attributes[SemanticNames.responseStatus] = outcome.error?.sqlState
        }
        // The message may quote a value of the user's data (a duplicate key, say); the condition never does.
        if let error = outcome.error {
            span.setStatus(SpanStatus(code: .error, message: error.condition.rawValue))
        }
        span.end()
    }

    /// Counts the retry by the condition that caused it: deadlocks and serialization failures show here.
    public func transactionRetried(after error: DatabaseError, attempt: Int, on database: DatabaseFacts) {
        instruments.counter(
            SemanticNames.retries,
            [
                (SemanticNames.system, SemanticNames.system(of: database.driverName)),
                (SemanticNames.errorType, error.condition.rawValue),
            ]
        ).increment(by: 1)
    }

    /// Counts a guard's finding by its kind.
    public func found(_ finding: GuardFinding, on database: DatabaseFacts) {
        instruments.counter(
            SemanticNames.findings,
            [
                (SemanticNames.system, SemanticNames.system(of: database.driverName)),
                ("roost.guard.kind", finding.kind.rawValue),
            ]
        ).increment(by: 1)
    }

    // MARK: The pool

    /// Records connections in use, idle, waited for and allowed.
    public func poolChanged(_ statistics: PoolStatistics) {
        instruments.used.record(Int64(statistics.inUse))
        instruments.idle.record(Int64(statistics.idle))
        instruments.pending.record(Int64(statistics.waiting))
        instruments.maximum.record(Int64(statistics.serverLimit ?? statistics.maximum))
    }

    /// Records how long a caller waited for a connection, in seconds.
    public func acquired(after wait: Duration) {
        instruments.wait.record(wait.wholeAndPartSeconds)
    }

    /// Counts a caller that got no connection in time: the sign of an exhausted pool.
    public func acquireTimedOut() {
        instruments.timeouts.increment(by: 1)
    }

    /// Records how long connecting took, in seconds.
    public func opened(after duration: Duration) {
        instruments.create.record(duration.wholeAndPartSeconds)
    }

    /// Counts a closed connection by the reason.
    public func closed(_ reason: PoolCloseReason) {
        instruments.counter(
            SemanticNames.connectionsClosed,
            [(SemanticNames.poolName, poolName), ("roost.close.reason", reason.rawValue)]
        ).increment(by: 1)
    }

    /// Counts a connection held for longer than the leak threshold.
    public func leaked(place: SourcePlace) {
        instruments.counter(SemanticNames.connectionsLeaked, [(SemanticNames.poolName, poolName)]).increment(by: 1)
    }
}
