import Roost
import RoostPipelineDefinition

/// Takes a step's rows into a staging table, asks whether the checks hold, and publishes them.
actor StepSink: Sink {
    nonisolated let name: String
    private let connection: any Connection
    private let target: StepTarget
    private let state: PublishedState
    private let plan: PipelinePlan
    private let entry: PublishedState.Entry
    private let time: Instant
    private var load: TableSink?
    private var layout: StepTarget.Layout?
    private var columns = ColumnList.empty
    /// What was found.
    private(set) var checks: [CheckResult] = []
    /// How many bytes of rows there were.
    private(set) var bytes = 0
    private(set) var rows = 0

    init(
        _ connection: any Connection,
        _ target: StepTarget,
        _ state: PublishedState,
        _ plan: PipelinePlan,
        _ entry: PublishedState.Entry,
        at time: Instant
    ) {
        self.connection = connection
        self.target = target
        self.state = state
        self.plan = plan
        self.entry = entry
        self.time = time
        name = target.displayName
    }

    func begin(_ columns: ColumnList) async throws(DatabaseError) {
        let layout = try target.table(for: columns)
        self.layout = layout
        self.columns = columns
        try await publication(layout).open()
        for text in target.staging(layout) { try await connection.execute(Statement(unsafe: text)) }
        let sink = TableSink(layout.table.stagingName, columns: columns.names, on: connection)
        load = sink
        try await sink.begin(columns)
    }

    private func publication(_ layout: StepTarget.Layout) -> Publication {
        var publication = Publication(
            target: connection,
            tables: [layout.table],
            existing: target.tables,
            rule: MergeRule(mode: target.mode, key: target.step.target.key, time: time)
        )
        publication.preparation = layout.preparation
        var noted = entry
        noted.rows = rows
        publication.completion = state.noting(noted, at: time)
        return publication
    }

    func write(_ batch: RowBatch) async throws(DatabaseError) {
        guard batch.rowCount > 0 else { return }
        bytes += batch.byteCount
        try await load?.write(batch)
    }

    func commit() async throws(DatabaseError) -> Int {
        guard let layout else { return 0 }
        rows = try await load?.commit() ?? 0
        load = nil
        let table = layout.table
        let key = MergeRule(mode: target.mode, key: target.step.target.key).key(of: table)
        let runner = CheckRunner(
            connection: connection,
            rows: table.quoted(table.stagingName),
            target: target.existing == nil ? nil : table.quoted(table.name),
            columns: columns,
            parameters: plan.parameters,
            now: time,
            isAdded: target.mode != .replace && key.isEmpty
        )
        for check in target.step.checks { checks.append(try await runner.run(check)) }
        try checks.throwFailures(of: target.step)
        try await publication(layout).publish()
        return rows
    }

    func abort(after error: DatabaseError) async -> DatabaseError {
        let error = await load?.abort(after: error) ?? error
        if let layout { await publication(layout).clean() }
        return error
    }
}

extension [CheckResult] {
    /// - Throws: ``DatabaseError/Condition/checkFailed`` naming the checks that failed.
    func throwFailures(of step: StepDefinition) throws(DatabaseError) {
        let failed = filter { !$0.isPassed && !$0.isWarning }
        guard !failed.isEmpty else { return }
        throw DatabaseError(
            .data,
            .checkFailed,
            "The step \(step.name) published nothing, since \(failed.count == 1 ? "a check" : "checks") failed: \(failed.map { "\($0.name) (\($0.observed))" }.joined(separator: "; "))."
        )
    }
}

/// Takes a step's rows into a file; by way of embedded SQLite where checks have to hold before it gets its name.
actor FileStepSink: Sink {
    nonisolated let name: String
    private let file: FileSink
    private let step: StepDefinition
    private let plan: PipelinePlan
    private let time: Instant
    private let embedded: @Sendable (Bool) async throws(DatabaseError) -> EmbeddedDatabase
    private var database: EmbeddedDatabase?
    private var load: TableSink?
    private var columns = ColumnList.empty
    private(set) var checks: [CheckResult] = []
    private(set) var bytes = 0

    init(
        _ file: FileSink,
        _ plan: PipelinePlan,
        _ step: StepDefinition,
        at time: Instant,
        embedded: @escaping @Sendable (Bool) async throws(DatabaseError) -> EmbeddedDatabase
    ) {
        self.file = file
        self.plan = plan
        self.step = step
        self.time = time
        self.embedded = embedded
        name = file.name
    }

    func begin(_ columns: ColumnList) async throws(DatabaseError) {
        self.columns = columns
        guard !step.checks.isEmpty else { return try await file.begin(columns) }
        let database = try await embedded(false)
        self.database = database
        try await TransformSource.create("rows", columns, database.connection)
        let sink = TableSink(["rows"], columns: columns.names, on: database.connection)
        load = sink
        try await sink.begin(columns)
    }

    func write(_ batch: RowBatch) async throws(DatabaseError) {
        bytes += batch.byteCount
        if let load { return try await load.write(batch) }
        try await file.write(batch)
    }

    func commit() async throws(DatabaseError) -> Int {
        guard let load, let database else { return try await file.commit() }
        _ = try await load.commit()
        self.load = nil
        let runner = CheckRunner(
            connection: database.connection,
            rows: database.connection.dialect.quoted("rows"),
            target: nil,
            columns: columns,
            parameters: plan.parameters,
            now: time,
            isAdded: false
        )
        for check in step.checks { checks.append(try await runner.run(check)) }
        try checks.throwFailures(of: step)
        let source = StatementSource(
            "the checked rows",
            on: database.connection,
            StatementSource.select(columns.names, from: ["rows"])
        )
        let count = try await Transfer.run(from: source, to: file)
        await database.close()
        self.database = nil
        return count
    }

    func abort(after error: DatabaseError) async -> DatabaseError {
        var error = error
        if let load { error = await load.abort(after: error) }
        if let database { await database.close() }
        return await file.abort(after: error)
    }
}
