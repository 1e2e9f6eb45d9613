import NIOCore
public import Roost
import WireProtocol

/// `LOAD DATA LOCAL INFILE`, from data of the caller's instead of a file. The server must allow it (`local_infile`).
extension MySQLConnection {
    /// Loads tuples into a table: all of them or none, as far as the table's engine has transactions.
    ///
    /// ```swift
    /// try await connection.load(into: "point", columns: ["x", "y"], rows: [(1, 2.5), (3, 4.5)])
    /// ```
    ///
    /// - Parameter policy: what becomes of rows that do not fit; by default they fail the load.
    /// - Returns: the rows inserted, and the server's warnings.
    /// - Throws: what the server has against the data; `notSupported` when it takes no data of clients, and for arrays and objects.
    @discardableResult
    @inlinable
    public nonisolated func load<each P: DatabaseEncodable>(
        into table: String,
        columns: [String],
        rows: some Sequence<(repeat each P)>,
        policy: LoadPolicy = .strict
    ) async throws(DatabaseError) -> ExecutionSummary {
        var rows = TupleRows<_, repeat each P>(rows)
        return try await loadBatches(into: table, columns: columns, policy) { (builder) throws(DatabaseError) in
            try rows.fill(&builder, until: 262_144)
        }
    }

    /// The same, with rows encoded by `encode`.
    @discardableResult
    @inlinable
    public nonisolated func load<Row>(
        into table: String,
        columns: [String],
        _ rows: some Sequence<Row>,
        policy: LoadPolicy = .strict,
        encode: (Row, inout RowBatchBuilder) -> Void
    ) async throws(DatabaseError) -> ExecutionSummary {
        var iterator = rows.makeIterator()
        return try await loadBatches(into: table, columns: columns, policy) { (builder) throws(DatabaseError) in
            try builder.fill(from: &iterator, until: 262_144, encode)
        }
    }

    /// Loads what `fill` writes into one batch after the other, until it returns true.
    @usableFromInline
    nonisolated func loadBatches(
        into table: String,
        columns: [String],
        _ policy: LoadPolicy,
        _ fill: (inout RowBatchBuilder) throws(DatabaseError) -> Bool
    ) async throws(DatabaseError) -> ExecutionSummary {
        try await loadRows(into: table, columns: columns, policy) { (connection, load) async throws(DatabaseError) in
            var builder = RowBatchBuilder(columnCount: columns.count, rowCapacity: 1_024, heapCapacity: 65_536)
            var isOver = false
            while !isOver {
                isOver = try fill(&builder)
                if builder.rowCount > 0 { try await connection.send(builder.takeBatch(), in: load) }
            }
        }
    }

    /// Loads the rows of a result, from whatever engine, into a table.
    @discardableResult
    public nonisolated func load(
        into table: String,
        columns: [String],
        rowsOf results: ResultSet,
        policy: LoadPolicy = .strict
    ) async throws(DatabaseError) -> ExecutionSummary {
        try await loadRows(into: table, columns: columns, policy) { (connection, load) async throws(DatabaseError) in
            while let batch = try await results.nextBatch() { try await connection.send(batch, in: load) }
        }
    }

    private nonisolated func loadRows(
        into table: String,
        columns: [String],
        _ policy: LoadPolicy,
        _ send: (MySQLConnection, Load) async throws(DatabaseError) -> Void
    ) async throws(DatabaseError) -> ExecutionSummary {
        let name = Self.parts(table)
        let encoding = try await encoding(for: columns, of: name)
        let text = Self.statement(
            into: name,
            columns: columns,
            .text,
            policy,
            encoding.forms
        ).rendered(for: dialect)
        let summary = try await atomically { (connection) async throws(DatabaseError) in
            let load = try await connection.beginLoad(text, encoding)
            do throws(DatabaseError) {
                try await send(connection, load)
                return try await connection.finish(load, policy)
            } catch {
                throw await connection.abort(load, after: error)
            }
        }
        await clearVariables(encoding.forms)
        return summary
    }

