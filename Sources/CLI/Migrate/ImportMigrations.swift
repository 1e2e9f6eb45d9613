public import ArgumentParser
import Foundation
public import RoostMigrations

extension MigrationImport.Source: ExpressibleByArgument {}

/// `roost migrate import`
struct ImportMigrations: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take over the migrations of Alembic, Flyway or Atlas.",
        discussion: """
            Examples:
              roost migrate import flyway src/main/resources/db/migration
              roost migrate import atlas migrations --dir db/migrations
              alembic upgrade head --sql > all.sql
              roost migrate import alembic app/alembic/versions --offline all.sql

            Nothing is guessed: what cannot be translated is listed with file and line, and nothing is written then. Databases
            that have it all applied are told so with: roost migrate stamp DATABASE --to head
            """
    )
    @OptionGroup var files: MigrationFolderOptions
    @Argument(help: "alembic, flyway or atlas.") var source: MigrationImport.Source
    @Argument(help: "The folder of its files.") var folder: String
    @Option(name: .long, help: "What alembic upgrade head --sql printed.") var offline: String?
    @Flag(name: .long, help: "List what would be written, and write nothing.") var dryRun = false

    func run() throws {
        let found = try MigrationImport.read(source, folder: folder, offlineScript: offline)
        for remark in found.remarks {
            Terminal.note("\(remark.file)\(remark.line.map { ":\($0)" } ?? ""): \(remark.message)")
        }
        guard found.isComplete else {
            throw CommandFailure(
                status: .findings,
                message: source == .alembic && offline == nil
                    ? "nothing was written. Let Alembic print the SQL (alembic upgrade head --sql > all.sql) and add --offline all.sql."
                    : "nothing was written: what stands above cannot be translated."
            )
        }
        let path = try files.path()
        if !dryRun, FileManager.default.fileExists(atPath: path), try !files.folder().revisions.isEmpty {
            throw CommandFailure(
                status: .usage,
                message: "The folder \(path) has migrations already; name an empty one with --dir."
            )
        }
        for template in found.migrations {
            Terminal.write((dryRun ? path + "/" + template.fileName : try template.write(into: path)) + "\n")
        }
        guard !dryRun else { return }
        var written = try files.folder()
        let graph = try RevisionGraph(written.revisions)
        try written.recordChecksums()
        Terminal.note("\(graph.revisions.count) revisions, \(graph.heads.count) heads")
    }
}
