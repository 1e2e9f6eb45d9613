import NIOCore
import Roost
import WireProtocol

/// Sending requests, each in its turn.
extension MySQLSession {
    /// Puts a request into the queue.
    func submit(_ exchange: Exchange, timeout: Duration?) {
        if let timeout {
            let deadline = NIODeadline.now() + TimeAmount(timeout)
            exchange.deadline = deadline
            exchange.timeout = timeout
            transport.schedule(deadline)
        }
        machine.enqueue(exchange)
        if machine.count == 1 {
            sendNext()
            receiveCompleted()
        } else {
            // With others waiting, a result that nobody reads is read on.
            transport.resume()
        }
    }

    /// Sends the first request that waits, unless another one runs.
    func sendNext() {
        while let head = machine.head, head.stage == .queued, !isKilling {
            if needsDraining {
                needsDraining = false
                let drain = Exchange(.text("DO 0"))
                drain.isShielded = true
                machine.prepend(drain)
                continue
            }
            if let closeError { return machine.failHead(closeError) }
            if let error = reasonAgainst(head) {
                machine.failHead(error)
                continue
            }
            do throws(DatabaseError) {
                try send(head)
                return
            } catch {
                machine.failHead(error)
            }
        }
    }

    /// Why a request must not run.
    func reasonAgainst(_ exchange: Exchange) -> DatabaseError? {
        switch exchange.interruption {
        case .timeout: return MySQLErrors.timeout(exchange.timeout)
        case .cancelled, .abandoned: return MySQLErrors.cancelled
        case nil: break
        }
        guard machine.isTransactionLost, !exchange.isShielded else { return nil }
        if let text = exchange.text, StatementTraits.isRollback(text) { return nil }
        return DatabaseError(
            .operational,
            .transactionAborted,
            "The server rolled the transaction back after a deadlock; nothing runs before it is ended here too.",
            hint: "Roll back and run the whole transaction again; withTransaction(retry:) does both.",
            sqlState: "25P02",
            engine: MySQLErrors.engine
        )
    }

    private func send(_ exchange: Exchange) throws(DatabaseError) {
        if case .diagnostics = exchange.request {
            // Nothing may come between it and the statement it asks about.
            return writeQuery("SHOW WARNINGS LIMIT \(Self.maximumWarnings)", exchange)
        }
        writeClosings()
        switch exchange.request {
        case .diagnostics: break
        case .ping: write(exchange, .response) { $0.writeInteger(Command.ping) }
        case .reset:
            cache.removeAll()
            for statement in cursors { statement.state = .gone }
            cursors.removeAll()
            write(exchange, .response) { $0.writeInteger(Command.resetConnection) }
        case .text(let text), .load(let text, _):
            try checkText(text)
            writeQuery(text, exchange)
        case .cursor(let statement, let count):
            guard !exchange.hasCursor else { return try writeFetch(count, exchange) }
            try prepareCursor(statement, exchange)
        case .statement(let statement):
            let key = StatementKey(statement)
            if let known = cache.find(key) { return try run(known, exchange) }
            let traits = StatementTraits(statement.text)
            if traits.isEmpty { throw MySQLErrors.empty }
            if statement.parameters.isEmpty, statement.parameterCount == 0, !traits.isPreparable {
                if mayLeaveBehind(traits) { isDirty = true }
                let text = try rendered(statement, parameters: 0).rendered(for: settings.dialect)
                try checkText(text)
                exchange.isTextual = true
                return writeQuery(text, exchange)
            }
            try prepare(statement, key, parameters: statement.parameters.count, exchange)
        case .batch(let template, let rows): try prepareUnlessKnown(template, parameters: rows.columnCount, exchange)
        case .rows(let statement, let rows, let range):
            try prepareUnlessKnown(statement, parameters: rows.columnCount * range.count, exchange)
        case .describe(let template): try prepareUnlessKnown(template, parameters: nil, exchange)
        }
    }

