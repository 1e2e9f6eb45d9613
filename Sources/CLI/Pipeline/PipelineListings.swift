import ArgumentParser
import Foundation
import Roost
import RoostConfiguration
import RoostFormats
import RoostPipelineDefinition
import RoostPipelines

/// `roost pipeline plan`
struct PlanPipeline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a run would do, without connecting to anything."
    )
    @OptionGroup var pipelines: PipelineOptions
    @OptionGroup var parameters: PipelineParameterOptions
    @Argument(help: "The pipeline.") var name: String
    @Option(name: .shortAndLong, help: "table for people, or json: the whole plan.") var output: OutputFormat = .table

    func validate() throws {
        if output != .table, output != .json { throw ValidationError("--output is table or json.") }
    }

    func run() async throws {
        let settings = try pipelines.settings()
        let plan = try parameters.plan(try pipelines.pipeline(name, in: settings))
        guard output == .json else { return Terminal.write(plan.lines.joined(separator: "\n") + "\n") }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Terminal.write(String(decoding: try encoder.encode(plan), as: UTF8.self) + "\n")
    }
}

/// `roost pipeline list`
struct ListPipelines: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the pipelines with their schedules and last runs."
    )
    @OptionGroup var pipelines: PipelineOptions
    @Option(name: .shortAndLong, help: "table, json, csv, …") var output: OutputFormat = .table

    func run() async throws {
        let definitions = try pipelines.settings().definitions
        let now = Instant(Date())
        let rows = try await pipelines.withLedger { ledger in
            var rows: [[Value]] = []
            for definition in definitions {
                let last = try await ledger.runs(of: definition.name, limit: 1).first
                let next = definition.schedule.flatMap { $0.next(after: now) }
                rows.append([
                    .text(definition.name), .int(Int64(definition.steps.count)),
                    .text(definition.dependencies.joined(separator: ", ")),
                    definition.schedule.map { .text($0.text) } ?? .null, next.map(Value.timestampTZ) ?? .null,
                    last.map { .text($0.status) } ?? .null, last.map { .text($0.startedAt) } ?? .null,
                    definition.description.map(Value.text) ?? .null,
                ])
            }
            return rows
        }
        MigrationTable.write(
            ["pipeline", "steps", "depends_on", "schedule", "next", "last_status", "last_run", "description"],
            rows,
            output
        )
    }
}

/// `roost pipeline state`
struct PipelineState: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Show what the last runs did.",
        discussion: "With --run the steps and checks of one run."
    )
    @OptionGroup var pipelines: PipelineOptions
    @Argument(help: "The pipeline; all by default.") var name: String?
    @Option(name: .long, help: "One run, by its identifier, or last.") var run: String?
    @Option(name: .long, help: "At most so many runs.") var limit = 20
    @Option(name: .shortAndLong, help: "table, json, csv, …") var output: OutputFormat = .table

    func run() async throws {
        let (name, run, limit) = (name, run, limit)
        try await pipelines.withLedger { ledger in
            let runs = try await ledger.runs(of: name, limit: limit)
            guard let run else { return printRuns(runs) }
            let wanted = run == "last" ? runs.first?.runID ?? run : run
            guard let report = try await ledger.report(wanted) else {
                throw CommandFailure(status: .usage, message: "There is no run \(run).")
            }
            try print(report)
        }
    }

    private func printRuns(_ runs: [RunLedger.Run]) {
        let rows = runs.map { run -> [Value] in
            [
                .text(run.pipeline), .text(run.runID), .text(run.status), .text(run.startedAt),
                run.seconds.map { .decimal(BigDecimal(String(format: "%.3f", $0)) ?? .zero) } ?? .null,
                .int(Int64(run.rowsWritten)), .int(Int64(run.rowsRejected)), run.error.map(Value.text) ?? .null,
            ]
        }
        MigrationTable.write(
            ["pipeline", "run", "status", "started_at", "seconds", "written", "rejected", "error"],
            rows,
            output
        )
    }

    private func print(_ report: PipelineReport) throws {
        if output == .json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            Terminal.write(String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
            return
        }
        let rows = report.steps.flatMap { step -> [[Value]] in
            let head: [Value] = [
                .text(step.name), .text(step.status.rawValue), .int(Int64(step.rowsRead)),
                .int(Int64(step.rowsWritten)), .int(Int64(step.rowsRejected)), .int(Int64(step.bytes)),
                step.watermark.map(Value.text) ?? .null, step.error.map(Value.text) ?? .null,
            ]
            return [head]
                + step.checks.map { check in
                    let status = check.isPassed ? "passed" : check.isWarning ? "warning" : "failed"
                    return [
                        .text("  \(check.name)"), .text(status), .null, .null, .null, .null, .null,
                        .text(check.observed),
                    ]
                }
        }
        MigrationTable.write(
            ["step", "status", "read", "written", "rejected", "bytes", "watermark", "found"],
            rows,
            output
        )
    }
}

/// `roost pipeline verify`
struct VerifyPipeline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare what a pipeline's targets hold with what its sources say now.",
        discussion: """
            Rows only the target has count where it is to be the source's image (replace); elsewhere they may be older than
            the source. The exit code is 3 when anything differs.
            """
    )
    @OptionGroup var pipelines: PipelineOptions
    @OptionGroup var parameters: PipelineParameterOptions
    @Argument(help: "The pipeline.") var name: String
    @Option(name: .long, help: "List at most this many rows of each step; all are counted.") var limit = 1_000
    @Option(name: .shortAndLong, help: "table, json, csv, …") var output: OutputFormat = .table

    func run() async throws {
        let settings = try pipelines.settings()
        let plan = try parameters.plan(try pipelines.pipeline(name, in: settings))
        let verification = PipelineVerification(plan, in: try pipelines.environment(settings))
        var rows: [[Value]] = []
        var isRight = true
        for step in plan.steps {
            let result = try await verification.run(step)
            isRight = isRight && result.isRight
            Terminal.note("\(step.name): \(result.report?.summary ?? result.note ?? "")")
            guard let report = result.report else { continue }
            for difference in report.differences.prefix(limit) {
                let key = zip(report.keyColumns, difference.key).map { "\($0)=\($1)" }.joined(separator: ", ")
                rows.append([
                    .text(step.name), .text(difference.kind.rawValue), .text(key),
                    .text(difference.columns.joined(separator: ", ")),
                ])
            }
        }
        MigrationTable.write(["step", "difference", "key", "columns"], rows, output)
        if !isRight {
            throw CommandFailure(status: .findings, message: "The targets differ from what the sources say.")
        }
    }
}
