public import Roost
public import ServiceLifecycle

/// A pool runs as a service: `ServiceGroup(services: [pool], …)`. Told to shut down, it drains.
public struct ConnectionPoolService<C: Connection>: Service {
    private let pool: ConnectionPool<C>

    /// A service that runs this pool.
    public init(_ pool: ConnectionPool<C>) {
        self.pool = pool
    }

    /// Runs the pool until the group shuts down.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await pool.run()
        } onGracefulShutdown: {
            pool.close()
        }
    }
}
