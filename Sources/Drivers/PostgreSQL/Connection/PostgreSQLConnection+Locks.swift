public import Roost

/// Advisory locks and shared snapshots (PostgreSQL documentation, "Explicit Locking", "System Administration Functions").
extension PostgreSQLConnection {
    /// Runs `body` while this session holds an advisory lock, which means what its users agree on.
    ///
    /// - Parameters:
    ///   - isShared: whether others may hold it too, as long as they share it.
    ///   - waits: whether to wait for it; `lock_timeout` bounds that.
    /// - Returns: what `body` returned; nil when the lock was taken and nobody waited.
    /// - Throws: what `body` throws; `notSupported` behind a pooler, which lends the session to others between transactions: lock
    ///   inside a transaction there, with ``lockInTransaction(_:isShared:)``.
    public nonisolated func withAdvisoryLock<R>(
        _ key: Int64,
        isShared: Bool = false,
        waits: Bool = true,
        _ body: (PostgreSQLConnection) async throws -> R
    ) async throws -> R? {
        guard !isPooled else {
            throw DatabaseError(
                .notSupported,
                .notSupported,
                "A session's advisory lock would stay with the pooler's session.",
                hint: "Use lockInTransaction, or connect to the server itself.",
                sqlState: "0A000",
                engine: PostgreSQLErrors.engine
            )
        }
        let kind = isShared ? "_shared" : ""
        if waits {
            _ = try await execute("select pg_advisory_lock\(unsafe: kind)(\(key)::bigint)", options: .standard)
        } else {
            let isHeld = try await query(
                "select pg_try_advisory_lock\(unsafe: kind)(\(key)::bigint)",
                options: .standard
            ).decode(Bool.self).fetchOnly()
            guard isHeld else { return nil }
        }
        let result: R
        do {
            result = try await body(self)
        } catch {
            // In a failed transaction the server refuses to unlock; the reset of the connection does it then.
            try? await unlock(key, kind)
            throw error
        }
        try await unlock(key, kind)
        return result
    }

    private func unlock(_ key: Int64, _ kind: String) async throws(DatabaseError) {
        guard session.closeError == nil else { return }
        try await runSimple(
            "SELECT pg_advisory_unlock\(kind)(\(key))",
            isShielded: true,
            limit: Self.tidyingLimit
        )
    }

    /// Takes an advisory lock until the open transaction ends; waits for it as long as `lock_timeout` allows.
    ///
    /// - Throws: `operational.lockTimeout`, `operational.deadlock`, and what else the server says.
    public nonisolated func lockInTransaction(_ key: Int64, isShared: Bool = false) async throws(DatabaseError) {
        let kind = isShared ? "_shared" : ""
        _ = try await execute("select pg_advisory_xact_lock\(unsafe: kind)(\(key)::bigint)", options: .standard)
    }

    /// Lets other sessions see the database as the open transaction does, until that ends.
    ///
    /// - Returns: what ``withSnapshot(_:_:)`` of the others takes.
    /// - Throws: what the server says.
    public nonisolated func exportSnapshot() async throws(DatabaseError) -> String {
        let rows = try await query("select pg_export_snapshot()", options: .standard)
        return try await rows.decode(String.self).fetchOnly()
    }

    /// Runs `body` in a read-only transaction that sees what the one that exported the snapshot sees: several connections read
    /// parts of one and the same state.
    ///
    /// - Throws: what `body` throws; what the server says of a snapshot whose transaction has ended.
    public nonisolated func withSnapshot<R>(
        _ snapshot: String,
        _ body: (PostgreSQLConnection) async throws -> R
    ) async throws -> R {
        try await withTransaction(TransactionOptions(isolation: .repeatableRead, isReadOnly: true)) { connection in
            try await connection.runSimple("SET TRANSACTION SNAPSHOT \(Self.quoted(snapshot))")
            return try await body(connection)
        }
    }
}

extension PostgreSQLConnection: SnapshotSharingConnection {
    /// Exporting a snapshot keeps nobody waiting.
    public static var locksForSharedSnapshots: Bool { false }

    /// By a snapshot that this connection's transaction exports.
    public func beginSharedSnapshot(with others: [any Connection]) async throws(DatabaseError) {
        let options = TransactionOptions(isolation: .repeatableRead, isReadOnly: true)
        let others = try Self.ofThisDriver(others)
        try await begin(options)
        var begun: [PostgreSQLConnection] = [self]
        do throws(DatabaseError) {
            let snapshot = try await exportSnapshot()
            for other in others {
                try await other.begin(options)
                begun.append(other)
                try await other.runSimple("SET TRANSACTION SNAPSHOT \(Self.quoted(snapshot))")
            }
        } catch {
            for connection in begun { try? await connection.rollback() }
            throw error
        }
    }
}
