public import Roost
public import RoostPipelineDefinition
import RoostSchema

/// Compares what a pipeline's targets hold with what its sources say now.
public struct PipelineVerification: Sendable {
    /// What came of a step.
    public struct Result: Sendable {
        /// The step.
        public var step: String
        /// How the rows differ; nil where they cannot be compared.
        public var report: ComparisonReport?
        /// Why not.
        public var note: String?
        /// Whether the target has what it should.
        public var isRight: Bool
    }

    private let plan: PipelinePlan
    private let environment: PipelineEnvironment

    /// A verification. It writes nothing.
    public init(_ plan: PipelinePlan, in environment: PipelineEnvironment) {
        self.plan = plan
        self.environment = environment
    }

    /// Reads a step's source as a full run would, and its target, and compares them row by row.
    ///
    /// Rows that the target has and the source has not count only where the target is to be the source's image (``replace``): elsewhere
    /// they may be older than the source.
    ///
    /// - Throws: what either side has against it.
    public func run(_ step: StepDefinition) async throws(DatabaseError) -> Result {
        guard case .table(let targetName, let table) = step.target.kind else {
            return Result(step: step.name, note: "a file is not compared", isRight: true)
        }
        guard step.target.mode != .append, step.target.mode != .incremental || !step.target.key.isEmpty else {
            return Result(step: step.name, note: "rows that are added have no key to compare by", isRight: true)
        }
        var opened: [any Connection] = []
        let result: Swift.Result<Result, DatabaseError>
        do throws(DatabaseError) {
            let connections = try await environment.sources(of: step)
            opened += connections.values
            let target = try await environment.connect(targetName)
            opened.append(target)
            result = .success(try await compare(step, table, on: target, connections))
        } catch {
            result = .failure(error)
        }
        for connection in opened { await connection.close() }
        return try result.get()
    }

    private func compare(
        _ step: StepDefinition,
        _ table: String,
        on connection: any Connection,
        _ connections: [String: any Connection]
    ) async throws(DatabaseError) -> Result {
        let engine = try Engine(connection)
        guard let existing = try await Schema.read(from: connection).tables.first(where: { $0.typedName == table })
        else {
            throw DatabaseError(
                .programming,
                .undefinedTable,
                "The target has no table \(table).",
                hint: "Run the pipeline first."
            )
        }
        let log = RejectLog(PipelineDefinition.Rejects(), runID: "", step: step.name)
        let chain = StepChain(
            plan: plan,
            step: step,
            environment: environment,
            log: log,
            connections: connections
        )
        let head = try await chain.changed(try await chain.head(step.source))
        let target = StepTarget(
            pipeline: plan.pipeline,
            step: step,
            engine: engine,
            dialect: connection.dialect,
            name: table.split(separator: ".").map(String.init),
            existing: existing,
            tables: [],
            sourceTable: nil,
            looksAtValues: true
        )
        let fitted = FittedSource(
            base: head.source,
            rule: plan.pipeline.contract.types,
            log: log,
            positions: head.positions
        ) { (columns) throws(DatabaseError) in try target.layout(columns) }
        // What columns there are shows only when the rows begin.
        let columns = try await fitted.open().columns.names
        let isHistory = step.target.mode == .scd2
        let current = isHistory ? connection.dialect.quoted(MergeRule.history[2]) : nil
        let rows = StatementSource(
            table,
            on: connection,
            StatementSource.select(columns, from: target.name, where: current)
        )
        let key = step.target.key.isEmpty ? existing.keyColumns : step.target.key
        let isKey = step.target.mode != .deleteInsert && key.allSatisfy(columns.contains)
        let report = try await RowComparison(fitted, rows, key: isKey ? key : []).run()
        let isRight =
            step.target.mode == .replace
            ? report.isEqual : (report.counts[.missing] ?? 0) + (report.counts[.changed] ?? 0) == 0
        return Result(step: step.name, report: report, isRight: isRight)
    }
}
