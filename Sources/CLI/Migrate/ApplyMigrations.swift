import ArgumentParser
import Roost
import RoostFormats
import RoostMigrations

/// What commands that change a database share: showing, asking, telling.
struct MigrationApproval: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Do not ask.") var yes = false
    @Option(
        name: .long,
        help: ArgumentHelp("Allow what would be refused: destructive.", valueName: "what")
    ) var allow: [String] = []
    @Flag(name: .long, help: "Print the SQL that would run, and run nothing.") var dryRun = false

    func validate() throws {
        if let other = allow.first(where: { $0 != "destructive" }) {
            throw ValidationError("--allow knows destructive, not \(other).")
        }
    }

    var allowsDestructive: Bool { allow.contains("destructive") }

    /// Whether the person agrees.
    ///
    /// - Throws: where nobody can be asked.
    func confirm(_ path: [Revision], _ verb: String, on database: String) throws {
        for revision in path { Terminal.note("  \(revision.id)  \(revision.description)") }
        if yes { return }
        guard Terminal.inputIsTerminal else {
            throw CommandFailure(status: .usage, message: "Nobody can be asked here: add --yes to \(verb) these.")
        }
        Terminal.write(
            Array("\(verb) \(path.count) on \(database)? [y/N] ".utf8),
            to: Terminal.standardError
        )
        guard let answer = readLine()?.lowercased(), answer == "y" || answer == "yes" else {
            throw CommandFailure(status: .timedOutOrCancelled, message: "nothing was done")
        }
    }

    func printScript(_ path: [Revision], _ direction: Revision.Direction, _ migrator: Migrator) throws {
        Terminal.write(
            try OfflineScript.text(
                of: path,
                direction,
                dialect: migrator.connection.dialect,
                capabilities: migrator.connection.capabilities,
                configuration: migrator.configuration
            )
        )
    }

    static func write(_ entries: [HistoryEntry], _ format: OutputFormat) {
        guard format != .table || !entries.isEmpty else { return }
        MigrationTable.write(
            ["revision", "description", "state", "milliseconds"],
            entries.map {
                [
                    .text($0.revision), .text($0.description), .text($0.state.rawValue),
                    $0.durationMilliseconds.map(Value.int) ?? .null,
                ]
            },
            format
        )
    }
}

/// `roost migrate apply`
struct ApplyMigrations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Apply the revisions that are not applied yet.",
        discussion: """
            Examples:
              roost migrate apply shop
              roost migrate apply shop --to 20261125153000 --yes
              roost migrate apply shop --to +1
              roost migrate apply shop --dry-run
              roost migrate apply shop --plan plan.json        exactly what roost migrate plan --out plan.json showed, unasked

            Each revision runs in one transaction where the engine can (SQLite, PostgreSQL). Elsewhere, and with the header
            "transactional: no", each statement is recorded as it is done; when one fails, mend it and run roost migrate repair.
            A statement that gets no lock within --lock-timeout gives way and is tried again.
            """,
        aliases: ["upgrade", "up", "migrate"]
    )
    @OptionGroup var run: MigrationRunOptions
    @OptionGroup var approval: MigrationApproval
    @Option(name: .long, help: "How far: a revision, head, heads or +N; head by default.") var to: String?
    @Option(name: .long, help: ArgumentHelp("Apply a kept plan, or nothing when it no longer fits.", valueName: "file"))
    var plan: String?

    func validate() throws {
        if plan != nil, to != nil || approval.dryRun {
            throw ValidationError("--plan says how far; it goes with neither --to nor --dry-run.")
        }
    }

    func run() async throws {
        if let plan {
            let kept = try PlanFile.read(plan)
            return try await run.withMigrator({ $0.allowsDestructive = approval.allowsDestructive }) { migrator in
                done(try await migrator.apply(kept))
            }
        }
        let target = try RevisionTarget(to ?? "head")
        try await run.withMigrator({ $0.allowsDestructive = approval.allowsDestructive }) { migrator in
            var expected: [Revision]?
            if approval.dryRun {
                return try approval.printScript(try await migrator.pending(upTo: target), .up, migrator)
            }
            if !approval.yes {
                let path = try await migrator.pending(upTo: target)
                let squashed = try await migrator.status().squashed
                guard !path.isEmpty || !squashed.isEmpty else { return done([]) }
                try approval.confirm(path, "apply", on: migrator.connection.driverName)
                expected = path
            }
            done(try await migrator.apply(upTo: target, expecting: expected))
        }
    }

    private func done(_ entries: [HistoryEntry]) {
        if entries.isEmpty { Terminal.note("nothing to apply") }
        MigrationApproval.write(entries, run.output)
    }
}

