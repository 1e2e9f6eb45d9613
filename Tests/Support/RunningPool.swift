public import Roost
public import RoostConnectionPool

/// Runs a pool of connections for as long as `body` does.
public func withRunningPool<C: Connection, R: Sendable>(
    _ configuration: PoolConfiguration,
    connect: @escaping @Sendable () async throws(DatabaseError) -> C,
    _ body: (ConnectionPool<C>) async throws -> R
) async throws -> R {
    var configuration = configuration
    // A busy machine is slow, and that is no failure; what is about the time-out sets its own.
    if configuration.acquireTimeout == PoolConfiguration().acquireTimeout {
        configuration.acquireTimeout = .seconds(300)
    }
    let pool = try ConnectionPool(configuration, connect: connect)
    let running = Task { await pool.run() }
    let result: Result<R, any Error>
    do { result = .success(try await body(pool)) } catch { result = .failure(error) }
    pool.close()
    running.cancel()
    await running.value
    return try result.get()
}
