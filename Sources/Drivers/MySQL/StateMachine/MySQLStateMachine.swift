import DequeModule
import Roost

/// The protocol's course after the login ("Command Phase"): bytes in, answers sorted to the request they belong to. Pure: it neither
/// reads nor writes a socket, and resumes nobody.
struct MySQLStateMachine: ~Copyable {
    /// What the session has to act on.
    enum Event {
        /// A request has rows or has ended.
        case changed(Exchange)
        /// A statement was prepared and may be run.
        case prepared(Exchange)
        /// A statement was refused.
        case refused(ServerStatement)
        /// The server asks for a file.
        case fileAskedFor(Exchange, name: String)
        /// Nothing more comes before the next rows of a cursor are fetched.
        case paused(Exchange)
    }

    var exchanges = Deque<Exchange>()
    var events: [Event] = []
    var status = ServerStatus.autocommit
    /// What the server told of the session.
    var sessionState = MySQLSessionState()
    /// The default database the session began with.
    var initialSchema = ""
    /// Whether the server told of something that was left behind in the session.
    var isSessionChanged = false
    /// Whether an error of the server rolled the open transaction back, so that what follows must not run outside of one.
    var isTransactionLost = false
    /// What was agreed on at the handshake.
    var capabilities: ClientCapabilities
    /// Which of the two answers.
    var engine = MySQLErrors.engine
    var zeroDates = RowDecoder.ZeroDates.error

    /// The beginning of a payload of several packets.
    private(set) var continued: [UInt8] = []
    var nextSequence: UInt8?

    /// The longest payload that is believed: what a server can be set to send at most (`max_allowed_packet`).
    static let maximumPayload = 1 << 30
    /// Result rows held for a consumer that does not fetch them while other requests wait, in bytes, before that is an error.
    static let maximumHeldBytes = 256 << 20
    /// What the columns of one result may take to describe: 4,096 of them, as many as a table may have, with the longest names.
    static let maximumDefinitionBytes = 32 << 20
    /// Batches that wait for the consumer before reading stops.
    private static let batchesAhead = 4

    init(capabilities: ClientCapabilities = []) { self.capabilities = capabilities }

    /// The request that runs.
    var head: Exchange? { exchanges.first }
    var count: Int { exchanges.count }

    mutating func enqueue(_ exchange: Exchange) { exchanges.append(exchange) }

    /// Puts a request before all others, none of which runs.
    mutating func prepend(_ exchange: Exchange) { exchanges.prepend(exchange) }

    func forEach(_ body: (Exchange) -> Void) {
        for exchange in exchanges { body(exchange) }
    }

    /// Whether the consumer of the rows that arrive is far enough behind to stop reading.
    var isFull: Bool {
        guard let head, !head.passesOverRows, exchanges.count == 1 else { return false }
        return head.batchedBytes >= Self.batchesAhead * head.batchBytes
    }

    /// The head was sent: its answer begins with a packet of any number.
    mutating func begin(_ stage: Exchange.Stage) {
        exchanges.first?.stage = stage
        nextSequence = nil
    }

    /// Ends every request.
    mutating func failAll(_ error: DatabaseError) {
        while let exchange = exchanges.popFirst() {
            exchange.error = exchange.error ?? error
            end(exchange)
        }
    }

    /// Ends the head before it was sent.
    mutating func failHead(_ error: DatabaseError) {
        guard let head = exchanges.popFirst() else { return }
        head.error = error
        end(head)
    }

    /// Ends the head, to which there is no answer.
    mutating func endHead() {
        guard let head = exchanges.popFirst() else { return }
        end(head)
    }

    /// The number of the packet that answers a request for a file; what the server sends next begins anew.
    mutating func sequenceOfAnswer() -> UInt8 {
        defer { nextSequence = nil }
        return nextSequence ?? 0
    }

    /// Ends a request whose turn has not come.
    mutating func fail(_ exchange: Exchange, _ error: DatabaseError) {
        exchanges.removeAll { $0 === exchange }
        exchange.error = error
        end(exchange)
    }

    /// Ends a cursor whose rows nobody fetches any more.
    mutating func endPaused(_ exchange: Exchange) {
        exchange.isPaused = false
        end(exchange)
    }

    /// The caller rolled back what the server had rolled back already.
    mutating func acceptLostTransaction() { isTransactionLost = false }

    mutating func end(_ exchange: Exchange) {
        exchange.stage = .done
        exchange.isDone = true
        exchange.decoder = nil
        events.append(.changed(exchange))
    }

    // MARK: Packets

