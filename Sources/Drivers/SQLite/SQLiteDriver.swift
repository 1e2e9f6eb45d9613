public import Roost

/// SQLite through the system's `libsqlite3`.
public struct SQLiteDriver: Driver {
    static let engineName = "sqlite"

    /// The driver.
    public init() {}

    /// `sqlite`
    public var name: String { Self.engineName }
    /// `sqlite:`, and `file:` as SQLite's own URIs have it.
    public var urlSchemes: [String] { ["sqlite", "file"] }
    /// SQLite's dialect: standard quotes and `?`.
    public var dialect: Dialect { .sqlite }

    /// What SQLite can do.
    public var capabilities: Capabilities {
        Capabilities(
            features: [
                .transactions, .savepoints, .transactionalDDL, .readOnlyTransactions, .statementLevelRollback,
                .returning,
                .foreignKeys, .checkConstraints, .cancellation, .statementTimeouts, .lockTimeouts, .lastInsertID,
                .embeddedNULInText, .recursiveQueries, .windowFunctions,
            ],
            maximumParameters: 32_766,
            isolationLevels: [.serializable]
        )
    }

    /// Opens a file or a database in memory, on a thread of its own.
    public func connect(_ configuration: ConnectionConfiguration) async throws(DatabaseError) -> SQLiteConnection {
        try await SQLiteConnection.open(try SQLiteConfiguration(configuration))
    }

    /// Opens a writer and readers over one file; a database in memory has one connection.
    public func open(_ configuration: ConnectionConfiguration) async throws(DatabaseError) -> any ConnectionProvider {
        try await SQLiteDatabase.open(try SQLiteConfiguration(configuration))
    }
}
