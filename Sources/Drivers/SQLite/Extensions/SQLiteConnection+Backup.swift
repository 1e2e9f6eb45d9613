import CSQLite
public import Roost

/// How far an online backup is.
public struct SQLiteBackupProgress: Sendable, Hashable {
    /// Pages still to copy.
    public var remainingPages: Int
    /// Pages in all.
    public var totalPages: Int
}

extension SQLiteConnection {
    /// Copies the whole database to a new file while others go on using it (https://www.sqlite.org/backup.html).
    ///
    /// The copy is consistent: it is the database as it was at one point in time. Between portions of pages other tasks may use
    /// this connection, and a cancelled task ends the copy.
    ///
    /// - Parameters:
    ///   - path: where the copy goes; an existing file is an error.
    ///   - pagesPerStep: pages copied between two looks at cancellation.
    ///   - progress: called after each portion.
    /// - Throws: `operational.cannotConnect` for a path that exists or cannot be made, `operational.diskFull`, …
    public func backup(
        to path: String,
        pagesPerStep: Int = 1_000,
        progress: @Sendable (SQLiteBackupProgress) -> Void = { _ in }
    ) async throws(DatabaseError) {
        let source = try database()
        var target: OpaquePointer?
        // SQLITE_OPEN_EXCLUSIVE is for SQLite itself, so the file is looked for instead.
        guard !FilePresence.exists(path) else {
            throw DatabaseError(
                .operational,
                .cannotConnect,
                "The file \(path) exists already; a backup does not overwrite.",
                hint: "Name another file, or remove it first.",
                engine: SQLiteDriver.engineName
            )
        }
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let opened = sqlite3_open_v2(path, &target, flags, nil)
        defer { sqlite3_close_v2(target) }
        guard opened == SQLITE_OK, let target else { throw SQLiteErrors.last(target, code: opened) }
        guard let backup = sqlite3_backup_init(target, "main", source, "main") else {
            throw SQLiteErrors.last(target, code: sqlite3_errcode(target))
        }
        var status = SQLITE_OK
        while status == SQLITE_OK || status == SQLITE_BUSY || status == SQLITE_LOCKED {
            if Task.isCancelled {
                sqlite3_backup_finish(backup)
                throw DatabaseError(
                    .operational,
                    .cancelled,
                    "The backup was cancelled; the file at the target is incomplete.",
                    engine: SQLiteDriver.engineName
                )
            }
            status = sqlite3_backup_step(backup, Int32(clamping: max(pagesPerStep, 1)))
            progress(
                SQLiteBackupProgress(
                    remainingPages: Int(sqlite3_backup_remaining(backup)),
                    totalPages: Int(sqlite3_backup_pagecount(backup))
                )
            )
            await Task.yield()
        }
        let finished = sqlite3_backup_finish(backup)
        guard status == SQLITE_DONE, finished == SQLITE_OK else { throw SQLiteErrors.last(target, code: finished) }
    }

    /// What `PRAGMA integrity_check` finds wrong; empty for a sound database. Reads all of it.
    public func integrityProblems() async throws(DatabaseError) -> [String] {
        let lines = try await query("pragma integrity_check").decode(String.self).fetchAll(limit: 1_000)
        return lines == ["ok"] ? [] : lines
    }

    /// A row whose foreign key refers to nothing.
    public struct ForeignKeyProblem: Sendable, Hashable {
        /// The referring table.
        public var table: String
        /// The row, where the table has row ids.
        public var rowID: Int64?
        /// The table referred to.
        public var referencedTable: String
    }

    /// The rows whose foreign keys refer to nothing, at most 1,000 of them. Reads every table with foreign keys.
    public func foreignKeyProblems() async throws(DatabaseError) -> [ForeignKeyProblem] {
        try await query("select \"table\", rowid, parent from pragma_foreign_key_check limit 1000")
            .decode((String, Int64?, String).self).fetchAll(limit: 1_000)
            .map { ForeignKeyProblem(table: $0.0, rowID: $0.1, referencedTable: $0.2) }
    }
}
