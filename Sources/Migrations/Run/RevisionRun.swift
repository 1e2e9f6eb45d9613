import Crypto
import Roost

/// Runs one revision one way: in one transaction where that is possible, else statement by statement with a record of each.
struct RevisionRun {
    let migrator: Migrator
    let revision: Revision
    let direction: Revision.Direction

    init(_ migrator: Migrator, _ revision: Revision, _ direction: Revision.Direction) {
        self.migrator = migrator
        self.revision = revision
        self.direction = direction
    }

    var connection: any Connection { migrator.connection }
    var history: HistoryTable { migrator.history }
    private var isUp: Bool { direction == .up }

    /// Whether the revision runs in one transaction.
    ///
    /// - Throws: when it asks for one and the engine cannot.
    static func isWhole(
        _ revision: Revision,
        _ steps: [MigrationStep],
        dialect: Dialect,
        capabilities: Capabilities
    ) throws(MigrationError) -> Bool {
        guard revision.isTransactional != false else { return false }
        let leaving = steps.first { StatementEffect($0.text, dialect: dialect).leavesTransaction }
        if capabilities.has(.transactionalDDL) {
            guard let leaving else { return true }
            throw revision.error(
                .file,
                "This statement cannot run inside a transaction.",
                hint: "Put it into a revision of its own with the header -- transactional: no.",
                line: leaving.line
            )
        }
        if case .code = revision.body { return revision.isTransactional == true }
        guard let leaving else { return true }
        guard revision.isTransactional == true else { return false }
        throw revision.error(
            .file,
            "The revision asks for a transaction, but \(dialect.name) would commit it at this statement.",
            line: leaving.line
        )
    }

    /// Runs it.
    ///
    /// - Returns: what the history says now; nil when another run had done it.
    func run() async throws -> HistoryEntry? {
        let steps = try revision.steps(direction, dialect: connection.dialect)
        let start = ContinuousClock.now
        let isWhole = try Self.isWhole(
            revision,
            steps,
            dialect: connection.dialect,
            capabilities: connection.capabilities
        )
        let entry =
            isWhole ? try await runWhole(steps, start) : try await StepwiseRun(self, steps).begin(start)
        if let entry {
            migrator.observer(
                .ended(revision: revision.id, direction: direction, duration: ContinuousClock.now - start)
            )
            return entry
        }
        migrator.observer(.skipped(revision: revision.id))
        return nil
    }

    private func runWhole(_ steps: [MigrationStep], _ start: ContinuousClock.Instant) async throws -> HistoryEntry? {
        let foreignKeys = try await deferForeignKeys()
        do {
            let entry = try await retrying {
                try await connection.inTransaction {
                    try await self.transaction(steps, start, checksForeignKeys: foreignKeys)
                }
            }
            try await restoreForeignKeys(foreignKeys)
            return entry
        } catch {
            try? await restoreForeignKeys(foreignKeys)
            throw error
        }
    }

    private func transaction(
        _ steps: [MigrationStep],
        _ start: ContinuousClock.Instant,
        checksForeignKeys: Bool
    ) async throws -> HistoryEntry? {
        guard var entry = try await newEntry(steps.count) else { return nil }
        for (index, step) in steps.enumerated() {
            try await execute(step, index, of: steps.count)
        }
        if case .code(let migration) = revision.body {
            if isUp { try await migration.up(on: connection) } else { try await migration.down(on: connection) }
        }
        if checksForeignKeys { try await checkForeignKeys() }
        finish(&entry, start)
        try await history.put(entry)
        return entry
    }

    /// The entry to begin with; nil when another run has done the work since this one looked.
    func newEntry(_ count: Int) async throws -> HistoryEntry? {
        let known = try await history.entry(revision.id)
        if let known, known.isDirty {
            throw MigrationError(
                .dirty,
                "Another run has begun revision \(revision.id) and not ended it.",
                hint: "Go on where it stopped with roost migrate repair."
            )
        }
        if (known?.state == .applied) == isUp { return nil }
        var entry = HistoryEntry(
            revision,
            state: isUp ? .applying : .reverting,
            sequence: 0,
            by: migrator.configuration
        )
        entry.steps = count
        if isUp {
            let last = try await connection.query(
                "select coalesce(max(sequence), 0) from \(identifier: history.name)"
            ).decode(Int64.self).fetchOnly()
            entry.sequence = last + 1
        } else {
            entry.sequence = known?.sequence ?? 0
        }
        return entry
    }

    func finish(_ entry: inout HistoryEntry, _ start: ContinuousClock.Instant?) {
        entry.state = isUp ? .applied : .reverted
        entry.stepsDone = entry.steps
        entry.stepStarted = entry.steps
        entry.stepChecksum = ""
        entry.stepFingerprint = ""
        entry.checksum = revision.checksum
        if let start { entry.durationMilliseconds = (ContinuousClock.now - start).wholeMilliseconds }
    }

    /// Runs one statement, and says where it stands when it fails.
    func execute(_ step: MigrationStep, _ index: Int, of count: Int) async throws {
        migrator.observer(.step(revision: revision.id, number: index + 1, count: count, line: step.line))
        do {
            try await connection.execute(Statement(unsafe: step.text))
        } catch {
            throw failure(error, step)
        }
    }

    func failure(_ error: DatabaseError, _ step: MigrationStep) -> MigrationError {
        MigrationError(
            error.condition == .cancelled ? .cancelled : .statement,
            error.message,
            hint: error.hint,
            file: revision.place,
            line: step.line(at: error.position),
            cause: error
        )
    }

    /// Runs `body` again, after a while, as long as it fails for want of a lock.
    func retrying<R>(_ body: () async throws -> R) async throws -> R {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch {
                guard let cause = (error as? MigrationError)?.cause ?? error as? DatabaseError,
                    [.lockTimeout, .deadlock, .serializationFailure].contains(cause.condition),
                    attempt < migrator.configuration.lockAttempts
                else { throw error }
                let delay = migrator.configuration.delay(afterAttempt: attempt)
                migrator.observer(.retrying(revision: revision.id, attempt: attempt, delay: delay))
                try await Task.sleep(for: delay)
                attempt += 1
            }
        }
    }

    // MARK: Foreign keys of SQLite

    /// Turns them off where the revision wants that. A transaction cannot, so that it is done before one.
    private func deferForeignKeys() async throws -> Bool {
        guard revision.defersForeignKeys, connection.dialect.name == "sqlite" else { return false }
        let isOn = try await connection.query("pragma foreign_keys").decode(Int64.self).fetchOnly() == 1
        if isOn { try await connection.execute("pragma foreign_keys = off") }
        return isOn
    }

    private func restoreForeignKeys(_ wereOn: Bool) async throws {
        if wereOn { try await connection.execute("pragma foreign_keys = on") }
    }

    private func checkForeignKeys() async throws {
        let broken = try await connection.query("pragma foreign_key_check").fetchMany(1)
        guard let row = broken.first else { return }
        let table = try row.decode(0, as: String.self)
        throw revision.error(.statement, "The revision leaves rows in \(table) that refer to nothing.")
    }
}

extension MigrationStep {
    /// What tells whether steps were edited since they ran.
    static func checksum(_ steps: some Sequence<MigrationStep>) -> String {
        var digest = SHA256()
        for step in steps {
            digest.update(data: Array(step.text.utf8.filter { $0 != 0x0D }))
            digest.update(data: [0])
        }
        return digest.finalize().hexadecimal
    }
}
