public import Roost

/// Named locks and snapshots (MySQL documentation, "Locking Functions"; "START TRANSACTION").
extension MySQLConnection {
    /// Runs `body` while this session holds a lock of this name, which means what its users agree on; it is the whole server's, not one
    /// database's.
    ///
    /// - Parameters:
    ///   - name: up to 64 characters.
    ///   - waits: whether to wait for it; `lock_timeout` bounds that.
    /// - Returns: what `body` returned; nil when the lock was taken and nobody waited.
    /// - Throws: what `body` throws; `operational.lockTimeout` when the wait was in vain, `operational.deadlock` when locks are waited
    ///   for in a circle.
    public nonisolated func withNamedLock<R>(
        _ name: String,
        waits: Bool = true,
        _ body: (MySQLConnection) async throws -> R
    ) async throws -> R? {
        let seconds = waits ? max(1, (configuration.common.lockTimeout.wholeMilliseconds + 999) / 1_000) : 0
        let wasDirty = await isDirty
        let held = try await query("select get_lock(\(name), \(seconds))", options: .standard).decode(Int?.self)
            .fetchOnly()
        // The lock is given back here; what `body` leaves behind counts as ever.
        await setDirty(wasDirty)
        guard held == 1 else {
            if !waits, held == 0 { return nil }
            throw DatabaseError(
                .operational,
                .lockTimeout,
                held == nil ? "The lock could not be taken." : "The lock was not free within \(seconds) s.",
                hint: "Somebody else holds it; lock_timeout sets how long to wait.",
                engine: driverName
            )
        }
        let result: R
        do {
            result = try await body(self)
        } catch {
            try? await unlock(name)
            throw error
        }
        try await unlock(name)
        return result
    }

    private var isDirty: Bool { session.isDirty }

    private func setDirty(_ isDirty: Bool) { session.isDirty = isDirty }

    /// Gives the lock back, whatever became of the task.
    private func unlock(_ name: String) async throws(DatabaseError) {
        guard session.closeError == nil else { return }
        do throws(DatabaseError) {
            _ = try await request(
                .statement("select release_lock(\(name))"),
                dropsRows: true,
                isShielded: true,
                limit: Self.tidyingLimit
            )
        } catch {
            session.isDirty = true
            throw error
        }
    }

    /// Runs `body` in a transaction that sees the database as it is when it begins, whatever others commit meanwhile
    /// (`WITH CONSISTENT SNAPSHOT`, at the level of repeatable reads). Otherwise that moment is the one of the first read.
    ///
    /// - Parameter isReadOnly: whether writes are refused.
    /// - Throws: what `body` throws; `programming.invalidTransactionState` inside an open transaction.
    public nonisolated func withConsistentSnapshot<R>(
        isReadOnly: Bool = true,
        _ body: (MySQLConnection) async throws -> R
    ) async throws -> R {
        let options = TransactionOptions(isolation: .repeatableRead, isReadOnly: isReadOnly)
        return try await runTransactions(
            retry: .never,
            begin: { connection async throws(DatabaseError) in
                try await connection.begin(options, takesSnapshot: true)
            },
            body
        )
    }
}

extension MySQLConnection: SnapshotSharingConnection {
    /// By a global read lock.
    public static var locksForSharedSnapshots: Bool { true }

    /// Nothing is committed while all of them begin: a global read lock is held meanwhile, which needs the privilege `RELOAD`. It is
    /// waited for a few seconds at most, for who waits for it makes all writers wait.
    public func beginSharedSnapshot(with others: [any Connection]) async throws(DatabaseError) {
        let options = TransactionOptions(isolation: .repeatableRead, isReadOnly: true)
        let connections = try Self.ofThisDriver(others) + [self]
        var begun: [MySQLConnection] = []
        try await run("SET @roost_lock_wait = @@lock_wait_timeout, SESSION lock_wait_timeout = 5")
        do throws(DatabaseError) {
            try await run("FLUSH TABLES WITH READ LOCK")
            for connection in connections {
                try await connection.begin(options, takesSnapshot: true)
                begun.append(connection)
            }
            // A transaction that was begun after the lock stays open.
            try await endSnapshotLock()
        } catch {
            for connection in begun { try? await connection.rollback() }
            do throws(DatabaseError) {
                try await endSnapshotLock()
            } catch {
                // With the connection goes the lock.
                await close()
            }
            throw error.condition == .insufficientPrivilege
                ? error.hinting("The user needs the privilege RELOAD for it.") : error
        }
    }

    private func endSnapshotLock() async throws(DatabaseError) {
        try await run("UNLOCK TABLES", isShielded: true, limit: Self.tidyingLimit)
        try await run("SET SESSION lock_wait_timeout = @roost_lock_wait", isShielded: true, limit: Self.tidyingLimit)
    }
}
