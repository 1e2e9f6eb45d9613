import CSQLite
public import Roost

extension SQLiteConnection {
    /// Runs one of the driver's own statements, which a cancelled task does not end.
    func runShielded(_ text: String) throws(DatabaseError) {
        _ = try database()
        finishAbandoned()
        control.begin(deadline: nil, timeout: nil, isShielded: true)
        try handle?.run(text)
    }

    public func begin(_ options: TransactionOptions) async throws(DatabaseError) {
        _ = try database()
        finishAbandoned()
        let mode =
            switch options.lockMode {
            case .deferred: "DEFERRED"
            case .immediate: "IMMEDIATE"
            case .exclusive: "EXCLUSIVE"
            // Taking the write lock at once avoids the deadlock of two readers that both go on to write.
            case .automatic:
                options.isReadOnly || configuration.common.isReadOnly || configuration.mode == .readOnly
                    ? "DEFERRED" : "IMMEDIATE"
            }
        // The application may have ended a read-only transaction by a statement of its own.
        if case .idle = transactionStatus { try endTransaction() }
        control.begin(deadline: nil, timeout: nil)
        try handle?.run("BEGIN \(mode)")
        savepoints = []
        if options.isReadOnly, !configuration.common.isReadOnly {
            try runShielded("PRAGMA query_only = ON")
            isQueryOnly = true
        }
    }

    public func commit() async throws(DatabaseError) {
        guard case .open = transactionStatus else {
            _ = try database()
            return
        }
        try runShielded("COMMIT")
        try endTransaction()
    }

    public func rollback() async throws(DatabaseError) {
        guard case .open = transactionStatus else {
            _ = try database()
            return
        }
        try runShielded("ROLLBACK")
        try endTransaction()
    }

    func endTransaction() throws(DatabaseError) {
        savepoints = []
        guard isQueryOnly else { return }
        isQueryOnly = false
        try runShielded("PRAGMA query_only = OFF")
    }

    public func savepoint(_ name: String) async throws(DatabaseError) {
        guard case .open = transactionStatus else {
            _ = try database()
            throw DatabaseError(
                .programming,
                .invalidTransactionState,
                "A savepoint needs an open transaction.",
                hint: "Begin one first.",
                sqlState: "25P01",
                engine: SQLiteDriver.engineName
            )
        }
        let statement: Statement = "SAVEPOINT \(identifier: name)"
        try runShielded(statement.text)
        savepoints.append(name)
    }

    public func releaseSavepoint(_ name: String) async throws(DatabaseError) {
        let statement: Statement = "RELEASE \(identifier: name)"
        try runShielded(statement.text)
        if let index = savepoints.lastIndex(of: name) { savepoints.removeSubrange(index...) }
    }

    public func rollbackToSavepoint(_ name: String) async throws(DatabaseError) {
        let statement: Statement = "ROLLBACK TO \(identifier: name)"
        try runShielded(statement.text)
        if let index = savepoints.lastIndex(of: name) { savepoints.removeSubrange((index + 1)...) }
    }
}
