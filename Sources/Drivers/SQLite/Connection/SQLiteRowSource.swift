import Roost

/// Fetches the rows of one open result.
final class SQLiteRowSource: RowBatchSource {
    private let connection: SQLiteConnection
    private let id: Int

    init(connection: SQLiteConnection, id: Int) {
        self.connection = connection
        self.id = id
    }

    var taskExecutor: (any TaskExecutor)? { connection.taskExecutor }

    func nextBatch() async throws(DatabaseError) -> RowBatch? {
        try await connection.nextBatch(of: id)
    }

    func nextResult() async throws(DatabaseError) -> ColumnList? {
        await connection.finish(id)
        return nil
    }

    func currentSummary() async -> ExecutionSummary {
        ExecutionSummary()
    }

    func abandon() {
        connection.abandoned.add(id)
        // Called from a deinitializer too, which can neither wait nor has a scope that a child task could belong to; hence a task of
        // its own. Nothing depends on when it runs: every later statement ends abandoned results first. It only sees to it that a
        // connection nobody uses for a while holds no lock in the database for a result nobody reads.
        Task { [connection] in await connection.finishAbandoned() }
    }
}
