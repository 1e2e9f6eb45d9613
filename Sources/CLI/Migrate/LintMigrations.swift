import ArgumentParser
import Foundation
import Roost
import RoostMigrations

/// How findings are written.
enum FindingFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, github
}

/// `roost migrate lint`
struct LintMigrations: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Find what would hurt on a database with data and users.",
        discussion: """
            Examples:
              roost migrate lint --dialect postgresql
              roost migrate lint --dialect mysql --since 20261125153000
              roost migrate lint --dialect postgresql --format github      annotations of a pull request
              roost migrate lint --codes

            Exits with 3 when there is a warning or an error; notes do not count. Needs no database.
            """
    )
    @OptionGroup var files: MigrationFolderOptions
    @Option(name: .long, help: "postgresql, mysql, mariadb or sqlite.") var dialect: String?
    @Option(name: .long, help: "Report only on revisions that are not this one or before it.") var since: String?
    @Option(name: .long, help: "text, json or github.") var format: FindingFormat = .text
    @Option(name: .long, help: ArgumentHelp("Leave out a code; repeat for more.", valueName: "code")) var ignore:
        [String] = []
    @Flag(name: .long, help: "List the codes.") var codes = false

    func validate() throws {
        if dialect == nil, !codes { throw ValidationError("Say for which engine: --dialect postgresql.") }
    }

    func run() throws {
        if codes {
            for (code, meaning) in LintCode.all { Terminal.write("\(code)  \(meaning)\n") }
            return
        }
        let graph = try RevisionGraph(try files.folder().revisions)
        let engine = try MigrationDialect.named(dialect ?? "")
        var only: Set<String>?
        if let since {
            only = Set(graph.revisions.map(\.id)).subtracting(graph.ancestors(of: [try graph.find(since).id]))
        }
        let ignored = Set(ignore.map { $0.uppercased() })
        let findings = try MigrationLinter.findings(
            in: graph,
            dialect: engine.dialect,
            capabilities: engine.capabilities,
            only: only
        ).filter { !ignored.contains($0.code) }
        try write(findings)
        let counted = findings.filter { $0.severity > .note }
        if !counted.isEmpty {
            throw CommandFailure(status: .findings, message: "\(counted.count) finding\(counted.count == 1 ? "" : "s")")
        }
    }

    private struct Entry: Encodable {
        let code, severity, revision, message: String
        let file, saferForm: String?
        let line: Int
    }

    private func write(_ findings: [LintFinding]) throws {
        switch format {
        case .text:
            for finding in findings {
                let place = "\(finding.file ?? finding.revision):\(finding.line)"
                Terminal.write("\(place): \(finding.severity.rawValue) \(finding.code): \(finding.message)\n")
                if let form = finding.saferForm { Terminal.write("    safer: \(form)\n") }
            }
        case .github:
            for finding in findings {
                let kind = finding.severity == .note ? "notice" : finding.severity.rawValue
                let text = finding.message + (finding.saferForm.map { " Safer: \($0)" } ?? "")
                Terminal.write(
                    "::\(kind) file=\(WorkflowCommand.property(finding.file ?? "")),line=\(finding.line),title=\(finding.code)::\(WorkflowCommand.data(text))\n"
                )
            }
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let entries = findings.map {
                Entry(
                    code: $0.code,
                    severity: $0.severity.rawValue,
                    revision: $0.revision,
                    message: $0.message,
                    file: $0.file,
                    saferForm: $0.saferForm,
                    line: $0.line
                )
            }
            Terminal.write([UInt8](try encoder.encode(entries)) + [0x0A])
        }
    }
}

/// What workflow commands cannot have as it is (GitHub documentation, "Workflow commands").
enum WorkflowCommand {
    static func data(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    static func property(_ text: String) -> String {
        data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
