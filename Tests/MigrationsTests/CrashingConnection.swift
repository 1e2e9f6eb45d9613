import Roost
import RoostTestSupport
import Testing

/// A connection whose process dies at its nth request: before the server hears of it, or after it was done and before anybody
/// hears of that. From then on nothing reaches the server, and the session is gone.
///
/// Or the server dies instead, at a statement: then the requests that follow find out for themselves.
actor CrashingConnection: Connection {
    enum Moment: String, CaseIterable, Sendable { case before, after }

    private let base: any Connection
    private let crashAt: Int
    private let statement: String?
    private let server: OwnServer?
    private let moment: Moment
    private let countsQueries: Bool
    private(set) var requests = 0
    private(set) var hasCrashed = false
    private(set) var transactionStatus = TransactionStatus.idle

    nonisolated let driverName: String
    nonisolated let dialect: Dialect
    nonisolated let capabilities: Capabilities
    nonisolated let serverVersion: String

    /// - Parameter countsQueries: whether it may die at what only reads, too.
    init(_ base: any Connection, at crashAt: Int, _ moment: Moment, countsQueries: Bool = true) {
        self.init(base, crashAt, nil, nil, moment, countsQueries)
    }

    /// One whose server is killed at a statement that is run.
    init(_ base: any Connection, killing server: OwnServer, at statement: String, _ moment: Moment) {
        self.init(base, 0, statement, server, moment, true)
    }

    private init(
        _ base: any Connection,
        _ crashAt: Int,
        _ statement: String?,
        _ server: OwnServer?,
        _ moment: Moment,
        _ countsQueries: Bool
    ) {
        self.countsQueries = countsQueries
        self.base = base
        self.crashAt = crashAt
        self.statement = statement
        self.server = server
        self.moment = moment
        driverName = base.driverName
        dialect = base.dialect
        capabilities = base.capabilities
        serverVersion = base.serverVersion
    }

    var isClosed: Bool { hasCrashed }

    private static var crashed: DatabaseError { DatabaseError(.operational, .connectionLost, "The process died here.") }

    private func before() async throws(DatabaseError) {
        if hasCrashed, server == nil { throw Self.crashed }
        requests += 1
        if requests == crashAt, moment == .before { try await crash() }
    }

    private func after() async throws(DatabaseError) {
        if requests == crashAt, moment == .after { try await crash() }
    }

    private func crash() async throws(DatabaseError) {
        hasCrashed = true
        await base.close()
        throw Self.crashed
    }

    private func kill(_ server: OwnServer) async {
        hasCrashed = true
        do { try await server.kill() } catch { Issue.record(error) }
    }

    func query(_ statement: Statement, options: ExecutionOptions) async throws(DatabaseError) -> sending ResultSet {
        guard countsQueries || hasCrashed else { return try await base.query(statement, options: options) }
        try await before()
        let result = try await base.query(statement, options: options)
        if requests == crashAt, moment == .after {
            result.close()
            try await crash()
        }
        return result
    }

    func execute(_ statement: Statement, options: ExecutionOptions) async throws(DatabaseError) -> ExecutionSummary {
        try await before()
        let isDue = statement.text == self.statement && !hasCrashed
        if let server, isDue, moment == .before { await kill(server) }
        let result = try await base.execute(statement, options: options)
        if let server, isDue, moment == .after { await kill(server) }
        try await after()
        return result
    }

    func begin(_ options: TransactionOptions) async throws(DatabaseError) {
        try await before()
        try await base.begin(options)
        transactionStatus = .open(depth: 0)
        try await after()
    }

    func commit() async throws(DatabaseError) {
        try await before()
        try await base.commit()
        transactionStatus = .idle
        try await after()
    }

    func rollback() async throws(DatabaseError) {
        try await before()
        try await base.rollback()
        transactionStatus = .idle
        try await after()
    }

    func close() async { await base.close() }
    nonisolated func cancel() { base.cancel() }

    private static var unused: DatabaseError {
        DatabaseError(.notSupported, .notSupported, "Migrations do not use this.")
    }

    func executeBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> ExecutionSummary { throw Self.unused }
    func queryBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> sending ResultSet { throw Self.unused }
    func describe(_ template: Statement) async throws(DatabaseError) -> StatementDescription { throw Self.unused }
    func call(_ procedure: String, _ arguments: [Value]) async throws(DatabaseError) -> sending ResultSet {
        throw Self.unused
    }
    func savepoint(_ name: String) async throws(DatabaseError) { throw Self.unused }
    func releaseSavepoint(_ name: String) async throws(DatabaseError) { throw Self.unused }
    func rollbackToSavepoint(_ name: String) async throws(DatabaseError) { throw Self.unused }
    func ping(timeout: Duration?) async throws(DatabaseError) { throw Self.unused }
    func reset() async throws(DatabaseError) { throw Self.unused }
}
