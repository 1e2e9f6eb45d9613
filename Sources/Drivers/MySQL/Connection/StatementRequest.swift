import NIOCore
import Roost
import Synchronization
import WireProtocol

/// What a request for rows brought: the first of them, or all.
struct FirstRows: Sendable {
    var columns: ColumnList
    var batch: RowBatch?
    var summary: ExecutionSummary
    /// Where the others come from; nil when there are no others.
    var rest: NIOLoopBound<Exchange>?
}

/// A statement on its way: what was asked, who waits for the first rows, and the exchange that brings them.
final class StatementRequest: @unchecked Sendable {
    // Sendable is true although the compiler cannot see it: what changes after its making is touched on the connection's event loop
    // alone.
    typealias Outcome = Result<FirstRows, DatabaseError>

    private let request: Exchange.Request
    private let batchBytes: Int
    private let isShielded: Bool
    private let timeout: Duration?
    /// Whether nobody wants the rows.
    private let dropsRows: Bool
    /// Who waits. Unsafe, since a checked one costs an allocation a statement; it is resumed in `finish`, and nowhere else.
    var continuation: UnsafeContinuation<Outcome, Never>?

    /// Orders what the event loop did before what the task does next, in a way the thread sanitizer sees: of a continuation that is
    /// resumed before its task suspends it knows nothing.
    private let isAnswered = Atomic(false)
    private var isCancelled = false
    private var exchange: Exchange?
    private var session: MySQLSession?
    private var attempt = 0

    init(
        _ request: Exchange.Request,
        _ options: ExecutionOptions,
        timeout: Duration?,
        dropsRows: Bool,
        isShielded: Bool = false
    ) {
        self.request = request
        batchBytes = options.batchBytes
        self.isShielded = isShielded
        self.timeout = timeout
        self.dropsRows = dropsRows
    }

    /// Sends it. A statement the server does not know any more is prepared again, and run once more.
    func start(on session: MySQLSession) {
        if isCancelled { return finish(.failure(MySQLErrors.cancelled)) }
        do throws(DatabaseError) { try session.checkOpen() } catch { return finish(.failure(error)) }
        attempt += 1
        let exchange = Exchange(request, batchBytes: batchBytes)
        exchange.passesOverRows = dropsRows
        exchange.isShielded = isShielded
        exchange.asker = self
        self.exchange = exchange
        self.session = session
        session.submit(exchange, timeout: timeout)
    }

    /// Looks at what its exchange brought; true when that was what it waited for.
    func changed(_ exchange: Exchange) -> Bool {
        guard let session else { return true }
        if let error = exchange.error, exchange.isDone {
            if attempt < 3, session.mayRunAgain(exchange, error) {
                start(on: session)
            } else {
                finish(.failure(session.outcome(error, exchange)))
            }
            return true
        }
        guard exchange.isDone || (!dropsRows && exchange.firstPart.map { $0.isEnded || !$0.batches.isEmpty } == true)
        else {
            return false
        }
        finish(.success(session.firstRows(exchange)))
        return true
    }

    /// To be called by the task before it looks at the outcome.
    func received() { _ = isAnswered.load(ordering: .acquiring) }

    /// The task that waits was cancelled.
    func cancel(on session: MySQLSession) {
        isCancelled = true
        if let exchange { session.interrupt(exchange, .cancelled) }
    }

    private func finish(_ outcome: Outcome) {
        session = nil
        // It may stream on; cancelling that is the row source's business.
        exchange = nil
        let continuation = continuation
        self.continuation = nil
        isAnswered.store(true, ordering: .releasing)
        continuation?.resume(returning: outcome)
    }
}

extension MySQLSession {
    /// The rows at hand, and where the others come from.
    func firstRows(_ exchange: Exchange) -> FirstRows {
        let columns = exchange.firstPart?.columns ?? .empty
        let batch = takeBatch(of: exchange)
        let isComplete = exchange.isDone && exchange.parts.count <= 1 && exchange.firstPart?.batches.isEmpty != false
        return FirstRows(
            columns: columns,
            batch: batch,
            summary: exchange.summary,
            rest: isComplete ? nil : NIOLoopBound(exchange, eventLoop: transport.eventLoop)
        )
    }

    /// The next batch at hand; reading goes on if its consumer was behind.
    func takeBatch(of exchange: Exchange) -> RowBatch? {
        let batch = exchange.takeBatch()
        if !exchange.isDone, !isFull { transport.resume() }
        return batch
    }

    /// Brings the next rows of a result; nil once it has ended.
    func nextBatch(of exchange: Exchange, _ completion: @escaping (Result<RowBatch?, DatabaseError>) -> Void) {
        wait(for: exchange) { exchange in
            if let error = exchange.error { return .failure(self.outcome(error, exchange)) }
            guard let part = exchange.firstPart else { return exchange.isDone ? .success(nil) : nil }
            if !part.batches.isEmpty { return .success(self.takeBatch(of: exchange)) }
            if part.isEnded { return .success(nil) }
            // Once it is known who waits.
            if exchange.isPaused { self.transport.eventLoop.assumeIsolated().execute { self.fetchMore(exchange) } }
            return nil
        } completion: {
            completion($0)
        }
    }

    /// Moves to the next result; nil when there is none.
    func nextResult(of exchange: Exchange, _ completion: @escaping (Result<ColumnList?, DatabaseError>) -> Void) {
        exchange.dropFirstPart()
        if !isFull { transport.resume() }
        wait(for: exchange) { exchange in
            if let error = exchange.error { return .failure(self.outcome(error, exchange)) }
            if let part = exchange.firstPart { return .success(part.columns) }
            return exchange.isDone ? .success(nil) : nil
        } completion: {
            completion($0)
        }
    }

    /// What a result did, once all of it is known.
    func summary(of exchange: Exchange, _ completion: @escaping (ExecutionSummary) -> Void) {
        wait(for: exchange) { exchange in
            exchange.awaitsWarnings ? nil : .success(exchange.summary)
        } completion: {
            if case .success(let summary) = $0 { completion(summary) }
        }
    }

    private func wait<T>(
        for exchange: Exchange,
        _ look: @escaping (Exchange) -> Result<T, DatabaseError>?,
        completion: @escaping (Result<T, DatabaseError>) -> Void
    ) {
        if let outcome = look(exchange) { return completion(outcome) }
        exchange.onChange = { exchange in
            guard let outcome = look(exchange) else { return false }
            completion(outcome)
            return true
        }
    }

    /// Whether nothing was done, and another attempt may do it: the server forgot the statement, or wants it prepared again.
    func mayRunAgain(_ exchange: Exchange, _ error: DatabaseError) -> Bool {
        guard exchange.interruption == nil, !exchange.hasDeliveredRows, closeError == nil,
            let statement = exchange.statement
        else { return false }
        // Not everything that can be prepared can be run in bulk.
        if error.nativeCode == 1295, exchange.isBatch, !statement.refusesBulk {
            statement.refusesBulk = true
            return true
        }
        guard MySQLErrors.isUnprepared(error) else { return false }
        cache.remove(statement)
        return true
    }
}
