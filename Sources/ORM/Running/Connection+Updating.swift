public import Roost
import RoostQuery

extension Connection {
    /// Updates a model's row: every column but the key. For changed columns alone see ``Session``.
    ///
    /// - Returns: the model as it is in the database now: with its next version and its times.
    /// - Throws: `staleWrite` when the row is gone, or has another version than the model.
    @discardableResult
    public nonisolated func update<M: Model>(
        _ model: M,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> M {
        try await updated([model], options: .at(fileID, line))[0]
    }

    /// Updates the rows of models, all of them or none.
    ///
    /// - Throws: `staleWrite` when one of the rows is gone, or has another version than its model.
    @discardableResult
    public nonisolated func update<M: Model>(
        contentsOf models: some Collection<M>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> [M] {
        try await atomically { (connection) async throws(DatabaseError) in
            try await connection.updated(Array(models), options: .at(fileID, line))
        }
    }

    /// Deletes a model's row, or marks it deleted where the model is deleted softly.
    ///
    /// - Throws: `staleWrite` when the row is gone, or has another version than the model.
    public nonisolated func delete<M: Model>(
        _ model: M,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) {
        try await deleted([model], options: .at(fileID, line))
    }

    /// Deletes the rows of models, all of them or none; or marks them deleted where the model is deleted softly.
    ///
    /// - Throws: `staleWrite` when one of the rows is gone, or has another version than its model.
    public nonisolated func delete<M: Model>(
        contentsOf models: some Collection<M>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) {
        try await atomically { (connection) async throws(DatabaseError) in
            try await connection.deleted(Array(models), options: .at(fileID, line))
        }
    }

    /// Deletes a row for good, also where the model is deleted softly.
    public nonisolated func deleteForGood<M: Model>(
        _ model: M,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) {
        try await removed([model], options: .at(fileID, line))
    }

    /// Updates without a transaction of its own.
    nonisolated func updated<M: Model>(
        _ models: [M],
        options: ExecutionOptions
    ) async throws(DatabaseError) -> [M] {
        let mapping = M.mapping
        let positions = mapping.otherPositions
        var result: [M] = []
        result.reserveCapacity(models.count)
        var writer = ColumnWriter(
            columnCount: mapping.columnNames.count,
            omitting: mapping.keylessOmissions,
            extra: mapping.rowValueCount
        )
        for model in models {
            let row = try model.prepared(isNew: false, mapping)
            row.write(to: &writer)
            writer.append(try model.rowValues(mapping))
            try writer.endRow(M.self)
            result.append(row)
        }
        // A row that is all key has nothing to be changed.
        guard !positions.isEmpty, !result.isEmpty else { return result }
        try await change(M.self, .update(positions), writer.takeBatch(), options)
        return result
    }

    /// Deletes, softly where the model says so, without a transaction of its own.
    nonisolated func deleted<M: Model>(_ models: [M], options: ExecutionOptions) async throws(DatabaseError) {
        let mapping = M.mapping
        guard let soft = mapping.markDeleted, let position = mapping.positions[soft.column] else {
            return try await removed(models, options: options)
        }
        var positions = [position]
        if let version = mapping.version.flatMap({ mapping.positions[$0.column] }) { positions.append(version) }
        var rows = RowBatchBuilder(columnCount: positions.count + mapping.rowValueCount, rowCapacity: models.count)
        for var model in models {
            try model.willDelete()
            let values = try model.rowValues(mapping)
            rows.append(soft.mark(&model))
            if let version = mapping.version { rows.append(.int(Int64(version.read(model)) &+ 1)) }
            for value in values { rows.append(value) }
            try rows.endRow()
        }
        guard !models.isEmpty else { return }
        try await change(M.self, .update(positions), rows.finish(), options)
    }

    private nonisolated func removed<M: Model>(_ models: [M], options: ExecutionOptions) async throws(DatabaseError) {
        let mapping = M.mapping
        var rows = RowBatchBuilder(columnCount: mapping.rowValueCount, rowCapacity: models.count)
        for model in models {
            try model.willDelete()
            for value in try model.rowValues(mapping) { rows.append(value) }
            try rows.endRow()
        }
        guard !models.isEmpty else { return }
        try await change(M.self, .delete, rows.finish(), options)
    }

    /// Runs a statement for each row of parameters; each must change one row.
    nonisolated func change<M: Model>(
        _ type: M.Type,
        _ shape: ModelStatements<M>.Shape,
        _ rows: RowBatch,
        _ options: ExecutionOptions
    ) async throws(DatabaseError) {
        let template = try M.mapping.statements.statement(shape, for: self)
        let affected: Int?
        if rows.rowCount == 1 {
            let values = (0..<rows.columnCount).map { rows.value(row: 0, column: $0) ?? .null }
            affected = try await execute(template.binding(values), options: options).rowsAffected
        } else if case .update(let positions) = shape,
            let joined = JoinedUpdate<M>(positions, rows, DialectProfile.of(dialect, version: serverVersion))
        {
            affected = try await joined.run(on: self, options) { (rest) async throws(DatabaseError) in
                try await executeBatch(template, rows: rest, options: options).rowsAffected ?? 0
            }
        } else {
            affected = try await executeBatch(template, rows: rows, options: options).rowsAffected
        }
        guard affected == rows.rowCount else { throw DatabaseError.stale(M.self) }
    }
}
