import ArgumentParser
import Foundation
import Roost
import RoostConfiguration
import RoostMigrations
import RoostMySQL
import RoostPostgreSQL
import RoostSQLite

/// `roost migrate new`
struct NewMigration: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Write an empty migration that follows the head.",
        discussion: """
            Examples:
              roost migrate new "create customer"
              roost migrate new "index customer email" --no-transaction
              roost migrate new "fix" --parent 20261125153000
            """,
        aliases: ["revision", "create"]
    )
    @OptionGroup var files: MigrationFolderOptions
    @Argument(help: "What it does.") var description: String
    @Option(name: .long, help: "Its name; the time by default.") var revision: String?
    @Option(name: .long, help: "What it follows; the head by default.") var parent: [String] = []
    @Flag(name: .long, help: "For statements that cannot run inside a transaction.") var noTransaction = false

    func run() throws {
        let path = try files.path()
        var parents: [String] = []
        var names: Set<String> = []
        if FileManager.default.fileExists(atPath: path) {
            let graph = try RevisionGraph(try files.folder().revisions)
            names = Set(graph.revisions.map(\.id))
            parents = try parent.isEmpty ? graph.onlyHead().map { [$0.id] } ?? [] : parent.map { try graph.find($0).id }
        } else if let first = parent.first {
            throw MigrationError(.usage, "There is no revision \"\(first)\": the folder does not exist.", file: path)
        }
        var template = MigrationTemplate(
            revision: revision ?? Self.freeName(among: names),
            parents: parents,
            description: description
        )
        guard !names.contains(template.revision) else {
            throw MigrationError(.usage, "There is a revision \(template.revision) already.")
        }
        if noTransaction { template.isTransactional = false }
        Terminal.write(try template.write(into: path) + "\n")
    }

    /// The time to the second; two in one second are told apart.
    static func freeName(among names: Set<String>) -> String {
        var seconds = Int64(Date().timeIntervalSince1970)
        while names.contains(MigrationTemplate.name(at: seconds)) { seconds += 1 }
        return MigrationTemplate.name(at: seconds)
    }
}

/// `roost migrate merge`
struct MergeMigrations: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Write a revision that joins heads.",
        discussion: "Examples: roost migrate merge; roost migrate merge 20261125153000 20261125160000 -m \"join\""
    )
    @OptionGroup var files: MigrationFolderOptions
    @Argument(help: "The revisions to join; all heads by default.") var revisions: [String] = []
    @Option(name: .shortAndLong, help: "What it does.") var message: String?

    func run() throws {
        let graph = try RevisionGraph(try files.folder().revisions)
        let parents = try revisions.isEmpty ? graph.heads.map(\.id) : revisions.map { try graph.find($0).id }
        guard Set(parents).count > 1 else {
            throw CommandFailure(status: .usage, message: "There is only one head: nothing to merge.")
        }
        let template = MigrationTemplate(
            revision: NewMigration.freeName(among: Set(graph.revisions.map(\.id))),
            parents: parents,
            description: message ?? "merge"
        )
        Terminal.write(try template.write(into: try files.path()) + "\n")
    }
}

/// `roost migrate validate`
struct ValidateMigrations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check files, graph and checksums; with a database, its history too.",
        discussion: """
            Examples:
              roost migrate validate --dialect postgresql,sqlite
              roost migrate validate shop
            Exits with 2 for files that are wrong, 3 for files whose checksum is not recorded, 7 for edited or missing ones.
            """
    )
    @OptionGroup var run: MigrationRunOptions
    @Option(name: .long, help: "Read the statements as these engines do.") var dialect: String?

    func run() async throws {
        let folder = try run.files.folder()
        let graph = try RevisionGraph(folder.revisions)
        for name in (dialect ?? "").split(separator: ",") {
            let dialect = try MigrationDialect.named(String(name)).dialect
            for revision in graph.revisions {
                _ = try revision.steps(.up, dialect: dialect)
                _ = try revision.steps(.down, dialect: dialect)
            }
        }
        try folder.checkIntegrity()
        if run.target != nil {
            try await run.withMigrator({ $0.allowsDestructive = true }) { _ = try await $0.pending(upTo: .heads) }
        }
        let unrecorded = folder.differences().filter { $0.kind == .unrecorded }
        for difference in unrecorded { Terminal.note("not recorded: \(difference.fileName)") }
        Terminal.note("\(graph.revisions.count) revisions, \(graph.heads.count) heads")
        if !unrecorded.isEmpty {
            throw CommandFailure(status: .findings, message: "record their checksums with roost migrate hash")
        }
    }
}

