public import Roost

extension MySQLConnection {
    /// How long a rollback or a reset may take. Both are quick on a server that is there, and closing the connection, which is what
    /// follows, has the same effect.
    static let tidyingLimit = Duration.seconds(10)

    public func begin(_ options: TransactionOptions) async throws(DatabaseError) {
        try await begin(options, takesSnapshot: false)
    }

    /// - Parameter takesSnapshot: whether the transaction sees the database as it is now, not as it is when it first reads.
    func begin(_ options: TransactionOptions, takesSnapshot: Bool) async throws(DatabaseError) {
        guard transactionStatus == .idle else {
            throw DatabaseError(
                .programming,
                .invalidTransactionState,
                "A transaction is open already.",
                hint: "Commit it or roll it back first, or set a savepoint.",
                sqlState: "25001",
                engine: MySQLErrors.engine
            )
        }
        savepoints = []
        if let isolation = options.isolation {
            // For the next transaction alone.
            try await run("SET TRANSACTION ISOLATION LEVEL \(isolation.rawValue.uppercased())")
        }
        let isReadOnly = options.isReadOnly || configuration.common.isReadOnly
        var kinds: [String] = []
        if takesSnapshot { kinds.append("WITH CONSISTENT SNAPSHOT") }
        if isReadOnly { kinds.append("READ ONLY") }
        do throws(DatabaseError) {
            try await run("START TRANSACTION" + (kinds.isEmpty ? "" : " " + kinds.joined(separator: ", ")))
        } catch {
            // The level would be the next transaction's.
            if options.isolation != nil { session.isDirty = true }
            throw error
        }
    }

    public func commit() async throws(DatabaseError) {
        try checkOpen()
        let status = transactionStatus
        guard status != .idle else { return }
        guard branch == nil else {
            throw DatabaseError(
                .programming,
                .invalidTransactionState,
                "A two-phase transaction is open, which is prepared before it is committed.",
                hint: "Call prepareTwoPhase and commitTwoPhase.",
                sqlState: "25001",
                engine: MySQLErrors.engine
            )
        }
        savepoints = []
        guard status != .failed else {
            session.machine.acceptLostTransaction()
            throw DatabaseError(
                .operational,
                .transactionAborted,
                "The server rolled the transaction back after a deadlock; there is nothing to commit.",
                hint: "Run the whole transaction again; withTransaction(retry:) does.",
                sqlState: "25P02",
                engine: MySQLErrors.engine
            )
        }
        try await run("COMMIT", isShielded: true)
    }

    public func rollback() async throws(DatabaseError) {
        try checkOpen()
        guard transactionStatus != .idle else { return }
        savepoints = []
        session.machine.acceptLostTransaction()
        if let branch { return try await rollbackBranch(branch) }
        try await run("ROLLBACK", isShielded: true, limit: Self.tidyingLimit)
    }

    public func savepoint(_ name: String) async throws(DatabaseError) {
        // The servers would take it for a transaction of one statement.
        guard transactionStatus != .idle else {
            throw DatabaseError(
                .programming,
                .invalidTransactionState,
                "A savepoint needs an open transaction.",
                hint: "Begin one first.",
                sqlState: "25P01",
                engine: MySQLErrors.engine
            )
        }
        let statement: Statement = "SAVEPOINT \(identifier: name)"
        try await run(statement.rendered(for: dialect))
        savepoints.append(name)
    }

    public func releaseSavepoint(_ name: String) async throws(DatabaseError) {
        let statement: Statement = "RELEASE SAVEPOINT \(identifier: name)"
        try await run(statement.rendered(for: dialect), isShielded: true)
        if let index = savepoints.lastIndex(of: name) { savepoints.removeSubrange(index...) }
    }

    public func rollbackToSavepoint(_ name: String) async throws(DatabaseError) {
        let statement: Statement = "ROLLBACK TO SAVEPOINT \(identifier: name)"
        try await run(statement.rendered(for: dialect), isShielded: true)
        if let index = savepoints.lastIndex(of: name) { savepoints.removeSubrange((index + 1)...) }
    }

    public func ping(timeout: Duration?) async throws(DatabaseError) {
        // A connection that gives no sign of life for as long as a new one may take to open is as good as none.
        let limit = min(configuration.common.statementTimeout ?? .seconds(60), configuration.common.connectTimeout)
        _ = try await request(.ping, dropsRows: true, limit: min(timeout ?? limit, limit))
    }