    /// Loads data that has the form already, such as the bytes of a CSV file.
    ///
    /// - Parameters:
    ///   - columns: the columns the fields are of; empty for all, in their order.
    ///   - policy: what becomes of rows that do not fit; by default they fail the load.
    /// - Returns: the rows inserted, and the server's warnings.
    /// - Throws: what reading `data` throws; what the server has against the data, with the line it is in.
    @discardableResult
    public nonisolated func load<Chunks: AsyncSequence>(
        into table: String,
        columns: [String] = [],
        format: LoadFormat,
        policy: LoadPolicy = .strict,
        data: Chunks
    ) async throws -> ExecutionSummary where Chunks.Element == [UInt8] {
        let text = Self.statement(into: Self.parts(table), columns: columns, format, policy, []).rendered(for: dialect)
        var failure: (any Error)?
        do throws(DatabaseError) {
            return try await atomically { (connection) async throws(DatabaseError) in
                let load = try await connection.beginLoad(text, LoadEncoding(forms: []))
                do {
                    for try await chunk in data { try await connection.send(chunk, in: load) }
                    return try await connection.finish(load, policy)
                } catch let error as DatabaseError {
                    throw await connection.abort(load, after: error)
                } catch {
                    failure = error
                    throw await connection.abort(load, after: MySQLErrors.cancelled)
                }
            }
        } catch {
            throw failure ?? error
        }
    }

    /// A load in progress.
    struct Load: Sendable {
        let exchange: NIOLoopBound<Exchange>
        let encoding: LoadEncoding
    }

    /// The name by which the server asks for the data. There is no such file, nor would it be read.
    private static let fileName = "roost"

