import ArgumentParser
import Roost
import RoostFormats
import RoostMigrations

/// `roost migrate status`
struct MigrationStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what is applied, what is not, and what is wrong.",
        discussion: """
            Examples:
              roost migrate status shop
              roost migrate status shop -o json | jq '.[] | select(.state != "applied")'
              roost migrate status shop --exit-code      3 when something is to be applied, 6 partly done, 7 edited or missing
            """,
        aliases: ["info", "current"]
    )
    @OptionGroup var run: MigrationRunOptions
    @Flag(name: .long, help: "Exit with 3, 6 or 7 unless all is applied and well.") var exitCode = false

    func run() async throws {
        // Files that were edited or have gone are part of what is shown.
        let graph = try RevisionGraph(try run.files.folder().revisions)
        let status = try await run.withMigrator(graph: graph) { try await $0.status() }
        write(status, graph)
        Terminal.note(summary(status))
        guard exitCode else { return }
        if !status.dirty.isEmpty { throw CommandFailure(status: .partlyDone, message: "a revision is partly done") }
        if !status.edited.isEmpty || !status.missing.isEmpty {
            throw CommandFailure(status: .integrityBroken, message: "files were edited or are missing")
        }
        if !status.pending.isEmpty {
            throw CommandFailure(status: .findings, message: "\(status.pending.count) revisions are not applied")
        }
    }

    private func write(_ status: MigrationStatus, _ graph: RevisionGraph) {
        let entries = Dictionary(status.history.map { ($0.revision, $0) }) { $1 }
        let current = Set(status.current)
        let edited = Set(status.edited.map(\.revision))
        let squashed = Set(status.squashed.map(\.id))
        var rows: [[Value]] = []
        func row(_ id: String, _ description: String, _ state: String, _ entry: HistoryEntry?, _ file: String?) {
            let isThere = entry.map { $0.state != .reverted } ?? false
            rows.append([
                .text(id), .text(description), .text(state), .text(current.contains(id) ? "current" : ""),
                isThere ? entry.map { .text($0.startedAt) } ?? .null : .null,
                isThere ? entry.map { .text($0.appliedBy) } ?? .null : .null,
                entry?.durationMilliseconds.map(Value.int) ?? .null,
                entry.map { $0.isDirty ? .text("\($0.stepsDone) of \($0.steps)") : .null } ?? .null,
                file.map(Value.text) ?? .null,
            ])
        }
        for entry in status.missing { row(entry.revision, entry.description, "missing", entry, nil) }
        for revision in graph.revisions {
            let entry = entries[revision.id]
            var state = entry.map { $0.state == .reverted ? "pending" : $0.state.rawValue } ?? "pending"
            if edited.contains(revision.id) { state = "edited" }
            if squashed.contains(revision.id) { state = "applied" }
            row(revision.id, revision.description, state, entry, revision.fileName)
        }
        MigrationTable.write(
            ["revision", "description", "state", "at", "since", "by", "milliseconds", "steps", "file"],
            rows,
            run.output
        )
    }

    private func summary(_ status: MigrationStatus) -> String {
        var parts = ["\(status.applied.count) applied", "\(status.pending.count) pending"]
        for entry in status.dirty {
            parts.append(
                "\(entry.revision) is partly \(entry.state == .applying ? "applied" : "rolled back") (\(entry.stepsDone) of \(entry.steps) statements)"
            )
        }
        if !status.edited.isEmpty { parts.append("\(status.edited.count) edited since") }
        if !status.missing.isEmpty { parts.append("\(status.missing.count) without a file") }
        return parts.joined(separator: ", ")
    }
}

/// `roost migrate history`
struct MigrationHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the revisions of the folder, the latest first.",
        discussion: "Needs no database. Example: roost migrate history -o json",
        aliases: ["log"]
    )
    @OptionGroup var files: MigrationFolderOptions
    @Option(name: .shortAndLong, help: "table, json, csv, …") var output: OutputFormat = .table

    func run() throws {
        let graph = try RevisionGraph(try files.folder().revisions)
        MigrationTable.write(
            ["revision", "parents", "description", "place", "file"],
            graph.revisions.reversed().map { revision in
                var places: [String] = []
                if graph.children(of: revision.id).isEmpty { places.append("head") }
                if graph.children(of: revision.id).count > 1 { places.append("branch") }
                if revision.parents.count > 1 { places.append("merge") }
                if revision.parents.isEmpty { places.append("base") }
                return [
                    .text(revision.id), .text(revision.parents.joined(separator: ", ")), .text(revision.description),
                    .text(places.joined(separator: " ")), revision.fileName.map(Value.text) ?? .null,
                ]
            },
            output
        )
    }
}

/// `roost migrate heads`
struct MigrationHeads: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heads",
        abstract: "List the revisions nothing follows.",
        discussion: "Exits with 3 when there are several: roost migrate merge joins them. Example: roost migrate heads"
    )
    @OptionGroup var files: MigrationFolderOptions
    @Option(name: .shortAndLong, help: "table, json, csv, …") var output: OutputFormat = .table

    func run() throws {
        let heads = try RevisionGraph(try files.folder().revisions).heads
        MigrationTable.write(
            ["revision", "description", "file"],
            heads.map { [.text($0.id), .text($0.description), $0.fileName.map(Value.text) ?? .null] },
            output
        )
        if heads.count > 1 {
            throw CommandFailure(
                status: .findings,
                message: "there are \(heads.count) heads; join them with roost migrate merge"
            )
        }
    }
}
