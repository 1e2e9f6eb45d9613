public import Roost
import RoostConnectionPool
import WireProtocol

/// PostgreSQL 12 and later over its own protocol.
public struct PostgreSQLDriver: Driver {
    /// The driver.
    public init() {}

    /// `postgresql`
    public var name: String { PostgreSQLErrors.engine }
    /// `postgresql:` and `postgres:`
    public var urlSchemes: [String] { ["postgresql", "postgres"] }
    /// PostgreSQL's dialect.
    public var dialect: Dialect { .postgresql }

    /// What PostgreSQL can do.
    public var capabilities: Capabilities {
        Capabilities(
            features: [
                .transactions, .savepoints, .transactionalDDL, .readOnlyTransactions, .atomicBatches,
                .twoPhaseCommit, .returning,
                .storedProcedures, .foreignKeys, .checkConstraints, .cancellation, .statementTimeouts, .lockTimeouts,
                .notifications, .notices, .pipelining, .arrays, .floatingPointSpecials, .nativeBooleans,
                .recursiveQueries, .windowFunctions,
            ],
            maximumParameters: 65_535,
            isolationLevels: [.readUncommitted, .readCommitted, .repeatableRead, .serializable]
        )
    }

    /// Opens a connection to the first host that will do.
    public func connect(_ configuration: ConnectionConfiguration) async throws(DatabaseError) -> PostgreSQLConnection {
        try await PostgreSQLConnection.connect(try PostgreSQLConfiguration(configuration))
    }

    /// Opens a pool of connections (`pool_size`, 10).
    public func open(_ configuration: ConnectionConfiguration) async throws(DatabaseError) -> any ConnectionProvider {
        let settings = try PostgreSQLConfiguration(configuration)
        let keys = SCRAMKeyCache()
        let types = TypeCatalogue()
        let pool = try ConnectionPool(
            PoolConfiguration(configuration),
            logger: configuration.logger,
            observer: configuration.observer
        ) { () async throws(DatabaseError) in
            try await PostgreSQLConnection.connect(settings, keys: keys, types: types)
        }
        return PooledConnectionProvider(pool)
    }
}
