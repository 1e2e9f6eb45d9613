import NIOCore
public import Roost
import WireProtocol

extension PostgreSQLConnection {
    public func query(
        _ statement: Statement,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> sending ResultSet {
        let exchange = try await run(statement, options, dropsRows: false)
        let batch = takeBatch(of: exchange)
        let columns = exchange.columns ?? exchange.statement?.columns ?? .empty
        if exchange.isDone, exchange.batches.isEmpty {
            return ResultSet(columns: columns, first: batch, summary: exchange.summary)
        }
        return ResultSet(
            columns: columns,
            first: batch,
            source: PostgreSQLRowSource(connection: self, exchange: NIOLoopBound(exchange, eventLoop: bound.eventLoop))
        )
    }

    public func execute(
        _ statement: Statement,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> ExecutionSummary {
        try await run(statement, options, dropsRows: true).summary
    }

    /// Runs a statement until its first rows are there, or its end. A plan that DDL made stale, or a statement that a pooler or
    /// `DISCARD ALL` took away, is prepared again and the statement run once more, where nothing can have been done twice.
    private func run(
        _ statement: Statement,
        _ options: ExecutionOptions,
        dropsRows: Bool
    ) async throws(DatabaseError) -> Exchange {
        var attempt = 1
        while true {
            if session.cancelsInFlight > 0 { await session.waitForCancels(isolation: self) }
            let wasIdle = session.machine.transactionStatus == UInt8(ascii: "I") && session.machine.inFlight == 0
            let cancelsBefore = session.cancelsSent
            let exchange = try send(statement, options, dropsRows: dropsRows)
            await wait(for: exchange) { $0.isDone || (!dropsRows && !$0.batches.isEmpty) }
            guard let error = exchange.error else { return exchange }
            if attempt < 3, mayRunAgain(exchange, error, wasIdle: wasIdle, cancelsBefore: cancelsBefore) {
                attempt += 1
                continue
            }
            throw outcome(error, exchange)
        }
    }

    private func mayRunAgain(
        _ exchange: Exchange,
        _ error: DatabaseError,
        wasIdle: Bool,
        cancelsBefore: Int
    ) -> Bool {
        guard exchange.interruption == nil, !exchange.hasDeliveredRows, session.closeError == nil,
            session.machine.transactionStatus == UInt8(ascii: "I")
        else { return false }
        // A cancellation meant for another request may hit the one after it.
        if error.sqlState == "57014", error.condition == .cancelled, session.cancelsSent != cancelsBefore {
            return true
        }
        guard wasIdle || exchange.statement?.state == .gone, let statement = exchange.statement else { return false }
        switch error.sqlState {
        case "26000", "42P05":
            // The server knows nothing of a name we prepared, or knows it already: a pooler shares its sessions.
            session.cache.remove(statement)
            if configuration.preparedStatements == .auto, !exchange.script.parses || error.sqlState == "42P05" {
                usesUnnamedStatements = usesUnnamedStatements || error.sqlState == "42P05"
            }
            return true
        case "0A000" where error.message.lowercased().contains("cached plan"), "08P01" where usesUnnamedStatements:
            session.cache.remove(statement)
            return true
        default:
            return false
        }
    }

    /// What the caller is told.
    func outcome(_ error: DatabaseError, _ exchange: Exchange) -> DatabaseError {
        guard error.sqlState == "57014" else { return error }
        var result = error
        switch exchange.interruption {
        case .timeout: result = PostgreSQLErrors.timeout(exchange.timeout)
        case .cancelled, .abandoned: result = PostgreSQLErrors.cancelled
        case nil: if error.message.contains("statement timeout") { result = PostgreSQLErrors.timeout(nil) }
        }
        guard let text = exchange.statement?.text else { return result }
        return result.inStatement(text)
    }

    /// Suspends until `isReached`; a cancelled task ends the statement on the server.
    func wait(for exchange: Exchange, until isReached: (Exchange) -> Bool) async {
        let bound = bound
        let boundExchange = NIOLoopBound(exchange, eventLoop: bound.eventLoop)
        while !isReached(exchange) {
            // The isolation is named, since a closure that does not mention self would be taken for one without, and run elsewhere.
            if exchange.isShielded {
                await exchange.wait(isolation: self, until: isReached)
            } else {
                await withTaskCancellationHandler {
                    await exchange.wait(isolation: self, until: isReached)
                } onCancel: {
                    bound.eventLoop.execute { bound.value.interrupt(boundExchange.value, .cancelled) }
                }
            }
        }
    }

    func checkOpen() throws(DatabaseError) {
        guard let error = session.closeError else { return }
        throw error.condition == .connectionClosed
            ? error
            : DatabaseError(
                .operational,
                .connectionLost,
                "The connection was lost earlier: \(error.message)",
                hint: "Open a new connection to go on.",
                sqlState: "08003",
                engine: PostgreSQLErrors.engine
            )
    }

    // MARK: Sending

    /// Writes a statement and puts it into the queue.
    private func send(
        _ statement: Statement,
        _ options: ExecutionOptions,
        dropsRows: Bool
    ) throws(DatabaseError) -> Exchange {
        try checkOpen()
        if Task.isCancelled { throw PostgreSQLErrors.cancelled.inStatement(statement.text) }
        let known = session.cache.find(statement)
        let target =
            if let known { known } else {
                try makeStatement(statement, types: statement.parameters.map { ParameterEncoding.type(of: $0) })
            }
        try Self.checkCount(target, given: statement.parameters.count, text: statement.text)
        let codecs = target.state == .ready ? target.binaryCodecs : nil
        return try dispatch(target, isNew: known == nil, executions: 1, codecs, options, dropsRows: dropsRows) {
            (buffer) throws(DatabaseError) in
            try buffer.writeBind(target, codecs: dropsRows ? nil : codecs) { (buffer) throws(DatabaseError) in
                for (value, type) in zip(statement.parameters, target.parameterTypes) {
                    try ParameterEncoding.write(value, as: type, to: &buffer)
                }
            }
            buffer.writeExecute()
        }
    }

    /// Writes what prepares a statement if it is not on the server, what `bindings` writes, and `Sync`; all of it or nothing.
    ///
    /// A new statement goes into the cache at once: requests that follow may rely on it, since the server answers in order.
    func dispatch(
        _ target: ServerStatement,
        isNew: Bool,
        executions: Int,
        _ codecs: [ColumnCodec]?,
        _ options: ExecutionOptions,
        dropsRows: Bool,
        _ bindings: (inout ByteBuffer) throws(DatabaseError) -> Void
    ) throws(DatabaseError) -> Exchange {
        let session = session
        let prepares = isNew || usesUnnamedStatements
        let closing = prepares ? session.namesToClose : []
        let script = Exchange.Script(
            closes: closing.count,
            parses: prepares,
            describes: prepares,
            executions: executions
        )
        try session.transport.write { (buffer) throws(DatabaseError) in
            for name in closing { buffer.writeClose(statement: name) }
            if prepares {
                buffer.writeParse(
                    name: target.name,
                    text: target.text,
                    parameterTypes: target.parameterTypes.map(\.rawValue)
                )
                buffer.writeDescribe(statement: target.name)
            }
            try bindings(&buffer)
            buffer.writeSync()
        }
        if target.mayChangeSession { session.isDirty = true }
        if prepares { session.namesToClose.removeAll(keepingCapacity: true) }
        if isNew, let evicted = session.cache.insert(target), !evicted.name.isEmpty {
            session.namesToClose.append(evicted.name)
        }
        let exchange = Exchange(script: script, statement: target, batchBytes: options.batchBytes)
        exchange.passesOverRows = dropsRows
        exchange.codecs = codecs
        session.submit(exchange, timeout: options.timeout ?? configuration.common.statementTimeout)
        return exchange
    }

    private static func checkCount(
        _ target: ServerStatement,
        given: Int,
        text: String
    ) throws(DatabaseError) {
        let expected = target.state == .ready ? target.resolvedTypes.count : target.parameterTypes.count
        guard given != expected else { return }
        throw parameterCount(expected: expected, given: given, text: text)
    }

    static func parameterCount(expected: Int, given: Int, text: String) -> DatabaseError {
        DatabaseError(
            .programming,
            .parameterMismatch,
            "The statement has \(expected) parameters, but \(given) values were given.",
            hint: "Give one value per placeholder.",
            sqlState: "07001",
            engine: PostgreSQLErrors.engine
        ).inStatement(text)
    }

    /// A statement the server does not have yet.
    func makeStatement(_ source: Statement, types: [PostgreSQLType]) throws(DatabaseError) -> ServerStatement {
        var rendered = source
        if source.marks.isEmpty, !types.isEmpty || source.text.utf8.contains(UInt8(ascii: "?")) {
            // A literal template holds bare placeholders, which only the lexer can tell from operators.
            rendered = try Statement(template: source.text, dialect: .postgresql)
            guard rendered.parameterCount == types.count else {
                throw Self.parameterCount(expected: rendered.parameterCount, given: types.count, text: source.text)
            }
        }
        let text = rendered.rendered(for: .postgresql)
        guard text.utf8.count < 1 << 30, !text.utf8.contains(0) else {
            throw DatabaseError(
                .programming,
                .invalidStatement,
                "The statement's text is longer than 1 GiB or holds a NUL character.",
                engine: PostgreSQLErrors.engine
            )
        }
        guard types.count <= 65_535 else {
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "The statement has \(types.count) parameters; PostgreSQL takes 65535.",
                hint: "Use executeMany, or bind an array.",
                engine: PostgreSQLErrors.engine
            ).inStatement(text)
        }
        return ServerStatement(
            name: usesUnnamedStatements ? "" : session.cache.nextName(),
            source: source,
            text: text,
            parameterTypes: types
        )
    }
}
