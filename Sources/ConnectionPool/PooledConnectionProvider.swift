public import Roost

/// A pool as what a ``Database`` lends its connections from. It runs the pool itself, until it is closed or released.
public final class PooledConnectionProvider<C: Connection>: ConnectionProvider {
    /// The pool.
    public let pool: ConnectionPool<C>
    // The one task whose end is tied to an object, not a scope: a Database has no scope of its own. close() waits for it.
    private let running: Task<Void, Never>

    /// Runs a pool.
    public init(_ pool: ConnectionPool<C>) {
        self.pool = pool
        running = Task { await pool.run() }
    }

    deinit {
        running.cancel()
    }

    /// A connection for the caller alone. What it is wanted for makes no difference.
    public func acquire(
        for purpose: ConnectionPurpose,
        at place: SourcePlace
    ) async throws(DatabaseError) -> any Connection {
        try await pool.acquire(at: place)
    }

    /// Gives a connection back.
    @discardableResult
    public func release(_ connection: any Connection) async -> DatabaseError? {
        guard let connection = connection as? C else { return nil }
        return await pool.release(connection)
    }

    /// Lends a connection to `body`, and takes it back whatever happens.
    public func withConnection<R>(
        for purpose: ConnectionPurpose,
        at place: SourcePlace,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        try await pool.withConnection(at: place) { try await body($0) }
    }

    /// Every connection can do everything.
    public func purpose(of statement: Statement) -> ConnectionPurpose { .writing }

    /// Closes the pool and waits until nothing of it runs any more. Connections lent out are closed when they come back.
    public func close() async {
        pool.close()
        running.cancel()
        await running.value
    }
}
