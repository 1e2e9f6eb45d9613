public import Roost
import RoostConnectionPool
import WireProtocol

/// MySQL 5.7 and later and MariaDB 10.2 and later over their own protocol.
public struct MySQLDriver: Driver {
    private let flavour: MySQLFlavour

    /// The driver for one of the two; what answers is told apart at the login all the same.
    public init(_ flavour: MySQLFlavour = .mysql) { self.flavour = flavour }

    /// `mysql` or `mariadb`
    public var name: String { flavour.rawValue }
    /// `mysql:` or `mariadb:`
    public var urlSchemes: [String] { [flavour.rawValue] }
    /// The server's dialect.
    public var dialect: Dialect { flavour.dialect }
    /// What the server can do.
    public var capabilities: Capabilities { flavour.capabilities }

    /// Opens a connection to the first host that answers.
    public func connect(_ configuration: ConnectionConfiguration) async throws(DatabaseError) -> MySQLConnection {
        try await MySQLConnection.connect(try MySQLConfiguration(configuration))
    }

    /// Opens a pool of connections (`pool_size`, 10).
    public func open(_ configuration: ConnectionConfiguration) async throws(DatabaseError) -> any ConnectionProvider {
        let settings = try MySQLConfiguration(configuration)
        let pool = try ConnectionPool(
            PoolConfiguration(configuration),
            logger: configuration.logger,
            observer: configuration.observer
        ) { () async throws(DatabaseError) in
            try await MySQLConnection.connect(settings)
        }
        return PooledConnectionProvider(pool)
    }
}
