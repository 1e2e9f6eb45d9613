import Roost

/// Makes a change of a column in steps, none of which keeps readers or writers waiting longer than the lock time-out (PostgreSQL, MySQL,
/// MariaDB).
///
/// `start` adds what is new with triggers that keep it in step, and fills the rows that are there in portions. `complete` changes over,
/// `rollback` takes it back. Each portion and its record are one transaction, so that a process may die at any moment.
public struct OnlineMigration: Sendable {
    /// Where it works, and how: lock, time-outs, history.
    public let migrator: Migrator
    /// How many rows are filled in one transaction.
    public var batch = 1_000
    /// How long to wait between portions, so that others get their turn.
    public var pause: Duration = .milliseconds(10)
    /// Is told after each portion.
    public var progress: @Sendable (OnlineChange.State) -> Void = { _ in }

    /// A way to change columns of the migrator's database.
    public init(_ migrator: Migrator) { self.migrator = migrator }

    private var connection: any Connection { migrator.connection }
    private var table: OnlineTable { OnlineTable(connection: connection, history: migrator.history.name) }
    private var steps: OnlineRun {
        OnlineRun(connection: connection, configuration: migrator.configuration, table: table)
    }

    /// The changes the database remembers, the oldest first.
    ///
    /// - Throws: `database` for what the server says.
    public func status() async throws(MigrationError) -> [OnlineChange.State] {
        try await wrappingErrors { try await table.read() }
    }

    /// Adds what is new and fills the rows that are there.
    ///
    /// - Throws: `usage` for what cannot be changed this way, and when there is a change of that name.
    public func start(_ change: OnlineChange) async throws(MigrationError) -> OnlineChange.State {
        try await work {
            try await table.create()
            let known = try await table.read()
            guard known.allSatisfy({ $0.change.name != change.name }) else {
                throw MigrationError(
                    .usage,
                    "There is an online change \"\(change.name)\" already.",
                    hint: "Go on with roost migrate online resume \(change.name)."
                )
            }
            try change.checkName()
            let engine = try await engine(change, isNew: true)
            // The triggers of two would have to know of each other.
            if let open = known.first(where: { $0.phase != .completed && $0.change.table == engine.table }) {
                throw MigrationError(
                    .usage,
                    "The online change \"\(open.change.name)\" of this table is not complete.",
                    hint: "Complete it or take it back first."
                )
            }
            var state = OnlineChange.State(change: change, phase: .filling, rows: 0, startedAt: MigrationClock.now())
            state.change.table = engine.table
            return try await fill(try await engine.expand(state, isNew: true, steps))
        }
    }

    /// Goes on filling where an earlier run stopped; does nothing once all rows are filled.
    ///
    /// - Throws: `usage` when there is no such change, or its table or column is gone; what `start` throws of the server and its locks.
    public func resume(_ name: String) async throws(MigrationError) -> OnlineChange.State {
        try await work {
            let state = try await table.find(name)
            switch state.phase {
            case .starting:
                let engine = try await engine(state.change)
                return try await fill(try await engine.expand(state, isNew: false, steps))
            case .filling: return try await fill(state)
            case .filled, .completing, .completed: return state
            }
        }
    }

    /// Changes over: from here on the column is what it was to become; does nothing once that is done.
    ///
    /// - Throws: `usage` when there is no such change or rows are left to fill; what the server says, of values that do not fit too.
    public func complete(_ name: String) async throws(MigrationError) {
        try await work {
            var state = try await table.find(name)
            switch state.phase {
            case .completed: return
            case .starting, .filling:
                throw MigrationError(
                    .usage,
                    "Not all rows are filled yet.",
                    hint: "Go on with roost migrate online resume \(name)."
                )
            case .filled, .completing: break
            }
            var engine = try await engine(state.change)
            if engine.isOutOfStep(state) {
                state.position = nil
                state = try await fill(try await engine.expand(state, isNew: false, steps))
                engine = try await self.engine(state.change)
            }
            try await engine.contract(state, steps)
        }
    }

    /// Takes back what `start` added; the column is as it was, with all that was written meanwhile.
    ///
    /// - Throws: `usage` when there is no such change, or it is complete.
    public func rollback(_ name: String) async throws(MigrationError) {
        try await work {
            let state = try await table.find(name)
            guard state.phase != .completed, case let engine = try await engine(state.change, refusingUsers: false),
                engine.canBeTakenBack(state)
            else {
                throw MigrationError(
                    .usage,
                    "The change is made: there is nothing left to take back.",
                    hint: state.phase == .completed ? nil : "Go on with roost migrate online complete \(name)."
                )
            }
            try await engine.takeBack(state, steps)
        }
    }

    private func work<R>(_ body: () async throws -> R) async throws(MigrationError) -> R {
        switch connection.dialect.name {
        case "postgresql":
            return try await migrator.locked { () async throws(MigrationError) in try await wrappingErrors(body) }
        case "mysql", "mariadb":
            return try await migrator.locked { () async throws(MigrationError) in
                try await wrappingErrors { try await strictly(body) }
            }
        default:
            throw MigrationError(
                .usage,
                "Online changes are made on PostgreSQL, MySQL and MariaDB, not on \(connection.dialect.name)."
            )
        }
    }

    /// A value that does not fit is an error, here and in the triggers; MySQL and MariaDB cut it off otherwise.
    private func strictly<R>(_ body: () async throws -> R) async throws -> R {
        let mode = try await connection.query("select @@session.sql_mode").decode(String.self).fetchOnly()
        try await connection.execute("set session sql_mode = concat(@@session.sql_mode, ',STRICT_ALL_TABLES')")
        do {
            let result = try await body()
            try await connection.execute("set session sql_mode = \(mode)")
            return result
        } catch {
            _ = try? await connection.execute("set session sql_mode = \(mode)")
            throw error
        }
    }

    /// What the engine does for the change, after a look at the table.
    private func engine(
        _ change: OnlineChange,
        isNew: Bool = false,
        refusingUsers: Bool = true
    ) async throws -> any OnlineEngine {
        if connection.dialect.name == "postgresql" {
            return try await PostgreSQLOnline.read(change, from: connection, refusingUsers: refusingUsers)
        }
        return try await MySQLOnline.read(change, from: connection, isNew: isNew)
    }

    private func fill(_ begun: OnlineChange.State) async throws -> OnlineChange.State {
        var state = begun
        let engine = try await engine(state.change)
        while let assignment = engine.assignment, state.phase == .filling {
            let before = state
            state = try await steps.transaction {
                var next = before
                next.position =
                    try await connection.query(try engine.portionEnd(after: before.position, size: batch))
                    .decode(String?.self).fetchOne() ?? nil
                let portion = try engine.portion(assignment, after: before.position, upTo: next.position)
                next.rows += Int64(try await connection.execute(portion).rowsAffected ?? 0)
                // Rows that come later are filled by the trigger.
                if next.position == nil { next.phase = .filled }
                try await table.update(next)
                return next
            }
            progress(state)
            if state.phase == .filling { try await Task.sleep(for: pause) }
        }
        guard state.phase == .filling else { return state }
        state.phase = .filled
        let filled = state
        try await steps.transaction { try await table.update(filled) }
        return filled
    }
}