    private func prepareUnlessKnown(_ source: Statement, parameters: Int?, _ exchange: Exchange) throws(DatabaseError) {
        let key = StatementKey(source)
        if let known = cache.find(key) { return try run(known, exchange) }
        try prepare(source, key, parameters: parameters, exchange)
    }

    /// Runs a statement that the server has.
    private func run(_ known: ServerStatement, _ exchange: Exchange) throws(DatabaseError) {
        exchange.statement = known
        machine.begin(.response)
        if case .describe = exchange.request { return machine.endHead() }
        try writeExecution(exchange)
    }

    private func prepare(
        _ source: Statement,
        _ key: StatementKey,
        parameters: Int?,
        _ exchange: Exchange
    ) throws(DatabaseError) {
        cache.countMiss()
        let text = try rendered(source, parameters: parameters).rendered(for: settings.dialect)
        try writePrepare(ServerStatement(key: key, text: text), exchange)
    }

    /// A cursor has a statement of its own: running a statement again would end the cursor that is open for it.
    private func prepareCursor(_ source: Statement, _ exchange: Exchange) throws(DatabaseError) {
        if StatementTraits(source.text).isEmpty { throw MySQLErrors.empty }
        let text = try rendered(source, parameters: source.parameters.count).rendered(for: settings.dialect)
        try writePrepare(ServerStatement(key: StatementKey(source), text: text), exchange)
    }

    private func writePrepare(_ statement: ServerStatement, _ exchange: Exchange) throws(DatabaseError) {
        try checkText(statement.text)
        exchange.statement = statement
        if case .statement(let source) = exchange.request, mayRunUnprepared(statement, source) {
            return try writePrepareAndExecution(statement, source, exchange)
        }
        write(exchange, .prepare) { $0.writePrepare(statement.text) }
    }

    /// Whether MariaDB may be sent the execution along with the statement, which saves a round trip. Only where both are sure to
    /// count the same parameters: what is a comment to one, or a quote, might not be to the other.
    private func mayRunUnprepared(_ statement: ServerStatement, _ source: Statement) -> Bool {
        machine.capabilities.contains(.bulkOperations)
            && (source.marks.isEmpty || source.parameterCount == source.parameters.count)
            && !statement.text.utf8.contains(UInt8(ascii: "\\"))
            && !statement.text.contains("/*")
    }

    /// Sends a statement and its execution together (MariaDB, "COM_STMT_EXECUTE", statement id −1).
    private func writePrepareAndExecution(
        _ statement: ServerStatement,
        _ source: Statement,
        _ exchange: Exchange
    ) throws(DatabaseError) {
        try transport.write { (buffer) throws(DatabaseError) in
            var sequence: UInt8 = 0
            buffer.writePacket(sequence: &sequence, in: frames) { $0.writePrepare(statement.text) }
            sequence = 0
            try buffer.writePacket(sequence: &sequence, in: frames) { (buffer) throws(DatabaseError) in
                buffer.writeExecuteHead(.max, opensCursor: false)
                try ParameterEncoding.write(source.parameters, to: &buffer)
            }
        }
        if mayLeaveBehind(statement.traits) { isDirty = true }
        exchange.isExecutionSent = true
        machine.begin(.prepare)
        transport.flush()
    }

    /// Whether a statement may leave something behind of which the server does not tell.
    private func mayLeaveBehind(_ traits: StatementTraits) -> Bool {
        machine.capabilities.contains(.sessionTracking) ? traits.mayChangeSilently : traits.mayChangeSession
    }

    /// A literal template holds bare placeholders, which only the lexer can tell from operators.
    private func rendered(_ source: Statement, parameters: Int?) throws(DatabaseError) -> Statement {
        guard source.marks.isEmpty, parameters != 0 || source.text.utf8.contains(UInt8(ascii: "?")) else {
            return source
        }
        let statement = try Statement(template: source.text, dialect: settings.dialect)
        if let parameters, statement.parameterCount != parameters {
            throw DatabaseError.parameterCount(expected: statement.parameterCount, given: parameters)
                .reported(by: MySQLErrors.engine).inStatement(source.text)
        }
        return statement
    }