    /// How the columns take their values, asked anew each time: they may have changed.
    func encoding(for columns: [String], of table: [String]) async throws(DatabaseError) -> LoadEncoding {
        guard !columns.isEmpty else {
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "Rows are loaded into columns, of which none is named.",
                engine: driverName
            )
        }
        var description: Statement = "select "
        for (index, column) in columns.enumerated() {
            if index > 0 { description.append(unsafe: ", ") }
            description.append(identifier: [column])
        }
        description.append(unsafe: " from ")
        description.append(identifier: table)
        session.forget(description)
        let described = try await describe(description)
        return LoadEncoding(forms: described.columns.map { LoadEncoding.Form($0) })
    }

    private nonisolated static func parts(_ name: String) -> [String] { name.split(separator: ".").map(String.init) }

    private nonisolated static func variable(_ index: Int) -> String { "@roost_load_\(index + 1)" }

    nonisolated static func statement(
        into table: [String],
        columns: [String],
        _ format: LoadFormat,
        _ policy: LoadPolicy,
        _ forms: [LoadEncoding.Form]
    ) -> Statement {
        let replaces = policy == .replace ? "REPLACE " : ""
        var statement = Statement(unsafe: "LOAD DATA LOCAL INFILE '\(fileName)' \(replaces)INTO TABLE ")
        statement.append(identifier: table)
        statement.append(unsafe: " \(format.clauses)")
        guard !columns.isEmpty else { return statement }
        for (index, column) in columns.enumerated() {
            statement.append(unsafe: index == 0 ? " (" : ", ")
            if index < forms.count, forms[index] != .text {
                statement.append(unsafe: variable(index))
            } else {
                statement.append(identifier: [column])
            }
        }
        statement.append(unsafe: ")")
        var separator = " SET "
        for (index, form) in forms.enumerated() where form != .text {
            statement.append(unsafe: separator)
            statement.append(identifier: [columns[index]])
            statement.append(
                unsafe: form == .bits ? " = CAST(\(variable(index)) AS UNSIGNED)" : " = UNHEX(\(variable(index)))"
            )
            separator = ", "
        }
        return statement
    }

    /// What went through variables does not stay in them. A connection that cannot do that is reset when it is given back.
    func clearVariables(_ forms: [LoadEncoding.Form]) async {
        guard forms.contains(where: { $0 != .text }) else { return }
        let names = forms.indices.filter { forms[$0] != .text }.map { "\(Self.variable($0)) = NULL" }
        do throws(DatabaseError) {
            try await run("SET " + names.joined(separator: ", "), isShielded: true, limit: Self.tidyingLimit)
        } catch {
            session.isDirty = true
        }
    }

    func beginLoad(_ text: String, _ encoding: LoadEncoding) async throws(DatabaseError) -> Load {
        try checkOpen()
        if Task.isCancelled { throw MySQLErrors.cancelled.inStatement(text) }
        let exchange = Exchange(.load(text, file: Self.fileName))
        session.submit(exchange, timeout: nil)
        await wait(for: exchange) { $0.isDataAwaited || $0.isDone }
        if let error = exchange.error { throw session.outcome(error, exchange) }
        guard exchange.isDataAwaited else {
            throw session.reasonAgainst(exchange) ?? MySQLErrors.violation("a load without data")
        }
        return Load(exchange: NIOLoopBound(exchange, eventLoop: bound.eventLoop), encoding: encoding)
    }

    /// Suspends until `isReached`; a cancelled task ends the statement on the server.
    private func wait(for exchange: Exchange, until isReached: (Exchange) -> Bool) async {
        let bound = bound
        let boundExchange = NIOLoopBound(exchange, eventLoop: bound.eventLoop)
        while !isReached(exchange) {
            await withTaskCancellationHandler {
                await exchange.wait(isolation: self, until: isReached)
            } onCancel: {
                bound.eventLoop.execute { bound.value.interrupt(boundExchange.value, .cancelled) }
            }
        }
    }

    /// Writes a batch; suspends while the socket is behind, so that memory stays bounded.
    func send(_ batch: RowBatch, in load: Load) async throws(DatabaseError) {
        try check(load)
        guard batch.columnCount == load.encoding.forms.count else {
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "A row has \(batch.columnCount) values where \(load.encoding.forms.count) columns are loaded.",
                engine: driverName
            )
        }
        // Texts are about as long as cells: a buffer that grows step by step would leave its smaller selves to the allocator.
        var data = ByteBufferAllocator().buffer(capacity: batch.byteCount)
        try load.encoding.write(batch, to: &data)
        session.writeData(data.readableBytesView, load.exchange.value)
        await flush(load)
    }

    private func send(_ chunk: [UInt8], in load: Load) async throws(DatabaseError) {
        for start in stride(from: 0, to: chunk.count, by: 1 << 20) {
            try check(load)
            let part = ByteBuffer(bytes: chunk[start..<min(start + 1 << 20, chunk.count)])
            session.writeData(part.readableBytesView, load.exchange.value)
            await flush(load)
        }
    }

    private func check(_ load: Load) throws(DatabaseError) {
        if Task.isCancelled { throw MySQLErrors.cancelled }
        let exchange = load.exchange.value
        if let error = exchange.error { throw session.outcome(error, exchange) }
        try checkOpen()
        if let reason = session.reasonAgainst(exchange) { throw reason }
    }

    /// Suspends until the socket took what was written. A cancelled task does not wait for a server that takes nothing.
    private func flush(_ load: Load) async {
        let (bound, exchange) = (bound, load.exchange)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                session.transport.flushFairly { continuation.resume() }
            }
        } onCancel: {
            bound.eventLoop.execute { bound.value.interrupt(exchange.value, .cancelled) }
        }
    }

    func finish(_ load: Load, _ policy: LoadPolicy, refusesRounding: Bool = false) async throws(DatabaseError)
        -> ExecutionSummary
    {
        try check(load)
        let exchange = load.exchange.value
        session.endData(exchange)
        await wait(for: exchange) { $0.isDone && !$0.awaitsWarnings }
        if let error = exchange.error { throw session.outcome(error, exchange) }
        if let reason = session.reasonAgainst(exchange) { throw reason }
        if policy == .strict { try verify(exchange, refusesRounding) }
        return exchange.summary
    }

    /// What a strict `INSERT` merely notes: places of a decimal, or a time of a date, that the column does not keep.
    private static let roundingCodes: Set<UInt16> = [1264, 1265, 1292]

    /// Fails a load of which something was changed or left out: of data that comes from clients the servers only warn.
    private func verify(_ exchange: Exchange, _ refusesRounding: Bool) throws(DatabaseError) {
        for warning in exchange.warnings {
            let code = warning.code.flatMap { UInt16($0) } ?? 0
            if warning.severity == "Note", !(refusesRounding && Self.roundingCodes.contains(code)) { continue }
            throw MySQLErrors.error(
                code: code,
                sqlState: nil,
                message: warning.message,
                engine: driverName
            ).inStatement(exchange.text ?? "")
        }
        let words = exchange.info.split(separator: " ", omittingEmptySubsequences: true)
        let skipped = words.firstIndex(of: "Skipped:").flatMap {
            words.indices.contains($0 + 1) ? Int(words[$0 + 1]) : nil
        }
        guard exchange.warnings.count < exchange.warningCount || (skipped ?? 0) > 0 else { return }
        throw DatabaseError(
            .data,
            .other,
            "The server warned of \(exchange.warningCount) things, more than it tells, and left out \(skipped ?? 0) rows.",
            hint:
                "Load with the policy .ignore to see the data as it is then, or raise max_error_count to see the warnings.",
            engine: driverName
        )
    }

    /// Ends a load; whatever the server took so far goes with the transaction.
    func abort(_ load: Load, after error: DatabaseError) async -> DatabaseError {
        let exchange = load.exchange.value
        guard !exchange.isDone else { return error }
        if Task.isCancelled { session.interrupt(exchange, .cancelled) }
        session.endData(exchange)
        session.giveGrace(exchange)
        await wait(for: exchange) { $0.isDone && !$0.awaitsWarnings }
        return error
    }
}
