extension Connection {
    /// nil: the connection keeps its executor to itself.
    public nonisolated var taskExecutor: (any ConnectionExecutor)? { nil }

    /// nil: nothing to tell.
    public nonisolated var transportDescription: String? { nil }

    /// nil: nobody watches.
    public nonisolated var observation: ConnectionObservation? { nil }

    /// Runs a statement and returns its rows, with the default options.
    public func query(
        _ statement: Statement,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> sending ResultSet {
        try await query(statement, options: .at(fileID, line))
    }

    /// Runs a statement to its end, with the default options.
    @discardableResult
    public func execute(
        _ statement: Statement,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> ExecutionSummary {
        try await execute(statement, options: .at(fileID, line))
    }

    /// Begins a transaction that may write.
    public func begin() async throws(DatabaseError) {
        try await begin(.readWrite)
    }

    /// Runs `body` isolated to the connection, on its own executor: statements inside reach the engine without a hop, which
    /// halves the cost of small ones. Do not block in it; everything else on this connection waits.
    public func run<R: Sendable>(_ body: @Sendable (isolated Self) async throws -> R) async rethrows -> R {
        // With the preference, what `body` awaits comes back to the connection's thread, not to one of the pool.
        try await withTaskExecutorPreference(taskExecutor) { try await body(self) }
    }

    /// Prepares a statement to be run many times. The placeholders of `text` are those of any PEP 249 style.
    ///
    /// - Throws: what is wrong with the statement, before any of it runs.
    public func prepare(_ template: Statement) async throws(DatabaseError) -> PreparedStatement {
        PreparedStatement(connection: self, template: template, description: try await describe(template))
    }

    /// Opens a cursor: the rows of a query, fetched a thousand at a time.
    public func openCursor(_ statement: Statement) async throws(DatabaseError) -> sending Cursor {
        try await openCursor(statement, arraySize: 1_000)
    }

    /// The rows of a query as they stream, handed out `arraySize` at a time.
    public func openCursor(_ statement: Statement, arraySize: Int) async throws(DatabaseError) -> sending Cursor {
        Cursor(try await query(statement, options: .standard), arraySize: arraySize)
    }
}

/// A statement that is known to be valid on its connection, with what preparing told of it.
///
/// The driver's statement cache holds the engine's side of it; when that was evicted or DDL made it stale, it is prepared again.
public struct PreparedStatement: Sendable {
    /// The connection it was prepared on.
    public let connection: any Connection
    /// The statement with its placeholders.
    public let template: Statement
    /// Its parameters and columns.
    public let description: StatementDescription

    /// Runs it with these parameters and returns its rows.
    public func query(_ parameters: any DatabaseEncodable...) async throws(DatabaseError) -> sending ResultSet {
        try await connection.query(try template.binding(parameters.map(\.databaseValue)))
    }

    /// Runs it with these parameters to its end.
    @discardableResult
    public func execute(_ parameters: any DatabaseEncodable...) async throws(DatabaseError) -> ExecutionSummary {
        try await connection.execute(try template.binding(parameters.map(\.databaseValue)))
    }
}