    /// The server has the statement: it may be run.
    func execute(_ exchange: Exchange) {
        // Its answer may be here already.
        if exchange.isExecutionSent, let statement = exchange.statement { return keep(statement) }
        guard machine.head === exchange, let statement = exchange.statement else { return }
        if case .cursor = exchange.request { cursors.append(statement) } else { keep(statement) }
        if exchange.interruption != nil, let error = reasonAgainst(exchange) { return machine.failHead(error) }
        do throws(DatabaseError) {
            try writeExecution(exchange)
        } catch {
            machine.failHead(error)
            sendNext()
        }
    }

    private func keep(_ statement: ServerStatement) {
        if cache.capacity == 0 { return idsToClose.append(statement.id) }
        if let evicted = cache.insert(statement) {
            evicted.state = .gone
            idsToClose.append(evicted.id)
        }
    }

    private func writeExecution(_ exchange: Exchange) throws(DatabaseError) {
        guard let statement = exchange.statement else { return }
        if mayLeaveBehind(statement.traits) { isDirty = true }
        switch exchange.request {
        case .statement(let source), .cursor(let source, _):
            var cursor = false
            if case .cursor = exchange.request { cursor = true }
            try Self.checkCount(statement, given: source.parameters.count)
            exchange.definitions = []
            var sequence: UInt8 = 0
            try transport.write { (buffer) throws(DatabaseError) in
                try buffer.writePacket(sequence: &sequence, in: frames) { (buffer) throws(DatabaseError) in
                    buffer.writeExecuteHead(statement.id, opensCursor: cursor)
                    try ParameterEncoding.write(source.parameters, to: &buffer)
                }
            }
        case .batch(_, let rows):
            try Self.checkCount(statement, given: rows.columnCount)
            try writeBatch(rows, statement, exchange)
        case .rows(_, let rows, let range):
            try Self.checkCount(statement, given: rows.columnCount * range.count)
            try writeRows(rows, range, statement)
        default: return
        }
        machine.begin(.response)
        transport.flush()
    }

    private func writeClosings() {
        guard !idsToClose.isEmpty else { return }
        for id in idsToClose {
            var sequence: UInt8 = 0
            transport.write { buffer in
                buffer.writePacket(sequence: &sequence, in: frames) { buffer in
                    buffer.writeInteger(Command.closeStatement)
                    buffer.writeInteger(id, endianness: .little)
                }
            }
        }
        idsToClose.removeAll(keepingCapacity: true)
    }

    func writeQuery(_ text: String, _ exchange: Exchange) {
        write(exchange, .response) { buffer in
            buffer.writeInteger(Command.query)
            buffer.writeString(text)
        }
    }

    func write(_ exchange: Exchange, _ stage: Exchange.Stage, _ body: (inout ByteBuffer) -> Void) {
        var sequence: UInt8 = 0
        transport.write { $0.writePacket(sequence: &sequence, in: frames, body) }
        machine.begin(stage)
        transport.flush()
    }

    private func checkText(_ text: String) throws(DatabaseError) {
        guard text.utf8.count < MySQLStateMachine.maximumPayload else {
            throw DatabaseError(
                .programming,
                .invalidStatement,
                "The statement's text is longer than 1 GiB.",
                engine: MySQLErrors.engine
            )
        }
    }

    private static func checkCount(_ statement: ServerStatement, given: Int) throws(DatabaseError) {
        guard given != statement.parameterCount else { return }
        throw DatabaseError.parameterCount(expected: statement.parameterCount, given: given)
            .reported(by: MySQLErrors.engine).inStatement(statement.text)
    }
}
