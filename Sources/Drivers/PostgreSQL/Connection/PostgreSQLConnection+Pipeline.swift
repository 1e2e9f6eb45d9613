import NIOCore
public import Roost
import WireProtocol

extension PostgreSQLConnection: PipeliningConnection {
    public nonisolated func send(_ statements: [Statement], options: ExecutionOptions) -> [any PipelinedRequest] {
        let requests = statements.map { statement in
            SentRequest(
                StatementRequest(statement, options, dropsRows: false),
                connection: self,
                observed: observation?.begin(statement, options)
            )
        }
        onLoop { session in
            // One packet for all of them.
            session.transport.gather {
                for sent in requests {
                    sent.request.receiver = { sent.fulfil($0) }
                    sent.request.start(on: session)
                }
            }
        }
        return requests
    }
}

/// A statement of a pipeline between sending and reading.
private final class SentRequest: PipelinedRequest {
    private struct State {
        var answer: Result<FirstRows, DatabaseError>?
        var waiter: CheckedContinuation<Void, Never>?
    }

    let request: StatementRequest
    private let connection: PostgreSQLConnection
    private let observed: StatementObservation?
    private let state = Locked(State())

    init(_ request: StatementRequest, connection: PostgreSQLConnection, observed: StatementObservation?) {
        self.request = request
        self.connection = connection
        self.observed = observed
    }

    deinit {
        if case .success(let first)? = state.withLock(\.answer), let rest = first.rest {
            PostgreSQLRowSource(connection: connection, exchange: rest).abandon()
        }
    }

    func fulfil(_ answer: Result<FirstRows, DatabaseError>) {
        let waiter = state.withLock { state in
            state.answer = answer
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    func result() async throws(DatabaseError) -> sending ResultSet {
        let (bound, request) = (connection.bound, request)
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isAnswered = state.withLock { state in
                    if state.answer == nil { state.waiter = waiter }
                    return state.answer != nil
                }
                if isAnswered { waiter.resume() }
            }
        } onCancel: {
            bound.eventLoop.execute { request.cancel(on: bound.value) }
        }
        let answer = state.withLock { state in
            defer { state.answer = nil }
            return state.answer
        }
        switch answer {
        case .success(let first)?: return connection.resultSet(first, observed)
        case .failure(let error)?:
            observed?.end(error: error)
            throw error
        case nil:
            throw DatabaseError(
                .interface,
                .misuse,
                "The result of a pipelined statement was asked for twice.",
                engine: PostgreSQLErrors.engine
            )
        }
    }
}
