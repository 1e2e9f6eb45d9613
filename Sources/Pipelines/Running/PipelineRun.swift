public import Roost
public import RoostPipelineDefinition

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Carries out a plan on this machine, step by step.
public struct PipelineRun: Sendable {
    /// What is told of a run under way.
    public enum Event: Sendable {
        /// A step begins.
        case began(step: String, number: Int, of: Int)
        /// So many more rows were staged, of about so many that there will be.
        case staged(step: String, rows: Int, expected: Int?)
        /// A step ended.
        case ended(PipelineReport.Step)
    }

    /// How a run goes about it.
    public struct Options: Sendable {
        /// Whether an interrupted run of the same definition and parameters is taken up where it was.
        public var resumes = false
        /// Whether incremental steps read everything again.
        public var isFull = false
        /// What is told of each step that ended.
        public var metrics = PipelineMetrics()

        /// A run from the start.
        public init() {}
    }

    private let plan: PipelinePlan
    private let environment: PipelineEnvironment
    private let ledger: RunLedger
    private let options: Options

    /// A run.
    public init(
        _ plan: PipelinePlan,
        in environment: PipelineEnvironment,
        ledger: RunLedger,
        _ options: Options = Options()
    ) {
        self.plan = plan
        self.environment = environment
        self.ledger = ledger
        self.options = options
    }

    /// The last run of the pipeline, if it was interrupted or failed, and went by this very plan.
    public static func interrupted(_ plan: PipelinePlan, in ledger: RunLedger) async throws(DatabaseError) -> RunLedger
        .Run?
    {
        guard let last = try await ledger.runs(of: plan.pipeline.name, limit: 1).first else { return nil }
        return last.status != "succeeded" && last.definition == digest(plan) ? last : nil
    }

    private static func digest(_ plan: PipelinePlan) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let bytes = (try? encoder.encode(plan)) ?? Data()
        var digest = RowDigest()
        digest.mix(Array(bytes))
        return String(digest.first, radix: 16) + String(digest.second, radix: 16)
    }

    /// Runs the steps one after the other; the first that fails ends the run.
    ///
    /// Each step is published as a whole, or not at all. What steps before it published stays.
    ///
    /// - Parameter told: what happens, as it happens.
    /// - Throws: what is wrong with the ledger, or `operational.lockTimeout` when another run of the pipeline is under way. What ends a
    ///   step is in the report.
    public func run(
        lock path: String? = nil,
        told: @escaping @Sendable (Event) -> Void = { _ in }
    ) async throws(DatabaseError) -> PipelineReport {
        let lock = path.flatMap { RunLock(path: $0) }
        guard path == nil || lock != nil else {
            throw DatabaseError(
                .operational,
                .lockTimeout,
                "Another run of the pipeline \(plan.pipeline.name) is under way."
            )
        }
        let now = Instant(Date())
        let interrupted = options.resumes ? try await Self.interrupted(plan, in: ledger) : nil
        var report = PipelineReport(
            runID: interrupted?.runID ?? Self.makeID(now),
            pipeline: plan.pipeline.name,
            startedAt: interrupted?.startedAt ?? now.description,
            parameters: plan.parameters
        )
        try await ledger.begin(report, definition: Self.digest(plan))
        if interrupted == nil { RejectLog.begin(plan.pipeline.rejects) }
        let clock = ContinuousClock()
        let start = clock.now
        for (index, step) in plan.steps.enumerated() {
            var result = PipelineReport.Step(name: step.name, status: .skipped)
            if report.error == nil {
                told(.began(step: step.name, number: index + 1, of: plan.steps.count))
                let stepStart = clock.now
                let log = RejectLog(plan.pipeline.rejects, runID: report.runID, step: step.name)
                let runner = StepRunner(
                    plan: plan,
                    step: step,
                    environment: environment,
                    runID: report.runID,
                    time: now,
                    isResumed: interrupted != nil,
                    isFull: options.isFull,
                    log: log
                )
                let outcome = await runner.run { told(.staged(step: step.name, rows: $0, expected: $1)) }
                result.status = outcome.error == nil ? .succeeded : .failed
                result.wasPublishedBefore = outcome.wasPublished
                result.rowsRead = outcome.rowsRead
                result.rowsWritten = outcome.rowsWritten
                result.rowsRejected = log.count
                result.bytes = outcome.bytes
                result.seconds = (clock.now - stepStart) / .seconds(1)
                result.watermark = outcome.watermark
                result.checks = outcome.checks
                result.error = outcome.error?.message
                report.error = outcome.error
                options.metrics.ended(result, of: plan.pipeline.name, outcome.error)
                told(.ended(result))
            }
            try await ledger.note(result, at: index, of: report)
            report.steps.append(result)
        }
        report.status = report.error == nil ? .succeeded : .failed
        report.seconds = (clock.now - start) / .seconds(1)
        try await ledger.end(report)
        withExtendedLifetime(lock) {}
        return report
    }

    private static func makeID(_ time: Instant) -> String {
        let stamp = time.description.filter { $0.isNumber }.prefix(14)
        return "\(stamp)-\(String(UInt32.random(in: 0 ... .max), radix: 16))"
    }
}
