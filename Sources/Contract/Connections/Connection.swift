/// One session with a database (PEP 249 `Connection`).
///
/// A connection is an actor: its calls never overlap, and code isolated to it (``run(_:)``) reaches the engine without a hop.
/// Without an open transaction every statement commits by itself; ``withTransaction(_:retry:_:)`` groups statements.
///
/// Every call ends when its task is cancelled: the statement is ended in the engine and `operational.cancelled` is thrown.
public protocol Connection: Actor {
    /// The driver's name, as in ``Driver/name``.
    nonisolated var driverName: String { get }
    /// How statements are written for this engine.
    nonisolated var dialect: Dialect { get }
    /// What the engine can do.
    nonisolated var capabilities: Capabilities { get }
    /// The engine's version as it reports it.
    nonisolated var serverVersion: String { get }
    /// How the connection reaches the engine, for people: `TLSv1.3`, `unix socket`, `through a pooler`; nil where there is nothing to
    /// tell.
    nonisolated var transportDescription: String? { get }
    /// Where the connection's work runs, if code of the application may run there too; nil otherwise.
    ///
    /// ``Database/withConnection(for:_:)`` prefers it for its body, so that the statements of a scope need no change of threads.
    nonisolated var taskExecutor: (any ConnectionExecutor)? { get }
    /// Whether ``taskExecutor`` is a thread that nobody but this connection needs, so that code run there may take its time.
    nonisolated var hasOwnThread: Bool { get }
    /// What watches the connection's statements; nil when nobody does.
    nonisolated var observation: ConnectionObservation? { get }
    /// Where the connection stands between transactions.
    var transactionStatus: TransactionStatus { get }
    /// Whether ``close()`` was called or the session broke.
    var isClosed: Bool { get }
    /// Whether the connection is known to be gone, as far as that can be told at once and from anywhere; false where it cannot. Pools
    /// ask before they lend one that was idle.
    nonisolated var isKnownLost: Bool { get }

    /// Runs a statement and returns its rows.
    ///
    /// The first batch of rows is there when this returns; the rest is fetched as it is read.
    func query(_ statement: Statement, options: ExecutionOptions) async throws(DatabaseError) -> sending ResultSet

    /// Runs a statement to its end, dropping any rows, and tells what it did.
    func execute(_ statement: Statement, options: ExecutionOptions) async throws(DatabaseError) -> ExecutionSummary

    /// Runs a template once for each row of parameters. The primitive behind `executeMany`: it opens no transaction of its own.
    ///
    /// - Returns: the sum of the rows affected.
    func executeBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> ExecutionSummary

    /// Runs a template that returns rows once for each row of parameters, and collects what they return: `executeMany` with
    /// `RETURNING`. Memory holds all returned rows of the batch.
    func queryBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> sending ResultSet

    /// Opens a cursor: the rows of a query, fetched `arraySize` at a time. Where the engine has cursors the rows stay there until they
    /// are fetched.
    func openCursor(_ statement: Statement, arraySize: Int) async throws(DatabaseError) -> sending Cursor

    /// Prepares a statement, so that its parameters and columns are known before it runs.
    func describe(_ template: Statement) async throws(DatabaseError) -> StatementDescription

    /// Calls a stored procedure (PEP 249 `callproc`).
    ///
    /// - Throws: `notSupported` where the engine has none.
    func call(_ procedure: String, _ arguments: [Value]) async throws(DatabaseError) -> sending ResultSet

    /// Begins a transaction.
    ///
    /// - Throws: `programming.invalidTransactionState` when one is open.
    func begin(_ options: TransactionOptions) async throws(DatabaseError)
    /// Commits the open transaction. Without one it does nothing, as PEP 249 asks. Not ended by cancellation.
    func commit() async throws(DatabaseError)
    /// Rolls the open transaction back. Without one it does nothing. Not ended by cancellation.
    func rollback() async throws(DatabaseError)
    /// Sets a savepoint in the open transaction.
    func savepoint(_ name: String) async throws(DatabaseError)
    /// Forgets a savepoint and keeps what was done since. Not ended by cancellation.
    func releaseSavepoint(_ name: String) async throws(DatabaseError)
    /// Undoes what was done since a savepoint, which stays set. Not ended by cancellation.
    func rollbackToSavepoint(_ name: String) async throws(DatabaseError)

    /// Asks the engine for a sign of life.
    ///
    /// - Parameter timeout: the longest to wait; nil for as long as the driver thinks right.
    func ping(timeout: Duration?) async throws(DatabaseError)
    /// Brings the session back to how it was when it was opened: no transaction, no temporary state.
    func reset() async throws(DatabaseError)
    /// Ends the session; an open transaction is rolled back. Closing twice does nothing.
    func close() async
    /// Ends whatever statement runs now; without one it does nothing. May be called from anywhere.
    nonisolated func cancel()
}

extension Connection {
    /// Drivers without a network have nothing to lose.
    public nonisolated var isKnownLost: Bool { false }

    /// false: other connections share the thread.
    public nonisolated var hasOwnThread: Bool { false }

    /// Asks the engine for a sign of life, for as long as the driver thinks right.
    public func ping() async throws(DatabaseError) { try await ping(timeout: nil) }
}

/// What preparing a statement tells.
public struct StatementDescription: Sendable {
    /// How many parameters it takes.
    public var parameterCount: Int
    /// The columns it returns; empty for a statement without rows.
    public var columns: ColumnList
    /// Whether it leaves the database as it is; nil when the engine does not say.
    public var isReadOnly: Bool?

    /// A description.
    public init(parameterCount: Int, columns: ColumnList, isReadOnly: Bool? = nil) {
        self.parameterCount = parameterCount
        self.columns = columns
        self.isReadOnly = isReadOnly
    }
}
