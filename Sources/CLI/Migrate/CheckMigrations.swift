import ArgumentParser
import Foundation
import Roost
import RoostConfiguration
import RoostFormats
import RoostMigrations
import RoostSchema

/// `roost migrate check`
struct CheckMigrations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell whether databases are what their migrations make of them; exit code 3 when one is not.",
        discussion: """
            The revisions that are applied are carried out in a scratch database, and what comes of it is compared with what is there:
            a column somebody added by hand is found. With --to, the comparison is with what should be instead.

            Examples:
              roost migrate check shop
              roost migrate check --all -o json
              roost migrate check shop --to schema.sql
            """
    )
    @OptionGroup var run: MigrationRunOptions
    @Flag(name: .long, help: "All connections of roost.yaml.") var all = false
    @Option(name: .long, help: "What should be: SQL, a connection's name, a URL, or a dump in JSON.") var to: String?
    @Option(name: .long, help: "An empty database to carry out SQL in, where none can be made on the server.")
    var scratch: String?

    func validate() throws {
        if all, run.target != nil { throw ValidationError("Name a database or say --all, not both.") }
    }

    /// What was found in one database.
    private struct Finding: Encodable {
        let database: String?
        let kind: String
        let what: String
    }

    func run() async throws {
        let graph = try run.files.graph()
        var findings: [Finding] = []
        var isUnreachable = false
        let names: [String?] = all ? try run.files.common.project().connections.map(\.name) : [try run.database()]
        for name in names {
            var options = run
            options.target = name
            // A URL may hold a password; a name of roost.yaml does not.
            let shown = all ? name : nil
            do {
                let found = try await options.withMigrator(graph: graph) { try await check($0, graph, name) }
                findings += found.map { Finding(database: shown, kind: $0.0, what: $0.1) }
            } catch  where all {
                isUnreachable = true
                findings.append(Finding(database: shown, kind: "error", what: ErrorReport.text(for: error)))
            }
        }
        if run.output == .json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            Terminal.write(String(decoding: try encoder.encode(findings), as: UTF8.self) + "\n")
        } else if !findings.isEmpty {
            MigrationTable.write(
                (all ? ["database"] : []) + ["finding", "what"],
                findings.map {
                    (all ? [$0.database.map(Value.text) ?? .null] : []) + [.text($0.kind), .text($0.what)]
                },
                run.output
            )
        }
        guard !findings.isEmpty else { return Terminal.note("No difference.") }
        throw CommandFailure(
            status: isUnreachable && findings.allSatisfy { $0.kind == "error" } ? .failed : .findings,
            message: "\(findings.count) finding\(findings.count == 1 ? "" : "s")"
        )
    }

    private func check(_ migrator: Migrator, _ graph: RevisionGraph, _ name: String?) async throws -> [(String, String)]
    {
        let status = try await migrator.status()
        var result = status.pending.map { ("pending", $0.id) }
        result += status.dirty.map { ("dirty", $0.revision) }
        result += status.edited.map { ("edited", $0.revision) }
        result += status.missing.map { ("missing", $0.revision) }
        // What a broken history makes of a database cannot be known.
        guard status.dirty.isEmpty, status.missing.isEmpty else { return result }
        let place = ScratchDatabase(common: run.files.common, target: name, other: scratch)
        let wanted: Schema
        if let to {
            wanted = try await place.schema(of: to, like: migrator.connection)
        } else {
            let applied = Set(status.applied.map(\.revision))
            let part = try RevisionGraph(graph.revisions.filter { applied.contains($0.id) })
            wanted = try await place.schema(of: part, migrator.configuration, like: migrator.connection)
        }
        let present = try await Schema.read(from: migrator.connection)
        let comparison = MigrationGenerator(
            from: wanted,
            to: present,
            historyTable: migrator.configuration.historyTable
        )
        return result + comparison.changes.map { ("differs", $0.description) }
    }
}
