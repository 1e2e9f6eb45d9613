import ArgumentParser
import Foundation
import Roost
import RoostMigrations
import RoostSchema

/// `roost migrate test`
struct TestMigrations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Apply all migrations to a scratch database, roll them back, and apply them again.",
        discussion: """
            Nothing happens to the database that is named; the scratch one is on its server. Finds revisions that do not run on an empty
            database, whose way down fails or leaves something, and that do not run a second time.

            Examples:
              roost migrate test shop
              roost migrate test sqlite::memory:
              roost migrate test shop --rows 20            also on tables with rows made up from the schema
              roost migrate test shop --seed seed.sql      also on rows of a file, put in before what is pending on shop

            Exits with 3 when the way down leaves something, the second way up makes something else than the first, or rows are lost.
            """
    )
    @OptionGroup var run: MigrationRunOptions
    @Option(name: .long, help: "An empty database to use, where none can be made on the server.") var scratch: String?
    @Option(name: .long, help: "How many rows each table gets for a second trial, on tables with rows.") var rows = 0
    @Option(name: .long, help: ArgumentHelp("SQL that puts rows in for the second trial.", valueName: "file"))
    var seed: String?
    @Option(name: .long, help: "The revision after which --seed is carried out; where the database stands by default.")
    var seedAt: String?

    func validate() throws {
        guard (0...100_000).contains(rows) else { throw ValidationError("--rows is a number up to 100000.") }
        if seedAt != nil, seed == nil { throw ValidationError("--seed-at goes with --seed.") }
        if rows > 0 || seed != nil, scratch != nil {
            throw ValidationError("The trial on rows needs a second database: it does not go with --scratch.")
        }
    }

    func run() async throws {
        let graph = try run.files.graph()
        let place = ScratchDatabase(common: run.files.common, target: try run.database(), other: scratch)
        let findings = try await run.withMigrator(graph: graph) { neighbour in
            let found = try await place.with(like: neighbour.connection) { connection in
                try await Self.findings(graph, neighbour.configuration, on: connection)
            }
            guard rows > 0 || seed != nil else { return found }
            let before = try await self.seedAfter(neighbour)
            return try await place.with(like: neighbour.connection) { connection in
                found + (try await trial(graph, neighbour.configuration, place, before, on: connection))
            }
        }
        for finding in findings { Terminal.write(finding + "\n") }
        guard findings.isEmpty else {
            throw CommandFailure(
                status: .findings,
                message: "\(findings.count) finding\(findings.count == 1 ? "" : "s")"
            )
        }
        Terminal.note("\(graph.revisions.count) revisions: up, down and up again")
    }

    /// What is applied before the rows of the file are put in: as far as the named database is, but not everything.
    private func seedAfter(_ neighbour: Migrator) async throws -> Set<String> {
        let graph = neighbour.graph
        if let seedAt { return graph.ancestors(of: [try graph.find(seedAt).id]) }
        let applied = Set(try await neighbour.status().applied.map(\.revision))
        if !applied.isEmpty, applied.count < graph.revisions.count { return applied }
        return Set(graph.revisions.dropLast().map(\.id))
    }

    private func trial(
        _ graph: RevisionGraph,
        _ configuration: MigrationConfiguration,
        _ place: ScratchDatabase,
        _ seedAfter: Set<String>,
        on connection: any Connection
    ) async throws -> [String] {
        var configuration = configuration
        configuration.allowsDestructive = true
        var trial = MigrationTrial(Migrator(connection: connection, graph: graph, configuration: configuration))
        trial.rows = rows
        if let seed {
            trial.seedAfter = seedAfter
            trial.seed = { connection in
                do {
                    try await ScratchDatabase.carryOut(seed, on: connection)
                } catch let failure as CommandFailure {
                    throw MigrationError(.usage, failure.message)
                }
            }
        }
        let report = try await trial.run()
        for table in report.unfilled.sorted() { Terminal.note("no rows in \(table)") }
        if report.findings.isEmpty {
            Terminal.note("\(graph.revisions.count) revisions on tables with rows: nothing lost")
        }
        return report.findings
    }

    private static func findings(
        _ graph: RevisionGraph,
        _ configuration: MigrationConfiguration,
        on connection: any Connection
    ) async throws -> [String] {
        var configuration = configuration
        configuration.allowsDestructive = true
        let migrator = Migrator(connection: connection, graph: graph, configuration: configuration)
        func changes(_ from: Schema, _ to: Schema) -> [Schema.Change] {
            MigrationGenerator(from: from, to: to, historyTable: configuration.historyTable).changes
        }
        let empty = try await Schema.read(from: connection)
        try await migrator.apply(upTo: .heads)
        let first = try await Schema.read(from: connection)
        if let stuck = graph.revisions.last(where: { !$0.isReversible(dialect: connection.dialect) }) {
            Terminal.note("not rolled back: revision \(stuck.id) has no way down")
            return []
        }
        try await migrator.rollback(downTo: .base)
        let after = try await Schema.read(from: connection)
        let left = changes(empty, after).map { "left by the way down: \($0.description)" }
        // The way up would only stumble over it.
        guard left.isEmpty else { return left }
        try await migrator.apply(upTo: .heads)
        let second = try await Schema.read(from: connection)
        return changes(first, second).map { "other than the first time: \($0.description)" }
    }
}
