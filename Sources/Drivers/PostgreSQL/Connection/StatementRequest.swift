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
///
/// One object for all of that, since it is made for every statement.
final class StatementRequest: @unchecked Sendable {
    // Sendable is true although the compiler cannot see it: what changes after its making is touched on the connection's event loop
    // alone, the receiver too, which is set before the request gets there.
    typealias Outcome = Result<FirstRows, DatabaseError>

    let statement: Statement
    let options: ExecutionOptions
    /// Whether nobody wants the rows.
    let dropsRows: Bool
    /// Who waits. Unsafe, since a checked one costs an allocation a statement; it is resumed in `finish`, and nowhere else.
    var continuation: UnsafeContinuation<Outcome, Never>?
    /// Who is told, where nobody waits yet.
    var receiver: ((Outcome) -> Void)?

    /// Orders what the event loop did before what the task does next, in a way the thread sanitizer sees: of a continuation that is
    /// resumed before its task suspends it knows nothing.
    private let isAnswered = Atomic(false)
    private var isCancelled = false
    private var exchange: Exchange?
    private var session: PostgreSQLSession?
    private var attempt = 0
    private var wasIdle = false
    private var cancelsBefore = 0

    init(_ statement: Statement, _ options: ExecutionOptions, dropsRows: Bool) {
        self.statement = statement
        self.options = options
        self.dropsRows = dropsRows
    }

    /// Sends it. A plan that DDL made stale, or a statement that a pooler or `DISCARD ALL` took away, is prepared again and the
    /// statement run once more, where nothing can have been done twice.
    func start(on session: PostgreSQLSession) {
        guard session.cancelsInFlight == 0 || session.closeError != nil else {
            return session.afterCancels { self.start(on: session) }
        }
        if isCancelled { return finish(.failure(PostgreSQLErrors.cancelled.inStatement(statement.text))) }
        attempt += 1
        wasIdle = session.machine.transactionStatus == UInt8(ascii: "I") && session.machine.inFlight == 0
        cancelsBefore = session.cancelsSent
        do throws(DatabaseError) {
            let exchange = try session.send(statement, options, dropsRows: dropsRows)
            self.session = session
            self.exchange = exchange
            exchange.request = self
            // A write that fails ends everything before it returns.
            if exchange.isDone { exchange.wake() }
        } catch {
            finish(.failure(error))
        }
    }

    /// Looks at what its exchange brought; true when that was what it waited for.
    func changed(_ exchange: Exchange) -> Bool {
        guard exchange.isDone || (!dropsRows && !exchange.batches.isEmpty), let session else { return false }
        guard let error = exchange.error else {
            finish(.success(session.firstRows(exchange)))
            return true
        }
        if attempt < 3, session.mayRunAgain(exchange, error, wasIdle: wasIdle, cancelsBefore: cancelsBefore) {
            start(on: session)
        } else {
            finish(.failure(session.outcome(error, exchange)))
        }
        return true
    }

    /// To be called by the task before it looks at the outcome.
    func received() { _ = isAnswered.load(ordering: .acquiring) }

    /// The task that waits was cancelled.
    func cancel(on session: PostgreSQLSession) {
        isCancelled = true
        if let exchange { session.interrupt(exchange, .cancelled) }
    }

    private func finish(_ outcome: Outcome) {
        session = nil
        // It may stream on; cancelling that is the row source's business.
        exchange = nil
        let (continuation, receiver) = (continuation, receiver)
        self.continuation = nil
        self.receiver = nil
        isAnswered.store(true, ordering: .releasing)
        continuation?.resume(returning: outcome)
        receiver?(outcome)
    }
}
