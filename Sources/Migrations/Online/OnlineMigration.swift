import Roost

/// Makes a change of a column in steps, none of which keeps readers or writers waiting longer than the lock time-out (PostgreSQL).
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
            let facts = try await OnlineFacts.read(change, from: connection)
            // The triggers of two would have to know of each other.
            if let open = known.first(where: { $0.phase != .completed && $0.change.table == facts.table }) {
                throw MigrationError(
                    .usage,
                    "The online change \"\(open.change.name)\" of this table is not complete.",
                    hint: "Complete it or take it back first."
                )
            }
            var state = OnlineChange.State(change: change, phase: .filling, rows: 0, startedAt: MigrationClock.now())
            state.change.table = facts.table
            let begun = state
            let expansion = OnlineDefinitions(begun.change, facts)
            try await transaction {
                for statement in expansion.expand() { try await connection.execute(statement) }
                try await table.insert(begun)
            }
            return try await fill(begun, facts)
        }
    }

    /// Goes on filling where an earlier run stopped; does nothing once all rows are filled.
    ///
    /// - Throws: `usage` when there is no such change, or its table or column is gone; what `start` throws of the server and its locks.
    public func resume(_ name: String) async throws(MigrationError) -> OnlineChange.State {
        try await work {
            let state = try await table.find(name)
            guard state.phase == .filling else { return state }
            return try await fill(state, try await OnlineFacts.read(state.change, from: connection))
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
            case .filling:
                throw MigrationError(
                    .usage,
                    "Not all rows are filled yet.",
                    hint: "Go on with roost migrate online resume \(name)."
                )
            case .filled: break
            }
            let facts = try await OnlineFacts.read(state.change, from: connection)
            let definitions = OnlineDefinitions(state.change, facts)
            // Reads the table while others work; what follows needs no reading then.
            for statement in definitions.validate() {
                try await transaction { try await connection.execute(statement) }
            }
            state.phase = .completed
            let done = state
            try await transaction {
                for statement in definitions.contract() { try await connection.execute(statement) }
                try await table.update(done)
            }
        }
    }

    /// Takes back what `start` added; the column is as it was, with all that was written meanwhile.
    ///
    /// - Throws: `usage` when there is no such change, or it is complete.
    public func rollback(_ name: String) async throws(MigrationError) {
        try await work {
            let state = try await table.find(name)
            guard state.phase != .completed else {
                throw MigrationError(.usage, "The change is complete: there is nothing left to take back.")
            }
            let facts = try await OnlineFacts.read(state.change, from: connection, refusingUsers: false)
            try await transaction {
                for statement in OnlineDefinitions(state.change, facts).takeBack() {
                    try await connection.execute(statement)
                }
                try await table.remove(name)
            }
        }
    }

    private func work<R>(_ body: () async throws -> R) async throws(MigrationError) -> R {
        guard connection.dialect.name == "postgresql" else {
            throw MigrationError(.usage, "Online changes are made on PostgreSQL, not on \(connection.dialect.name).")
        }
        return try await migrator.locked { () async throws(MigrationError) in try await wrappingErrors(body) }
    }

    /// A transaction that gives way where it gets no lock, and is tried again.
    @discardableResult
    private func transaction<R>(_ body: () async throws -> R) async throws -> R {
        let configuration = migrator.configuration
        var attempt = 1
        while true {
            do {
                return try await connection.inTransaction(body)
            } catch let error as DatabaseError
                where [.lockTimeout, .deadlock].contains(error.condition) && attempt < configuration.lockAttempts
            {
                try await Task.sleep(for: configuration.delay(afterAttempt: attempt))
                attempt += 1
            }
        }
    }

    private func fill(_ begun: OnlineChange.State, _ facts: OnlineFacts) async throws -> OnlineChange.State {
        var state = begun
        let definitions = OnlineDefinitions(state.change, facts)
        while let assignment = definitions.assignment, state.phase == .filling {
            let before = state
            state = try await transaction {
                var next = before
                next.position =
                    try await connection.query(definitions.portionEnd(after: before.position, size: batch))
                    .decode(String?.self).fetchOne() ?? nil
                let portion = definitions.portion(assignment, after: before.position, upTo: next.position)
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
        try await transaction { try await table.update(filled) }
        return filled
    }
}
