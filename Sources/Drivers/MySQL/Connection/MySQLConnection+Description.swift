import NIOCore
import Roost

extension MySQLConnection {
    /// Prepares a statement, or finds it prepared, and tells what the server said of it.
    nonisolated func description(of template: Statement) async throws(DatabaseError) -> StatementDescription {
        return try await withOrderedContinuation {
            (continuation: OrderedContinuation<Result<StatementDescription, DatabaseError>>) in
            onLoop { session in
                do throws(DatabaseError) { try session.checkOpen() } catch {
                    return continuation.resume(returning: .failure(error))
                }
                let exchange = Exchange(.describe(template))
                exchange.onChange = { exchange in
                    guard exchange.isDone else { return false }
                    if let error = exchange.error {
                        continuation.resume(returning: .failure(session.outcome(error, exchange)))
                    } else {
                        let statement = exchange.statement
                        continuation.resume(
                            returning: .success(
                                StatementDescription(
                                    parameterCount: statement?.parameterCount ?? 0,
                                    columns: statement?.columns ?? .empty
                                )
                            )
                        )
                    }
                    return true
                }
                session.submit(exchange, timeout: session.settings.common.statementTimeout)
            }
        }.get()
    }
}
