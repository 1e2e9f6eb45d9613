import CSQLite
public import Roost

/// One connection to an SQLite database, with a thread of its own.
public actor SQLiteConnection: Connection {
    private let executor: SQLiteExecutor
    var handle: SQLiteHandle?
    let control: ExecutionControl
    var cache: StatementCache
    var results: [Int: ActiveResult] = [:]
    var nextResultID = 0
    /// Results that were released unread and are to be ended.
    nonisolated let abandoned = AbandonedResults()
    var savepoints: [String] = []
    var isQueryOnly = false
    let configuration: SQLiteConfiguration
    public nonisolated let observation: ConnectionObservation?
    /// Whether it was opened for reading alone.
    nonisolated let isReader: Bool

    /// A result that is being read.
    struct ActiveResult {
        let prepared: PreparedHandle
        let deadline: ContinuousClock.Instant?
        let timeout: Duration?
        let batchBytes: Int
        var summary = ExecutionSummary()
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The connection's thread, for `withTaskExecutorPreference`: code run there reaches SQLite without changing threads.
    public nonisolated var taskExecutor: (any ConnectionExecutor)? { executor }
    /// true: a thread for each connection.
    public nonisolated var hasOwnThread: Bool { true }

    private init(executor: SQLiteExecutor, handle: SQLiteHandle, configuration: SQLiteConfiguration) {
        self.executor = executor
        self.handle = handle
        self.configuration = configuration
        isReader = configuration.common.isReadOnly
        observation = ConnectionObservation(
            configuration.common,
            database: DatabaseFacts(
                driverName: SQLiteDriver.engineName,
                namespace: configuration.isFile ? configuration.path : nil
            ),
            dialect: .sqlite
        )
        control = handle.control
        cache = StatementCache(capacity: configuration.common.statementCacheCapacity)
    }

    /// Opens a connection.
    ///
    /// - Throws: `operational.cannotConnect` for a missing file or a directory, `operational.notADatabase`,
    ///   `operational.corrupted`, `operational.readOnly`; `operational.cannotConnect` too when the system has no thread left.
    public static func open(_ configuration: SQLiteConfiguration) async throws(DatabaseError) -> SQLiteConnection {
        let executor = try SQLiteExecutor(name: "roost-sqlite")
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

    public func ping(timeout: Duration?) async throws(DatabaseError) {
        _ = try database()
        finishAbandoned()
        control.begin(deadline: timeout.map { .now + $0 }, timeout: timeout)
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
