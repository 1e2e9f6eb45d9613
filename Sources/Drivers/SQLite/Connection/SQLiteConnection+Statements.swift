import CSQLite
public import Roost

extension SQLiteConnection {
    public func query(
        _ statement: Statement,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> sending ResultSet {
        guard let observed = observation?.begin(statement, options) else { return try open(statement, options, nil) }
        do throws(DatabaseError) {
            return try open(statement, options, observed)
        } catch {
            observed.end(error: error)
            throw error
        }
    }

    /// Runs a statement up to the end of its first batch.
    @inline(__always)
    private func open(
        _ statement: Statement,
        _ options: ExecutionOptions,
        _ observed: StatementObservation?
    ) throws(DatabaseError) -> sending ResultSet {
        let prepared = try start(statement, options)
        var builder = RowBatchBuilder(columnCount: prepared.plans.count)
        let isComplete: Bool
        do throws(DatabaseError) {
            // The first step prepares again after DDL, and the columns may be others then.
            let status = sqlite3_step(prepared.statement)
            prepared.refreshColumns()
            if builder.columnCount != prepared.plans.count {
                builder = RowBatchBuilder(columnCount: prepared.plans.count)
            }
            switch status {
            case SQLITE_ROW:
                var column: Int32 = 0
                for plan in prepared.plans {
                    builder.append(prepared.statement, column: column, plan: plan)
                    column += 1
                }
                try builder.endRow()
                isComplete = try fill(&builder, from: prepared, batchBytes: options.batchBytes)
            case SQLITE_DONE: isComplete = true
            default: throw failure(status, prepared)
            }
        } catch {
            prepared.reset()
            throw error
        }
        let columns = prepared.columns
        let batch = builder.finish()
        guard !isComplete else {
            let summary = self.summary(of: prepared)
            prepared.reset()
            return ResultSet(columns: columns, first: batch, summary: summary, observed: observed)
        }
        let timeout = options.timeout ?? configuration.common.statementTimeout
        nextResultID += 1
        results[nextResultID] = ActiveResult(
            prepared: prepared,
            deadline: timeout.map { ContinuousClock.now + $0 },
            timeout: timeout,
            // A result that outgrows its first batch is long: fewer hops between threads are worth more memory.
            batchBytes: options.batchBytes * 4
        )
        return ResultSet(
            columns: columns,
            first: batch,
            source: SQLiteRowSource(connection: self, id: nextResultID),
            observed: observed
        )
    }

    /// The next rows of an open result; nil once it has ended.
    func nextBatch(of id: Int) throws(DatabaseError) -> RowBatch? {
        _ = try database()
        guard let result = results[id] else { return nil }
        control.begin(deadline: result.deadline, timeout: result.timeout)
        let width = result.prepared.plans.count
        let rowBytes = max(width * 24, 24)
        var builder = RowBatchBuilder(
            columnCount: width,
            rowCapacity: result.batchBytes / rowBytes + 1,
            heapCapacity: result.batchBytes / 2
        )
        do throws(DatabaseError) {
            if Task.isCancelled { throw Self.cancelled }
            if try fill(&builder, from: result.prepared, batchBytes: result.batchBytes) { finish(id) }
        } catch {
            finish(id)
            throw error
        }
        return builder.rowCount == 0 ? nil : builder.finish()
    }

    static var cancelled: DatabaseError {
        DatabaseError(
            .operational,
            .cancelled,
            "The statement was cancelled.",
            sqlState: "57014",
            engine: SQLiteDriver.engineName
        )
    }

    /// Ends an open result.
    func finish(_ id: Int) {
        results.removeValue(forKey: id)?.prepared.reset()
    }

    /// Ends what was released unread, before anything else runs: an open `SELECT` would keep its table from being dropped.
    @inline(__always)
    func finishAbandoned() {
        guard abandoned.isPending else { return }
        for id in abandoned.take() { finish(id) }
    }

    public func execute(
        _ statement: Statement,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> ExecutionSummary {
        guard let observed = observation?.begin(statement, options) else { return try runToEnd(statement, options) }
        do throws(DatabaseError) {
            let summary = try runToEnd(statement, options)
            observed.end(rowsAffected: summary.rowsAffected)
            return summary
        } catch {
            observed.end(error: error)
            throw error
        }
    }

    @inline(__always)
    private func runToEnd(
        _ statement: Statement,
        _ options: ExecutionOptions
    ) throws(DatabaseError) -> ExecutionSummary {
        let prepared = try start(statement, options)
        defer { prepared.reset() }
        var status = sqlite3_step(prepared.statement)
        while status == SQLITE_ROW { status = sqlite3_step(prepared.statement) }
        guard status == SQLITE_DONE else { throw failure(status, prepared) }
        return summary(of: prepared)
    }
}