/// `roost migrate rollback`
struct RollbackMigrations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Undo applied revisions, the latest first.",
        discussion: """
            Examples:
              roost migrate rollback shop                          the last one
              roost migrate rollback shop --to -3
              roost migrate rollback shop --to 20261125153000      all that follow it
              roost migrate rollback shop --to base --allow destructive --yes
            """,
        aliases: ["downgrade", "down"]
    )
    @OptionGroup var run: MigrationRunOptions
    @OptionGroup var approval: MigrationApproval
    @Option(name: .long, parsing: .unconditional, help: "How far: a revision that stays, base or -N.")
    var to: String = "-1"

    func run() async throws {
        let target = try RevisionTarget(to)
        try await run.withMigrator({ $0.allowsDestructive = approval.allowsDestructive }) { migrator in
            var expected: [Revision]?
            if approval.dryRun {
                return try approval.printScript(try await migrator.revertible(downTo: target), .down, migrator)
            }
            if !approval.yes {
                let path = try await migrator.revertible(downTo: target)
                guard !path.isEmpty else { return Terminal.note("nothing to roll back") }
                try approval.confirm(path, "roll back", on: migrator.connection.driverName)
                expected = path
            }
            let entries = try await migrator.rollback(downTo: target, expecting: expected)
            if entries.isEmpty { Terminal.note("nothing to roll back") }
            MigrationApproval.write(entries, run.output)
        }
    }
}

/// `roost migrate stamp`
struct StampMigrations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stamp",
        abstract: "Write down where a database stands, without running anything.",
        discussion: """
            For a database that was made another way: from a dump, or by another tool.
            Example: roost migrate stamp shop --to 20261125153000
            """,
        aliases: ["baseline"]
    )
    @OptionGroup var run: MigrationRunOptions
    @Option(name: .long, help: "Where it stands: a revision, head, heads or base.") var to: String

    func run() async throws {
        let target = try RevisionTarget(to)
        try await run.withMigrator { migrator in
            let entries = try await migrator.stamp(target)
            if entries.isEmpty { Terminal.note("nothing to write down") }
            MigrationApproval.write(entries, run.output)
        }
    }
}

/// `roost migrate repair`
struct RepairMigrations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Go on with a revision that an earlier run left partly done.",
        discussion: """
            Examples:
              roost migrate repair shop                     go on at the statement where it stopped
              roost migrate repair shop --step done         the statement that was running took effect
              roost migrate repair shop --step pending      it did not
              roost migrate repair shop --mark applied      all of it was ended by hand
              roost migrate repair shop --accept-edits      take the checksums of edited files as they are now
            """
    )
    @OptionGroup var run: MigrationRunOptions
    @Option(name: .long, help: "Whether the statement that ran last took effect: done or pending.") var step: String?
    @Option(name: .long, help: "Only write down that the revision is applied, or pending.") var mark: String?
    @Flag(name: .long, help: "Take edited files as they are now.") var acceptEdits = false

    func validate() throws {
        if let step, step != "done", step != "pending" { throw ValidationError("--step is done or pending.") }
        if let mark, mark != "applied", mark != "pending" { throw ValidationError("--mark is applied or pending.") }
        if step != nil, mark != nil { throw ValidationError("Give --step or --mark, not both.") }
    }

    func run() async throws {
        try await run.withMigrator { migrator in
            var repair = Migrator.Repair.resume
            if let step { repair = step == "done" ? .resumeAfterStep : .resumeAtStep }
            if let mark {
                let isUp = try await migrator.status().dirty.first?.state != .reverting
                repair = (mark == "applied") == isUp ? .markDone : .markUndone
            }
            let entries = try await migrator.repair(repair, acceptsEdits: acceptEdits)
            if entries.isEmpty { Terminal.note("nothing to repair") }
            MigrationApproval.write(entries, run.output)
        }
    }
}
