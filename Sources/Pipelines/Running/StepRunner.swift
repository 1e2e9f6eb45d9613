import Roost
import RoostPipelineDefinition
import RoostSchema

/// Carries out one step: reads, changes, stages, checks, publishes.
struct StepRunner: Sendable {
    let plan: PipelinePlan
    let step: StepDefinition
    let environment: PipelineEnvironment
    let runID: String
    let time: Instant
    /// Whether a run is taken up that may have published the step already.
    let isResumed: Bool
    /// Whether an incremental step reads everything again.
    let isFull: Bool
    let log: RejectLog

    /// What a step did, or how far it came.
    struct Outcome: Sendable {
        var rowsRead = 0
        var rowsWritten = 0
        var bytes = 0
        var watermark: String?
        var checks: [CheckResult] = []
        /// Whether the run had published it before it was interrupted.
        var wasPublished = false
        var error: DatabaseError?
    }

    /// - Parameter progress: told how many more rows were written, and about how many there will be.
    func run(progress: @escaping @Sendable (Int, Int?) -> Void) async -> Outcome {
        var opened: [any Connection] = []
        var outcome = Outcome()
        do throws(DatabaseError) {
            let connections = try await environment.sources(of: step)
            opened += connections.values
            let chain = StepChain(
                plan: plan,
                step: step,
                environment: environment,
                log: log,
                connections: connections
            )
            switch step.target.kind {
            case .file(let path): outcome = try await write(path, chain, progress)
            case .table(let name, let table):
                let target = try await environment.connect(name)
                opened.append(target)
                outcome = try await load(table, on: target, chain, progress)
            }
        } catch {
            outcome.error = error
        }
        do throws(DatabaseError) {
            try log.flush()
        } catch {
            outcome.error = outcome.error ?? error
        }
        for connection in opened { await connection.close() }
        return outcome
    }

    // MARK: Files

    private func write(
        _ path: String,
        _ chain: StepChain,
        _ progress: @escaping @Sendable (Int, Int?) -> Void
    ) async throws(DatabaseError) -> Outcome {
        guard let form = FileForm(path: path, options: step.target.form) else {
            throw DatabaseError(
                .interface,
                .invalidConfiguration,
                "\(path): say how its rows are to be written: format: csv, tsv or ndjson."
            )
        }
        var head = try await chain.head(step.source)
        let rowsRead = head.counted()
        let rows = try await chain.changed(head)
        let environment = environment
        let sink = FileStepSink(FileSink(path, form: form), plan, step, at: time) {
            (inMemory) async throws(DatabaseError) in try await environment.scratch(inMemory: inMemory)
        }
        var outcome = Outcome()
        do throws(DatabaseError) {
            let forecast = rows.source.forecast
            outcome.rowsWritten = try await Transfer.run(
                from: rows.source,
                to: sink,
                progress: { progress($0, forecast?.rows) }
            )
        } catch {
            outcome.error = error
        }
        outcome.rowsRead = rowsRead.withLock { $0 }
        outcome.bytes = await sink.bytes
        outcome.checks = await sink.checks
        return outcome
    }

    // MARK: Tables

    private func load(
        _ table: String,
        on connection: any Connection,
        _ chain: StepChain,
        _ progress: @escaping @Sendable (Int, Int?) -> Void
    ) async throws(DatabaseError) -> Outcome {
        let engine = try Engine(connection)
        let state = PublishedState(
            target: connection,
            pipeline: plan.pipeline.name,
            step: step.name,
            targetTable: table
        )
        try await state.prepare()
        let last = try await state.last()
        if isResumed, let last, last.runID == runID {
            return Outcome(rowsWritten: last.rows, watermark: last.watermark?.text, wasPublished: true)
        }
        let schema = try await Schema.read(from: connection)
        let existing = schema.tables.first { $0.typedName == table }
        var outcome = Outcome()
        var cursors: [Statement] = []
        var watermark = isFull || existing == nil ? nil : last?.watermark
        if let column = step.target.cursor {
            // Everything again means that what is there goes by its key, or not at all.
            let (conditions, next) = try await cursorConditions(column, since: watermark, chain)
            cursors = conditions
            watermark = next
        }
        var head = try await chain.head(step.source, cursors: cursors)
        let isOwnRead = step.source.connection == step.target.connection && engine == .sqlite
        if isOwnRead, try await !readsBesideWriter(connection) {
            // SQLite's older journals let nobody write while someone reads.
            let environment = environment
            head.source = TransformSource(
                base: head.source,
                lookups: [:],
                transform: StepDefinition.Transform(sql: "select * from input", scope: .all),
                parameters: [:]
            ) { (_) async throws(DatabaseError) in try await environment.scratch(inMemory: false) }
        }
        let source = head.connection
        let rowsRead = head.counted()
        let rows = try await chain.changed(head)
        let types = plan.pipeline.contract.types
        var looksAtValues = !chain.isPlain || types == .discardRow || types == .discardValue || engine == .sqlite
        if let source, try Engine(source) == .sqlite { looksAtValues = true }
        let target = StepTarget(
            pipeline: plan.pipeline,
            step: step,
            engine: engine,
            dialect: connection.dialect,
            name: table.split(separator: ".").map(String.init),
            existing: existing,
            tables: Set(schema.tables.map(\.typedName)),
            sourceTable: rows.table,
            looksAtValues: looksAtValues
        )
        try target.check()
        let fitted = FittedSource(base: rows.source, rule: types, log: log, positions: rows.positions) {
            (columns) throws(DatabaseError) in try target.layout(columns)
        }
        let entry = PublishedState.Entry(runID: runID, rows: 0, watermark: watermark)
        let sink = StepSink(connection, target, state, plan, entry, at: time)
        do throws(DatabaseError) {
            let forecast = fitted.forecast
            outcome.rowsWritten = try await Transfer.run(
                from: fitted,
                to: sink,
                progress: { progress($0, forecast?.rows) }
            )
            outcome.watermark = watermark?.text
        } catch {
            outcome.error = error
        }
        outcome.rowsRead = rowsRead.withLock { $0 }
        outcome.bytes = await sink.bytes
        outcome.checks = await sink.checks
        return outcome
    }