/// `roost migrate hash`
struct HashMigrations: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hash",
        abstract: "Record the checksums of the files as they are now.",
        discussion: "Writes roost.sum, to be kept with the files. Example: roost migrate hash"
    )
    @OptionGroup var files: MigrationFolderOptions

    func run() throws {
        var folder = try files.folder()
        _ = try RevisionGraph(folder.revisions)
        try folder.recordChecksums()
        Terminal.note("recorded \(folder.revisions.count) checksums")
    }
}

/// `roost migrate sql`
struct MigrationScript: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract: "Print what would run as one script, without a database.",
        discussion: """
            Examples:
              roost migrate sql --dialect postgresql > all.sql
              roost migrate sql --dialect mysql --from 20261125153000 --to head
              roost migrate sql --dialect sqlite --from head --to base      the way back
            """
    )
    @OptionGroup var files: MigrationFolderOptions
    @Option(name: .long, help: "postgresql, mysql, mariadb or sqlite.") var dialect: String
    @Option(name: .long, help: "The revision to begin after; base by default.") var from: String = "base"
    @Option(name: .long, help: "The revision to end with; head by default.") var to: String = "head"
    @Option(name: .long, help: "The table of the history.") var historyTable: String?

    func run() throws {
        let graph = try files.graph()
        let engine = try MigrationDialect.named(dialect)
        var configuration = MigrationConfiguration()
        configuration.toolVersion = RoostVersion.text
        if let table = try historyTable ?? files.settings().historyTable { configuration.historyTable = table }
        let present = try names(from, graph)
        let wanted = try names(to, graph)
        let isUp = !wanted.isSubset(of: present)
        let path =
            isUp
            ? graph.revisions.filter { wanted.contains($0.id) && !present.contains($0.id) }
            : graph.revisions.reversed().filter { present.contains($0.id) && !wanted.contains($0.id) }
        Terminal.write(
            try OfflineScript.text(
                of: path,
                isUp ? .up : .down,
                dialect: engine.dialect,
                capabilities: engine.capabilities,
                configuration: configuration
            )
        )
    }

    private func names(_ text: String, _ graph: RevisionGraph) throws -> Set<String> {
        switch try RevisionTarget(text) {
        case .base: []
        case .head: graph.ancestors(of: try graph.onlyHead().map { [$0.id] } ?? [])
        case .heads: graph.ancestors(of: graph.heads.map(\.id))
        case .revision(let name): graph.ancestors(of: [try graph.find(name).id])
        case .relative: throw MigrationError(.usage, "--from and --to take a revision, head, heads or base.")
        }
    }
}

/// The engines a script can be written for.
enum MigrationDialect {
    static func named(_ name: String) throws -> (dialect: Dialect, capabilities: Capabilities) {
        switch name.lowercased() {
        case "postgresql", "postgres": (PostgreSQLDriver().dialect, PostgreSQLDriver().capabilities)
        case "mysql": (MySQLDriver(.mysql).dialect, MySQLDriver(.mysql).capabilities)
        case "mariadb": (MySQLDriver(.mariadb).dialect, MySQLDriver(.mariadb).capabilities)
        case "sqlite": (SQLiteDriver().dialect, SQLiteDriver().capabilities)
        default: throw MigrationError(.usage, "The dialect is postgresql, mysql, mariadb or sqlite, not \(name).")
        }
    }
}

/// `roost migrate squash`
struct SquashMigrations: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "squash",
        abstract: "Make one revision of a revision and all it follows.",
        discussion: """
            The new file says what it stands for: a database that has all of it applied takes the new one as applied.
            The old files are removed; version control keeps them.
            Example: roost migrate squash --to 20261125153000 --yes
            """
    )
    @OptionGroup var files: MigrationFolderOptions
    @Option(name: .long, help: "The last revision to squash; the head by default.") var to: String?
    @Option(name: .shortAndLong, help: "What it does.") var message: String?
    @Flag(name: .shortAndLong, help: "Do not ask.") var yes = false

    func run() throws {
        let graph = try files.graph()
        let last = try to ?? graph.onlyHead()?.id ?? ""
        let template = try MigrationSquash.template(
            upTo: last,
            in: graph,
            named: NewMigration.freeName(among: Set(graph.revisions.map(\.id))),
            description: message ?? "squashed up to \(last)"
        )
        let old = graph.revisions.filter { template.replaces.contains($0.id) }.compactMap(\.path)
        guard yes else {
            throw CommandFailure(status: .usage, message: "\(old.count) files would become one: add --yes.")
        }
        let path = try files.path()
        Terminal.write(try template.write(into: path) + "\n")
        for file in old { try FileManager.default.removeItem(atPath: file) }
        var folder = try files.folder()
        _ = try RevisionGraph(folder.revisions)
        if folder.recorded != nil { try folder.recordChecksums() }
    }
}
