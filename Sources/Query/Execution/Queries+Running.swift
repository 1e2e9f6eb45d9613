public import Roost

extension RenderableQuery {
    /// The query as a statement for a dialect, with its values bound; it can be embedded in other statements.
    ///
    /// - Parameter version: the server's version, where it decides what can be said; nil takes a recent one.
    /// - Throws: `notSupported` that names the feature and the dialect, when the dialect cannot express the query.
    public func statement(for dialect: Dialect, version: String? = nil) throws(DatabaseError) -> Statement {
        try QueryCompiler.statement(for: node, DialectProfile.of(dialect, version: version))
    }
}

extension Connection {
    /// The query as a statement for this connection's server.
    public nonisolated func statement(for query: some RenderableQuery) throws(DatabaseError) -> Statement {
        try query.statement(for: dialect, version: serverVersion)
    }

    /// Runs a query to its end and tells what it did.
    @discardableResult
    public nonisolated func execute(
        _ query: some RenderableQuery,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> ExecutionSummary {
        try await execute(statement(for: query), options: .at(fileID, line))
    }

    /// Runs a query and returns its rows undecoded.
    public nonisolated func query(
        _ query: some RenderableQuery,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> sending ResultSet {
        try await self.query(statement(for: query), options: .at(fileID, line))
    }

    /// The rows of a small result.
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`.
    public nonisolated func fetchAll<Output>(
        _ query: some RowQuery<Output>,
        limit: FetchLimit,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> [Output] {
        try await query.fetcher.all(self.query(statement(for: query), options: .at(fileID, line)), limit)
    }

    /// The first row, or nil.
    public nonisolated func fetchOne<Output>(
        _ query: some RowQuery<Output>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> Output? {
        try await query.fetcher.one(self.query(statement(for: query), options: .at(fileID, line)))
    }

    /// The one row there is.
    ///
    /// - Throws: `data.noRow` when there is none, `programming.tooManyRows` when there are several.
    public nonisolated func fetchOnly<Output>(
        _ query: some RowQuery<Output>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> Output {
        try await query.fetcher.only(self.query(statement(for: query), options: .at(fileID, line)))
    }

    /// Calls `body` with each row, however many there are.
    public nonisolated func forEach<Output>(
        _ query: some RowQuery<Output>,
        fileID: String = #fileID,
        line: Int = #line,
        _ body: (Output) throws -> Void
    ) async throws {
        try await query.fetcher.each(self.query(statement(for: query), options: .at(fileID, line)), body)
    }
}

extension Database {
    /// Runs a query to its end on a connection of its own.
    @discardableResult
    public func execute(
        _ query: some RenderableQuery,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> ExecutionSummary {
        try await withConnection(fileID: fileID, line: line) {
            try await $0.execute(query, fileID: fileID, line: line)
        }
    }

    /// The rows of a small result. Queries read on a connection for reading unless they lock or change something.
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`.
    public func fetchAll<Output>(
        _ query: some RowQuery<Output>,
        limit: FetchLimit,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> [Output] {
        try await withConnection(for: query.node.purpose, fileID: fileID, line: line) {
            try await $0.fetchAll(query, limit: limit, fileID: fileID, line: line)
        }
    }

    /// The first row, or nil.
    public func fetchOne<Output>(
        _ query: some RowQuery<Output>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> Output? {
        try await withConnection(for: query.node.purpose, fileID: fileID, line: line) {
            try await $0.fetchOne(query, fileID: fileID, line: line)
        }
    }

    /// The one row there is.
    ///
    /// - Throws: `data.noRow` when there is none, `programming.tooManyRows` when there are several.
    public func fetchOnly<Output>(
        _ query: some RowQuery<Output>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> Output {
        try await withConnection(for: query.node.purpose, fileID: fileID, line: line) {
            try await $0.fetchOnly(query, fileID: fileID, line: line)
        }
    }

    /// Calls `body` with each row, however many there are.
    public func forEach<Output>(
        _ query: some RowQuery<Output>,
        fileID: String = #fileID,
        line: Int = #line,
        _ body: (Output) throws -> Void
    ) async throws {
        try await withConnection(for: query.node.purpose, fileID: fileID, line: line) {
            try await $0.forEach(query, fileID: fileID, line: line, body)
        }
    }
}

extension QueryNode {
    /// What a connection is needed for: reading only what certainly changes and locks nothing.
    var purpose: ConnectionPurpose {
        switch kind {
        case .select, .setOperation, .compound, .values: isReading ? .reading : .writing
        default: .writing
        }
    }

    private var isReading: Bool {
        switch kind {
        case .lock, .insert, .update, .delete, .merge, .raw, .namedFunction, .tableFunction, .nextNumber: false
        default: children.allSatisfy(\.isReading)
        }
    }
}
