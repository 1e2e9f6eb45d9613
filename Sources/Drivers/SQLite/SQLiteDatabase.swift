public import Roost
import RoostConnectionPool

/// One writer and several readers over one SQLite file, as WAL allows: readers never wait for the writer, nor it for them.
///
/// Connections are lent one at a time and waiting callers are served in order. A database in memory has the writer alone.
public final class SQLiteDatabase: ConnectionProvider {
    private let writers: PooledConnectionProvider<SQLiteConnection>
    private let readers: PooledConnectionProvider<SQLiteConnection>?

    private init(
        writers: PooledConnectionProvider<SQLiteConnection>,
        readers: PooledConnectionProvider<SQLiteConnection>?
    ) {
        self.writers = writers
        self.readers = readers
    }

    /// Opens the writer, so that a wrong path or file is an error here; readers follow as they are needed.
    public static func open(_ configuration: SQLiteConfiguration) async throws(DatabaseError) -> SQLiteDatabase {
        var configuration = configuration
        if configuration.journalMode == nil, configuration.isFile, configuration.mode != .readOnly {
            configuration.journalMode = "wal"
        }
        let readerCount = configuration.isFile ? (configuration.common.maximumConnections ?? 5) - 1 : 0
        var readOnly = configuration
        readOnly.common.isReadOnly = true
        let writer = try await SQLiteConnection.open(configuration)
        return SQLiteDatabase(
            writers: try pool(configuration, maximum: 1, opened: writer),
            readers: readerCount > 0 ? try pool(readOnly, maximum: readerCount) : nil
        )
    }

    private static func pool(
        _ configuration: SQLiteConfiguration,
        maximum: Int,
        opened: SQLiteConnection? = nil
    ) throws(DatabaseError) -> PooledConnectionProvider<SQLiteConnection> {
        var settings = PoolConfiguration(configuration.common)
        settings.maximumConnections = maximum
        // A file does not go away, and a database in memory would go with its connection.
        settings.maximumLifetime = nil
        settings.livenessCheckAfter = nil
        if opened != nil { settings.idleTimeout = nil }
        let pool = try ConnectionPool(
            settings,
            logger: configuration.common.logger,
            observer: configuration.common.observer,
            opened: opened.map { [$0] } ?? []
        ) { () async throws(DatabaseError) in
            try await SQLiteConnection.open(configuration)
        }
        return PooledConnectionProvider(pool)
    }

    private func provider(for purpose: ConnectionPurpose) -> PooledConnectionProvider<SQLiteConnection> {
        purpose == .reading ? readers ?? writers : writers
    }

    public func acquire(
        for purpose: ConnectionPurpose,
        at place: SourcePlace
    ) async throws(DatabaseError) -> any Connection {
        try await provider(for: purpose).acquire(for: purpose, at: place)
    }

    @discardableResult
    public func release(_ connection: any Connection) async -> DatabaseError? {
        guard let connection = connection as? SQLiteConnection else { return nil }
        return await provider(for: connection.isReader ? .reading : .writing).release(connection)
    }

    public func withConnection<R>(
        for purpose: ConnectionPurpose,
        at place: SourcePlace,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        try await provider(for: purpose).withConnection(for: purpose, at: place, body)
    }

    /// Reading for `SELECT`, `VALUES` and `EXPLAIN`; anything else may write.
    public func purpose(of statement: Statement) -> ConnectionPurpose {
        let word = statement.text.drop { $0.isWhitespace }.prefix { $0.isLetter }.lowercased()
        return ["select", "values", "explain"].contains(word) ? .reading : .writing
    }

    public func close() async {
        await readers?.close()
        await writers.close()
    }
}
