/// What a connection is wanted for, so that reads can go to a reader or a replica.
public enum ConnectionPurpose: Sendable, Hashable {
    case reading
    case writing
}

/// Lends connections: a pool, or SQLite's writer and readers.
public protocol ConnectionProvider: Sendable {
    /// A connection for the caller alone, until ``release(_:)``.
    ///
    /// - Throws: `operational.poolTimeout` when none came free in time.
    func acquire(for purpose: ConnectionPurpose) async throws(DatabaseError) -> any Connection
    /// Gives a connection back. An open transaction is rolled back.
    func release(_ connection: any Connection) async
    /// What a statement needs; `.writing` when in doubt.
    func purpose(of statement: Statement) -> ConnectionPurpose
    /// Closes every connection; those lent out when they come back.
    func close() async
}

/// What applications hold: connections, dialect and capabilities of one database.
public final class Database: Sendable {
    /// The driver's name.
    public let name: String
    /// How statements are written for the engine.
    public let dialect: Dialect
    /// What the engine can do.
    public let capabilities: Capabilities
    private let provider: any ConnectionProvider

    /// A database over a source of connections.
    public init(name: String, dialect: Dialect, capabilities: Capabilities, provider: any ConnectionProvider) {
        self.name = name
        self.dialect = dialect
        self.capabilities = capabilities
        self.provider = provider
    }

    /// Lends a connection to `body` and takes it back afterwards, whatever happens.
    ///
    /// A body that is not isolated to an actor runs where the connection's work runs, if the driver allows it: its statements
    /// need no change of threads then, but blocking in it blocks the connection, which nobody else has.
    public func withConnection<R>(
        for purpose: ConnectionPurpose = .writing,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        let connection = try await provider.acquire(for: purpose)
        do {
            let result = try await withTaskExecutorPreference(connection.taskExecutor) { try await body(connection) }
            await provider.release(connection)
            return result
        } catch {
            await provider.release(connection)
            throw error
        }
    }

    /// Runs `body` in a transaction on a connection of its own; see ``Connection/withTransaction(_:retry:_:)``.
    public func withTransaction<R>(
        _ options: TransactionOptions = .readWrite,
        retry: RetryPolicy = .never,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        try await withConnection(for: options.isReadOnly ? .reading : .writing) { connection in
            try await Self.transact(on: connection, options, retry: retry, body)
        }
    }

    private static func transact<C: Connection, R>(
        on connection: C,
        _ options: TransactionOptions,
        retry: RetryPolicy,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        try await connection.withTransaction(options, retry: retry) { try await body($0) }
    }

    /// Runs a statement to its end on a connection of its own.
    @discardableResult
    public func execute(
        _ statement: Statement,
        options: ExecutionOptions = .standard
    ) async throws(DatabaseError) -> ExecutionSummary {
        let connection = try await provider.acquire(for: .writing)
        do throws(DatabaseError) {
            let summary = try await connection.execute(statement, options: options)
            await provider.release(connection)
            return summary
        } catch {
            await provider.release(connection)
            throw error
        }
    }

    /// Runs a statement and hands its rows to `body`; the connection is lent until `body` returns.
    public func query<R>(
        _ statement: Statement,
        options: ExecutionOptions = .standard,
        _ body: (ResultSet) async throws -> R
    ) async throws -> R {
        try await withConnection(for: provider.purpose(of: statement)) { connection in
            try await body(try await connection.query(statement, options: options))
        }
    }

    /// The rows of a small result, decoded into tuples.
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`.
    public func fetchAll<each T: DatabaseDecodable>(
        _ statement: Statement,
        as type: (repeat each T).Type,
        limit: FetchLimit
    ) async throws -> [(repeat each T)] {
        try await query(statement) {
            try await DecodedRows<TupleDecoding<repeat each T>, (repeat each T)>($0).fetchAll(limit: limit)
        }
    }

    /// The first column of a small result.
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`.
    public func fetchAll<T: DatabaseDecodable>(
        _ statement: Statement,
        as type: T.Type,
        limit: FetchLimit
    ) async throws -> [T] {
        try await query(statement) { try await $0.decode(type).fetchAll(limit: limit) }
    }

    /// The rows of a small result, decoded into a type.
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`.
    public func fetchAll<T: RowDecodable>(
        _ statement: Statement,
        as type: T.Type,
        limit: FetchLimit
    ) async throws -> [T] {
        try await query(statement) { try await $0.decode(type).fetchAll(limit: limit) }
    }

    /// Closes every connection.
    public func close() async {
        await provider.close()
    }
}
