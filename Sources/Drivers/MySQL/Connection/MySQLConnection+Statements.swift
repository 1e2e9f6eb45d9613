import NIOCore
public import Roost
import WireProtocol

extension MySQLConnection {
    // Both of these are asked for far more often than all the rest, so they take the shortest way: not isolated to the connection,
    // they cross to its event loop once and come back once. Concurrent, which keeps to a preferred executor: the compiler (6.3) makes
    // a trap of an isolated requirement's witness that takes its caller's isolation.

    @concurrent
    public nonisolated func query(
        _ statement: Statement,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> sending ResultSet {
        let observed = observation?.begin(statement, options)
        let first: FirstRows
        do throws(DatabaseError) {
            first = try await request(.statement(statement), options)
        } catch {
            observed?.end(error: error)
            throw error
        }
        return resultSet(first, observed)
    }

    /// The rows at hand, and where the others come from.
    nonisolated func resultSet(_ first: FirstRows, _ observed: StatementObservation?) -> sending ResultSet {
        guard let rest = first.rest else {
            return ResultSet(columns: first.columns, first: first.batch, summary: first.summary, observed: observed)
        }
        return ResultSet(
            columns: first.columns,
            first: first.batch,
            source: MySQLRowSource(connection: self, exchange: rest),
            summary: first.summary,
            observed: observed
        )
    }

    @concurrent
    public nonisolated func execute(
        _ statement: Statement,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> ExecutionSummary {
        let observed = observation?.begin(statement, options)
        do throws(DatabaseError) {
            let summary = try await request(.statement(statement), options, dropsRows: true).summary
            observed?.end(rowsAffected: summary.rowsAffected)
            return summary
        } catch {
            observed?.end(error: error)
            throw error
        }
    }

    /// Sends a request and waits for its first rows, or for its end when nobody wants rows.
    ///
    /// - Parameters:
    ///   - isShielded: whether it goes on when the task is cancelled.
    ///   - limit: how long it may take; the connection's statement time-out by default.
    nonisolated func request(
        _ request: Exchange.Request,
        _ options: ExecutionOptions = .standard,
        dropsRows: Bool = false,
        isShielded: Bool = false,
        limit: Duration? = nil
    ) async throws(DatabaseError) -> FirstRows {
        if !isShielded, Task.isCancelled { throw MySQLErrors.cancelled }
        let timeout = limit ?? options.timeout ?? (isShielded ? nil : configuration.common.statementTimeout)
        let request = StatementRequest(request, options, timeout: timeout, dropsRows: dropsRows, isShielded: isShielded)
        let bound = bound
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                request.continuation = continuation
                onLoop { request.start(on: $0) }
            }
        } onCancel: {
            if !isShielded { bound.eventLoop.execute { request.cancel(on: bound.value) } }
        }
        request.received()
        return try outcome.get()
    }

    /// Runs one of the driver's own statements as text.
    nonisolated func run(
        _ text: String,
        isShielded: Bool = false,
        limit: Duration? = nil
    ) async throws(DatabaseError) {
        _ = try await request(.text(text), dropsRows: true, isShielded: isShielded, limit: limit)
    }

    /// Calls `body` on the event loop: now when this is the loop, soon otherwise.
    nonisolated func onLoop(_ body: @escaping @Sendable (MySQLSession) -> Void) {
        let bound = bound
        if bound.eventLoop.inEventLoop { body(bound.value) } else { bound.eventLoop.execute { body(bound.value) } }
    }

    func checkOpen() throws(DatabaseError) { try session.checkOpen() }
}

/// Fetches what did not fit into the first batch.
final class MySQLRowSource: RowBatchSource {
    private let connection: MySQLConnection
    private let exchange: NIOLoopBound<Exchange>

    init(connection: MySQLConnection, exchange: NIOLoopBound<Exchange>) {
        self.connection = connection
        self.exchange = exchange
    }

    func nextBatch() async throws(DatabaseError) -> RowBatch? {
        let exchange = exchange
        return try await fetch { session, completion in session.nextBatch(of: exchange.value, completion) }
    }

    func nextResult() async throws(DatabaseError) -> ColumnList? {
        let exchange = exchange
        return try await fetch { session, completion in session.nextResult(of: exchange.value, completion) }
    }

    private func fetch<T: Sendable>(
        _ body: @escaping @Sendable (MySQLSession, @escaping (Result<T, DatabaseError>) -> Void) -> Void
    ) async throws(DatabaseError) -> T {
        let (connection, exchange) = (connection, exchange)
        if Task.isCancelled { connection.onLoop { $0.interrupt(exchange.value, .cancelled) } }
        return try await withTaskCancellationHandler {
            await withOrderedContinuation { (continuation: OrderedContinuation<Result<T, DatabaseError>>) in
                connection.onLoop { session in body(session) { continuation.resume(returning: $0) } }
            }
        } onCancel: {
            exchange.eventLoop.execute { connection.bound.value.interrupt(exchange.value, .cancelled) }
        }.get()
    }

    func currentSummary() async -> ExecutionSummary {
        let exchange = exchange
        return await withOrderedContinuation { continuation in
            connection.onLoop { $0.summary(of: exchange.value) { continuation.resume(returning: $0) } }
        }
    }

    func abandon() {
        let (bound, exchange) = (connection.bound, exchange)
        exchange.eventLoop.execute { bound.value.abandon(exchange.value) }
    }
}
