extension Connection {
    /// Runs `body` in a transaction: commits when it returns, rolls back when it throws or its task is cancelled.
    ///
    /// Inside an open transaction it sets a savepoint instead, so that transactions nest and an inner failure leaves the outer
    /// one usable; `options` and `retry` apply to the outermost only.
    ///
    /// ```swift
    /// try await connection.withTransaction(retry: .standard) { connection in
    ///     try await connection.execute("update account set balance = balance - \(amount) where id = \(from)")
    ///     try await connection.execute("update account set balance = balance + \(amount) where id = \(to)")
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - options: isolation, read-only, when locks are taken.
    ///   - retry: whether `body` is run again after a failure that may pass. It must have no effect outside the database then.
    /// - Throws: what `body` throws. A rollback that fails too is attached to a `DatabaseError` as
    ///   ``DatabaseError/rollbackError``.
    public nonisolated func withTransaction<R>(
        _ options: TransactionOptions = .readWrite,
        retry: RetryPolicy = .never,
        _ body: (Self) async throws -> R
    ) async throws -> R {
        if case .open(let depth) = await transactionStatus {
            return try await withSavepoint("roost_\(depth + 1)", body)
        }
        return try await runTransactions(
            retry: retry,
            begin: { connection async throws(DatabaseError) in
                try await connection.begin(options)
            },
            body
        )
    }

    /// Runs `body` in a transaction that `begin` begins, again and again as `retry` says. For drivers that begin some in a way of their
    /// own.
    package nonisolated func runTransactions<R>(
        retry: RetryPolicy,
        begin: (Self) async throws(DatabaseError) -> Void,
        _ body: (Self) async throws -> R
    ) async throws -> R {
        var attempt = 1
        while true {
            do {
                return try await runTransaction(begin, body)
            } catch let error as DatabaseError where error.isRetryable && attempt < retry.maximumAttempts {
                observation?.transactionRetried(after: error, attempt: attempt)
                // Task.sleep throws when cancelled, which ends the retries too.
                try await Task.sleep(for: retry.delay(afterAttempt: attempt))
                attempt += 1
            }
        }
    }

    /// Runs `body` between a savepoint and its release; undoes it alone when it throws.
    ///
    /// - Throws: what `body` throws; `programming.invalidTransactionState` when no transaction is open.
    public nonisolated func withSavepoint<R>(_ name: String, _ body: (Self) async throws -> R) async throws -> R {
        try await savepoint(name)
        do {
            let result = try await body(self)
            try await releaseSavepoint(name)
            return result
        } catch {
            throw await undoing(error) { () async throws(DatabaseError) in
                try await rollbackToSavepoint(name)
                try await releaseSavepoint(name)
            }
        }
    }

    private nonisolated func runTransaction<R>(
        _ begin: (Self) async throws(DatabaseError) -> Void,
        _ body: (Self) async throws -> R
    ) async throws -> R {
        try await begin(self)
        observation?.transactionBegan()
        defer { observation?.transactionEnded() }
        do {
            let result = try await body(self)
            try await commit()
            return result
        } catch {
            throw await undoing(error) { () async throws(DatabaseError) in try await rollback() }
        }
    }

    private nonisolated func undoing(
        _ error: any Error,
        by rollback: () async throws(DatabaseError) -> Void
    ) async -> any Error {
        // The engine may have rolled back by itself, as SQLite does when the disk is full.
        if case .idle = await transactionStatus { return error }
        do throws(DatabaseError) {
            try await rollback()
            return error
        } catch let rollbackError {
            guard let error = error as? DatabaseError else { return error }
            return error.withRollbackError(rollbackError)
        }
    }
}
