import DequeModule
import Roost
import WireProtocol

/// The protocol's course after start-up (PostgreSQL documentation, "Message Flow"): bytes in, answers sorted to the requests they
/// belong to. Pure: it neither reads nor writes a socket, and resumes nobody.
struct PostgreSQLStateMachine: ~Copyable {
    /// What the session has to act on.
    enum Event {
        /// An exchange has rows, has ended, or is ready for data.
        case changed(Exchange)
        /// A statement was prepared, or failed to be.
        case prepared(ServerStatement, succeeded: Bool)
        case notification(channel: String, payload: String)
        /// The server changed a setting it reports.
        case parameter(name: String, value: String)
        /// A notice that belongs to no request.
        case notice(Notice)
        /// The server waits for data to copy, and there is none.
        case refuseCopy(Exchange)
        /// Every statement on the server was closed: `DISCARD ALL`, `DEALLOCATE ALL`.
        case statementsDiscarded
    }

    private var exchanges = Deque<Exchange>()
    /// What is known of the database's types.
    let types: TypeCatalogue
    /// What is to be acted on; the session takes it after each call.
    var events: [Event] = []
    /// `I` idle, `T` in a transaction, `E` in a failed one.
    private(set) var transactionStatus = UInt8(ascii: "I")
    /// The error with which the server announced the end of the connection.
    private(set) var fatalError: DatabaseError?

    /// Result rows held for a consumer that does not fetch them while other requests wait, in bytes, before that is an error.
    static let maximumHeldBytes = 256 << 20
    /// Batches that wait for the consumer before reading stops.
    private static let batchesAhead = 4

    init(types: TypeCatalogue = TypeCatalogue()) {
        self.types = types
    }

    /// The request whose answer is expected next.
    var head: Exchange? { exchanges.first }
    var inFlight: Int { exchanges.count }

    mutating func enqueue(_ exchange: Exchange) {
        exchanges.append(exchange)
    }

    func forEachInFlight(_ body: (Exchange) -> Void) {
        for exchange in exchanges { body(exchange) }
    }

    /// Whether the consumer of the rows that arrive is far enough behind to stop reading.
    var isFull: Bool {
        guard let head, !head.passesOverRows else { return false }
        // With requests waiting behind it, a result that nobody reads must not hold them up for ever.
        if exchanges.count > 1 { return false }
        return head.batchedBytes >= Self.batchesAhead * head.batchBytes || head.copied.isFull
    }

    /// Ends every request in flight.
    mutating func failAll(_ error: DatabaseError) {
        while let exchange = exchanges.popFirst() {
            exchange.error = exchange.error ?? error
            exchange.isDone = true
            if let statement = exchange.statement, statement.state == .preparing {
                events.append(.prepared(statement, succeeded: false))
            }
            events.append(.changed(exchange))
        }
    }

