import NIOCore
import Roost
import WireProtocol

/// Fetches the rows of a result that did not fit into one batch.
final class PostgreSQLRowSource: RowBatchSource {
    private let connection: PostgreSQLConnection
    private let exchange: NIOLoopBound<Exchange>

    init(connection: PostgreSQLConnection, exchange: NIOLoopBound<Exchange>) {
        self.connection = connection
        self.exchange = exchange
    }

    func nextBatch() async throws(DatabaseError) -> RowBatch? {
        try await connection.nextBatch(of: exchange)
    }

    func nextResult() async throws(DatabaseError) -> ColumnList? {
        abandon()
        return nil
    }

    func currentSummary() async -> ExecutionSummary {
        await connection.summary(of: exchange)
    }

    func abandon() {
        let (bound, exchange) = (connection.bound, exchange)
        exchange.eventLoop.execute { bound.value.abandon(exchange.value) }
    }
}

extension PostgreSQLConnection {
    /// The next rows of a result; nil once it has ended.
    func nextBatch(of bound: NIOLoopBound<Exchange>) async throws(DatabaseError) -> RowBatch? {
        let exchange = bound.value
        if exchange.batches.isEmpty, !exchange.isDone, Task.isCancelled { session.interrupt(exchange, .cancelled) }
        await wait(for: exchange) { $0.isDone || !$0.batches.isEmpty }
        if let error = exchange.error { throw outcome(error, exchange) }
        return takeBatch(of: exchange)
    }

    /// The next batch at hand; reading goes on if its consumer was behind.
    func takeBatch(of exchange: Exchange) -> RowBatch? {
        let batch = exchange.takeBatch()
        if !exchange.isDone, !session.isFull { session.transport.resume() }
        return batch
    }

    func summary(of bound: NIOLoopBound<Exchange>) -> ExecutionSummary {
        bound.value.summary
    }
}
