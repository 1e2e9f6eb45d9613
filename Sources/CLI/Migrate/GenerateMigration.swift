import ArgumentParser
import Foundation
import Roost
import RoostMigrations
import RoostSchema

/// `roost migrate generate`
struct GenerateMigration: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write the migration that makes a database as it should be.",
        discussion: """
            What should be is in SQL files (a file, or a folder of them in the order of their names), in another database, or in a dump
            of schema dump --format json. SQL files are carried out in a scratch database on the same server, which is removed again, so
            that both sides are in the server's own words.

            What may be a rename is asked on a terminal, and has to be said elsewhere: nothing is silently dropped and created. Indexes and
            constraints on tables that are there come in a second revision, by statements that let others work meanwhile (PostgreSQL); on MySQL and
            MariaDB statements ask for ALGORITHM and LOCK, so that one that would copy the table while writers wait fails at once.

            Examples:
              roost migrate generate "add email" shop --to schema.sql
              roost migrate generate "as staging" shop --to staging --dry-run
              roost migrate generate "full names" shop --to schema.sql --rename customer.name=full_name
              roost migrate generate "no fax" shop --to schema.sql --drop customer.fax

            Exit codes: 0 done or nothing to do, 2 the database is not at the head of the files, or a rename has to be decided.
            """
    )
    @Argument(help: "What it does.") var description: String
    @OptionGroup var run: MigrationRunOptions
    @Option(name: .long, help: "What should be: SQL, a connection's name, a URL, or a dump in JSON.") var to: String
    @Option(name: .long, help: ArgumentHelp("What is renamed: customer.name=full_name.", valueName: "old=new"))
    var rename: [String] = []
    @Option(name: .long, help: ArgumentHelp("What is dropped indeed: customer.fax.", valueName: "name"))
    var drop: [String] = []
    @Option(name: .long, help: "An empty database to carry out SQL files in, where none can be made on the server.")
    var scratch: String?
    @Flag(name: .long, help: "Make all of it at once, without regard for those who read and write meanwhile.")
    var offline = false
    @Flag(name: .long, help: "Print the files instead of writing them.") var dryRun = false

    func run() async throws {
        let path = try run.files.path()
        let isThere = FileManager.default.fileExists(atPath: path)
        let graph = try isThere ? run.files.graph() : RevisionGraph([])
        let parents = try graph.onlyHead().map { [$0.id] } ?? []
        let templates = try await run.withMigrator(graph: graph) { migrator in
            let status = try await migrator.status()
            guard status.isUpToDate else {
                throw CommandFailure(
                    status: .usage,
                    message:
                        "The database is not at the head of the files, so what is missing in it may be written already. Run roost migrate apply first."
                )
            }
            let wanted = ScratchDatabase(common: run.files.common, target: try run.database(), other: scratch)
            var generator = MigrationGenerator(
                from: try await Schema.read(from: migrator.connection),
                to: try await wanted.schema(of: to, like: migrator.connection),
                historyTable: migrator.configuration.historyTable
            )
            guard generator.current.engine == generator.desired.engine else {
                throw CommandFailure(
                    status: .usage,
                    message:
                        "The database is one of \(generator.current.engine.rawValue), and what should be one of \(generator.desired.engine.rawValue)."
                )
            }
            for text in rename { try generator.renames.add(text, in: generator.current) }
            generator.drops = Set(drop)
            generator.isOnline = !offline
            try ask(&generator)
            var names = Set(graph.revisions.map(\.id))
            return try generator.templates(parents: parents, description: description) {
                let name = NewMigration.freeName(among: names)
                names.insert(name)
                return name
            }
        }
        guard !templates.isEmpty else { return Terminal.note("No difference.") }
        for template in templates {
            if dryRun {
                Terminal.write("-- \(template.fileName)\n\(template.text)\n")
            } else {
                Terminal.write(try template.write(into: path) + "\n")
            }
        }
    }

    /// Asks what only its author can know; where nobody can be asked, the generator refuses.
    private func ask(_ generator: inout MigrationGenerator) throws {
        guard Terminal.inputIsTerminal else { return }
        while let question = generator.questions.first {
            Terminal.write(
                Array("Is \(question.path) renamed to \(question.to)? [y: rename, d: drop it] ".utf8),
                to: Terminal.standardError
            )
            switch readLine()?.lowercased() {
            case "y", "yes", "r", "rename": generator.renames.add(question)
            case "d", "drop": generator.drops.insert(question.path)
            case nil: throw CommandFailure(status: .timedOutOrCancelled, message: "nothing was written")
            default: continue
            }
        }
    }
}
