/// What a connection is wanted for, so that reads can go to a reader or a replica.
public enum ConnectionPurpose: Sendable, Hashable {
    case reading
    case writing
}

/// Lends connections: a pool, or SQLite's writer and readers.
public protocol ConnectionProvider: Sendable {
    /// A connection for the caller alone, until ``release(_:)``.
    ///
    /// - Parameter place: who asks, for whoever wonders who holds a connection.
    /// - Throws: `operational.poolTimeout` when none came free in time.
    func acquire(for purpose: ConnectionPurpose, at place: SourcePlace) async throws(DatabaseError) -> any Connection
    /// Gives a connection back. An open transaction is rolled back.
    ///
    /// - Returns: what the guards found while it was lent, when their findings are errors.
    @discardableResult
    func release(_ connection: any Connection) async -> DatabaseError?
    /// Lends a connection to `body`, where the connection's work runs if it may run there, and takes it back whatever happens.
    ///
    /// - Throws: what ``acquire(for:at:)`` and `body` throw; what the guards found, when their findings are errors.
    func withConnection<R>(
        for purpose: ConnectionPurpose,
        at place: SourcePlace,
        _ body: (any Connection) async throws -> R
    ) async throws -> R
    /// What a statement needs; `.writing` when in doubt.
    func purpose(of statement: Statement) -> ConnectionPurpose
    /// Closes every connection; those lent out when they come back.
    func close() async
}

extension ConnectionProvider {
    /// Lends what ``acquire(for:at:)`` gives, and gives it back by ``release(_:)``.
    public func withConnection<R>(
        for purpose: ConnectionPurpose,
        at place: SourcePlace,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        let connection = try await acquire(for: purpose, at: place)
        let result: R
        do {
            result = try await withTaskExecutorPreference(connection.taskExecutor) { try await body(connection) }
        } catch {
            await release(connection)
            throw error
        }
        if let finding = await release(connection) { throw finding }
        return result
    }
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
        fileID: String = #fileID,
        line: Int = #line,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        try await provider.withConnection(for: purpose, at: SourcePlace(fileID: fileID, line: line), body)
    }

    /// Runs `body` in a transaction on a connection of its own; see ``Connection/withTransaction(_:retry:_:)``.
    public func withTransaction<R>(
        _ options: TransactionOptions = .readWrite,
        retry: RetryPolicy = .never,
        fileID: String = #fileID,
        line: Int = #line,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        let purpose: ConnectionPurpose = options.isReadOnly ? .reading : .writing
        return try await withConnection(for: purpose, fileID: fileID, line: line) { connection in
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
        options: ExecutionOptions = .standard,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> ExecutionSummary {
        let place = SourcePlace(fileID: fileID, line: line)
        var options = options
        options.place = options.place ?? place
        do {
            return try await provider.withConnection(for: .writing, at: place) { [options] in
                try await $0.execute(statement, options: options)
            }
        } catch {
            throw error as? DatabaseError
                ?? DatabaseError(
                    .internal,
                    .other,
                    "The source of connections failed with an error of its own, \(type(of: error))."
                )
        }
    }

    /// Runs a statement and hands its rows to `body`; the connection is lent until `body` returns.
    public func query<R>(
        _ statement: Statement,
        options: ExecutionOptions = .standard,
        fileID: String = #fileID,
        line: Int = #line,
        _ body: (ResultSet) async throws -> R
    ) async throws -> R {
        var options = options
        options.place = options.place ?? SourcePlace(fileID: fileID, line: line)
        return try await withConnection(for: provider.purpose(of: statement), fileID: fileID, line: line) {
            [options] connection in
            try await body(try await connection.query(statement, options: options))
        }
    }

    /// The rows of a small result, decoded into tuples.
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`.
    public func fetchAll<each T: DatabaseDecodable>(
        _ statement: Statement,
        as type: (repeat each T).Type,
        limit: FetchLimit,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> [(repeat each T)] {
        try await query(statement, fileID: fileID, line: line) {
            try await DecodedRows<TupleDecoding<repeat each T>, (repeat each T)>($0).fetchAll(limit: limit)
        }
    }

    /// The first column of a small result.
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`.
    public func fetchAll<T: DatabaseDecodable>(
        _ statement: Statement,
        as type: T.Type,
        limit: FetchLimit,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> [T] {
        try await query(statement, fileID: fileID, line: line) { try await $0.decode(type).fetchAll(limit: limit) }
    }

    /// The rows of a small result, decoded into a type.
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`.
    public func fetchAll<T: RowDecodable>(
        _ statement: Statement,
        as type: T.Type,
        limit: FetchLimit,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> [T] {
        try await query(statement, fileID: fileID, line: line) { try await $0.decode(type).fetchAll(limit: limit) }
    }

    /// Closes every connection.
    public func close() async {
        await provider.close()
    }
}
