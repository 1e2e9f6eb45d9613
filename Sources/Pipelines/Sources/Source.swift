public import Roost

/// Where a pipeline's rows come from: a table, a query, files.
public protocol Source: Sendable {
    /// What it is called in messages. Holds no secret.
    var name: String { get }

    /// About how many rows there will be; nil where nobody can tell.
    var forecast: RowForecast? { get }

    /// Begins to hand out the rows, which come in batches with the descriptions of their columns.
    func open() async throws(DatabaseError) -> sending ResultSet
}

extension Source {
    public var forecast: RowForecast? { nil }
}

/// Where a pipeline's rows go: a table, a file. Nothing of it is seen before ``commit()``.
public protocol Sink: Sendable {
    /// What it is called in messages. Holds no secret.
    var name: String { get }

    /// Prepares for rows of these columns.
    func begin(_ columns: ColumnList) async throws(DatabaseError)

    /// Takes rows; suspends while the other side is behind.
    func write(_ rows: RowBatch) async throws(DatabaseError)

    /// Publishes what was written, all at once.
    ///
    /// - Returns: the number of rows.
    func commit() async throws(DatabaseError) -> Int

    /// Undoes what was written.
    ///
    /// - Returns: the error that tells most: the engine's own where it had one.
    func abort(after error: DatabaseError) async -> DatabaseError
}
