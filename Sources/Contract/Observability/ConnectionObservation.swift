import Logging

/// Watches one connection: times its statements for the observer and the slow-query log, and looks out for what the guards name.
///
/// A driver makes one when it connects, and holds nil when nobody wants to know: watching costs nothing then.
public final class ConnectionObservation: Sendable {
    private struct Scope {
        var place: SourcePlace?
        var counts: [UInt64: Int] = [:]
        var transactionBegan: ContinuousClock.Instant?
        var isTransactionReported = false
        var findings: [GuardFinding] = []
    }

    private struct State {
        var fingerprints: [String: StatementFingerprint] = [:]
        var scope = Scope()
    }

    /// Where the connection leads.
    public let database: DatabaseFacts
    private let observer: (any DatabaseObserver)?
    private let guards: RuntimeGuards?
    private let slowThreshold: Duration?
    private let dialect: Dialect
    private let logger: Logger
    private let clock = ContinuousClock()
    private let state = Locked(State())

    /// Nil when the configuration names no observer, no guards and no threshold of the slow-query log.
    public init?(_ configuration: ConnectionConfiguration, database: DatabaseFacts, dialect: Dialect) {
        guard
            configuration.observer != nil || configuration.guards != nil || configuration.slowQueryThreshold != nil
        else { return nil }
        self.database = database
        observer = configuration.observer
        guards = configuration.guards
        slowThreshold = configuration.slowQueryThreshold
        self.dialect = dialect
        logger = configuration.logger
    }

    // MARK: Statements

    /// A statement is about to be sent. Whoever calls this tells the result of its end.
    public func begin(
        _ statement: Statement,
        _ options: ExecutionOptions,
        batchSize: Int? = nil
    ) -> StatementObservation {
        let (fingerprint, finding) = state.withLock { state -> (StatementFingerprint, GuardFinding?) in
            let fingerprint: StatementFingerprint
            if let known = state.fingerprints[statement.text] {
                fingerprint = known
            } else {
                // The canonical text's identifiers are in double quotes, which are strings where the engine reads them otherwise.
                fingerprint = StatementFingerprint(statement.rendered(for: dialect), lexicon: dialect.lexicon)
                // Long texts are rare, and 512 of them would be much.
                if statement.text.utf8.count <= 16_384 {
                    if state.fingerprints.count >= 512 { state.fingerprints.removeAll(keepingCapacity: true) }
                    state.fingerprints[statement.text] = fingerprint
                }
            }
            guard let limit = guards?.repeatedStatements else { return (fingerprint, nil) }
            let count = state.scope.counts[fingerprint.id, default: 0] + 1
            if count == 1, state.scope.counts.count >= 1_024 { state.scope.counts.removeAll() }
            state.scope.counts[fingerprint.id] = count
            // Once a scope, not once a repetition.
            guard count == limit + 1 else { return (fingerprint, nil) }
            let message =
                "\(fingerprint.text) ran more than \(limit) times while one connection was lent. "
                + "Join, or fetch by a list of keys, instead of asking once a row."
            return (
                fingerprint,
                GuardFinding(kind: .repeatedStatement, message: message, place: options.place ?? state.scope.place)
            )
        }
        if let finding { report(finding) }
        let observed = ObservedStatement(
            fingerprint: fingerprint,
            database: database,
            place: options.place,
            batchSize: batchSize
        )
        return StatementObservation(
            observation: self,
            statement: observed,
            began: clock.now,
            token: observer?.statementBegan(observed)
        )
    }

    func end(_ observed: StatementObservation, rows: Int, rowsAffected: Int?, error: DatabaseError?) {
        let duration = observed.began.duration(to: clock.now)
        let statement = observed.statement
        observer?.statementEnded(
            statement,
            StatementOutcome(duration: duration, rows: rows, rowsAffected: rowsAffected, error: error),
            token: observed.token
        )
        if let slowThreshold, duration >= slowThreshold {
            var metadata: Logger.Metadata = [
                "statement": "\(statement.fingerprint.text)",
                "fingerprint": "\(statement.fingerprint.name)",
                "milliseconds": "\(duration.wholeMilliseconds)",
                "rows": "\(rowsAffected ?? rows)",
            ]
            if let place = statement.place { metadata["place"] = "\(place)" }
            if let error { metadata["condition"] = "\(error.condition)" }
            logger.warning("slow statement", metadata: metadata)
        }
        checkTransaction()
    }

