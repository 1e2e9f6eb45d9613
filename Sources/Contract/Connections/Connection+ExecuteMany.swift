extension Connection {
    /// Runs a template once for each tuple of parameters, all of them or none (PEP 249 `executemany`).
    ///
    /// ```swift
    /// try await connection.executeMany("insert into point (x, y) values (?, ?)", [(1, 2), (3, 4)])
    /// ```
    ///
    /// The tuples are encoded here and reach the engine in batches of about 256 KiB, each by the fastest path it has.
    ///
    /// - Returns: the sum of the rows affected.
    @discardableResult
    @inlinable
    public nonisolated func executeMany<each P: DatabaseEncodable>(
        _ template: Statement,
        _ rows: some Sequence<(repeat each P)>,
        options: ExecutionOptions = .standard
    ) async throws(DatabaseError) -> ExecutionSummary {
        var rows = TupleRows<_, repeat each P>(rows)
        return try await executeBatches(template, width: rows.width, options) {
            (builder, limit) throws(DatabaseError) in
            try rows.fill(&builder, until: limit)
        }
    }

    /// Runs a template of one parameter once for each value, all of them or none.
    @discardableResult
    @inlinable
    public nonisolated func executeMany<P: DatabaseEncodable>(
        _ template: Statement,
        _ rows: some Sequence<P>,
        options: ExecutionOptions = .standard
    ) async throws(DatabaseError) -> ExecutionSummary {
        var rows = TupleRows<_, P>(rows)
        return try await executeBatches(template, width: 1, options) { (builder, limit) throws(DatabaseError) in
            try rows.fill(&builder, until: limit)
        }
    }

    /// Runs a template once for each row of values, all of them or none.
    @discardableResult
    public nonisolated func executeMany(
        _ template: Statement,
        values rows: some Sequence<[Value]>,
        options: ExecutionOptions = .standard
    ) async throws(DatabaseError) -> ExecutionSummary {
        // The placeholders of a literal are known to the lexer only.
        let counted = template.marks.isEmpty ? try Statement(template: template.text, dialect: dialect) : template
        return try await executeMany(template, width: counted.parameterCount, rows, options: options) {
            (row: [Value], builder: inout RowBatchBuilder) in
            for value in row { builder.append(value) }
        }
    }

    /// Runs a template once for each row of a result, all of them or none: rows move from one database to another without being
    /// looked at.
    @discardableResult
    public nonisolated func executeMany(
        _ template: Statement,
        rowsOf results: ResultSet,
        options: ExecutionOptions = .standard
    ) async throws(DatabaseError) -> ExecutionSummary {
        try await atomically { (connection) async throws(DatabaseError) in
            var affected = 0
            while let batch = try await results.nextBatch() {
                let summary = try await connection.executeBatch(template, rows: batch, options: options)
                affected += summary.rowsAffected ?? 0
            }
            return ExecutionSummary(rowsAffected: affected)
        }
    }

    /// Encodes rows into batches with `encode` and runs the template over them in one transaction.
    @inlinable
    public nonisolated func executeMany<Row>(
        _ template: Statement,
        width: Int,
        _ rows: some Sequence<Row>,
        options: ExecutionOptions = .standard,
        encode: (Row, inout RowBatchBuilder) -> Void
    ) async throws(DatabaseError) -> ExecutionSummary {
        var iterator = rows.makeIterator()
        return try await executeBatches(template, width: width, options) { (builder, limit) throws(DatabaseError) in
            try builder.fill(from: &iterator, until: limit, encode)
        }
    }

    /// Runs the template over one batch after the other, in one transaction, until `fill` returns true.
    @usableFromInline
    nonisolated func executeBatches(
        _ template: Statement,
        width: Int,
        _ options: ExecutionOptions,
        _ fill: (inout RowBatchBuilder, Int) throws(DatabaseError) -> Bool
    ) async throws(DatabaseError) -> ExecutionSummary {
        // What belongs to an actor stays with it, since `fill` asks the caller's rows.
        let isolation: (any Actor)? = #isolation
        guard hasOwnThread, isolation == nil else {
            return try await executeBatchesHere(template, width: width, options, fill)
        }
        // Encoded where they are bound: one change of threads in all, instead of two a batch.
        return try await withTaskExecutorPreference(taskExecutor) { () async throws(DatabaseError) in
            try await executeBatchesHere(template, width: width, options, fill)
        }
    }

    private nonisolated func executeBatchesHere(
        _ template: Statement,
        width: Int,
        _ options: ExecutionOptions,
        _ fill: (inout RowBatchBuilder, Int) throws(DatabaseError) -> Bool
    ) async throws(DatabaseError) -> ExecutionSummary {
        // Four times what results come in: each batch costs a round trip.
        let limit = min(options.batchBytes, 1 << 32) * 4
        var builder = RowBatchBuilder(columnCount: width, rowCapacity: 64, heapCapacity: 4_096)
        var isOver = try fill(&builder, limit)
        if isOver, await needsNoTransaction {
            guard builder.rowCount > 0 else { return ExecutionSummary(rowsAffected: 0) }
            return try await executeBatch(template, rows: builder.takeBatch(), options: options)
        }
        let token = try await beginBatches()
        do throws(DatabaseError) {
            var summary = ExecutionSummary()
            var affected = 0
            while builder.rowCount > 0 || !isOver {
                if builder.rowCount > 0 {
                    summary = try await executeBatch(template, rows: builder.takeBatch(), options: options)
                    affected += summary.rowsAffected ?? 0
                }
                if !isOver { isOver = try fill(&builder, limit) }
            }
            try await commitBatches(token)
            summary.rowsAffected = affected
            return summary
        } catch {
            throw await undoBatches(token, after: error)
        }
    }

    /// Runs `body` in a transaction, or in a savepoint of the open one.
    package nonisolated func atomically<R>(
        _ body: (Self) async throws(DatabaseError) -> R
    ) async throws(DatabaseError) -> R {
        let token = try await beginBatches()
        do throws(DatabaseError) {
            let result = try await body(self)
            try await commitBatches(token)
            return result
        } catch {
            throw await undoBatches(token, after: error)
        }
    }

    /// Whether a single batch is done whole or not at all by itself.
    @usableFromInline
    nonisolated var needsNoTransaction: Bool {
        get async {
            guard capabilities.has(.atomicBatches), case .idle = await transactionStatus else { return false }
            return true
        }
    }

    /// Begins a transaction or, inside one, a savepoint whose name is returned.
    @usableFromInline
    nonisolated func beginBatches() async throws(DatabaseError) -> String? {
        guard case .open(let depth) = await transactionStatus else {
            if capabilities.has(.transactions) { try await begin(.readWrite) }
            return nil
        }
        let name = "roost_many_\(depth + 1)"
        try await savepoint(name)
        return name
    }

    @usableFromInline
    nonisolated func commitBatches(_ token: String?) async throws(DatabaseError) {
        if let token { return try await releaseSavepoint(token) }
        if capabilities.has(.transactions) { try await commit() }
    }

    @usableFromInline
    nonisolated func undoBatches(_ token: String?, after error: DatabaseError) async -> DatabaseError {
        if case .idle = await transactionStatus { return error }
        do throws(DatabaseError) {
            if let token {
                try await rollbackToSavepoint(token)
                try await releaseSavepoint(token)
            } else {
                try await rollback()
            }
            return error
        } catch let rollbackError {
            return error.withRollbackError(rollbackError)
        }
    }
}

extension RowBatchBuilder {
    /// Encodes rows until the batch has `limit` bytes. For drivers that take rows by the batch.
    ///
    /// - Returns: true when there are no more rows.
    /// - Throws: `programming.parameterMismatch` for a row of another width, `data.valueTooLong` for a value of more than 4 GiB.
    @inlinable
    @inline(never)
    public mutating func fill<Rows: IteratorProtocol>(
        from rows: inout Rows,
        until limit: Int,
        _ encode: (Rows.Element, inout RowBatchBuilder) -> Void
    ) throws(DatabaseError) -> Bool {
        while byteCount < limit {
            guard let row = rows.next() else { return true }
            encode(row, &self)
            try endRow()
        }
        return false
    }
}
