import NIOCore
import Roost
import WireProtocol

/// One request and the answer to it.
///
/// The state machine fills it in; whoever asked looks at it and, while there is nothing to see, leaves a call back. Confined to the
/// connection's event loop.
final class Exchange {
    /// What is asked.
    enum Request {
        /// A statement that is prepared, unless it is already, and run with its values.
        case statement(Statement)
        /// Text that is run as it is.
        case text(String)
        /// A template that is prepared and run for each row.
        case batch(Statement, RowBatch)
        /// A statement that is prepared and run once, with the cells of these rows of a batch as its parameters.
        case rows(Statement, RowBatch, Range<Int>)
        /// A statement whose rows stay on the server and are fetched so many at a time.
        case cursor(Statement, Int)
        /// `LOAD DATA LOCAL INFILE`, with the name by which the server asks for the data.
        case load(String, file: String)
        /// A template that is prepared only.
        case describe(Statement)
        /// What the server has to say of the statement before.
        case diagnostics
        case ping
        case reset
    }

    /// What the server is expected to answer next.
    enum Stage: Equatable {
        /// Its turn has not come.
        case queued
        case prepare
        /// Definitions of parameters, then of columns, of a statement that is prepared; so many of each are left.
        case prepareParameters(Int)
        case prepareParametersEnd
        case prepareColumns(Int)
        case prepareColumnsEnd
        /// The error of an execution that was sent along with a statement the server refused.
        case refusedExecution
        /// `OK`, an error, or the beginning of a result.
        case response
        case columns(Int)
        case columnsEnd
        case rows
        case done
    }

    /// Why the server was asked to end it.
    enum Interruption {
        case cancelled, timeout, abandoned
    }

    /// One result of a statement, which may have several.
    final class Part {
        let columns: ColumnList
        var batches = ShortQueue<RowBatch>()
        var isEnded = false
        /// The consumer went on to the next one.
        var isDropped = false
        /// What it takes while it waits behind others, in bytes.
        var waitingBytes = 0

        init(columns: ColumnList) { self.columns = columns }
    }

    let request: Request
    var stage = Stage.queued
    /// The statement as the server knows it.
    var statement: ServerStatement?
    /// How often the statement is still to be answered.
    var executionsLeft = 1
    /// Definitions as they come.
    var definitions: [ColumnDefinition] = []
    /// How many bytes of rows make a batch.
    var batchBytes: Int

    var decoder: RowDecoder?
    private(set) var parts = ShortQueue<Part>()
    /// The result that is being read.
    var firstPart: Part? { parts.first }
    /// The one whose rows arrive.
    var arriving: Part?
    var batchedBytes = 0
    private(set) var rowsAffected: Int?
    private(set) var lastInsertID: UInt64 = 0
    var warningCount = 0
    var warnings: [Notice] = []
    /// Whether the server was asked for its warnings.
    var hasAskedWarnings = false
    /// Whether it has ended but for its warnings.
    var awaitsWarnings = false
    /// What the server says of it, for people.
    var info = ""
    /// Whether the server waits for the data of a load, and whether it was told that there is no more.
    var isDataAwaited = false
    var hasDataEnded = false
    /// The number of the next packet of data.
    var dataSequence: UInt8 = 0
    /// Whether the server asked for a file nobody offered, and got none.
    var hasRefusedFile = false
    /// Whether the server holds a cursor for it.
    var hasCursor = false
    /// Whether it waits, outside of the queue, for somebody to fetch the next rows.
    var isPaused = false
    var error: DatabaseError?
    var isDone = false
    var hasDeliveredRows = false
    /// Nobody wants the rows: they are passed over.
    var passesOverRows = false
    var passedOverBytes = 0
    /// Rows somebody wanted were dropped: what was handed out is not the whole result.
    var isCutShort = false
    /// The execution was sent along with the statement, before the server had prepared it.
    var isExecutionSent = false
    /// The statement was sent as text, and its rows come as text.
    var isTextual = false

