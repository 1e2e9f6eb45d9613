public import Roost
import RoostSchema

/// Copies tables from one database to another: into staging tables first, all of which take their places at the end.
public struct DatabaseCopy: Sendable {
    /// What became of one table.
    public struct TableResult: Sendable {
        /// The table at the target.
        public var table: String
        /// The rows that were copied.
        public var rows: Int
        /// Whether they went from server to server as they are.
        public var wentRaw: Bool
    }

    /// Where rows come from.
    public let source: any Connection
    /// Where they go.
    public let target: any Connection
    /// What is done.
    public let plan: CopyPlan

    /// A copy.
    public init(from source: any Connection, to target: any Connection, _ plan: CopyPlan) {
        self.source = source
        self.target = target
        self.plan = plan
    }

    /// Copies, verifies where that was asked for, and publishes.
    ///
    /// All tables are read in one transaction, so that they fit together. After an error the target is as before, but for what the
    /// MySQL family commits with each of its DDL statements: there the tables are swapped in one statement, and foreign keys follow.
    ///
    /// - Parameters:
    ///   - began: told each table before its rows.
    ///   - progress: told how many rows were written since it was last told.
    /// - Throws: what either side has against it; `data.unexpectedResult` when verification finds a difference.
    public func run(
        began: @escaping @Sendable (String) -> Void = { _ in },
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(DatabaseError) -> [TableResult] {
        try plan.check()
        try await beginReading()
        let state = CopyState(target: target)
        var publication = Publication(
            target: target,
            tables: plan.tables,
            existing: plan.existing,
            mode: plan.options.mode,
            staged: plan.options.resumes ? plan.staged : [:],
            state: state
        )
        do throws(DatabaseError) {
            try await state.prepare()
            try await publication.open()
            var results: [TableResult] = []
            for table in plan.tables {
                began(table.displayName)
                let (result, isPublished) = try await load(table, publication, state, progress)
                results.append(result)
                if isPublished { publication.published.insert(table.displayName) }
            }
            if plan.options.verifies {
                for table in plan.tables where !publication.published.contains(table.displayName) {
                    try await verify(table)
                }
            }
            try await publication.publish()
            try await source.commit()
            try await state.end()
            return results
        } catch {
            try? await source.rollback()
            // What went through is worth keeping where the same copy may succeed another time.
            guard error.category == .operational else {
                await publication.clean()
                throw error
            }
            if case .idle = await target.transactionStatus {} else { try? await target.rollback() }
            await publication.close()
            throw error.hint == nil ? error.hinting("Run it again with --resume to keep what is staged.") : error
        }
    }

    private func beginReading() async throws(DatabaseError) {
        guard source.capabilities.has(.transactions) else { return }
        var options = TransactionOptions(isolation: nil, isReadOnly: source.capabilities.has(.readOnlyTransactions))
        if source.capabilities.isolationLevels.contains(.repeatableRead) { options.isolation = .repeatableRead }
        options.lockMode = .deferred
        try await source.begin(options)
    }

    private func selection(_ table: TargetTable, _ range: KeyRange = .all) -> Statement {
        StatementSource.select(
            table.columnNames,
            from: table.sourceName,
            where: range.condition(plan.options.condition, source.dialect),
            limit: plan.options.limit
        )
    }

    // MARK: Rows

    /// What has to be the same for an interrupted copy to go on.
    private func signature(_ table: TargetTable) -> String {
        var digest = RowDigest()
        for column in table.columns { digest.mix(Array("\(column.name) \(column.mapping.declaration ?? "");".utf8)) }
        digest.mix(Array("\(plan.options.mode) \(plan.options.condition ?? "") \(plan.options.limit ?? -1)".utf8))
        return String(digest.first, radix: 16) + String(digest.second, radix: 16)
    }

    /// Stages a table, part by part.
    ///
    /// - Returns: whether it turned out that the table was published already.
    private func load(
        _ table: TargetTable,
        _ publication: Publication,
        _ state: CopyState,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws(DatabaseError) -> (TableResult, isPublished: Bool) {
        let signature = signature(table)
        let pair = rawPair(table)
        var result = TableResult(table: table.displayName, rows: 0, wentRaw: pair != nil)
        var parts: [CopyState.Part]?
        if plan.options.resumes, let known = try await state.parts(of: table, signature: signature) {
            if plan.staged[table.stagingDisplayName] != nil {
                parts = known
            } else if plan.options.mode == .replace, known.allSatisfy({ $0.rows != nil }) {
                result.rows = known.reduce(0) { $0 + ($1.rows ?? 0) }
                return (result, true)
            }
        }
        if parts == nil {
            let ranges =
                plan.options.limit != nil
                ? [KeyRange.all]
                : try await KeyRange.parts(
                    of: table,
                    on: source,
                    where: plan.options.condition,
                    rows: plan.options.partRows
                )
            // In this order: nothing may vouch for rows that are not there.
            try await state.forget(table)
            try await publication.prepare(table)
            try await state.begin(table, signature: signature, ranges)
            parts = ranges.enumerated().map { CopyState.Part(number: $0, range: $1, rows: nil) }
        }
        for part in parts ?? [] {
            if let rows = part.rows {
                result.rows += rows
                continue
            }
            do throws(DatabaseError) {
                result.rows += try await load(part, of: table, pair, state, progress)
            } catch {
                throw error.concerning(table: error.table ?? table.displayName)
            }
        }
        return (result, false)
    }

    private func load(
        _ part: CopyState.Part,
        of table: TargetTable,
        _ pair: (any RawTransferConnection, any RawTransferConnection)?,
        _ state: CopyState,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws(DatabaseError) -> Int {
        let statement = selection(table, part.range)
        if let (source, target) = pair {
            try await target.begin(.readWrite)
            do throws(DatabaseError) {
                let count = try await Transfer.runRaw(
                    from: source,
                    statement,
                    to: target,
                    table: table.stagingName,
                    columns: table.columnNames,
                    progress: progress
                )
                try await target.execute(state.completion(of: part.number, table, rows: count))
                try await target.commit()
                return count
            } catch {
                try? await target.rollback()
                throw error
            }
        }
        let guardian = CellGuard(table, from: plan.sourceEngine)
        var change: (@Sendable (RowBatch) throws(DatabaseError) -> RowBatch)?
        if let guardian { change = { (batch) throws(DatabaseError) in try guardian.apply(batch) } }
        return try await Transfer.run(
            from: StatementSource(table.sourceName.joined(separator: "."), on: source, statement),
            to: TableSink(table.stagingName, columns: table.columnNames, on: target) { rows in
                state.completion(of: part.number, table, rows: rows)
            },
            change: change,
            progress: progress
        )
    }

    /// Both connections, if rows may go from one to the other as they are: the same form, and the same types in each column.
    private func rawPair(
        _ table: TargetTable
    ) -> (any RawTransferConnection, any RawTransferConnection)? {
        guard plan.options.mode == .replace, let source = source as? any RawTransferConnection,
            let target = target as? any RawTransferConnection,
            source.rawTransferFormat == target.rawTransferFormat,
            table.columns.allSatisfy({ column in
                let type = column.source.type.spelling
                return column.mapping == .exact(type) && source.canTransferRaw(type)
            })
        else { return nil }
        return (source, target)
    }

    private func verify(_ table: TargetTable) async throws(DatabaseError) {
        let staged = StatementSource.select(table.columnNames, from: table.stagingName)
        let comparison = RowComparison(
            StatementSource(table.displayName, on: source, selection(table)),
            StatementSource("the copy", on: target, staged),
            key: table.primaryKey
        )
        let report = try await comparison.run()
        guard !report.isEqual else { return }
        throw DatabaseError(
            .data,
            .unexpectedResult,
            "The copy of \(table.displayName) differs from its source: \(report.summary). Nothing was published.",
            hint: "Run roost diff to see the rows."
        ).concerning(table: table.displayName)
    }
}