    /// Takes in what arrived.
    ///
    /// - Returns: the bytes used; the rest is an incomplete message, or what follows a full result.
    /// - Throws: `internal.protocolViolation` for anything out of order, malformed or absurdly long.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> Int {
        var used = 0
        while used < bytes.count {
            if let head, head.stage == .rows || head.stage == .simple {
                used += try decodeRows(UnsafeRawBufferPointer(rebasing: bytes[used...]), head)
                if isFull { break }
            } else if let head, head.stage == .bind {
                used += takeBatchAnswers(UnsafeRawBufferPointer(rebasing: bytes[used...]), head)
            } else if let head, head.stage == .copyOut, !head.passesOverRows, head.error == nil {
                let wasDue = head.copied.isDue
                used += head.copied.takeMessages(UnsafeRawBufferPointer(rebasing: bytes[used...]))
                if !wasDue, head.copied.isDue { events.append(.changed(head)) }
                if isFull { break }
            }
            guard bytes.count - used >= 5 else { break }
            let tag = BackendTag(rawValue: bytes[used])
            let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: used + 1, as: Int32.self)))
            guard length >= 4, length <= tag.maximumLength else {
                throw PostgreSQLErrors.violation("a message \(tag) of \(length) bytes")
            }
            guard bytes.count - used > length else { break }
            let body = UnsafeRawBufferPointer(rebasing: bytes[(used + 5)..<(used + 1 + length)])
            try handle(tag, body)
            used += length + 1
            if isFull { break }
        }
        return used
    }

    /// Takes in the answers to a template that runs once for each row of a batch, `BindComplete` and `CommandComplete` in turn, as
    /// long as they are nothing else. The last ones, and whatever else there is, go the common way.
    private func takeBatchAnswers(_ bytes: UnsafeRawBufferPointer, _ head: Exchange) -> Int {
        guard head.executionsLeft > 2 else { return 0 }
        var (used, taken, changed) = (0, 0, 0)
        while head.executionsLeft - taken > 1, bytes.count - used >= 10,
            bytes[used] == BackendTag.bindComplete.rawValue, bytes[used + 5] == BackendTag.commandComplete.rawValue,
            bytes.loadUnaligned(fromByteOffset: used + 1, as: UInt32.self) == UInt32(4).bigEndian
        {
            let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: used + 6, as: Int32.self)))
            guard (5...64).contains(length), bytes.count - used >= 6 + length,
                case .changed(let count)? = CommandTag(
                    UnsafeRawBufferPointer(rebasing: bytes[(used + 10)..<(used + 6 + length)])
                ), count < 1 << 32
            else { break }
            changed += count
            taken += 1
            used += 6 + length
        }
        if taken > 0 { head.executed(taken, rowsAffected: changed) }
        return used
    }

    private mutating func decodeRows(
        _ bytes: UnsafeRawBufferPointer,
        _ head: Exchange
    ) throws(DatabaseError) -> Int {
        var used = 0
        while bytes.count - used >= 7, bytes[used] == BackendTag.dataRow.rawValue {
            if head.passesOverRows {
                let skipped = try RowDecoder.skipRows(UnsafeRawBufferPointer(rebasing: bytes[used...]))
                head.passedOverBytes += skipped
                if skipped > 0, head.isEnding { head.isCutShort = true }
                return used + skipped
            }
            if head.decoder == nil {
                guard let codecs = head.codecs ?? head.statement?.textCodecs else {
                    throw PostgreSQLErrors.violation("rows before their description")
                }
                head.decoder = RowDecoder(columns: codecs)
            }
            let limit = head.batchBytes
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            let count = try head.decoder?.decodeRows(rest, batchBytes: limit) ?? 0
            used += count
            if (head.decoder?.byteCount ?? 0) >= limit {
                try cutBatch(head)
                // A result that outgrows its first batch is long: larger batches cost fewer hops.
                if head.batchBytes < 262_144 { head.batchBytes *= 4 }
                events.append(.changed(head))
                if isFull { break }
            }
            if count == 0 { break }
        }
        return used
    }

    private mutating func cutBatch(_ exchange: Exchange) throws(DatabaseError) {
        guard let batch = exchange.decoder?.takeBatch() else { return }
        try hold(batch, exchange)
    }

    private func hold(_ batch: RowBatch, _ exchange: Exchange) throws(DatabaseError) {
        exchange.batches.append(batch)
        exchange.batchedBytes += batch.byteCount
        guard exchange.batchedBytes <= Self.maximumHeldBytes else {
            exchange.batches.removeAll()
            exchange.batchedBytes = 0
            exchange.passesOverRows = true
            exchange.error = DatabaseError(
                .interface,
                .misuse,
                "More than 256 MiB of rows wait unread while other statements on the same connection wait for their turn.",
                hint: "Read a result to its end before the next statement, or use another connection.",
                engine: PostgreSQLErrors.engine
            )
            return
        }
    }

    private mutating func handle(_ tag: BackendTag, _ body: UnsafeRawBufferPointer) throws(DatabaseError) {
        switch tag {
        case .noticeResponse:
            guard let message = ServerMessage(body) else { throw malformed(tag) }
            let notice = PostgreSQLErrors.notice(message)
            guard let head else { return events.append(.notice(notice)) }
            // A server may send any number; the first ones tell the story.
            if head.notices.count < 1_000, head.noticedBytes < 1 << 20 {
                head.noticedBytes += body.count
                head.notices.append(notice)
            }
        case .parameterStatus:
            var reader = MessageReader(body)
            guard let name = reader.string(), let value = reader.string() else { throw malformed(tag) }
            events.append(.parameter(name: name, value: value))
        case .notificationResponse:
            var reader = MessageReader(body)
            guard reader.integer(Int32.self) != nil, let channel = reader.string(), let payload = reader.string() else {
                throw malformed(tag)
            }
            events.append(.notification(channel: channel, payload: payload))
        case .errorResponse:
            guard let message = ServerMessage(body) else { throw malformed(tag) }
            handleError(message)
        default:
            guard let head else { throw PostgreSQLErrors.violation("a message \(tag) without a request") }
            try handle(tag, body, for: head)
        }
    }

    private mutating func handleError(_ message: ServerMessage) {
        var error = PostgreSQLErrors.error(message)
        if message.severity == "FATAL" || message.severity == "PANIC" { fatalError = error }
        guard let head else { return }
        if let text = head.statement?.text { error = error.inStatement(text, position: message.position) }
        if head.error == nil {
            head.error = error
            head.failedStage = head.stage
        }
        switch head.stage {
        case .closes, .parse, .parameters, .columns:
            if let statement = head.statement { events.append(.prepared(statement, succeeded: false)) }
        default: break
        }
        head.batches.removeAll()
        head.batchedBytes = 0
        // The server skips everything up to the request's Sync.
        head.stage = .ready
        head.passesOverRows = true
    }

    private mutating func handle(
        _ tag: BackendTag,
        _ body: UnsafeRawBufferPointer,
        for head: Exchange
    ) throws(DatabaseError) {
        switch (tag, head.stage) {
        case (.closeComplete, .closes), (.bindComplete, .bind):
            head.advance()
        case (.parseComplete, .parse):
            head.advance()
            if head.stage != .parameters, let statement = head.statement {
                events.append(.prepared(statement, succeeded: true))
            }
        case (.parameterDescription, .parameters):
            var reader = MessageReader(body)
            guard let count = reader.integer(UInt16.self), reader.remaining == Int(count) * 4 else {
                throw malformed(tag)
            }
            var types: [PostgreSQLType] = []
            while let oid = reader.integer(UInt32.self) { types.append(PostgreSQLType(oid)) }
            head.statement?.resolvedTypes = types
            head.advance()
        case (.noData, .columns):
            head.statement?.describe([])
            try described(head)
        case (.rowDescription, .columns):
            guard let fields = FieldDescription.read(body, types) else { throw malformed(tag) }
            head.statement?.describe(fields)
            try described(head)
        case (.rowDescription, .simple):
            guard let fields = FieldDescription.read(body, types) else { throw malformed(tag) }
            head.columns = ColumnList(fields.map(\.column))
            head.codecs = fields.map { ColumnCodec($0.facts, isBinary: $0.isBinary) }
            head.decoder = nil
        case (.commandComplete, .rows), (.commandComplete, .simple), (.commandComplete, .copyIn),
            (.commandComplete, .copyOut):
            guard let word = CommandTag(body) else { throw malformed(tag) }
            complete(head, word)
        case (.emptyQueryResponse, .rows), (.emptyQueryResponse, .simple):
            guard head.stage == .rows else { return }
            head.error = DatabaseError(
                .programming,
                .syntaxError,
                "The statement is empty.",
                sqlState: "42601",
                engine: PostgreSQLErrors.engine
            )
            head.advance()
        case (.readyForQuery, .ready), (.readyForQuery, .simple):
            guard body.count == 1, [UInt8(ascii: "I"), UInt8(ascii: "T"), UInt8(ascii: "E")].contains(body[0]) else {
                throw malformed(tag)
            }
            transactionStatus = body[0]
            try finish(head)
        default:
            try handleCopy(tag, body, for: head)
        }
    }

    private mutating func described(_ head: Exchange) throws(DatabaseError) {
        guard let statement = head.statement else { return }
        head.columns = statement.columns
        if let asked = head.codecs {
            // The columns may be others than those known when the formats were chosen.
            // The server refuses another number of formats, unless it is one, which goes for all, or none, which means text.
            let formats = asked.map(\.isBinary)
            head.codecs = statement.columnFacts.enumerated().map { index, facts in
                let isBinary = formats.count == 1 ? formats[0] : formats.indices.contains(index) && formats[index]
                return ColumnCodec(facts, isBinary: isBinary)
            }
        } else {
            head.codecs = statement.textCodecs
        }
        head.advance()
        // Somebody else made a type: it is text this time, and known the next.
        for (type, facts) in zip(statement.columnTypes, statement.columnFacts) where facts == nil { types.missed(type) }
        events.append(.prepared(statement, succeeded: true))
    }

    private mutating func complete(_ head: Exchange, _ tag: CommandTag) {
        switch tag {
        case .changed(let count):
            let (sum, overflow) = (head.rowsAffected ?? 0).addingReportingOverflow(count)
            head.rowsAffected = overflow ? .max : sum
        case .discardedStatements: events.append(.statementsDiscarded)
        case .changedTypes: types.markStale()
        case .other: break
        }
        if head.stage != .simple { head.advance() }
    }

    private mutating func finish(_ head: Exchange) throws(DatabaseError) {
        // The server was done before it heard that nobody waits: it reports no error, and yet rows are missing.
        if head.isCutShort { head.error = head.error ?? PostgreSQLErrors.cancelled }
        if let decoder = head.decoder.take(), head.error == nil, decoder.rowCount > 0 {
            try hold(decoder.finish(), head)
        }
        head.isDone = true
        if head.loadsTypes {
            // Here, not by an event: the columns of the next statement may be described by bytes that came along.
            var batches: [RowBatch] = []
            while let batch = head.batches.popFirst() { batches.append(batch) }
            if head.error == nil { types.replace(with: batches) } else { types.giveUp() }
        }
        _ = exchanges.popFirst()
        events.append(.changed(head))
    }

    private mutating func handleCopy(
        _ tag: BackendTag,
        _ body: UnsafeRawBufferPointer,
        for head: Exchange
    ) throws(DatabaseError) {
        switch (tag, head.stage) {
        case (.copyInResponse, .simple) where head.copies:
            head.stage = .copyIn
            head.isCopyInReady = true
            events.append(.changed(head))
        case (.copyOutResponse, .simple) where head.copies:
            head.stage = .copyOut
            events.append(.changed(head))
        case (.copyData, .copyOut):
            if !head.passesOverRows, head.error == nil {
                let wasDue = head.copied.isDue
                head.copied.append(body)
                if !wasDue, head.copied.isDue { events.append(.changed(head)) }
            } else if head.isEnding {
                head.isCutShort = true
            }
        case (.copyDone, .copyOut):
            head.stage = head.script.isSimple ? .simple : .rows
        case (.copyInResponse, .rows), (.copyInResponse, .simple):
            // A COPY given to query() or execute(): nobody has data for it, and the server would wait for ever.
            events.append(.refuseCopy(head))
        case (.copyOutResponse, .rows), (.copyOutResponse, .simple):
            head.error = DatabaseError(
                .programming,
                .unexpectedResult,
                "COPY … TO STDOUT returns data, not rows.",
                hint: "Use copyOut.",
                engine: PostgreSQLErrors.engine
            )
            head.stage = .copyOut
        default:
            throw PostgreSQLErrors.violation("a message \(tag) while \(head.stage) was expected")
        }
    }

    private func malformed(_ tag: BackendTag) -> DatabaseError {
        PostgreSQLErrors.violation("a malformed message \(tag)")
    }
}
