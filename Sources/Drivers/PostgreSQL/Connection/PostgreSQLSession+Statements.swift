import NIOCore
import Roost
import WireProtocol

extension PostgreSQLSession {
    /// The rows at hand, and where the others come from.
    func firstRows(_ exchange: Exchange) -> FirstRows {
        let batch = takeBatch(of: exchange)
        let isComplete = exchange.isDone && exchange.batches.isEmpty
        return FirstRows(
            columns: exchange.columns ?? exchange.statement?.columns ?? .empty,
            batch: batch,
            summary: exchange.summary,
            rest: isComplete ? nil : NIOLoopBound(exchange, eventLoop: transport.eventLoop)
        )
    }

    /// Brings the next rows of a result; nil once it has ended.
    func nextBatch(
        of exchange: Exchange,
        _ completion: @escaping (Result<RowBatch?, DatabaseError>) -> Void
    ) {
        let look = { (exchange: Exchange) -> Bool in
            guard exchange.isDone || !exchange.batches.isEmpty else { return false }
            if let error = exchange.error {
                completion(.failure(self.outcome(error, exchange)))
            } else {
                completion(.success(self.takeBatch(of: exchange)))
            }
            return true
        }
        if !look(exchange) { exchange.onChange = look }
    }

    /// The next batch at hand; reading goes on if its consumer was behind.
    func takeBatch(of exchange: Exchange) -> RowBatch? {
        let batch = exchange.takeBatch()
        if !exchange.isDone, !isFull { transport.resume() }
        return batch
    }

    /// Whether nothing can have been done yet, and another attempt may do it.
    func mayRunAgain(
        _ exchange: Exchange,
        _ error: DatabaseError,
        wasIdle: Bool,
        cancelsBefore: Int
    ) -> Bool {
        guard exchange.interruption == nil, !exchange.hasDeliveredRows, closeError == nil,
            machine.transactionStatus == UInt8(ascii: "I")
        else {
            _ = isStale(exchange, error)
            return false
        }
        // A cancellation meant for another request may hit the one after it.
        if error.sqlState == "57014", error.condition == .cancelled, cancelsSent != cancelsBefore {
            return true
        }
        guard wasIdle || exchange.statement?.state == .gone, let statement = exchange.statement else { return false }
        switch error.sqlState {
        case "26000", "42P05":
            // The server knows nothing of a name we prepared, or knows it already: a pooler shares its sessions.
            forget(statement)
            if settings.preparedStatements == .auto, !exchange.script.parses || error.sqlState == "42P05" {
                usesUnnamedStatements = usesUnnamedStatements || error.sqlState == "42P05"
            }
            return true
        case "0A000" where error.message.lowercased().contains("cached plan"), "08P01" where usesUnnamedStatements:
            forget(statement)
            return true
        default:
            return isStale(exchange, error)
        }
    }

    /// Has a statement prepared anew the next time it is asked for.
    func forget(_ statement: ServerStatement) {
        cache.remove(statement)
        if !statement.name.isEmpty { namesToClose.append(statement.name) }
    }

    /// Whether the values may have failed to fit parameters whose types the server inferred when its tables were others. Such a
    /// statement is prepared anew the next time, whether it was that or the values.
    ///
    /// The server has run nothing then: it refused to bind.
    private func isStale(_ exchange: Exchange, _ error: DatabaseError) -> Bool {
        guard exchange.failedStage == .bind, !exchange.script.parses, let statement = exchange.statement,
            let state = error.sqlState, state.hasPrefix("22") || state == "42804",
            statement.parameterTypes.contains(.unspecified)
        else { return false }
        forget(statement)
        return true
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

    func checkOpen() throws(DatabaseError) {
        guard let error = closeError else { return }
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
    func send(
        _ statement: Statement,
        _ options: ExecutionOptions,
        dropsRows: Bool
    ) throws(DatabaseError) -> Exchange {
        try checkOpen()
        let known = cache.find(statement)
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
        let prepares = isNew || usesUnnamedStatements
        if prepares { loadTypes(ahead: options.timeout ?? settings.common.statementTimeout) }
        let closing = prepares ? namesToClose : []
        let script = Exchange.Script(
            closes: closing.count,
            parses: prepares,
            describes: prepares,
            executions: executions
        )
        try transport.write { (buffer) throws(DatabaseError) in
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
        if target.mayChangeSession { isDirty = true }
        if prepares { namesToClose.removeAll(keepingCapacity: true) }
        if isNew, let evicted = cache.insert(target), !evicted.name.isEmpty {
            namesToClose.append(evicted.name)
        }
        let exchange = Exchange(script: script, statement: target, batchBytes: options.batchBytes)
        exchange.passesOverRows = dropsRows
        exchange.codecs = codecs
        submit(exchange, timeout: options.timeout ?? settings.common.statementTimeout)
        return exchange
    }

    private static func checkCount(
        _ target: ServerStatement,
        given: Int,
        text: String
    ) throws(DatabaseError) {
        let expected = target.state == .ready ? target.resolvedTypes.count : target.parameterTypes.count
        guard given != expected else { return }
        throw DatabaseError.parameterCount(expected: expected, given: given)
            .reported(by: PostgreSQLErrors.engine).inStatement(text)
    }

    /// A statement the server does not have yet.
    func makeStatement(_ source: Statement, types: [PostgreSQLType]) throws(DatabaseError) -> ServerStatement {
        var rendered = source
        if source.marks.isEmpty, !types.isEmpty || source.text.utf8.contains(UInt8(ascii: "?")) {
            // A literal template holds bare placeholders, which only the lexer can tell from operators.
            rendered = try Statement(template: source.text, dialect: .postgresql)
            guard rendered.parameterCount == types.count else {
                throw DatabaseError.parameterCount(expected: rendered.parameterCount, given: types.count)
                    .reported(by: PostgreSQLErrors.engine).inStatement(source.text)
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
            name: usesUnnamedStatements ? "" : cache.nextName(),
            source: source,
            text: text,
            parameterTypes: types
        )
    }
}