    var deadline: NIODeadline?
    var timeout: Duration?
    var interruption: Interruption?
    var cancelWasSent = false
    /// Transactions are ended and connections reset whatever becomes of the task.
    var isShielded = false

    /// The statement whose first rows it brings, until they are there.
    var asker: StatementRequest?
    /// Called when something changed, until it returns true.
    var onChange: ((Exchange) -> Bool)?

    init(_ request: Request, batchBytes: Int = 65_536) {
        self.request = request
        self.batchBytes = batchBytes
    }

    /// Whether a template runs once for each row.
    var isBatch: Bool {
        if case .batch = request { true } else { false }
    }

    /// The text that runs, for errors.
    var text: String? {
        switch request {
        case .statement(let statement), .batch(let statement, _), .rows(let statement, _, _), .cursor(let statement, _),
            .describe(let statement):
            statement.text
        case .text(let text), .load(let text, _): text
        case .diagnostics, .ping, .reset: nil
        }
    }

    /// Whether it is one of the driver's own, which leave nothing behind that is not taken care of.
    var isOwn: Bool {
        switch request {
        case .text, .load, .diagnostics, .ping, .reset: true
        case .statement, .batch, .rows, .cursor, .describe: false
        }
    }

    /// Counts what an execution changed.
    func count(_ ok: OKPacket, isResult: Bool) {
        warningCount = max(warningCount, Int(ok.warnings))
        if !ok.info.isEmpty { info = ok.info }
        if ok.lastInsertID != 0 { lastInsertID = ok.lastInsertID }
        if isResult, ok.affectedRows == 0 { return }
        let (sum, overflow) = (rowsAffected ?? 0).addingReportingOverflow(Int(clamping: ok.affectedRows))
        rowsAffected = overflow ? .max : sum
    }

    /// Suspends until something changed, unless `isReached` already: on the way here the task may have been suspended, and have
    /// missed the change.
    func wait(isolation: isolated any Actor, until isReached: (Exchange) -> Bool) async {
        await withUnsafeContinuation { continuation in
            if isReached(self) { return continuation.resume() }
            onChange = { _ in
                continuation.resume()
                return true
            }
        }
    }

    /// Tells whoever waits.
    func wake() {
        if let asker {
            // Taken out first: what it resumes may run at once, and change this exchange again.
            self.asker = nil
            if !asker.changed(self) { self.asker = asker }
        }
        guard let look = onChange else { return }
        // Taken out first: what it calls may ask for the next change.
        onChange = nil
        if !look(self), onChange == nil { onChange = look }
    }

    /// What the request did, as far as it is known.
    var summary: ExecutionSummary {
        let id: Value? = lastInsertID == 0 ? nil : Int64(exactly: lastInsertID).map { .int($0) } ?? .uint(lastInsertID)
        return ExecutionSummary(rowsAffected: rowsAffected, lastInsertID: id, warnings: warnings)
    }

    /// The next batch of the first result, if there is one.
    func takeBatch() -> RowBatch? {
        guard let batch = firstPart?.batches.popFirst() else { return nil }
        hasDeliveredRows = true
        batchedBytes -= batch.byteCount
        return batch
    }

    /// Another result begins, whose columns took so many bytes to describe.
    func append(_ part: Part, describedBy definitionBytes: Int) {
        // The first is being read. A server may send others without end, and each takes memory even without a row.
        if !parts.isEmpty { part.waitingBytes = 512 + 2 * definitionBytes }
        batchedBytes += part.waitingBytes
        parts.append(part)
    }

    /// Goes on to the next result.
    func dropFirstPart() {
        guard let part = parts.popFirst() else { return }
        part.batches.forEach { batchedBytes -= $0.byteCount }
        part.isDropped = true
        guard let next = firstPart else { return }
        batchedBytes -= next.waitingBytes
        next.waitingBytes = 0
    }

    /// Drops what is at hand.
    func dropRows() {
        parts.forEach {
            $0.batches.removeAll()
            $0.waitingBytes = 0
        }
        batchedBytes = 0
    }
}
