import CSQLite
public import Roost

extension SQLiteConnection {
    public func executeBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> ExecutionSummary {
        try runBatch(template, rows, options) { (_, _) throws(DatabaseError) in }
    }

    public func queryBatch(
        _ template: Statement,
        rows: RowBatch,
        options: ExecutionOptions
    ) async throws(DatabaseError) -> sending ResultSet {
        var columns = ColumnList.empty
        var builder: RowBatchBuilder?
        let summary = try runBatch(template, rows, options) { (prepared, index) throws(DatabaseError) in
            if builder == nil {
                columns = prepared.columns
                builder = RowBatchBuilder(columnCount: columns.count, rowCapacity: rows.rowCount)
            }
            var column: Int32 = 0
            for plan in prepared.plans {
                builder?.append(prepared.statement, column: column, plan: plan)
                column += 1
            }
            try builder?.endRow()
        }
        return ResultSet(columns: columns, first: builder?.takeBatch(), summary: summary)
    }

    private func runBatch(
        _ template: Statement,
        _ rows: RowBatch,
        _ options: ExecutionOptions,
        _ row: (PreparedHandle, Int) throws(DatabaseError) -> Void
    ) throws(DatabaseError) -> ExecutionSummary {
        let observed = observation?.begin(template, options, batchSize: rows.rowCount)
        do throws(DatabaseError) {
            let summary = try runRows(template, rows, options, row)
            observed?.end(rowsAffected: summary.rowsAffected)
            return summary
        } catch {
            observed?.end(error: error)
            throw error
        }
    }

    private func runRows(
        _ template: Statement,
        _ rows: RowBatch,
        _ options: ExecutionOptions,
        _ row: (PreparedHandle, Int) throws(DatabaseError) -> Void
    ) throws(DatabaseError) -> ExecutionSummary {
        // Freed after the bindings that point to it are cleared.
        let texts = ParameterBinding.makeTexts(rows.columnCount)
        defer { texts.deallocate() }
        let prepared = try prepare(template.text)
        defer { prepared.reset() }
        guard prepared.parameterCount == rows.columnCount else {
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "The statement has \(prepared.parameterCount) parameters, but each row has \(rows.columnCount) values.",
                hint: "Give every row one value per placeholder.",
                sqlState: "07001",
                engine: SQLiteDriver.engineName
            ).inStatement(template.text)
        }
        let timeout = options.timeout ?? configuration.common.statementTimeout
        control.begin(deadline: timeout.map { ContinuousClock.now + $0 }, timeout: timeout)
        if Task.isCancelled { throw Self.cancelled }
        let binding = ParameterBinding(statement: prepared.statement)
        let statement = prepared.statement
        let database = try database()
        let changesBefore = sqlite3_total_changes64(database)
        var affected: Int64 = 0
        for index in 0..<rows.rowCount {
            try rows.withCells(ofRow: index) { (cells, heap) throws(DatabaseError) in
                var parameter: Int32 = 1
                for cell in cells {
                    try binding.bind(cell, heap: heap, texts: texts, at: parameter)
                    parameter += 1
                }
            }
            var status = sqlite3_step(statement)
            while status == SQLITE_ROW {
                try row(prepared, index)
                status = sqlite3_step(statement)
            }
            guard status == SQLITE_DONE else { throw failure(status, prepared) }
            affected += sqlite3_changes64(database)
            sqlite3_reset(statement)
        }
        guard prepared.changesRows else { return ExecutionSummary() }
        let hasInserted = prepared.insertsRows && sqlite3_total_changes64(database) != changesBefore
        return ExecutionSummary(
            rowsAffected: Int(affected),
            lastInsertID: hasInserted ? .int(sqlite3_last_insert_rowid(database)) : nil
        )
    }
}
