import NIOCore
public import Roost
import WireProtocol

extension PostgreSQLConnection {
    // Both of these are asked for far more often than all the rest, so they take the shortest way: not isolated to the connection,
    // they cross to its event loop once and come back once. A continuation inside an isolated method is resumed on a thread of the
    // pool first, which then has to cross again. Concurrent, which keeps to a preferred executor: the compiler (6.3) makes a trap of
    // an isolated requirement's witness that takes its caller's isolation.

    @concurrent
    public nonisolated func query(
        _ statement: Statement,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> sending ResultSet {
        let observed = observation?.begin(statement, options)
        let first: FirstRows
        do throws(DatabaseError) {
            first = try await request(statement, options, dropsRows: false)
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
            source: PostgreSQLRowSource(connection: self, exchange: rest),
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
            let summary = try await request(statement, options, dropsRows: true).summary
            observed?.end(rowsAffected: summary.rowsAffected)
            return summary
        } catch {
            observed?.end(error: error)
            throw error
        }
    }

    private nonisolated func request(
        _ statement: Statement,
        _ options: ExecutionOptions,
        dropsRows: Bool
    ) async throws(DatabaseError) -> FirstRows {
        if Task.isCancelled { throw PostgreSQLErrors.cancelled.inStatement(statement.text) }
        let (bound, request) = (bound, StatementRequest(statement, options, dropsRows: dropsRows))
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                request.continuation = continuation
                onLoop { request.start(on: $0) }
            }
        } onCancel: {
            bound.eventLoop.execute { request.cancel(on: bound.value) }
        }
        request.received()
        return try outcome.get()
    }

    /// Calls `body` on the event loop: now when this is the loop, soon otherwise.
    nonisolated func onLoop(_ body: @escaping @Sendable (PostgreSQLSession) -> Void) {
        let bound = bound
        if bound.eventLoop.inEventLoop { body(bound.value) } else { bound.eventLoop.execute { body(bound.value) } }
    }

    // MARK: What the other requests share

    /// Suspends until `isReached`; a cancelled task ends the statement on the server.
    func wait(for exchange: Exchange, until isReached: (Exchange) -> Bool) async {
        let bound = bound
        let boundExchange = NIOLoopBound(exchange, eventLoop: bound.eventLoop)
        while !isReached(exchange) {
            // The isolation is named, since a closure that does not mention self would be taken for one without, and run elsewhere.
            if exchange.isShielded {
                await exchange.wait(isolation: self, until: isReached)
            } else {
                await withTaskCancellationHandler {
                    await exchange.wait(isolation: self, until: isReached)
                } onCancel: {
                    bound.eventLoop.execute { bound.value.interrupt(boundExchange.value, .cancelled) }
                }
            }
        }
    }

    func checkOpen() throws(DatabaseError) { try session.checkOpen() }

    func outcome(_ error: DatabaseError, _ exchange: Exchange) -> DatabaseError { session.outcome(error, exchange) }
}
