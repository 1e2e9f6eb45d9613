import ArgumentParser
import Foundation
import Roost
import RoostMigrations

/// `roost migrate plan`
struct PlanMigrations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what apply would do: statements, locks, rows, findings.",
        discussion: """
            Each statement is shown with the lock it takes on each table, who waits for it, and how long in kind: instant (the catalogue
            alone changes), rows (those it touches), scan (the table is read), rewrite (the table is written anew). Rows are estimates
            of the catalogue; nothing is counted, nothing is changed.

            Examples:
              roost migrate plan shop
              roost migrate plan shop --format github            annotations of a pull request
              roost migrate plan shop --out plan.json            to be applied exactly: roost migrate apply shop --plan plan.json

            Exits with 3 when there is something to apply, 0 when there is not.
            """
    )
    @OptionGroup var run: MigrationRunOptions
    @Option(name: .long, help: "How far: a revision, head, heads or +N.") var to: String = "head"
    @Option(name: .long, help: "text, json or github.") var format: FindingFormat = .text
    @Option(name: .long, help: ArgumentHelp("Keep the plan in a file, for apply --plan.", valueName: "file"))
    var out: String?

    func run() async throws {
        let target = try RevisionTarget(to)
        let plan = try await run.withMigrator { try await $0.plan(upTo: target) }
        if let out { try PlanFile.write(plan, to: out) }
        switch format {
        case .text: Terminal.write(MigrationPlanText.text(of: plan))
        case .json: Terminal.write([UInt8](try PlanFile.encoded(plan)) + [0x0A])
        case .github:
            for revision in plan.revisions { Terminal.write(MigrationPlanText.annotations(of: revision)) }
        }
        guard !plan.revisions.isEmpty else { return Terminal.note("nothing to apply") }
        throw CommandFailure(
            status: .findings,
            message: "\(plan.revisions.count) revision\(plan.revisions.count == 1 ? "" : "s") to apply"
        )
    }
}

/// Plans that are kept.
enum PlanFile {
    /// The most bytes a plan may have.
    private static let maximumBytes = 256 << 20

    static func encoded(_ plan: MigrationPlan) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(plan)
    }

    static func write(_ plan: MigrationPlan, to path: String) throws {
        do {
            try (encoded(plan) + [0x0A]).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw CommandFailure(status: .failed, message: "The plan cannot be written to \(path).")
        }
        Terminal.note("wrote the plan to \(path)")
    }

    static func read(_ path: String) throws -> MigrationPlan {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(status: .usage, message: "The plan \(path) cannot be read.")
        }
        guard data.count <= maximumBytes, let plan = try? JSONDecoder().decode(MigrationPlan.self, from: data) else {
            throw CommandFailure(status: .usage, message: "The file \(path) is no plan of roost migrate plan --out.")
        }
        return plan
    }
}

/// A plan for people, and for pull requests.
enum MigrationPlanText {
    static func text(of plan: MigrationPlan) -> String {
        plan.revisions.map(text).joined(separator: "\n")
    }

    private static func text(of revision: MigrationPlan.PlannedRevision) -> String {
        var lines = ["\(revision.revision)  \(plain(revision.description))"]
        lines.append(
            "  \(revision.isOneTransaction ? "one transaction" : "statement by statement"), "
                + (revision.isReversible ? "can be rolled back" : "cannot be rolled back")
        )
        for finding in revision.findings { lines += text(of: finding) }
        for step in revision.steps {
            lines.append("")
            lines += step.sql.split(whereSeparator: \.isNewline).map { "    " + plain(String($0)) }
            lines += step.locks.map { "  lock: " + plain(text(of: $0)) }
            if let loss = step.destroys { lines.append("  loses data: " + plain(loss)) }
            for finding in step.findings { lines += text(of: finding) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Without what could drive a terminal.
    private static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) ? " " : $0 }
            )
        )
    }

    private static func text(of finding: MigrationPlan.Finding) -> [String] {
        ["  \(finding.severity) \(finding.code): " + plain(finding.message)]
            + (finding.saferForm.map { ["      safer: " + plain($0)] } ?? [])
    }

    static func text(of lock: MigrationPlan.Lock) -> String {
        let who =
            switch lock.blocks {
            case .nobody: "readers and writers go on"
            case .writers: "writers wait"
            case .everyone: "everyone waits"
            }
        let rows = lock.rows.map { ", about \($0) rows" } ?? ""
        return "\(lock.mode) on \(lock.table): \(who), \(lock.isAtMost ? "at most " : "")\(lock.work.rawValue)\(rows)"
    }

    /// Workflow commands: one for each statement, at its line.
    static func annotations(of revision: MigrationPlan.PlannedRevision) -> String {
        func line(_ kind: String, _ line: Int, _ title: String, _ text: String) -> String {
            let file = WorkflowCommand.property(revision.file ?? "")
            return "::\(kind) file=\(file),line=\(line),title=\(title)::\(WorkflowCommand.data(text))\n"
        }
        func annotation(_ finding: MigrationPlan.Finding, _ place: Int) -> String {
            let text = finding.message + (finding.saferForm.map { " Safer: \($0)" } ?? "")
            return line(finding.severity == "note" ? "notice" : finding.severity, place, finding.code, text)
        }
        var result = revision.findings.map { annotation($0, 1) }.joined()
        for step in revision.steps {
            if !step.locks.isEmpty {
                result += line("notice", step.line, "locks", step.locks.map(text).joined(separator: "\n"))
            }
            result += step.findings.map { annotation($0, step.line) }.joined()
        }
        return result
    }
}