    /// Takes in what arrived.
    ///
    /// - Returns: the bytes used; the rest is an incomplete packet, or what follows a full result.
    /// - Throws: `internal.protocolViolation` for anything out of order, malformed or absurdly long.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> Int {
        var used = 0
        while bytes.count - used >= 4 {
            if let head, head.stage == .rows, takeRows(bytes, &used, head) {
                if isFull { break }
                continue
            }
            let header = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: used, as: UInt32.self))
            let length = Int(header & 0xFF_FFFF)
            guard bytes.count - used - 4 >= length else { break }
            let sequence = UInt8(header >> 24)
            // In frames it is those that are numbered; the packets' numbers jump.
            guard nextSequence == nil || nextSequence == sequence || capabilities.hasFrames else {
                throw MySQLErrors.violation("packet \(sequence) out of order")
            }
            nextSequence = sequence &+ 1
            let payload = UnsafeRawBufferPointer(rebasing: bytes[(used + 4)..<(used + 4 + length)])
            used += 4 + length
            if length == 0xFF_FFFF || !continued.isEmpty {
                guard head?.stage == .rows else { throw MySQLErrors.violation("16 MiB that are no row") }
                guard continued.count + length <= Self.maximumPayload else {
                    throw MySQLErrors.violation("a packet of more than 1 GiB")
                }
                continued.append(contentsOf: payload)
                if length == 0xFF_FFFF { continue }
                var whole: [UInt8] = []
                swap(&whole, &continued)
                let outcome = whole.withUnsafeBytes { bytes -> Result<Void, DatabaseError> in
                    do throws(DatabaseError) { return .success(try handle(bytes)) } catch { return .failure(error) }
                }
                try outcome.get()
            } else {
                try handle(payload)
            }
            if isFull { break }
        }
        return used
    }

    @inline(__always)
    private mutating func handle(_ payload: UnsafeRawBufferPointer) throws(DatabaseError) {
        guard let first = payload.first else { throw malformed }
        guard let head, head.stage != .queued else { throw unasked(payload) }
        if head.stage == .rows {
            if first == 0xFE, payload.count < 0xFF_FFFF, capabilities.contains(.deprecateEOF) || payload.count < 9 {
                try endRows(payload, head)
            } else if first == 0xFF {
                try fail(payload, head)
            } else {
                try take(row: payload, head)
            }
        } else {
            try handleOther(payload, first, head)
        }
    }

    private mutating func handleOther(
        _ payload: UnsafeRawBufferPointer,
        _ first: UInt8,
        _ head: Exchange
    ) throws(DatabaseError) {
        switch head.stage {
        case .queued, .done, .rows: throw MySQLErrors.violation("a packet out of turn")
        case .prepare:
            if first == 0xFF { return try fail(payload, head) }
            guard let answer = PrepareAnswer(payload), let statement = head.statement else { throw malformed }
            statement.id = answer.statementID
            statement.parameterCount = answer.parameterCount
            head.definitions = []
            definitionBytes = 0
            head.stage = .prepareParameters(answer.parameterCount)
            columnsToCome = answer.columnCount
            advancePreparation(head)
        case .prepareParameters(let left):
            head.stage = .prepareParameters(left - 1)
            advancePreparation(head)
        case .prepareParametersEnd, .prepareColumnsEnd:
            guard first == 0xFE else { throw malformed }
            head.stage = head.stage == .prepareParametersEnd ? .prepareColumns(columnsToCome) : .response
            advancePreparation(head)
        case .prepareColumns(let left):
            head.definitions.append(try definition(payload))
            head.stage = .prepareColumns(left - 1)
            advancePreparation(head)
        case .refusedExecution: try endRefused(first, head)
        case .response: try handleResponse(payload, first, head)
        case .columns(let left):
            try takeColumn(payload, head, left: left)
            head.stage = .columns(left - 1)
            if left == 1 {
                if capabilities.contains(.deprecateEOF) { beginRows(head) } else { head.stage = .columnsEnd }
            }
        case .columnsEnd:
            guard first == 0xFE, let end = OKPacket(eof: payload) else { throw malformed }
            beginRows(head)
            // The rows of a cursor are not sent before they are fetched.
            if case .cursor = head.request, end.status.contains(.cursorExists) { pause(head) }
        }
    }

    /// Columns of the result that begins, and the bytes that described them.
    var columnsToCome = 0
    var definitionBytes = 0

    mutating func definition(_ payload: UnsafeRawBufferPointer) throws(DatabaseError) -> ColumnDefinition {
        definitionBytes += payload.count
        guard definitionBytes <= Self.maximumDefinitionBytes else {
            throw MySQLErrors.violation("columns that take more than 32 MiB to describe")
        }
        let isExtended = capabilities.contains(.extendedMetadata)
        guard let definition = ColumnDefinition(payload, hasExtendedMetadata: isExtended) else { throw malformed }
        return definition
    }

    /// Steps over what does not come: definitions of nothing, and their ends where those are not sent.
    private mutating func advancePreparation(_ head: Exchange) {
        let hasEnds = !capabilities.contains(.deprecateEOF)
        if head.stage == .prepareParameters(0) {
            let hadParameters = (head.statement?.parameterCount ?? 0) > 0
            head.stage = hasEnds && hadParameters ? .prepareParametersEnd : .prepareColumns(columnsToCome)
        }
        if head.stage == .prepareColumns(0) {
            head.stage = hasEnds && columnsToCome > 0 && !head.definitions.isEmpty ? .prepareColumnsEnd : .response
            if columnsToCome == 0 { head.stage = .response }
        }
        guard head.stage == .response, let statement = head.statement else { return }
        statement.describe(head.definitions)
        statement.state = .ready
        if case .describe = head.request {
            _ = exchanges.popFirst()
            end(head)
        } else {
            if head.isExecutionSent {
                head.definitions = []
                nextSequence = nil
            }
            events.append(.prepared(head))
        }
    }

    /// What a packet nobody asked for means: a server that closes an idle connection says why.
    private func unasked(_ payload: UnsafeRawBufferPointer) -> DatabaseError {
        guard payload.first == 0xFF, let packet = ErrorPacket(payload),
            MySQLErrors.endsConnection(code: packet.code, engine: engine)
        else { return MySQLErrors.violation("a packet without a request") }
        return MySQLErrors.error(packet, engine: engine)
    }

    var malformed: DatabaseError { MySQLErrors.violation("a malformed packet") }
}
