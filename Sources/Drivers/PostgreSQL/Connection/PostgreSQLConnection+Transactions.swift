public import Roost
import WireProtocol

extension PostgreSQLConnection {
    /// Runs one of the driver's own statements by the simple protocol; a cancelled task does not end it when it is shielded.
    ///
    /// - Parameter limit: how long a shielded one may take before the connection is given up.
    func runSimple(
        _ text: String,
        isShielded: Bool = false,
        limit: Duration? = nil
    ) async throws(DatabaseError) {
        if session.cancelsInFlight > 0 { await session.waitForCancels(isolation: self) }
        try checkOpen()
        if !isShielded, Task.isCancelled { throw PostgreSQLErrors.cancelled.inStatement(text) }
        let exchange = Exchange(script: Exchange.Script(isSimple: true))
        exchange.isShielded = isShielded
        exchange.passesOverRows = true
        session.transport.write { $0.writeQuery(text) }
        session.submit(exchange, timeout: limit ?? (isShielded ? nil : configuration.common.statementTimeout))
        await wait(for: exchange) { $0.isDone }
        if let error = exchange.error { throw outcome(error, exchange).inStatement(text) }
    }

    public func begin(_ options: TransactionOptions) async throws(DatabaseError) {
        guard transactionStatus == .idle else {
            throw DatabaseError(
                .programming,
                .invalidTransactionState,
                "A transaction is open already.",
                hint: "Commit it or roll it back first, or set a savepoint.",
                sqlState: "25001",
                engine: PostgreSQLErrors.engine
            )
        }
        var text = "BEGIN"
        if let isolation = options.isolation { text += " ISOLATION LEVEL \(isolation.rawValue)" }
        if options.isReadOnly { text += " READ ONLY" } else if configuration.common.isReadOnly { text += " READ ONLY" }
        if options.lockMode == .deferred, options.isReadOnly, options.isolation == .serializable {
            text += " DEFERRABLE"
        }
        savepoints = []
        // Behind a pooler the session is shared, so that its settings are made for the transaction alone.
        if isPooled { text += "; SET LOCAL lock_timeout = \(configuration.common.lockTimeout.wholeMilliseconds)" }
        try await runSimple(text)
    }

    public func commit() async throws(DatabaseError) {
        try checkOpen()
        let status = transactionStatus
        guard status != .idle else { return }
        leaveTransaction()
        try await runSimple("COMMIT", isShielded: true)
        // PostgreSQL answers the commit of a failed transaction with ROLLBACK and no error; that must not pass for success.
        if status == .failed { throw PostgreSQLErrors.rolledBackInstead(of: "committed") }
    }

    public func rollback() async throws(DatabaseError) {
        try checkOpen()
        leaveTransaction()
        guard transactionStatus != .idle else { return }
        try await runSimple("ROLLBACK", isShielded: true, limit: Self.tidyingLimit)
    }

    /// Forgets what belongs to the transaction that ends.
    func leaveTransaction() {
        savepoints = []
        preparedName = nil
    }

    public func savepoint(_ name: String) async throws(DatabaseError) {
        let statement: Statement = "SAVEPOINT \(identifier: name)"
        try await runSimple(statement.text)
        savepoints.append(name)
    }

    public func releaseSavepoint(_ name: String) async throws(DatabaseError) {
        let statement: Statement = "RELEASE SAVEPOINT \(identifier: name)"
        try await runSimple(statement.text, isShielded: true)
        if let index = savepoints.lastIndex(of: name) { savepoints.removeSubrange(index...) }
    }

    public func rollbackToSavepoint(_ name: String) async throws(DatabaseError) {
        let statement: Statement = "ROLLBACK TO SAVEPOINT \(identifier: name)"
        try await runSimple(statement.text, isShielded: true)
        if let index = savepoints.lastIndex(of: name) { savepoints.removeSubrange((index + 1)...) }
    }

    public func ping(timeout: Duration?) async throws(DatabaseError) {
        // A connection that gives no sign of life for as long as a new one may take to open is as good as none.
        let limit = min(configuration.common.statementTimeout ?? .seconds(60), configuration.common.connectTimeout)
        try await runSimple("", limit: min(timeout ?? limit, limit))
    }

    /// How long a rollback or a reset may take. Both are quick on a server that is there, and closing the connection, which is what
    /// follows, has the same effect.
    static let tidyingLimit = Duration.seconds(10)

    /// Rolls back what is open and discards what the session was set to. Prepared statements stay: they belong to the connection,
    /// not to whoever used it.
    ///
    /// Costs a round trip or two only when a statement since the last reset looks as if it had left something behind: `SET`,
    /// `CREATE TEMP`, `LISTEN`, an advisory lock, … What a function of the server does inside cannot be seen.
    public func reset() async throws(DatabaseError) {
        try checkOpen()
        if transactionStatus != .idle { try await rollback() }
        guard !isPooled, session.isDirty else { return }
        // DISCARD ALL without DEALLOCATE ALL; settings made at start-up are kept by hand.
        try await runSimple(
            """
            SET SESSION AUTHORIZATION DEFAULT; CLOSE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); \
            DISCARD TEMP; DISCARD SEQUENCES; RESET ALL
            """,
            isShielded: true,
            limit: Self.tidyingLimit
        )
        try await applySettings()
        session.isDirty = false
        session.endListeners()
    }

    /// Sets what `RESET ALL` took away.
    private func applySettings() async throws(DatabaseError) {
        var text = "SET lock_timeout = \(configuration.common.lockTimeout.wholeMilliseconds)"
        if let timeout = configuration.idleInTransactionTimeout {
            text += "; SET idle_in_transaction_session_timeout = \(timeout.wholeMilliseconds)"
        }
        if configuration.common.isReadOnly { text += "; SET default_transaction_read_only = on" }
        try await runSimple(text, isShielded: true, limit: Self.tidyingLimit)
    }
}
