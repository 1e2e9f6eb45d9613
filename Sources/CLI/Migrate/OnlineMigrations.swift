import ArgumentParser
import Roost
import RoostFormats
import RoostMigrations

/// `roost migrate online`
struct OnlineMigrations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "online",
        abstract:
            "Change a column beside those who use the table: expand, fill, contract (PostgreSQL, MySQL, MariaDB).",
        discussion: """
            Examples:
              roost migrate online start full_name shop --table customer --column name --rename full_name
              roost migrate online start big_id shop --table sale --column amount --type bigint
              roost migrate online start has_city shop --table customer --column city --not-null --fill "'unknown'"
              roost migrate online status shop
              roost migrate online resume big_id shop        go on filling after an interruption
              roost migrate online complete big_id shop      change over
              roost migrate online rollback big_id shop      take it back, before it is complete

            start adds what is new with triggers that keep it in step, and fills the rows in portions along the primary key.
            """,
        subcommands: [
            StartOnline.self, OnlineStatus.self, ResumeOnline.self, CompleteOnline.self, RollbackOnline.self,
        ]
    )

    static func write(_ states: [OnlineChange.State], _ format: OutputFormat) {
        MigrationTable.write(
            ["name", "table", "column", "change", "phase", "rows", "started"],
            states.map { state in
                let change = state.change
                let what =
                    switch change.kind {
                    case .rename(let name): "rename to \(name)"
                    case .type(let type, _): "type \(type)"
                    case .notNull: "not null"
                    }
                return [
                    .text(change.name), .text(change.table.joined(separator: ".")), .text(change.column), .text(what),
                    .text(state.phase.rawValue), .int(state.rows), .text(state.startedAt),
                ]
            },
            format
        )
    }
}

/// Which change, on which database.
struct OnlineTarget: ParsableArguments {
    @Argument(help: "The name of the change.") var name: String
    @OptionGroup var run: MigrationRunOptions

    func withOnline<R>(_ body: (OnlineMigration) async throws -> R) async throws -> R {
        try await run.withMigrator(graph: try RevisionGraph([])) { try await body(OnlineMigration($0)) }
    }
}

/// How rows are filled.
struct FillOptions: ParsableArguments {
    @Option(name: .long, help: "How many rows are filled at once.") var batch = 1_000
    @Option(name: .long, help: "How long to wait in between: 10ms.") var pause = "10ms"

    func validate() throws {
        guard (1...1_000_000).contains(batch) else { throw ValidationError("--batch is a number from 1 to 1000000.") }
        guard ConnectionConfiguration.duration(from: pause) != nil else {
            throw ValidationError("\"\(pause)\" is no duration such as 10ms or 1s.")
        }
    }

    func apply(to online: inout OnlineMigration, _ isVerbose: Bool) {
        online.batch = batch
        online.pause = ConnectionConfiguration.duration(from: pause) ?? online.pause
        if isVerbose { online.progress = { Terminal.note("  \($0.rows) rows filled") } }
    }
}

/// `roost migrate online start`
struct StartOnline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Add what is new, keep it in step, fill the rows."
    )
    @OptionGroup var target: OnlineTarget
    @OptionGroup var filling: FillOptions
    @Option(name: .long, help: "The table.") var table: String
    @Option(name: .long, help: "The column.") var column: String
    @Option(name: .long, help: "Its new name.") var rename: String?
    @Option(name: .long, help: "Its new type.") var type: String?
    @Option(name: .long, help: "With --type: the new value, an expression over the row's columns.") var using: String?
    @Flag(name: .long, help: "It gets a value in every row.") var notNull = false
    @Option(name: .long, help: "With --not-null: the value of rows without, an expression.") var fill: String?

    func validate() throws {
        let count = (rename == nil ? 0 : 1) + (type == nil ? 0 : 1) + (notNull ? 1 : 0)
        guard count == 1 else { throw ValidationError("Say one of --rename, --type and --not-null.") }
        if using != nil, type == nil { throw ValidationError("--using goes with --type.") }
        if fill != nil, !notNull { throw ValidationError("--fill goes with --not-null.") }
    }

    func run() async throws {
        let kind: OnlineChange.Kind =
            if let rename { .rename(to: rename) } else if let type { .type(type, using: using) } else {
                .notNull(fill: fill)
            }
        let parts = table.split(separator: ".").map(String.init)
        let change = OnlineChange(target.name, table: parts, column: column, kind)
        let state = try await target.withOnline { online in
            var online = online
            filling.apply(to: &online, target.run.verbose)
            return try await online.start(change)
        }
        OnlineMigrations.write([state], target.run.output)
    }
}

/// `roost migrate online resume`
struct ResumeOnline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on filling where it stopped."
    )
    @OptionGroup var target: OnlineTarget
    @OptionGroup var filling: FillOptions

    func run() async throws {
        let state = try await target.withOnline { online in
            var online = online
            filling.apply(to: &online, target.run.verbose)
            return try await online.resume(target.name)
        }
        OnlineMigrations.write([state], target.run.output)
    }
}

/// `roost migrate online status`
struct OnlineStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Where the changes stand.")
    @OptionGroup var run: MigrationRunOptions

    func run() async throws {
        let states = try await run.withMigrator(graph: try RevisionGraph([])) {
            try await OnlineMigration($0).status()
        }
        guard !states.isEmpty || run.output != .table else { return Terminal.note("no online changes") }
        OnlineMigrations.write(states, run.output)
    }
}

/// `roost migrate online complete`
struct CompleteOnline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "complete", abstract: "Change over.")
    @OptionGroup var target: OnlineTarget

    func run() async throws {
        try await target.withOnline { try await $0.complete(target.name) }
        Terminal.note("\(target.name) is complete")
    }
}

/// `roost migrate online rollback`
struct RollbackOnline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Take back what start added.",
        aliases: ["abort"]
    )
    @OptionGroup var target: OnlineTarget

    func run() async throws {
        try await target.withOnline { try await $0.rollback(target.name) }
        Terminal.note("\(target.name) was taken back")
    }
}
