import CSQLite
public import Roost

/// One connection to an SQLite database, with a thread of its own.
public actor SQLiteConnection: Connection {
    private let executor: SQLiteExecutor
    private var handle: SQLiteHandle?
    private let control: ExecutionControl
    private var cache: StatementCache
    private var results: [Int: ActiveResult] = [:]
    private var nextResultID = 0
    private var savepoints: [String] = []
    private var isQueryOnly = false
    private let configuration: SQLiteConfiguration

    /// A result that is being read.
    private struct ActiveResult {
        let prepared: PreparedHandle
        let deadline: ContinuousClock.Instant?
        let timeout: Duration?
        let batchBytes: Int
        var summary = ExecutionSummary()
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The connection's thread, for `withTaskExecutorPreference`: code run there reaches SQLite without changing threads.
    public nonisolated var taskExecutor: (any TaskExecutor)? { executor }

    private init(executor: SQLiteExecutor, handle: SQLiteHandle, configuration: SQLiteConfiguration) {
        self.executor = executor
        self.handle = handle
        self.configuration = configuration
        control = handle.control
        cache = StatementCache(capacity: configuration.common.statementCacheCapacity)
    }

    /// Opens a connection.
    ///
    /// - Throws: `operational.cannotConnect` for a missing file or a directory, `operational.notADatabase`,
    ///   `operational.corrupted`, `operational.readOnly`.
    public static func open(_ configuration: SQLiteConfiguration) async throws(DatabaseError) -> SQLiteConnection {
        let executor = SQLiteExecutor(name: "roost-sqlite")
        let handle = try await Opener(executor: executor).open(configuration)
        return SQLiteConnection(executor: executor, handle: handle, configuration: configuration)
    }

    /// Opening reads the file, so it happens on the connection's thread too.
    private actor Opener {
        let executor: SQLiteExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
        init(executor: SQLiteExecutor) { self.executor = executor }
        func open(_ configuration: SQLiteConfiguration) throws(DatabaseError) -> SQLiteHandle {
            try SQLiteHandle.open(configuration)
        }
    }

    /// `sqlite`
    public nonisolated var driverName: String { SQLiteDriver.engineName }
    /// SQLite's dialect.
    public nonisolated var dialect: Dialect { .sqlite }
    /// What SQLite can do.
    public nonisolated var capabilities: Capabilities { SQLiteDriver().capabilities }
    /// The version of the library, such as `3.45.1`.
    public nonisolated var serverVersion: String { String(cString: sqlite3_libversion()) }
    /// Whether the connection was closed.
    public var isClosed: Bool { handle == nil }

    /// Idle, or open with the number of savepoints.
    public var transactionStatus: TransactionStatus {
        guard let handle, sqlite3_get_autocommit(handle.pointer) == 0 else { return .idle }
        return .open(depth: savepoints.count)
    }

    /// How often a statement was found prepared, how often not, and how many are kept.
    public var statementCacheStatistics: (hits: Int, misses: Int, count: Int) {
        (cache.hits, cache.misses, cache.count)
    }

    func database() throws(DatabaseError) -> OpaquePointer {
        guard let handle else {
            throw DatabaseError(
                .interface,
                .connectionClosed,
                "The connection is closed.",
                hint: "Open a new one; a connection cannot be used after close().",
                sqlState: "08003",
                engine: SQLiteDriver.engineName
            )
        }
        return handle.pointer
    }

    // MARK: Statements

    private func prepare(_ text: String) throws(DatabaseError) -> PreparedHandle {
        if let known = cache.take(text) {
            known.isInUse = true
            return known
        }
        let database = try database()
        cache.makeRoom()
        control.begin(deadline: nil, timeout: nil)
        var copy = text
        let (status, statement, tail) = copy.withUTF8 { bytes -> (Int32, OpaquePointer?, Int) in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                var statement: OpaquePointer?
                var end: UnsafePointer<CChar>?
                // An empty string has no address; SQLite wants one.
                guard let start = characters.baseAddress, let count = Int32(exactly: characters.count) else {
                    return (bytes.isEmpty ? SQLITE_OK : SQLITE_TOOBIG, nil, bytes.count)
                }
                let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
                let status = sqlite3_prepare_v3(database, start, count, flags, &statement, &end)
                return (status, statement, end.map { $0 - start } ?? bytes.count)
            }
        }
        guard status == SQLITE_OK else {
            throw control.interruption()?.inStatement(text)
                ?? SQLiteErrors.last(database, code: status, statement: text)
        }
        guard let statement else { throw Self.emptyStatement(text) }
        let prepared = PreparedHandle(statement: statement, text: text)
        guard Self.isBlank(text, from: tail) else { throw Self.severalStatements(text, at: tail) }
        prepared.isInUse = true
        cache.insert(prepared)
        return prepared
    }

    private static func isBlank(_ text: String, from offset: Int) -> Bool {
        guard offset < text.utf8.count else { return true }
        let rest = String(decoding: text.utf8.dropFirst(offset), as: UTF8.self)
        return StatementSplitter.split(rest, dialect: .sqlite).isEmpty
    }

    private static func emptyStatement(_ text: String) -> DatabaseError {
        DatabaseError(
            .programming,
            .syntaxError,
            "The statement is empty.",
            sqlState: "42601",
            engine: SQLiteDriver.engineName
        ).inStatement(text)
    }

    private static func severalStatements(_ text: String, at offset: Int) -> DatabaseError {
        let position = String(decoding: text.utf8.prefix(offset), as: UTF8.self).count + 1
        return DatabaseError(
            .programming,
            .invalidStatement,
            "The text holds more than one statement; only one can be run at a time.",
            hint: "Split a script with StatementSplitter, or run it with roost query -f.",
            sqlState: "42601",
            engine: SQLiteDriver.engineName
        ).inStatement(text, position: position)
    }

    @inline(__always)
    private func start(_ statement: Statement, _ options: ExecutionOptions) throws(DatabaseError) -> PreparedHandle {
        let prepared = try prepare(statement.text)
        do throws(DatabaseError) {
            guard prepared.parameterCount == statement.parameters.count else {
                throw DatabaseError(
                    .programming,
                    .parameterMismatch,
                    "The statement has \(prepared.parameterCount) parameters, but \(statement.parameters.count) values were given.",
                    hint: "Give one value per placeholder.",
                    sqlState: "07001",
                    engine: SQLiteDriver.engineName
                )
            }
            let binding = ParameterBinding(statement: prepared.statement)
            var index: Int32 = 1
            for value in statement.parameters {
                try binding.bind(value, at: index)
                index += 1
            }
        } catch {
            prepared.reset()
            throw error.inStatement(statement.text)
        }
        let timeout = options.timeout ?? configuration.common.statementTimeout
        control.begin(deadline: timeout.map { ContinuousClock.now + $0 }, timeout: timeout)
        return prepared
    }

    /// Steps until `batchBytes` are filled; true at the end of the rows, when the statement is reset.
    private func fill(
        _ builder: inout RowBatchBuilder,
        from prepared: PreparedHandle,
        batchBytes: Int
    ) throws(DatabaseError) -> Bool {
        let statement = prepared.statement
        let plans = prepared.plans
        while builder.byteCount < batchBytes {
            let status = sqlite3_step(statement)
            guard status == SQLITE_ROW else {
                if status == SQLITE_DONE { return true }
                throw failure(status, prepared)
            }
            var column: Int32 = 0
            for plan in plans {
                builder.append(statement, column: column, plan: plan)
                column += 1
            }
            try builder.endRow()
        }
        return false
    }

    private func failure(_ status: Int32, _ prepared: PreparedHandle) -> DatabaseError {
        let database = sqlite3_db_handle(prepared.statement)
        let error =
            (status & 0xFF == SQLITE_INTERRUPT || status & 0xFF == SQLITE_BUSY ? control.interruption() : nil)
            ?? SQLiteErrors.last(database, code: status)
        return error.inStatement(prepared.text)
    }

    private func summary(of prepared: PreparedHandle) -> ExecutionSummary {
        guard let handle, prepared.changesRows else { return ExecutionSummary() }
        let affected = Int(sqlite3_changes64(handle.pointer))
        return ExecutionSummary(
            rowsAffected: affected,
            lastInsertID: prepared.insertsRows && affected > 0 ? .int(sqlite3_last_insert_rowid(handle.pointer)) : nil
        )
    }

    public func query(
        _ statement: Statement,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> sending ResultSet {
        let prepared = try start(statement, options)
        var builder = RowBatchBuilder(columnCount: prepared.plans.count)
        let isComplete: Bool
        do throws(DatabaseError) {
            // The first step prepares again after DDL, and the columns may be others then.
            let status = sqlite3_step(prepared.statement)
            prepared.refreshColumns()
            if builder.columnCount != prepared.plans.count {
                builder = RowBatchBuilder(columnCount: prepared.plans.count)
            }
            switch status {
            case SQLITE_ROW:
                var column: Int32 = 0
                for plan in prepared.plans {
                    builder.append(prepared.statement, column: column, plan: plan)
                    column += 1
                }
                try builder.endRow()
                isComplete = try fill(&builder, from: prepared, batchBytes: options.batchBytes)
            case SQLITE_DONE: isComplete = true
            default: throw failure(status, prepared)
            }
        } catch {
            prepared.reset()
            throw error
        }
        let columns = prepared.columns
        let batch = builder.finish()
        guard !isComplete else {
            let summary = summary(of: prepared)
            prepared.reset()
            return ResultSet(columns: columns, first: batch, summary: summary)
        }
        let timeout = options.timeout ?? configuration.common.statementTimeout
        nextResultID += 1
        results[nextResultID] = ActiveResult(
            prepared: prepared,
            deadline: timeout.map { ContinuousClock.now + $0 },
            timeout: timeout,
            // A result that outgrows its first batch is long: fewer hops between threads are worth more memory.
            batchBytes: options.batchBytes * 4
        )
        return ResultSet(columns: columns, first: batch, source: SQLiteRowSource(connection: self, id: nextResultID))
    }

    /// The next rows of an open result; nil once it has ended.
    func nextBatch(of id: Int) throws(DatabaseError) -> RowBatch? {
        _ = try database()
        guard let result = results[id] else { return nil }
        control.begin(deadline: result.deadline, timeout: result.timeout)
        let width = result.prepared.plans.count
        let rowBytes = max(width * 24, 24)
        var builder = RowBatchBuilder(
            columnCount: width,
            rowCapacity: result.batchBytes / rowBytes + 1,
            heapCapacity: result.batchBytes / 2
        )
        do throws(DatabaseError) {
            if Task.isCancelled { throw Self.cancelled }
            if try fill(&builder, from: result.prepared, batchBytes: result.batchBytes) { finish(id) }
        } catch {
            finish(id)
            throw error
        }
        return builder.rowCount == 0 ? nil : builder.finish()
    }

    private static var cancelled: DatabaseError {
        DatabaseError(
            .operational,
            .cancelled,
            "The statement was cancelled.",
            sqlState: "57014",
            engine: SQLiteDriver.engineName
        )
    }

    /// Ends an open result.
    func finish(_ id: Int) {
        results.removeValue(forKey: id)?.prepared.reset()
    }

    public func execute(
        _ statement: Statement,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> ExecutionSummary {
        let prepared = try start(statement, options)
        defer { prepared.reset() }
        var status = sqlite3_step(prepared.statement)
        while status == SQLITE_ROW { status = sqlite3_step(prepared.statement) }
        guard status == SQLITE_DONE else { throw failure(status, prepared) }
        return summary(of: prepared)
    }

    public func executeBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> ExecutionSummary {
        try runBatch(template, rows, options) { (_, _) throws(DatabaseError) in }
    }

    public func queryBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> sending ResultSet {
        var columns = ColumnList.empty
        var builder: RowBatchBuilder?
        let summary = try runBatch(template, rows, options) { (prepared, index) throws(DatabaseError) in
            if builder == nil {
                columns = prepared.columns
                builder = RowBatchBuilder(columnCount: columns.count, rowCapacity: rows.rowCount)
            }
            var column: Int32 = 0
            for plan in prepared.plans {
                builder?.append(prepared.statement, column: column, plan: plan)
                column += 1
            }
            try builder?.endRow()
        }
        return ResultSet(columns: columns, first: builder?.takeBatch(), summary: summary)
    }

    private func runBatch(
        _ template: Statement,
        _ rows: RowBatch,
        _ options: ExecutionOptions,
        _ row: (PreparedHandle, Int) throws(DatabaseError) -> Void
    ) throws(DatabaseError) -> ExecutionSummary {
        let prepared = try prepare(template.text)
        defer { prepared.reset() }
        guard prepared.parameterCount == rows.columnCount else {
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "The statement has \(prepared.parameterCount) parameters, but each row has \(rows.columnCount) values.",
                hint: "Give every row one value per placeholder.",
                sqlState: "07001",
                engine: SQLiteDriver.engineName
            ).inStatement(template.text)
        }
        let timeout = options.timeout ?? configuration.common.statementTimeout
        control.begin(deadline: timeout.map { ContinuousClock.now + $0 }, timeout: timeout)
        if Task.isCancelled { throw Self.cancelled }
        let binding = ParameterBinding(statement: prepared.statement)
        let statement = prepared.statement
        let database = try database()
        let changesBefore = sqlite3_total_changes64(database)
        var affected: Int64 = 0
        for index in 0..<rows.rowCount {
            try rows.withCells(ofRow: index) { (cells, heap) throws(DatabaseError) in
                var parameter: Int32 = 1
                for cell in cells {
                    try binding.bind(cell, heap: heap, at: parameter)
                    parameter += 1
                }
            }
            var status = sqlite3_step(statement)
            while status == SQLITE_ROW {
                try row(prepared, index)
                status = sqlite3_step(statement)
            }
            guard status == SQLITE_DONE else { throw failure(status, prepared) }
            affected += sqlite3_changes64(database)
            sqlite3_reset(statement)
        }
        guard prepared.changesRows else { return ExecutionSummary() }
        let hasInserted = prepared.insertsRows && sqlite3_total_changes64(database) != changesBefore
        return ExecutionSummary(
            rowsAffected: Int(affected),
            lastInsertID: hasInserted ? .int(sqlite3_last_insert_rowid(database)) : nil
        )
    }

    public func describe(_ template: Statement) async throws(DatabaseError) -> StatementDescription {
        let prepared = try prepare(template.text)
        defer { prepared.reset() }
        return StatementDescription(
            parameterCount: prepared.parameterCount,
            columns: prepared.columns,
            isReadOnly: prepared.isReadOnly
        )
    }

    /// SQLite has no stored procedures.
    public func call(_ procedure: String, _ arguments: [Value]) async throws(DatabaseError) -> sending ResultSet {
        throw DatabaseError(
            .notSupported,
            .notSupported,
            "SQLite has no stored procedures.",
            hint: "Register a function with createFunction and select it.",
            sqlState: "0A000",
            engine: SQLiteDriver.engineName
        )
    }

    // MARK: Transactions

    /// Runs one of the driver's own statements, which a cancelled task does not end.
    private func runShielded(_ text: String) throws(DatabaseError) {
        _ = try database()
        control.begin(deadline: nil, timeout: nil, isShielded: true)
        try handle?.run(text)
    }

    public func begin(_ options: TransactionOptions) async throws(DatabaseError) {
        _ = try database()
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

    private func endTransaction() throws(DatabaseError) {
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

    // MARK: Life

    public func ping() async throws(DatabaseError) {
        _ = try database()
        control.begin(deadline: nil, timeout: nil)
        _ = try handle?.integer("PRAGMA schema_version")
    }

    public func reset() async throws(DatabaseError) {
        _ = try database()
        for id in Array(results.keys) { finish(id) }
        if case .open = transactionStatus { try await rollback() }
        try endTransaction()
    }

    public func close() async {
        for id in Array(results.keys) { finish(id) }
        if case .open = transactionStatus { try? runShielded("ROLLBACK") }
        cache.removeAll()
        try? observeChanges(nil)
        handle = nil
    }

    /// Ends whatever statement runs now.
    public nonisolated func cancel() {
        control.cancel()
    }
}

/// Fetches the rows of one open result.
private final class SQLiteRowSource: RowBatchSource {
    private let connection: SQLiteConnection
    private let id: Int

    init(connection: SQLiteConnection, id: Int) {
        self.connection = connection
        self.id = id
    }

    func nextBatch() async throws(DatabaseError) -> RowBatch? {
        try await connection.nextBatch(of: id)
    }

    func nextResult() async throws(DatabaseError) -> ColumnList? {
        await connection.finish(id)
        return nil
    }

    func currentSummary() async -> ExecutionSummary {
        ExecutionSummary()
    }

    func abandon() {
        // The last reference may go in a synchronous context, so ending the statement is left to a task of a few microseconds.
        let (connection, id) = (connection, id)
        Task { await connection.finish(id) }
    }
}
