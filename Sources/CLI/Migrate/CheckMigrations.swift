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
              roost migrate check --label production -o markdown     those with that word in roost.yaml
              roost migrate check shop --to schema.sql

            Of several databases each has its line in the report; one that cannot be reached does not keep the others from being looked at.
            Exit code 3: one differs. 4: none of those that were reached differs, but one was not reached.
            """
    )
    @OptionGroup var run: MigrationRunOptions
    @Flag(name: .long, help: "All connections of roost.yaml.") var all = false
    @Option(name: .long, help: "The connections of roost.yaml with this label; may be given again.") var label:
        [String] = []
    @Option(name: .long, help: "How many databases are looked at at a time.") var jobs = 4
    @Option(name: .long, help: "What should be: SQL, a connection's name, a URL, or a dump in JSON.") var to: String?
    @Option(name: .long, help: "An empty database to carry out SQL in, where none can be made on the server.")
    var scratch: String?

    func validate() throws {
        guard [run.target != nil, all, !label.isEmpty].filter({ $0 }).count < 2 else {
            throw ValidationError("Name a database, or say --all or --label, not both.")
        }
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs is a number from 1 to 64.") }
        if isFleet, scratch != nil, jobs > 1 {
            throw ValidationError("One scratch database serves one job: add --jobs 1.")
        }
    }

    /// The labels that are meant; `label:word` in the place of a database is one too.
    private var labels: [String] {
        guard let target = run.target, target.hasPrefix("label:") else { return label }
        return [String(target.dropFirst("label:".count))]
    }

    private var isFleet: Bool { all || !labels.isEmpty }

    func run() async throws {
        let graph = try run.files.graph()
        guard isFleet else { return try await checkOne(graph) }
        let names = try fleet()
        var reports = names.map { DatabaseReport(database: $0) }
        try await withThrowingTaskGroup(of: (Int, DatabaseReport).self) { group in
            var next = 0
            while next < min(jobs, names.count) {
                group.addTask { [next] in (next, try await look(at: names[next], graph)) }
                next += 1
            }
            while let (index, report) = try await group.next() {
                reports[index] = report
                if next < names.count {
                    group.addTask { [next] in (next, try await look(at: names[next], graph)) }
                    next += 1
                }
            }
        }
        try FleetReport(databases: reports).write(run.output)
    }

    /// The names of the connections, in the order of the file.
    private func fleet() throws -> [String] {
        let connections = try run.files.common.project().connections
        for word in labels where !connections.contains(where: { $0.labels.contains(word) }) {
            let known = Set(connections.flatMap(\.labels)).sorted()
            let hint = known.isEmpty ? "No connection has a label." : "There are: \(known.joined(separator: ", "))."
            throw ConfigurationError("No connection has the label \"\(word)\". \(hint)")
        }
        let names = connections.filter { all || !Set($0.labels).isDisjoint(with: labels) }.map(\.name)
        guard !names.isEmpty else { throw ConfigurationError("There are no connections in roost.yaml.") }
        return names
    }

    private func look(at name: String, _ graph: RevisionGraph) async throws -> DatabaseReport {
        var options = run
        options.target = name
        var report = DatabaseReport(database: name)
        do {
            report.findings = try await options.withMigrator(graph: graph) { try await check($0, graph, name) }
            report.state = report.findings.isEmpty ? .same : .differs
        } catch {
            // Who cancels means all of them.
            try Task.checkCancellation()
            report.status = ExitStatus(for: error)
            report.state = report.status == .cannotConnect ? .unreachable : .failed
            report.message = ErrorReport.text(for: error).split(separator: "\n").map {
                $0.trimmingCharacters(in: .whitespaces)
            }.joined(separator: " ")
        }
        return report
    }

    private func checkOne(_ graph: RevisionGraph) async throws {
        let name = try run.database()
        let findings = try await run.withMigrator(graph: graph) { try await check($0, graph, name) }
        if run.output == .json {
            try FleetReport.write(json: findings)
        } else if !findings.isEmpty {
            MigrationTable.write(
                ["finding", "what"],
                findings.map { [.text($0.kind.rawValue), .text($0.what)] },
                run.output
            )
        }
        guard !findings.isEmpty else { return Terminal.note("No difference.") }
        throw CommandFailure(
            status: .findings,
            message: "\(findings.count) finding\(findings.count == 1 ? "" : "s")"
        )
    }

    private func check(_ migrator: Migrator, _ graph: RevisionGraph, _ name: String?) async throws -> [DriftFinding] {
        let status = try await migrator.status()
        var result = status.pending.map { DriftFinding(.pending, $0.id) }
        result += status.dirty.map { DriftFinding(.dirty, $0.revision) }
        result += status.edited.map { DriftFinding(.edited, $0.revision) }
        result += status.missing.map { DriftFinding(.missing, $0.revision) }
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
        return result + comparison.changes.map { DriftFinding(.differs, $0.description) }
    }
}