    private func readsBesideWriter(_ connection: any Connection) async throws(DatabaseError) -> Bool {
        try await connection.query("pragma journal_mode").fetchOne()?.values.first?.text == "wal"
    }

    /// The bounds between which an incremental step reads: from where the last run ended to the highest cursor there is now. What comes
    /// meanwhile waits for the next run.
    private func cursorConditions(
        _ column: String,
        since last: Value?,
        _ chain: StepChain
    ) async throws(DatabaseError) -> ([Statement], Value?) {
        var lower: [Statement] = []
        if var value = last {
            if let lookback = step.target.lookback {
                guard let earlier = value.earlier(by: lookback, seconds: PipelineSpan.seconds(lookback)) else {
                    throw DatabaseError(
                        .interface,
                        .invalidConfiguration,
                        "The step \(step.name) looks back by \(lookback), which its cursor \(column) cannot."
                    )
                }
                value = earlier
            }
            lower = [
                StatementSource.Cursor(column: column, value: value, isIncluded: !step.target.key.isEmpty).condition
            ]
        }
        let head = try await chain.head(step.source, cursors: lower)
        guard let source = (head.source as? TypedSource)?.base else { return (lower, last) }
        var question: Statement = "select max("
        question.append(identifier: [column])
        question.append(unsafe: ") from (")
        question.append(source.statement)
        question.append(unsafe: "\n) as rows_beyond")
        // Embedded expressions lose the column's type in SQLite, and so its kind; the column itself tells.
        guard let highest = try await source.connection.query(question).fetchOne()?.values.first, !highest.isNull else {
            return (lower, last)
        }
        guard highest.watermarkKind != nil else {
            throw DatabaseError(
                .programming,
                .typeMismatch,
                "The cursor \(column) of the step \(step.name) has values that are no numbers, texts or times."
            )
        }
        var upper: Statement = ""
        upper.append(identifier: [column])
        upper.append(unsafe: " <= ")
        upper.append(parameter: highest)
        return (lower + [upper], highest)
    }
}

/// Counts the rows that are read.
struct CountedSource: Source {
    private let base: any Source
    private let rows: Locked<Int>

    init(_ base: any Source, _ rows: Locked<Int>) {
        self.base = base
        self.rows = rows
    }

    var name: String { base.name }
    var forecast: RowForecast? { base.forecast }

    func open() async throws(DatabaseError) -> sending ResultSet {
        let results = try await base.open()
        let columns = results.columns
        return ResultSet(columns: columns, source: CountedRows(results, rows))
    }
}

private actor CountedRows: RowBatchSource {
    private let results: ResultSet
    private let rows: Locked<Int>

    init(_ results: sending ResultSet, _ rows: Locked<Int>) {
        self.results = results
        self.rows = rows
    }

    func nextBatch() async throws(DatabaseError) -> RowBatch? {
        let batch = try await results.nextBatch()
        rows.withLock { $0 += batch?.rowCount ?? 0 }
        return batch
    }

    func nextResult() async throws(DatabaseError) -> ColumnList? { nil }
    func currentSummary() async -> ExecutionSummary { results.summary }
    nonisolated func abandon() {}
}
