import DequeModule
import Roost
import WireProtocol

/// What the server answers to a request: that it was done, rows, an error, the end of either.
extension MySQLStateMachine {
    mutating func handleResponse(
        _ payload: UnsafeRawBufferPointer,
        _ first: UInt8,
        _ head: Exchange
    ) throws(DatabaseError) {
        switch first {
        case 0x00:
            guard let ok = OKPacket(payload, tracksSession: tracksSession) else { throw malformed }
            if !ok.changes.isEmpty { take(ok.changes, head) }
            head.count(ok, isResult: false)
            try complete(ok.status, head)
        case 0xFF: try fail(payload, head)
        case 0xFB:
            let name = String(decoding: payload.dropFirst().prefix(4_096), as: UTF8.self)
            events.append(.fileAskedFor(head, name: name))
        default:
            var reader = PacketReader(payload)
            guard let count = reader.lengthEncodedInteger(), (1...65_535).contains(count) else { throw malformed }
            head.definitions = []
            definitionBytes = 0
            // With cached metadata a byte says whether the definitions follow.
            var follows = true
            if capabilities.contains(.cachedMetadata), reader.remaining > 0 {
                follows = reader.integer(UInt8.self) != 0
            }
            columnsToCome = Int(count)
            if follows {
                head.stage = .columns(Int(count))
            } else {
                guard let statement = head.statement, statement.codecs.count == Int(count) else { throw malformed }
                // The definitions are left out, their end is not.
                if capabilities.contains(.deprecateEOF) { beginRows(head) } else { head.stage = .columnsEnd }
            }
        }
    }

    mutating func beginRows(_ head: Exchange) {
        let isBinary: Bool
        switch head.request {
        case .text, .diagnostics: isBinary = false
        default: isBinary = !head.isTextual
        }
        var columns = ColumnList.empty
        var codecs: [CellCodec] = []
        if head.definitions.isEmpty, let statement = head.statement {
            columns = statement.columns
            codecs = statement.codecs
        } else {
            columns = ColumnList(head.definitions.map(\.column))
            codecs = head.definitions.map(\.codec)
            // DDL may have changed what was described when the statement was prepared.
            if head.parts.isEmpty, let statement = head.statement { statement.describe(head.definitions) }
        }
        head.stage = .rows
        // The results of a batch's rows are one.
        if head.isBatch, head.arriving != nil, head.decoder != nil { return }
        // Of results nobody reads only the first is told of, lest they pile up.
        if head.passesOverRows, !head.parts.isEmpty, ![.cancelled, .timeout].contains(head.interruption) { return }
        head.decoder = RowDecoder(codecs, isBinary: isBinary, zeroDates: zeroDates)
        let part = Exchange.Part(columns: columns)
        head.arriving = part
        head.append(part, describedBy: definitionBytes)
        checkHeldBytes(head)
        events.append(.changed(head))
    }

    func cutBatch(_ head: Exchange) {
        if let batch = head.decoder?.takeBatch() { hold(batch, head) }
    }

    private func hold(_ batch: RowBatch, _ head: Exchange) {
        guard batch.rowCount > 0, let part = head.arriving, !part.isDropped else { return }
        part.batches.append(batch)
        head.batchedBytes += batch.byteCount
        checkHeldBytes(head)
    }

    private func checkHeldBytes(_ head: Exchange) {
        guard head.batchedBytes > Self.maximumHeldBytes else { return }
        head.dropRows()
        head.passesOverRows = true
        head.error = DatabaseError(
            .interface,
            .misuse,
            "More than 256 MiB of rows wait unread while other statements on the same connection wait for their turn.",
            hint: "Read a result to its end before the next statement, or use another connection.",
            engine: MySQLErrors.engine
        )
    }

    mutating func endRows(_ payload: UnsafeRawBufferPointer, _ head: Exchange) throws(DatabaseError) {
        guard
            let ok = capabilities.contains(.deprecateEOF)
                ? OKPacket(payload, tracksSession: tracksSession) : OKPacket(eof: payload)
        else {
            throw malformed
        }
        if !ok.changes.isEmpty { take(ok.changes, head) }
        if case .cursor = head.request, !ok.status.contains(.lastRowSent),
            head.hasCursor || ok.status.contains(.cursorExists)
        {
            head.warningCount = max(head.warningCount, Int(ok.warnings))
            return pause(head)
        }
        if !head.isBatch || head.executionsLeft == 1 {
            if let decoder = head.decoder.take(), !head.passesOverRows { hold(decoder.finish(), head) }
            head.arriving?.isEnded = true
            head.arriving = nil
        }
        head.count(ok, isResult: true)
        try complete(ok.status, head)
    }

    private var tracksSession: Bool { capabilities.contains(.sessionTracking) }

    @inline(never)
    private mutating func take(_ changes: [SessionChange], _ head: Exchange) {
        let isLeftBehind = sessionState.apply(changes, initialSchema: initialSchema)
        if isLeftBehind, !head.isOwn { isSessionChanged = true }
    }

    /// Others may have their turn until the next rows are fetched.
    mutating func pause(_ head: Exchange) {
        head.hasCursor = true
        cutBatch(head)
        nextSequence = nil
        guard !head.passesOverRows else { return finish(head) }
        _ = exchanges.popFirst()
        head.stage = .queued
        head.isPaused = true
        events.append(.paused(head))
    }

    /// One answer is complete; there may be others.
    private mutating func complete(_ status: ServerStatus, _ head: Exchange) throws(DatabaseError) {
        self.status = status
        if status.contains(.inTransaction) { isTransactionLost = false }
        head.stage = .response
        if status.contains(.moreResults) { return events.append(.changed(head)) }
        head.executionsLeft -= 1
        nextSequence = nil
        if head.executionsLeft <= 0 { finish(head) }
    }

    mutating func fail(_ payload: UnsafeRawBufferPointer, _ head: Exchange) throws(DatabaseError) {
        guard let packet = ErrorPacket(payload) else { throw malformed }
        var error = MySQLErrors.error(packet, engine: engine)
        if let text = head.text {
            error = error.inStatement(
                text,
                position: MySQLErrors.position(code: packet.code, message: packet.message, in: text)
            )
        }
        if head.error == nil { head.error = error }
        if head.stage == .prepare, let statement = head.statement {
            statement.state = .gone
            events.append(.refused(statement))
            if head.isExecutionSent {
                head.stage = .refusedExecution
                nextSequence = nil
                return
            }
        }
        // An error carries no status.
        if MySQLErrors.endsTransaction(packet.code), status.contains(.inTransaction) {
            status.remove(.inTransaction)
            isTransactionLost = true
        }
        head.dropRows()
        head.executionsLeft -= 1
        nextSequence = nil
        if head.executionsLeft <= 0 || head.stage == .prepare { finish(head) } else { head.stage = .response }
    }

    /// The server has no statement to run, which is not what went wrong.
    mutating func endRefused(_ first: UInt8, _ head: Exchange) throws(DatabaseError) {
        guard first == 0xFF else { throw malformed }
        nextSequence = nil
        finish(head)
    }

    private mutating func finish(_ head: Exchange) {
        _ = exchanges.popFirst()
        end(head)
    }
}
