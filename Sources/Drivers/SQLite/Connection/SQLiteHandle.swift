import CSQLite
import Roost

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An open `sqlite3`, closed when it is released.
final class SQLiteHandle: @unchecked Sendable {
    // Sendable is true although the compiler cannot see it: the pointer is constant, and everything done with it happens on its
    // connection's thread, save closing, when nobody else holds it.
    let pointer: OpaquePointer
    let control: ExecutionControl

    private init(pointer: OpaquePointer, control: ExecutionControl) {
        self.pointer = pointer
        self.control = control
    }

    deinit {
        // The v2 form waits for statements that are finalized later.
        sqlite3_close_v2(pointer)
    }

    /// Opens the file or memory a configuration names.
    static func open(_ configuration: SQLiteConfiguration) throws(DatabaseError) -> SQLiteHandle {
        try checkFile(configuration)
        var flags = SQLITE_OPEN_NOMUTEX
        switch configuration.mode {
        case .readOnly: flags |= SQLITE_OPEN_READONLY
        case .readWrite: flags |= SQLITE_OPEN_READWRITE
        case .create, .memory: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        }
        if configuration.usesURI { flags |= SQLITE_OPEN_URI }
        var pointer: OpaquePointer?
        let status = sqlite3_open_v2(configuration.openName, &pointer, flags, nil)
        guard status == SQLITE_OK, let pointer else {
            let error = SQLiteErrors.last(pointer, code: status)
            sqlite3_close_v2(pointer)
            throw describe(error, configuration)
        }
        let control = ExecutionControl(lockTimeout: configuration.common.lockTimeout)
        let handle = SQLiteHandle(pointer: pointer, control: control)
        sqlite3_extended_result_codes(pointer, 1)
        control.begin(deadline: nil, timeout: nil)
        control.install(on: pointer)
        do throws(DatabaseError) {
            try handle.configure(configuration)
        } catch {
            throw describe(error, configuration)
        }
        return handle
    }

    private func configure(_ configuration: SQLiteConfiguration) throws(DatabaseError) {
        // A misspelt column in double quotes would otherwise be taken for a string.
        _ = roost_sqlite3_db_config_flag(pointer, SQLITE_DBCONFIG_DQS_DML, 0)
        // Opening reads nothing; this reads the header, so that a file of another kind is refused here.
        let isNew = try integer("PRAGMA schema_version") == 0
        try run("PRAGMA foreign_keys = \(configuration.enforcesForeignKeys ? "ON" : "OFF")")
        if let journalMode = configuration.journalMode ?? (isNew ? "wal" : nil), configuration.isFile,
            configuration.mode != .readOnly
        {
            try run("PRAGMA journal_mode = \(journalMode)")
        }
        if configuration.common.isReadOnly { try run("PRAGMA query_only = ON") }
    }

    private static func checkFile(_ configuration: SQLiteConfiguration) throws(DatabaseError) {
        guard configuration.isFile, !configuration.usesURI else { return }
        let path = configuration.path
        var info = stat()
        if stat(path, &info) == 0 {
            guard info.st_mode & S_IFMT == S_IFDIR else { return }
            throw DatabaseError(
                .operational,
                .cannotConnect,
                "\(path) is a directory, not an SQLite database.",
                hint: "Name the file inside it.",
                sqlState: "08001",
                nativeCode: Int(SQLITE_CANTOPEN),
                engine: SQLiteDriver.engineName
            )
        }
        guard configuration.mode != .create else { return }
        throw DatabaseError(
            .operational,
            .cannotConnect,
            "The file \(path) does not exist or its directory cannot be read.",
            hint: "Check the path; add ?mode=rwc to create a new database.",
            sqlState: "08001",
            nativeCode: Int(SQLITE_CANTOPEN),
            engine: SQLiteDriver.engineName
        )
    }

    private static func describe(_ error: DatabaseError, _ configuration: SQLiteConfiguration) -> DatabaseError {
        guard configuration.isFile else { return error }
        return DatabaseError(
            error.category,
            error.condition,
            "Cannot open \(configuration.path): \(error.message)",
            hint: error.hint,
            sqlState: error.sqlState,
            nativeCode: error.nativeCode,
            engine: error.engine
        )
    }

    /// Runs a statement of this driver's own to its end.
    func run(_ text: String) throws(DatabaseError) {
        let status = sqlite3_exec(pointer, text, nil, nil, nil)
        guard status == SQLITE_OK else {
            throw control.interruption() ?? SQLiteErrors.last(pointer, code: status, statement: text)
        }
    }

    /// The first column of the first row of a statement of this driver's own.
    func integer(_ text: String) throws(DatabaseError) -> Int64? {
        var statement: OpaquePointer?
        var status = sqlite3_prepare_v2(pointer, text, -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        if status == SQLITE_OK { status = sqlite3_step(statement) }
        guard status == SQLITE_ROW || status == SQLITE_DONE else {
            throw SQLiteErrors.last(pointer, code: status, statement: text)
        }
        return status == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : nil
    }
}