    /// Rolls back what is open and, when a statement since the last reset left something behind in the session, has the server forget
    /// all of it (`COM_RESET_CONNECTION`), its prepared statements too. Costs nothing otherwise.
    ///
    /// Of variables, temporary tables and the default database the server tells (`CLIENT_SESSION_TRACK`); statements that look as if
    /// they had left a lock behind (`GET_LOCK`, `LOCK TABLES`, a procedure's call) count too.
    public func reset() async throws(DatabaseError) {
        try checkOpen()
        if transactionStatus != .idle { try await rollback() }
        guard session.isDirty || session.machine.isSessionChanged else { return }
        _ = try await request(.reset, dropsRows: true, isShielded: true, limit: Self.tidyingLimit)
        try await run(session.sessionSettings, isShielded: true, limit: Self.tidyingLimit)
        try await resetSchema()
        session.isDirty = false
        session.machine.isSessionChanged = false
    }

    /// A reset leaves the default database as it is.
    private func resetSchema() async throws(DatabaseError) {
        let name = configuration.database
        guard let schema = session.machine.sessionState.schema, schema != name else {
            if session.machine.sessionState.schema == nil, !name.isEmpty { try await use(name) }
            return
        }
        // There is no way back to none.
        guard !name.isEmpty else {
            session.quit()
            throw MySQLErrors.closed
        }
        try await use(name)
    }

    private func use(_ name: String) async throws(DatabaseError) {
        let statement: Statement = "USE \(identifier: name)"
        try await run(statement.rendered(for: dialect), isShielded: true, limit: Self.tidyingLimit)
    }

    public func executeBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> ExecutionSummary {
        guard rows.rowCount > 0 else { return ExecutionSummary(rowsAffected: 0) }
        let observed = observation?.begin(template, options, batchSize: rows.rowCount)
        do throws(DatabaseError) {
            let summary = try await runBatch(template, rows, options)
            observed?.end(rowsAffected: summary.rowsAffected)
            return summary
        } catch {
            observed?.end(error: error)
            throw error
        }
    }

    private func runBatch(
        _ template: Statement,
        _ rows: RowBatch,
        _ options: ExecutionOptions
    ) async throws(DatabaseError) -> ExecutionSummary {
        guard flavour == .mysql, rows.rowCount > 1, var insert = multiRowInsert(template, width: rows.columnCount),
            CellEncoding.types(of: rows) != nil
        else { return try await request(.batch(template, rows), options, dropsRows: true).summary }
        var summary = ExecutionSummary(rowsAffected: 0)
        var affected = 0
        var row = 0
        while row < rows.rowCount {
            let count = insert.size(for: rows.rowCount - row)
            let statement = insert.statement(rows: count)
            summary = try await request(.rows(statement, rows, row..<(row + count)), options, dropsRows: true).summary
            affected += summary.rowsAffected ?? 0
            row += count
        }
        summary.rowsAffected = affected
        lastInsert = (template, rows.columnCount, insert)
        return summary
    }

    private func multiRowInsert(_ template: Statement, width: Int) -> MultiRowInsert? {
        if let lastInsert, lastInsert.width == width, lastInsert.template == template { return lastInsert.insert }
        let insert = MultiRowInsert(template, width: width)
        lastInsert = (template, width, insert)
        return insert
    }

    public func queryBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> sending ResultSet {
        guard rows.rowCount > 0 else { return ResultSet(columns: try await describe(template).columns) }
        let observed = observation?.begin(template, options, batchSize: rows.rowCount)
        do throws(DatabaseError) {
            return resultSet(try await request(.batch(template, rows), options), observed)
        } catch {
            let error = returningRefused(error, template)
            observed?.end(error: error)
            throw error
        }
    }

    /// MySQL takes `RETURNING` for a mistake in writing.
    private func returningRefused(_ error: DatabaseError, _ template: Statement) -> DatabaseError {
        guard flavour == .mysql, error.condition == .syntaxError, template.text.lowercased().contains("returning")
        else {
            return error
        }
        return DatabaseError(
            .notSupported,
            .notSupported,
            "MySQL has no RETURNING.",
            hint:
                "Insert the rows one by one and look at lastInsertID, or select them afterwards by a key of your own.",
            sqlState: "0A000",
            engine: driverName,
            underlying: error
        ).inStatement(template.text)
    }

    public func describe(_ template: Statement) async throws(DatabaseError) -> StatementDescription {
        try await description(of: template)
    }

    /// Calls a stored procedure; what its OUT parameters hold is the last result.
    public func call(_ procedure: String, _ arguments: [Value]) async throws(DatabaseError) -> sending ResultSet {
        var statement: Statement = "call "
        statement.append(identifier: procedure.split(separator: ".").map(String.init))
        statement.append(unsafe: "(")
        for (index, argument) in arguments.enumerated() {
            if index > 0 { statement.append(unsafe: ", ") }
            statement.append(parameter: argument)
        }
        statement.append(unsafe: ")")
        return try await query(statement, options: .standard)
    }
}
