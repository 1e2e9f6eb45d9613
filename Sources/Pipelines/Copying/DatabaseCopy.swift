public import Roost
import RoostSchema

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

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

    /// One of the two ends of a copy.
    public enum Side: Sendable {
        case source, target
    }

    /// What opens one more connection to one of the ends.
    public typealias Connecting = @Sendable (Side) async throws(DatabaseError) -> any Connection

    /// Where rows come from.
    public let source: any Connection
    /// Where they go.
    public let target: any Connection
    /// What is done.
    public let plan: CopyPlan
    let connecting: Connecting?
    /// About how many rows it will write, once its tables were looked at.
    public let forecast = RowForecast()

    /// A copy.
    ///
    /// - Parameter connecting: opens the further connections that ``CopyOptions/jobs`` asks for; without it there is one job.
    public init(
        from source: any Connection,
        to target: any Connection,
        _ plan: CopyPlan,
        connecting: Connecting? = nil
    ) {
        self.source = source
        self.target = target
        self.plan = plan
        self.connecting = connecting
    }

    /// Copies, verifies where that was asked for, and publishes.
    ///
    /// All tables are read in one transaction, or in several that see the same state, so that they fit together. After an error the
    /// target is as before, but for what the MySQL family commits with each of its DDL statements: there the tables are swapped in one
    /// statement, and foreign keys follow.
    ///
    /// - Parameters:
    ///   - began: told each table before its rows.
    ///   - noted: told why the copy goes on with fewer jobs than were asked for.
    ///   - progress: told how many rows were written since it was last told.
    /// - Throws: what either side has against it; `data.unexpectedResult` when verification finds a difference.
    public func run(
        began: @escaping @Sendable (String) -> Void = { _ in },
        noted: @escaping @Sendable (String) -> Void = { _ in },
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(DatabaseError) -> [TableResult] {
        try plan.check()
        let lanes = try await openLanes(noted)
        let state = CopyState(target: target)
        var publication = Publication(
            target: target,
            tables: plan.tables,
            existing: plan.existing,
            rule: MergeRule(mode: plan.options.mode, key: plan.options.key, time: Instant(Date())),
            staged: plan.options.resumes ? plan.staged : [:],
            state: state
        )
        do throws(DatabaseError) {
            try await state.prepare()
            try await publication.open()
            var loads: [TableLoad] = []
            for table in plan.tables {
                let load = try await prepare(table, publication, state)
                loads.append(load)
                if load.isPublished { publication.published.insert(table.displayName) }
            }
            forecast.set(expectedRows(loads))
            let results = try await carryOut(loads, on: lanes, began, progress)
            await close(lanes)
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
            await close(lanes)
            try? await source.rollback()
            if case .idle = await target.transactionStatus {} else { try? await target.rollback() }
            // What went through is worth keeping where the same copy may succeed another time.
            guard error.category == .operational, await state.hasParts else {
                await publication.clean()
                throw error
            }
            await publication.close()
            let hint = "Run it again with --resume to keep what is staged."
            throw error.hinting(error.hint.map { "\($0) \(hint)" } ?? hint)
        }
    }

    private func selection(_ table: TargetTable, _ range: KeyRange = .all) -> Statement {
        StatementSource.select(
            table.columnNames,
            from: table.sourceName,
            where: range.condition(plan.options.condition, source.dialect),
            limit: plan.options.limit,
            beyond: plan.lastCursors[table.displayName]
        )
    }

    // MARK: Rows

    /// What has to be the same for an interrupted copy to go on.
    private func signature(_ table: TargetTable) -> String {
        var digest = RowDigest()
        for column in table.columns { digest.mix(Array("\(column.name) \(column.mapping.declaration ?? "");".utf8)) }
        digest.mix(Array("\(plan.options.mode) \(plan.options.condition ?? "") \(plan.options.limit ?? -1)".utf8))
        if let cursor = plan.lastCursors[table.displayName] { digest.mix(Array((cursor.value.text ?? "").utf8)) }
        return String(digest.first, radix: 16) + String(digest.second, radix: 16)
    }

    /// Makes a staging table and notes its parts, or finds what an interrupted copy left of them.
    private func prepare(
        _ table: TargetTable,
        _ publication: Publication,
        _ state: CopyState
    ) async throws(DatabaseError) -> TableLoad {
        let signature = signature(table)
        if plan.options.resumes, let known = try await state.parts(of: table, signature: signature) {
            if plan.staged[table.stagingDisplayName] != nil { return TableLoad(table: table, parts: known) }
            if plan.options.mode == .replace, known.allSatisfy({ $0.rows != nil }),
                try await isCurrent(published: table)
            {
                return TableLoad(table: table, parts: known, isPublished: true)
            }
        }
        var (ranges, expected): ([KeyRange], Int?) = ([.all], nil)
        if plan.options.limit == nil {
            (ranges, expected) = try await KeyRange.parts(
                of: table,
                on: source,
                where: plan.options.condition,
                rows: plan.options.partRows
            )
        }
        if plan.lastCursors[table.displayName] != nil { expected = nil }
        // In this order: nothing may vouch for rows that are not there.
        try await state.forget(table)
        try await publication.prepare(table)
        try await state.begin(table, signature: signature, ranges)
        let parts = ranges.enumerated().map { CopyState.Part(number: $0, range: $1, rows: nil) }
        return TableLoad(table: table, parts: parts, expectedRows: expected)
    }

    /// About how many rows are to be written; nil where one of the tables has no number.
    private func expectedRows(_ loads: [TableLoad]) -> Int? {
        var total = 0
        for load in loads where !load.isPublished {
            guard let rows = load.expectedRows else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(rows)
            if overflow { return nil }
            total = sum
        }
        return total
    }

    /// Stages a part.
    ///
    /// What an interrupted copy staged was read from an earlier state of the source: it stays where it is the same still.
    ///
    /// - Returns: the number of its rows.
    func load(
        _ part: CopyState.Part,
        of table: TargetTable,
        on lane: Lane,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws(DatabaseError) -> Int {
        if let rows = part.rows, try await isCurrent(part, of: table, on: lane) { return rows }
        let statement = selection(table, part.range)
        let state = CopyState(target: lane.target)
        let clearing = part.rows == nil ? nil : clearing(part, of: table)
        if let (source, target) = rawPair(table, lane) {
            try await target.begin(.readWrite)
            do throws(DatabaseError) {
                if let clearing { try await target.execute(clearing) }
                let count = try await Transfer.runRaw(
                    from: source,
                    statement,
                    to: target,
                    table: table.stagingName,
                    columns: table.columnNames,
                    bufferBytes: lane.bufferBytes,
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
        let sink = TableSink(
            table.stagingName,
            columns: table.columnNames,
            on: lane.target,
            preparation: clearing
        ) { rows in
            state.completion(of: part.number, table, rows: rows)
        }
        return try await Transfer.run(
            from: StatementSource(table.sourceName.joined(separator: "."), on: lane.source, statement),
            to: sink,
            bufferBytes: lane.bufferBytes,
            change: change,
            progress: progress
        )
    }

    /// Whether the rows of a part are at the source what they were when they were staged.
    private func isCurrent(
        _ part: CopyState.Part,
        of table: TargetTable,
        on lane: Lane
    ) async throws(DatabaseError) -> Bool {
        let staged = StatementSource.select(
            table.columnNames,
            from: table.stagingName,
            where: part.range.condition(nil, lane.target.dialect)
        )
        return try await compare(table, selection(table, part.range), with: staged, on: lane.source, lane.target)
    }

    /// Whether a table that an interrupted copy had published holds what the source holds now, which went on being written meanwhile.
    private func isCurrent(published table: TargetTable) async throws(DatabaseError) -> Bool {
        guard plan.existing.contains(table.displayName) else { return false }
        let rows = StatementSource.select(table.columnNames, from: table.name)
        return try await compare(table, selection(table), with: rows, on: source, target)
    }

    private func compare(
        _ table: TargetTable,
        _ selection: Statement,
        with copy: Statement,
        on source: any Connection,
        _ target: any Connection
    ) async throws(DatabaseError) -> Bool {
        try await RowComparison(
            StatementSource(table.displayName, on: source, selection),
            StatementSource("the copy", on: target, copy),
            key: table.primaryKey,
            listed: 0
        ).run().isEqual
    }

    /// Takes the rows of a part out of the staging table.
    private func clearing(_ part: CopyState.Part, of table: TargetTable) -> Statement {
        var statement: Statement = "delete from "
        statement.append(identifier: table.stagingName)
        if let condition = part.range.condition(nil, target.dialect) { statement.append(unsafe: " where \(condition)") }
        return statement
    }

    /// Both connections, if rows may go from one to the other as they are: the same form, and the same types in each column.
    func rawPair(
        _ table: TargetTable,
        _ lane: Lane
    ) -> (any RawTransferConnection, any RawTransferConnection)? {
        guard plan.options.mode == .replace, let source = lane.source as? any RawTransferConnection,
            let target = lane.target as? any RawTransferConnection,
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
