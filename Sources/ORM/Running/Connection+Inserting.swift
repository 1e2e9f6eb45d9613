public import Roost
import RoostQuery

extension Connection {
    /// Inserts a model.
    ///
    /// - Returns: the model as it is in the database: with its key, its times, and what ``Model/willSave(isNew:)`` changed.
    @discardableResult
    public nonisolated func insert<M: Model>(
        _ model: M,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> M {
        try await inserted([model], options: .at(fileID, line))[0]
    }

    /// Inserts models, all of them or none, in as few round trips as the engine allows.
    ///
    /// - Returns: the models as they are in the database, in order: with keys the engine made, by `RETURNING`, or where the engine has
    ///   none, counted from the first.
    @discardableResult
    public nonisolated func insert<M: Model>(
        contentsOf models: some Collection<M>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> [M] {
        guard models.count > 1 else { return try await inserted(Array(models), options: .at(fileID, line)) }
        return try await atomically { (connection) async throws(DatabaseError) in
            try await connection.inserted(Array(models), options: .at(fileID, line))
        }
    }

    /// Inserts models whose keys nobody asks for: the fastest way, all of them or none.
    ///
    /// - Returns: how many.
    @discardableResult
    public nonisolated func bulkInsert<M: Model>(
        _ models: some Sequence<M>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> Int {
        try await atomically { (connection) async throws(DatabaseError) in
            // Those that know their key and those that do not take turns in two statements.
            let parts = try ModelBatches(models, needsKeys: false)
            for batch in parts.batches {
                let shape = ModelStatements<M>.Shape.insert(withKey: batch.withKey, returnsKey: false)
                let template = try M.mapping.statements.statement(shape, for: connection)
                _ = try await connection.executeBatch(template, rows: batch.rows, options: .at(fileID, line))
            }
            return parts.count
        }
    }

    /// Inserts models, or where a row with their key is there already, makes that row like them; all or none.
    ///
    /// MySQL and MariaDB: any unique key sets it off, not the primary key alone.
    ///
    /// - Throws: `programming.misuse` for a model without a key.
    public nonisolated func upsert<M: Model>(
        _ models: some Sequence<M>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) {
        try await atomically { (connection) async throws(DatabaseError) in
            let parts = try ModelBatches(models, needsKeys: true)
            let template = try M.mapping.statements.statement(.upsert, for: connection)
            for batch in parts.batches {
                _ = try await connection.executeBatch(template, rows: batch.rows, options: .at(fileID, line))
            }
        }
    }

    /// Inserts without a transaction of its own.
    nonisolated func inserted<M: Model>(
        _ models: [M],
        options: ExecutionOptions
    ) async throws(DatabaseError) -> [M] {
        let mapping = M.mapping
        var result: [M] = []
        result.reserveCapacity(models.count)
        for model in models { result.append(try model.prepared(isNew: true, mapping)) }
        let keyless = mapping.key.isGenerated ? result.indices.filter { mapping.key.read(result[$0]) == nil } : []
        if keyless.count < result.count {
            let known = keyless.isEmpty ? result : result.filter { mapping.key.read($0) != nil }
            let template = try mapping.statements.statement(.insert(withKey: true, returnsKey: false), for: self)
            for rows in try ModelBatches<M>.rows(known, omitting: mapping.computedPositions) {
                if rows.rowCount == 1 {
                    let values = (0..<rows.columnCount).map { rows.value(row: 0, column: $0) ?? .null }
                    _ = try await execute(template.binding(values), options: options)
                } else {
                    _ = try await executeBatch(template, rows: rows, options: options)
                }
            }
        }
        guard !keyless.isEmpty else { return result }
        let batches = try ModelBatches<M>.rows(
            keyless.count == result.count ? result : keyless.map { result[$0] },
            omitting: mapping.keylessOmissions
        )
        var keys: [M.Key] = []
        for rows in batches { keys += try await insertReturningKeys(M.self, rows, options) }
        guard keys.count == keyless.count else {
            throw DatabaseError(
                .internal,
                .unexpectedResult,
                "An insert of \(keyless.count) rows into \(M.Columns.tableName) gave \(keys.count) keys.",
                hint: "A trigger or rule may have left rows out."
            )
        }
        for (index, key) in zip(keyless, keys) { mapping.key.write(&result[index], key) }
        return result
    }

    private nonisolated func insertReturningKeys<M: Model>(
        _ type: M.Type,
        _ rows: RowBatch,
        _ options: ExecutionOptions
    ) async throws(DatabaseError) -> [M.Key] {
        let mapping = M.mapping
        let profile = DialectProfile.of(dialect, version: serverVersion)
        if profile.has(.returning) {
            let template = try mapping.statements.statement(.insert(withKey: false, returnsKey: true), for: self)
            if rows.rowCount == 1 {
                return try await mapping.key.keys(query(template.binding(Self.values(rows, 0..<1)), options: options))
            }
            return try await mapping.key.keys(queryBatch(template, rows: rows, options: options))
        }
        // An insert of several rows takes its numbers in one run, whose first the engine tells.
        let step: Int64
        if profile.isMySQLFamily, rows.rowCount > 1 {
            step = try await query("select @@auto_increment_increment", options: options).decode(Int64.self).fetchOnly()
        } else {
            step = 1
        }
        var ids = RowBatchBuilder(columnCount: 1, rowCapacity: rows.rowCount)
        var next = 0
        while next < rows.rowCount {
            var count = 1
            let most = profile.isMySQLFamily ? min(512, 16_384 / max(rows.columnCount, 1)) : 1
            while count * 2 <= min(most, rows.rowCount - next) { count *= 2 }
            let template = try mapping.statements.statement(.insertRows(count), for: self)
            let summary = try await execute(
                template.binding(Self.values(rows, next..<(next + count))),
                options: options
            )
            for index in 0..<count {
                ids.append(try Self.number(summary.lastInsertID, plus: Int64(index), times: step))
                try ids.endRow()
            }
            next += count
        }
        let column = ColumnDescription(name: mapping.key.columns.first ?? "")
        let results = ResultSet(columns: ColumnList([column]), first: ids.finish())
        return try await mapping.key.keys(results)
    }

    private nonisolated static func values(_ rows: RowBatch, _ range: Range<Int>) -> [Value] {
        range.flatMap { row in (0..<rows.columnCount).map { rows.value(row: row, column: $0) ?? .null } }
    }

    private nonisolated static func number(
        _ first: Value?,
        plus index: Int64,
        times step: Int64
    ) throws(DatabaseError) -> Value {
        let number: Int64? =
            switch first {
            case .int(let number): number
            case .uint(let number): Int64(exactly: number)
            default: nil
            }
        let (distance, overflow) = index.multipliedReportingOverflow(by: step)
        guard let (sum, overflow2) = number?.addingReportingOverflow(distance), !overflow, !overflow2 else {
            throw DatabaseError(
                .internal,
                .unexpectedResult,
                "The engine did not tell the key it made.",
                hint: "Is the key's column an auto-increment column?"
            )
        }
        return .int(sum)
    }
}

/// Models as batches of parameters.
struct ModelBatches<M: Model> {
    struct Batch {
        let withKey: Bool
        let rows: RowBatch
    }

    /// Bytes of a batch: enough for few round trips, little enough for memory.
    static var size: Int { 1 << 18 }
    private(set) var batches: [Batch] = []
    private(set) var count = 0

    /// Prepares and encodes models to be inserted.
    init(_ models: some Sequence<M>, needsKeys: Bool) throws(DatabaseError) {
        let mapping = M.mapping
        let width = mapping.columnNames.count
        var full = ColumnWriter(columnCount: width, omitting: mapping.computedPositions)
        var keyless = ColumnWriter(columnCount: width, omitting: mapping.keylessOmissions)
        for model in models {
            let row = try model.prepared(isNew: true, mapping)
            if !mapping.key.isGenerated || mapping.key.read(row) != nil {
                row.write(to: &full)
                try full.endRow(M.self)
                if full.byteCount > Self.size { batches.append(Batch(withKey: true, rows: full.takeBatch())) }
            } else if needsKeys {
                throw DatabaseError.withoutKey(M.self)
            } else {
                row.write(to: &keyless)
                try keyless.endRow(M.self)
                if keyless.byteCount > Self.size { batches.append(Batch(withKey: false, rows: keyless.takeBatch())) }
            }
            count += 1
        }
        if full.rowCount > 0 { batches.append(Batch(withKey: true, rows: full.takeBatch())) }
        if keyless.rowCount > 0 { batches.append(Batch(withKey: false, rows: keyless.takeBatch())) }
    }

    /// Encodes models that were prepared.
    static func rows(_ models: [M], omitting: Set<Int>) throws(DatabaseError) -> [RowBatch] {
        var batches: [RowBatch] = []
        var writer = ColumnWriter(columnCount: M.mapping.columnNames.count, omitting: omitting)
        for model in models {
            model.write(to: &writer)
            try writer.endRow(M.self)
            if writer.byteCount > size { batches.append(writer.takeBatch()) }
        }
        if writer.rowCount > 0 { batches.append(writer.takeBatch()) }
        return batches
    }
}
