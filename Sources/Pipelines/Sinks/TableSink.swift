public import Roost

/// Loads rows into a table in one transaction, by the engine's best path.
public actor TableSink: Sink {
    public nonisolated let name: String
    private let connection: any Connection
    private let table: [String]
    private let columns: [String]
    private let preparation: Statement?
    private let completion: (@Sendable (Int) -> Statement)?
    private var load: (any BulkLoad)?

    /// A sink for columns of a table, in the order of the rows' values.
    ///
    /// - Parameters:
    ///   - preparation: what is run in the rows' transaction before them.
    ///   - completion: what else is run in the rows' transaction once they are loaded, given their number.
    public init(
        _ table: [String],
        columns: [String],
        on connection: any Connection,
        preparation: Statement? = nil,
        completion: (@Sendable (Int) -> Statement)? = nil
    ) {
        self.preparation = preparation
        self.completion = completion
        name = table.joined(separator: ".")
        self.connection = connection
        self.table = table
        self.columns = columns
    }

    public func begin(_ columns: ColumnList) async throws(DatabaseError) {
        guard columns.count == self.columns.count else {
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "The source has \(columns.count) columns where \(self.columns.count) go into \(name)."
            )
        }
        if connection.capabilities.has(.transactions) { try await connection.begin(.readWrite) }
        if let preparation { try await connection.execute(preparation) }
        load = try await connection.bulkLoad(into: table, columns: self.columns)
    }

    public func write(_ rows: RowBatch) async throws(DatabaseError) {
        try await load?.write(rows)
    }

    public func commit() async throws(DatabaseError) -> Int {
        let count = try await load?.finish() ?? 0
        load = nil
        if let completion { try await connection.execute(completion(count)) }
        try await connection.commit()
        return count
    }

    public func abort(after error: DatabaseError) async -> DatabaseError {
        var error = error
        if let load { error = await load.abort(after: error) }
        load = nil
        do throws(DatabaseError) {
            try await connection.rollback()
            return error
        } catch let rollbackError {
            return error.withRollbackError(rollbackError)
        }
    }
}
