import ArgumentParser
import Foundation
import Roost
import RoostConfiguration
import RoostFormats
import RoostMigrations

/// `roost migrate`
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Change databases step by step, from plain SQL files.",
        discussion: """
            Examples:
              roost migrate new "create customer"      write a file to begin with
              roost migrate generate "add email" shop --to schema.sql
              roost migrate status shop                what is applied and what is not
              roost migrate plan shop                  what apply would do: locks, rows, findings
              roost migrate apply shop                 apply what is not, after asking
              roost migrate rollback shop --to -1      undo the last one
              roost migrate sql --dialect postgresql   the script, for those who run it by hand

            The folder is migrations/, or what roost.yaml says:
              migrations: {folder: db/migrations, connection: shop, lock_timeout: 2s, wait: 10m, history_table: roost_migrations}

            Exit codes: 0 done, 2 usage or a file that is wrong, 3 something to do, 5 locked by another run or cancelled,
            6 partly done, 7 a file was edited or is missing.
            """,
        subcommands: [
            NewMigration.self, GenerateMigration.self, PlanMigrations.self, ApplyMigrations.self,
            RollbackMigrations.self,
            MigrationStatusCommand.self,
            MigrationHistory.self, MigrationHeads.self, MergeMigrations.self, StampMigrations.self,
            ValidateMigrations.self, HashMigrations.self, RepairMigrations.self, MigrationScript.self,
            SquashMigrations.self, ImportMigrations.self, LintMigrations.self, CheckMigrations.self,
            TestMigrations.self, OnlineMigrations.self,
        ]
    )
}

/// Where the files are.
struct MigrationFolderOptions: ParsableArguments {
    @OptionGroup var common: CommonOptions
    @Option(name: .long, help: ArgumentHelp("The folder of the files.", valueName: "folder")) var dir: String?

    func settings() throws -> MigrationSettings { try common.project().migrations }

    /// The folder: from the option, from `roost.yaml` beside that file, else `migrations` here.
    func path() throws -> String {
        if let dir { return dir }
        let project = try common.project()
        let folder = project.migrations.folder ?? "migrations"
        guard !folder.hasPrefix("/"), let file = project.file, let slash = file.lastIndex(of: "/") else {
            return folder
        }
        let directory = String(file[..<slash])
        // Paths in messages are as short as people would type them.
        return directory == FileManager.default.currentDirectoryPath ? folder : directory + "/" + folder
    }

    func folder() throws -> MigrationFolder { try MigrationFolder(path: try path()) }

    /// The files' graph, after their checksums were compared.
    func graph() throws -> RevisionGraph {
        let folder = try folder()
        try folder.checkIntegrity()
        return try RevisionGraph(folder.revisions)
    }
}

/// Which database is migrated, and how.
struct MigrationRunOptions: ParsableArguments {
    @OptionGroup var files: MigrationFolderOptions
    @Argument(help: "A connection's name or a URL.") var target: String?
    @Option(name: .long, help: "The table of the history.") var historyTable: String?
    @Option(name: .long, help: "How long a statement waits for locks before it gives way and is tried again: 2s.")
    var lockTimeout: String?
    @Option(name: .long, help: "How long to wait for another run: 10m.") var wait: String?
    @Option(name: .shortAndLong, help: "table, json, csv, …") var output: OutputFormat = .table
    @Flag(name: .shortAndLong, help: "Say which statement runs.") var verbose = false

    func validate() throws {
        for text in [lockTimeout, wait].compactMap({ $0 }) where ConnectionConfiguration.duration(from: text) == nil {
            throw ValidationError("\"\(text)\" is no duration such as 500ms, 5s or 10m.")
        }
    }

    func configuration() throws -> MigrationConfiguration {
        let settings = try files.settings()
        var configuration = MigrationConfiguration()
        configuration.toolVersion = RoostVersion.text
        if let table = historyTable ?? settings.historyTable { configuration.historyTable = table }
        if let time = lockTimeout.flatMap(ConnectionConfiguration.duration) ?? settings.lockTimeout {
            configuration.lockTimeout = time
        }
        if let time = wait.flatMap(ConnectionConfiguration.duration) ?? settings.wait { configuration.lockWait = time }
        return configuration
    }

    /// The database: from the argument, else from `roost.yaml`.
    func database() throws -> String? { try target ?? files.settings().connection }

    /// Connects, and closes when `body` is done.
    ///
    /// - Parameter graph: the files; nil for those of the folder, whose checksums are compared then.
    func withMigrator<R>(
        _ change: (inout MigrationConfiguration) -> Void = { _ in },
        graph: RevisionGraph? = nil,
        _ body: (Migrator) async throws -> R
    ) async throws -> R {
        // What is wrong with the files is said before anything is connected to.
        let graph = try graph ?? files.graph()
        var configuration = try configuration()
        change(&configuration)
        let lockTimeout = configuration.lockTimeout
        let database = try database()
        let isVerbose = verbose
        return try await files.common.withConnection(database, { $0.lockTimeout = lockTimeout }) { connection in
            let migrator = Migrator(connection: connection, graph: graph, configuration: configuration) { event in
                if let text = MigrationProgress.text(for: event, graph: graph, isVerbose: isVerbose) {
                    Terminal.note(text)
                }
            }
            return try await body(migrator)
        }
    }
}

/// What a person is told while migrations run.
enum MigrationProgress {
    static func text(for event: MigrationEvent, graph: RevisionGraph, isVerbose: Bool) -> String? {
        switch event {
        case .waiting(let holder):
            "waiting for another run: \(holder)"
        case .began(let revision, let direction, let number, let count):
            "\(direction == .up ? "applying" : "rolling back") \(number) of \(count): \(revision) \(graph[revision]?.description ?? "")"
        case .step(let revision, let number, let count, let line):
            isVerbose ? "  \(revision) statement \(number) of \(count), line \(line)" : nil
        case .retrying(_, let attempt, let delay):
            "  a lock was not granted (attempt \(attempt)); trying again in \(delay.formatted)"
        case .ended(_, _, let duration):
            "  done in \(duration.formatted)"
        case .skipped(let revision):
            "  \(revision) was done by another run"
        case .removedInvalidIndex(_, let index):
            "  removed the index \(index), which an earlier run had left invalid"
        }
    }
}

/// Rows of text on standard output.
struct MigrationTable {
    static func write(_ names: [String], _ rows: [[Value]], _ format: OutputFormat) {
        var writer = ResultWriter(
            format,
            columns: ColumnList(names.map { ColumnDescription(name: $0) }),
            options: OutputOptions(width: Terminal.width, null: format == .table ? "" : nil)
        )
        for row in rows { writer.write(row) }
        writer.end()
        Terminal.write(writer.takeBytes())
    }
}
