import ArgumentParser
import Foundation
import Logging
import Roost
import RoostConfiguration
import RoostFormats
import RoostPipelineDefinition
import RoostPipelines

/// `roost pipeline run`
struct RunPipelines: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run pipelines.",
        discussion: """
            A step is published as a whole or not at all, after its checks. With --resume a run that was interrupted goes on
            where it was; without one it begins anew.
            """
    )

    @OptionGroup var pipelines: PipelineOptions
    @OptionGroup var parameters: PipelineParameterOptions
    @Argument(help: "The pipelines.") var names: [String] = []
    @Flag(name: .long, help: "All pipelines, each after those it depends on.") var all = false
    @Flag(name: .long, help: "Also the pipelines that these depend on, before them.") var withDependencies = false
    @Flag(name: .long, help: "Go on with a run that was interrupted.") var resume = false
    @Flag(name: .long, help: "Incremental steps read everything again.") var full = false
    @Option(name: .shortAndLong, help: "table, json, csv, …") var output: OutputFormat = .table

    func validate() throws {
        if names.isEmpty != all { throw ValidationError("Name pipelines, or give --all.") }
        if !parameters.step.isEmpty, names.count != 1 { throw ValidationError("--step goes with one pipeline.") }
    }

    func run() async throws {
        let settings = try pipelines.settings()
        let chosen = try chosen(settings)
        let plans = try chosen.map { try parameters.plan($0, ignoringUnknown: chosen.count > 1) }
        let environment = try pipelines.environment(settings)
        let logger = try pipelines.common.logger()
        var reports: [PipelineReport] = []
        try await pipelines.withLedger { ledger in
            var failed: Set<String> = []
            for plan in plans {
                let name = plan.pipeline.name
                if let cause = plan.pipeline.dependencies.first(where: failed.contains) {
                    Terminal.note("\(name): not run, since \(cause) failed")
                    failed.insert(name)
                    continue
                }
                if !resume, let last = try await PipelineRun.interrupted(plan, in: ledger), last.status == "running" {
                    Terminal.note("\(name): the run \(last.runID) was interrupted; --resume would have gone on with it")
                }
                let report = try await run(plan, environment, ledger, logger)
                reports.append(report)
                if report.error != nil { failed.insert(name) }
            }
        }
        try print(reports)
        try end(reports)
    }

    private func chosen(_ settings: PipelineSettings) throws -> [PipelineDefinition] {
        let ordered = try PipelinePlan.ordered(settings.definitions)
        if all { return ordered }
        var wanted = Set(try names.map { try pipelines.pipeline($0, in: settings).name })
        if withDependencies {
            for definition in ordered.reversed() where wanted.contains(definition.name) {
                wanted.formUnion(definition.dependencies)
            }
        }
        return ordered.filter { wanted.contains($0.name) }
    }

    private func run(
        _ plan: PipelinePlan,
        _ environment: PipelineEnvironment,
        _ ledger: RunLedger,
        _ logger: Logger
    ) async throws -> PipelineReport {
        var options = PipelineRun.Options()
        options.resumes = resume
        options.isFull = full
        let progress = TransferProgress("rows")
        let name = plan.pipeline.name
        let lock = try pipelines.lockPath(name)
        let report: PipelineReport
        do {
            report = try await PipelineRun(plan, in: environment, ledger: ledger, options).run(lock: lock) { event in
                switch event {
                case .began(let step, let number, let count):
                    progress.restart()
                    logger.info(
                        "step began",
                        metadata: ["pipeline": "\(name)", "step": "\(step)", "number": "\(number)", "of": "\(count)"]
                    )
                case .staged(_, let rows, let expected): progress.advance(by: rows, expected: expected)
                case .ended(let step):
                    logger.info(
                        "step ended",
                        metadata: [
                            "pipeline": "\(name)", "step": "\(step.name)", "status": "\(step.status.rawValue)",
                            "rows": "\(step.rowsWritten)", "rejected": "\(step.rowsRejected)",
                            "bytes": "\(step.bytes)", "seconds": "\(step.seconds)",
                        ]
                    )
                }
            }
            progress.end()
        } catch {
            progress.end()
            throw error
        }
        for step in report.steps { note(step, of: name) }
        return report
    }

    private func note(_ step: PipelineReport.Step, of pipeline: String) {
        let before = step.wasPublishedBefore ? ", published before" : ""
        let rejected = step.rowsRejected > 0 ? ", \(ProgressMeter.grouped(step.rowsRejected)) rejected" : ""
        Terminal.note(
            "\(pipeline).\(step.name): \(step.status.rawValue), \(ProgressMeter.grouped(step.rowsWritten)) rows\(rejected)\(before)"
        )
        for check in step.checks where !check.isPassed {
            Terminal.note("  \(check.isWarning ? "warning" : "failed"): \(check.name): \(check.observed)")
        }
    }

    private func print(_ reports: [PipelineReport]) throws {
        if output == .json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            Terminal.write(String(decoding: try encoder.encode(reports), as: UTF8.self) + "\n")
            return
        }
        let rows = reports.flatMap { report in
            report.steps.map { step -> [Value] in
                [
                    .text(report.pipeline), .text(report.runID), .text(step.name), .text(step.status.rawValue),
                    .int(Int64(step.rowsRead)), .int(Int64(step.rowsWritten)), .int(Int64(step.rowsRejected)),
                    .decimal(BigDecimal(String(format: "%.3f", step.seconds)) ?? .zero),
                    step.watermark.map(Value.text) ?? .null,
                ]
            }
        }
        MigrationTable.write(
            ["pipeline", "run", "step", "status", "read", "written", "rejected", "seconds", "watermark"],
            rows,
            output
        )
    }

    /// The exit code: 6 where checks or rejects ended a run, or only part of it was published.
    private func end(_ reports: [PipelineReport]) throws {
        guard let failed = reports.first(where: { $0.error != nil }), let error = failed.error else { return }
        let isPartly = reports.contains(where: \.isPartlyDone)
        guard isPartly || error.condition == .checkFailed || error.condition == .tooManyRejects else { throw error }
        throw CommandFailure(
            status: .partlyDone,
            message: String(ErrorReport.text(for: error).dropFirst("roost: ".count))
        )
    }
}
