import NIOCore
import Roost
import WireProtocol

/// One request and the answer to it, while it is in flight.
///
/// The state machine fills it in; whoever asked looks at it and, while there is nothing to see, leaves a continuation. Confined to
/// the connection's event loop.
final class Exchange {
    /// What the server is expected to answer next.
    enum Stage {
        case closes, parse, parameters, columns, bind, rows, simple, copyIn, copyOut, ready
    }

    /// What was sent, as the answers expected in turn.
    struct Script {
        /// How many statements are closed first.
        var closes = 0
        var parses = false
        var describes = false
        /// How many times a statement is bound and executed.
        var executions = 0
        /// A simple query: any number of statements in one text.
        var isSimple = false
    }

    /// Why the server was asked to end it.
    enum Interruption {
        case cancelled, timeout, abandoned
    }

    let script: Script
    var stage: Stage
    private var closesLeft: Int
    private(set) var executionsLeft: Int
    /// The statement that is executed or prepared.
    let statement: ServerStatement?
    /// How the rows were asked for; nil for all of them as text.
    var codecs: [ColumnCodec]?
    /// How many bytes of rows make a batch.
    var batchBytes: Int

    var decoder: RowDecoder?
    var batches = ShortQueue<RowBatch>()
    var batchedBytes = 0
    var columns: ColumnList?
    var rowsAffected: Int?
    var notices: [Notice] = []
    var noticedBytes = 0
    var error: DatabaseError?
    /// What the server was expected to answer when it sent the error instead.
    var failedStage: Stage?
    var isDone = false
    var hasDeliveredRows = false
    /// Nobody wants the rows: they are passed over.
    var passesOverRows = false
    var passedOverBytes = 0
    /// The rows or data somebody wanted are not handed out any more, since the request is being ended.
    var isEnding = false
    /// Some of them arrived after all and were dropped: what was handed out is not the whole result.
    var isCutShort = false

    var deadline: NIODeadline?
    var timeout: Duration?
    var interruption: Interruption?
    var cancelWasSent = false
    /// Transactions are ended and connections reset whatever becomes of the task.
    var isShielded = false

    /// Whether its rows are the database's types.
    var loadsTypes = false

    /// Whether the statement is a COPY whose data somebody sends or takes.
    var copies = false
    /// Copied data that arrived and was not taken.
    var copied = CopiedData()
    var isCopyInReady = false

    // Unsafe, since a checked one costs an allocation a statement. It is resumed and forgotten in wake(), and nowhere else.
    private var waiter: UnsafeContinuation<Void, Never>?

    init(script: Script, statement: ServerStatement? = nil, batchBytes: Int = 65_536) {
        self.script = script
        self.statement = statement
        self.batchBytes = batchBytes
        closesLeft = script.closes
        executionsLeft = script.executions
        stage = script.closes > 0 ? .closes : Self.stageAfterCloses(script)
    }

    /// Moves on: what was expected has come.
    func advance() {
        switch stage {
        case .closes:
            closesLeft -= 1
            if closesLeft <= 0 { stage = Self.stageAfterCloses(script) }
        case .parse: stage = script.describes ? .parameters : executionsLeft > 0 ? .bind : .ready
        case .parameters: stage = .columns
        case .columns: stage = executionsLeft > 0 ? .bind : .ready
        case .bind: stage = .rows
        case .rows, .copyIn, .copyOut:
            executionsLeft -= 1
            stage = script.isSimple ? .simple : executionsLeft > 0 ? .bind : .ready
        case .simple, .ready:
            stage = .ready
            isDone = true
        }
    }

    /// Moves on by executions that were answered in full.
    func executed(_ count: Int, rowsAffected changed: Int) {
        executionsLeft -= count
        let (sum, overflow) = (rowsAffected ?? 0).addingReportingOverflow(changed)
        rowsAffected = overflow ? .max : sum
    }

    private static func stageAfterCloses(_ script: Script) -> Stage {
        if script.isSimple { return .simple }
        return script.parses ? .parse : script.describes ? .parameters : script.executions > 0 ? .bind : .ready
    }

    /// Whether rows wait to be taken, or there will be none.
    var hasNews: Bool { !batches.isEmpty || isDone || copied.isDue || isCopyInReady }

    /// Suspends until something changed, unless `isReached` already. Asked at the last moment: on the way here the task may have
    /// been suspended, and have missed the change.
    func wait(isolation: isolated any Actor, until isReached: (Exchange) -> Bool) async {
        await withUnsafeContinuation { continuation in
            if isReached(self) { continuation.resume() } else { waiter = continuation }
        }
    }

    /// The request whose first rows it brings, until they are there.
    var request: StatementRequest?
    /// Called when something changed, until it returns true.
    var onChange: ((Exchange) -> Bool)?

    /// Tells whoever waits.
    func wake() {
        if let request {
            // Taken out first: what it resumes may run at once, and change this exchange again.
            self.request = nil
            if !request.changed(self) { self.request = request }
        }
        if let look = onChange {
            // Taken out first: what it calls may ask for the next change.
            onChange = nil
            if !look(self), onChange == nil { onChange = look }
        }
        guard let waiter else { return }
        self.waiter = nil
        waiter.resume()
    }

    /// What the request did, as far as it is known.
    var summary: ExecutionSummary {
        ExecutionSummary(rowsAffected: rowsAffected, warnings: notices)
    }

    /// The next batch, if there is one.
    func takeBatch() -> RowBatch? {
        guard let batch = batches.popFirst() else { return nil }
        hasDeliveredRows = true
        batchedBytes -= batch.byteCount
        return batch
    }
}