    // MARK: Guards

    /// A fetch without a limit brought this many rows.
    func fetchedUnbounded(_ count: Int, _ statement: ObservedStatement) {
        guard let limit = guards?.unboundedRows, count > limit else { return }
        let message =
            "A fetch without a limit brought \(count) rows into memory: \(statement.fingerprint.text). "
            + "Iterate over the rows, or give a limit."
        report(GuardFinding(kind: .unboundedFetch, message: message, place: statement.place))
    }

    /// A transaction began.
    func transactionBegan() {
        guard guards?.transactionDuration != nil else { return }
        let now = clock.now
        state.withLock { state in
            state.scope.transactionBegan = now
            state.scope.isTransactionReported = false
        }
    }

    /// The transaction ended, either way.
    func transactionEnded() {
        checkTransaction()
        state.withLock { $0.scope.transactionBegan = nil }
    }

    private func checkTransaction() {
        guard let limit = guards?.transactionDuration else { return }
        let now = clock.now
        let finding = state.withLock { state -> GuardFinding? in
            guard let began = state.scope.transactionBegan, !state.scope.isTransactionReported else { return nil }
            let age = began.duration(to: now)
            guard age > limit else { return nil }
            state.scope.isTransactionReported = true
            let message =
                "A transaction has been open for \(age). It keeps its locks and keeps the server from cleaning up; "
                + "do slow work before or after it."
            return GuardFinding(kind: .longTransaction, message: message, place: state.scope.place)
        }
        if let finding { report(finding) }
    }

    /// A transaction is run again.
    func transactionRetried(after error: DatabaseError, attempt: Int) {
        observer?.transactionRetried(after: error, attempt: attempt, on: database)
    }

    private func report(_ finding: GuardFinding) {
        var metadata: Logger.Metadata = ["kind": "\(finding.kind.rawValue)"]
        if let place = finding.place { metadata["place"] = "\(place)" }
        logger.warning("\(finding.message)", metadata: metadata)
        observer?.found(finding, on: database)
        if guards?.reaction == .fail {
            state.withLock { if $0.scope.findings.count < 16 { $0.scope.findings.append(finding) } }
        }
    }

    // MARK: Scopes

    /// The connection was lent. For pools.
    public func beginScope(at place: SourcePlace?) {
        guard guards != nil else { return }
        state.withLock { $0.scope = Scope(place: place) }
    }

    /// The connection comes back; `hasOpenTransaction` when nobody ended its transaction. For pools.
    ///
    /// - Returns: what the scope is to throw, when the guards' findings are errors.
    public func endScope(hasOpenTransaction: Bool) -> DatabaseError? {
        guard let guards else { return nil }
        let place = state.withLock(\.scope.place)
        if hasOpenTransaction, guards.openTransactions {
            let message =
                "A connection came back with an open transaction, which was rolled back. "
                + "Commit it, or use withTransaction, which ends it whatever happens."
            report(GuardFinding(kind: .openTransaction, message: message, place: place))
        }
        transactionEnded()
        let first = state.withLock { state -> GuardFinding? in
            defer { state.scope = Scope() }
            return state.scope.findings.first
        }
        return first?.error
    }
}

/// A statement that runs, until somebody tells of its end.
public final class StatementObservation: Sendable {
    fileprivate let observation: ConnectionObservation
    let statement: ObservedStatement
    fileprivate let began: ContinuousClock.Instant
    fileprivate let token: (any Sendable)?

    fileprivate init(
        observation: ConnectionObservation,
        statement: ObservedStatement,
        began: ContinuousClock.Instant,
        token: (any Sendable)?
    ) {
        self.observation = observation
        self.statement = statement
        self.began = began
        self.token = token
    }

    /// The statement ended. To be called once.
    public func end(rows: Int = 0, rowsAffected: Int? = nil, error: DatabaseError? = nil) {
        observation.end(self, rows: rows, rowsAffected: rowsAffected, error: error)
    }

    func fetchedUnbounded(_ count: Int) {
        observation.fetchedUnbounded(count, statement)
    }
}
