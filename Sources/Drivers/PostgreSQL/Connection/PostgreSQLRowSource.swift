import NIOCore
import Roost

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
    /// The next rows of a result; nil once it has ended. Not isolated, as ``query(_:options:)`` is not.
    nonisolated func nextBatch(of exchange: NIOLoopBound<Exchange>) async throws(DatabaseError) -> RowBatch? {
        let bound = bound
        if Task.isCancelled { onLoop { $0.interrupt(exchange.value, .cancelled) } }
        return try await withTaskCancellationHandler {
            await withOrderedContinuation { (continuation: OrderedContinuation<Result<RowBatch?, DatabaseError>>) in
                onLoop { session in
                    session.nextBatch(of: exchange.value) { continuation.resume(returning: $0) }
                }
            }
        } onCancel: {
            bound.eventLoop.execute { bound.value.interrupt(exchange.value, .cancelled) }
        }.get()
    }

    func summary(of bound: NIOLoopBound<Exchange>) -> ExecutionSummary {
        bound.value.summary
    }
}
