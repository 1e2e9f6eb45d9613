import NIOCore
public import Roost

extension PostgreSQLConnection {
    public func executeBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> ExecutionSummary {
        let observed = observation?.begin(template, options, batchSize: rows.rowCount)
        do throws(DatabaseError) {
            let exchange = try await runBatch(template, rows, options, dropsRows: true)
            let summary = exchange?.summary ?? ExecutionSummary(rowsAffected: 0)
            observed?.end(rowsAffected: summary.rowsAffected)
            return summary
        } catch {
            observed?.end(error: error)
            throw error
        }
    }

    public func queryBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> sending ResultSet {
        let observed = observation?.begin(template, options, batchSize: rows.rowCount)
        let finished: Exchange?
        do throws(DatabaseError) {
            finished = try await runBatch(template, rows, options, dropsRows: false)
        } catch {
            observed?.end(error: error)
            throw error
        }
        guard let exchange = finished else {
            observed?.end()
            return ResultSet(columns: try await describe(template).columns)
        }
        return ResultSet(
            columns: exchange.columns ?? exchange.statement?.columns ?? .empty,
            first: session.takeBatch(of: exchange),
            source: PostgreSQLRowSource(connection: self, exchange: NIOLoopBound(exchange, eventLoop: bound.eventLoop)),
            summary: exchange.summary,
            observed: observed
        )
    }

    /// Binds and executes the template once for each row, all in one go: one round trip, and without an open transaction all of
    /// them or none.
    private func runBatch(
        _ template: Statement,
        _ rows: RowBatch,
        _ options: ExecutionOptions,
        dropsRows: Bool
    ) async throws(DatabaseError) -> Exchange? {
        guard rows.rowCount > 0 else { return nil }
        var attempt = 1
        while true {
            if session.cancelsInFlight > 0 { await session.waitForCancels(isolation: self) }
            try checkOpen()
            if Task.isCancelled { throw PostgreSQLErrors.cancelled.inStatement(template.text) }
            let wasIdle = session.machine.transactionStatus == UInt8(ascii: "I") && session.machine.inFlight == 0
            let cancelsBefore = session.cancelsSent
            let exchange = try sendBatch(template, rows, options, dropsRows: dropsRows)
            await wait(for: exchange) { $0.isDone }
            guard let error = exchange.error else { return exchange }
            let mayRunAgain = session.mayRunAgain(exchange, error, wasIdle: wasIdle, cancelsBefore: cancelsBefore)
            guard attempt < 3, mayRunAgain else { throw outcome(error, exchange) }
            attempt += 1
        }
    }

    private func sendBatch(
        _ template: Statement,
        _ rows: RowBatch,
        _ options: ExecutionOptions,
        dropsRows: Bool
    ) throws(DatabaseError) -> Exchange {
        let types = ParameterEncoding.types(of: rows)
        let known = session.cache.find(template, types: types)
        let target = if let known { known } else { try session.makeStatement(template, types: types) }
        let codecs = target.state == .ready ? target.binaryCodecs : nil
        return try session.dispatch(
            target,
            isNew: known == nil,
            executions: rows.rowCount,
            codecs,
            options,
            dropsRows: dropsRows
        ) { (buffer) throws(DatabaseError) in
            try ParameterEncoding.write(rows, for: target, codecs: dropsRows ? nil : codecs, to: &buffer)
        }
    }

    public func describe(_ template: Statement) async throws(DatabaseError) -> StatementDescription {
        if session.cancelsInFlight > 0 { await session.waitForCancels(isolation: self) }
        try checkOpen()
        var rendered = template
        if template.marks.isEmpty { rendered = try Statement(template: template.text, dialect: .postgresql) }
        let types = [PostgreSQLType](repeating: .unspecified, count: rendered.parameterCount)
        let known = session.cache.find(template, types: types)
        if let known, known.state == .ready {
            return StatementDescription(parameterCount: known.resolvedTypes.count, columns: known.columns)
        }
        let target = if let known { known } else { try session.makeStatement(template, types: types) }
        let exchange = try session.dispatch(target, isNew: known == nil, executions: 0, nil, .standard, dropsRows: true)
        {
            (_) throws(DatabaseError) in
        }
        await wait(for: exchange) { $0.isDone }
        if let error = exchange.error { throw outcome(error, exchange) }
        return StatementDescription(parameterCount: target.resolvedTypes.count, columns: target.columns)
    }

    /// Calls a stored procedure, or a function of that name where there is no procedure.
    public func call(_ procedure: String, _ arguments: [Value]) async throws(DatabaseError) -> sending ResultSet {
        let parts = procedure.split(separator: ".").map(String.init)
        var name = parts
        let bare = name.popLast() ?? procedure
        let kind = try await query(
            """
            select p.prokind = 'p' from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where p.proname = \(bare) and (n.nspname = \(name.last ?? "") or (\(name.isEmpty) and pg_function_is_visible(p.oid)))
            order by p.prokind = 'p' desc limit 1
            """
        ).fetchOne()
        var statement: Statement = try kind?.decode(0, as: Bool.self) == true ? "call " : "select * from "
        statement.append(identifier: parts)
        statement.append(unsafe: "(")
        for (index, argument) in arguments.enumerated() {
            if index > 0 { statement.append(unsafe: ", ") }
            statement.append(parameter: argument)
        }
        statement.append(unsafe: ")")
        return try await query(statement, options: .standard)
    }
}
