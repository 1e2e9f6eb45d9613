/// What a module's globals are in PEP 249: who the driver is, which URLs it serves and what it can do.
public protocol Driver: Sendable {
    /// The connections it makes.
    associatedtype ConnectionType: Connection

    /// The engine's name in messages, metrics and configuration: `sqlite`, `postgresql`.
    var name: String { get }
    /// The URL schemes it serves, the preferred one first.
    var urlSchemes: [String] { get }
    /// How statements are written for the engine.
    var dialect: Dialect { get }
    /// What the engine can do; a connection may know better once it met the server.
    var capabilities: Capabilities { get }

    /// Opens one connection.
    ///
    /// - Throws: `operational.cannotConnect`, `operational.authenticationFailed`, `interface.invalidConfiguration`, …
    func connect(_ configuration: ConnectionConfiguration) async throws(DatabaseError) -> ConnectionType

    /// Opens what an application holds: a bounded set of connections.
    func open(_ configuration: ConnectionConfiguration) async throws(DatabaseError) -> any ConnectionProvider
}

/// The drivers an application linked, found by URL scheme.
public struct DriverRegistry: Sendable {
    private var drivers: [String: any Driver] = [:]

    /// A registry of these drivers. A later driver replaces an earlier one of the same scheme.
    public init(_ drivers: [any Driver] = []) {
        for driver in drivers { register(driver) }
    }

    /// Adds a driver under all of its schemes.
    public mutating func register(_ driver: any Driver) {
        for scheme in driver.urlSchemes { drivers[scheme.lowercased()] = driver }
    }

    /// The URL schemes that can be served, sorted.
    public var schemes: [String] { drivers.keys.sorted() }

    /// The driver for a URL scheme.
    ///
    /// - Throws: `interface.invalidConfiguration` that lists the schemes there are.
    public func driver(forScheme scheme: String) throws(DatabaseError) -> any Driver {
        guard let driver = drivers[scheme.lowercased()] else {
            throw DatabaseError(
                .interface,
                .invalidConfiguration,
                "No driver serves the URL scheme \"\(scheme)\".",
                hint: "Schemes served here: \(schemes.joined(separator: ", "))."
            )
        }
        return driver
    }

    /// Opens one connection with the driver the URL asks for.
    public func connect(_ configuration: ConnectionConfiguration) async throws(DatabaseError) -> any Connection {
        try await driver(forScheme: configuration.url.scheme).connect(configuration)
    }

    /// Opens a database with the driver the URL asks for.
    public func open(_ configuration: ConnectionConfiguration) async throws(DatabaseError) -> Database {
        let driver = try driver(forScheme: configuration.url.scheme)
        return Database(
            name: driver.name,
            dialect: driver.dialect,
            capabilities: driver.capabilities,
            provider: try await driver.open(configuration)
        )
    }
}
