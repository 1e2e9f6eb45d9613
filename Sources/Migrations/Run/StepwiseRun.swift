import Roost

/// Runs a revision statement by statement, and writes down how far it is, so that a run that died can be taken up.
///
/// What can share a transaction with its record does. Before any other statement the record says that it begins and what its objects
/// look like; a later run sees by them whether it took effect.
struct StepwiseRun {
    let run: RevisionRun
    let steps: [MigrationStep]

    init(_ run: RevisionRun, _ steps: [MigrationStep]) {
        self.run = run
        self.steps = steps
    }

    private var connection: any Connection { run.connection }
    private var isCode: Bool { if case .code = run.revision.body { true } else { false } }

    /// Runs it from the first statement.
    func begin(_ start: ContinuousClock.Instant) async throws -> HistoryEntry? {
        let entry = try await connection.inTransaction { () async throws -> HistoryEntry? in
            guard let entry = try await run.newEntry(isCode ? 1 : steps.count) else { return nil }
            try await run.history.put(entry)
            return entry
        }
        guard let entry else { return nil }
        return try await proceed(entry, start)
    }

    /// How a person answers what nobody else can know.
    enum Decision: Sendable {
        case automatic, stepIsDone, stepIsNotDone
    }

    /// Goes on where an earlier run stopped.
    func resume(_ entry: HistoryEntry, _ decision: Decision) async throws -> HistoryEntry {
        var entry = entry
        if !isCode {
            guard steps.count >= entry.stepStarted,
                MigrationStep.checksum(steps.prefix(entry.stepsDone)) == entry.stepChecksum || entry.stepsDone == 0
            else {
                throw run.revision.error(
                    .integrity,
                    "The first \(entry.stepsDone) statements of revision \(entry.revision) ran already, but were edited since.",
                    hint: "Bring them back; what comes after them may be changed."
                )
            }
            entry.steps = steps.count
            // A new session has none of the settings the first statements made.
            for step in steps.prefix(entry.stepsDone)
            where StatementEffect(step.text, dialect: connection.dialect).isSessionSetting {
                try await connection.execute(Statement(unsafe: step.text))
            }
            if entry.stepStarted > entry.stepsDone, try await tookEffect(entry, decision) {
                advance(&entry)
            } else {
                entry.stepStarted = entry.stepsDone
                entry.stepFingerprint = ""
            }
        }
        try await connection.inTransaction { try await run.history.put(entry) }
        return try await proceed(entry, nil)
    }

    private func advance(_ entry: inout HistoryEntry) {
        entry.stepsDone += 1
        entry.stepStarted = entry.stepsDone
        entry.stepChecksum = MigrationStep.checksum(steps.prefix(entry.stepsDone))
        entry.stepFingerprint = ""
    }

    private func proceed(_ begun: HistoryEntry, _ start: ContinuousClock.Instant?) async throws -> HistoryEntry {
        var entry = begun
        do {
            if case .code(let migration) = run.revision.body {
                if run.direction == .up {
                    try await migration.up(on: connection)
                } else {
                    try await migration.down(on: connection)
                }
            }
            while !isCode, entry.stepsDone < steps.count {
                try await step(&entry)
            }
        } catch {
            var wrapped = MigrationError.wrapping(error)
            wrapped.isPartlyDone = true
            if wrapped.kind == .statement {
                let done =
                    entry.stepsDone == 0
                    ? "Nothing of the revision is done" : "\(entry.stepsDone) of \(steps.count) statements are done"
                wrapped.hint = "\(done). Mend the cause, then go on with roost migrate repair."
            }
            throw wrapped
        }
        let begun = entry
        return try await connection.inTransaction {
            var entry = begun
            run.finish(&entry, start)
            try await run.history.put(entry)
            return entry
        }
    }

    private func step(_ entry: inout HistoryEntry) async throws {
        let index = entry.stepsDone
        let step = steps[index]
        let effect = StatementEffect(step.text, dialect: connection.dialect)
        guard effect.leavesTransaction else {
            var done = entry
            advance(&done)
            let after = done
            try await run.retrying {
                try await connection.inTransaction {
                    try await run.execute(step, index, of: steps.count)
                    try await run.history.progress(after)
                }
            }
            entry = after
            return
        }
        entry.stepStarted = index + 1
        entry.stepFingerprint = try await ObjectDefinitions(connection).fingerprint(effect.recovery, step)
        try await run.history.progress(entry)
        do {
            try await run.retrying {
                try await removeInvalidIndex(effect.recovery)
                try await run.execute(step, index, of: steps.count)
            }
        } catch {
            // The server answered: the statement had no effect, and no later run has to wonder.
            if let cause = (error as? MigrationError)?.cause, Self.isAnswer(cause) {
                entry.stepStarted = index
                entry.stepFingerprint = ""
                try? await run.history.progress(entry)
            }
            throw error
        }
        advance(&entry)
        try await run.history.progress(entry)
    }

    private static func isAnswer(_ error: DatabaseError) -> Bool {
        switch error.condition {
        case .cancelled, .timeout, .connectionLost, .connectionClosed, .protocolViolation, .ioError, .diskFull: false
        default: true
        }
    }

    /// What an interrupted `CREATE INDEX CONCURRENTLY` left behind would stand in the way of the next.
    private func removeInvalidIndex(_ recovery: StatementEffect.Recovery) async throws {
        guard case .concurrentIndex(let name, let table) = recovery else { return }
        let definitions = ObjectDefinitions(connection)
        guard case .invalid(let found) = try await definitions.index(name, on: table) else { return }
        try await connection.execute("drop index concurrently if exists \(identifier: found)")
        run.migrator.observer(
            .removedInvalidIndex(revision: run.revision.id, index: found.joined(separator: "."))
        )
    }

    /// Whether the statement an earlier run began did what it should.
    private func tookEffect(_ entry: HistoryEntry, _ decision: Decision) async throws -> Bool {
        switch decision {
        case .stepIsDone: return true
        case .stepIsNotDone: return false
        case .automatic: break
        }
        let step = steps[entry.stepStarted - 1]
        let effect = StatementEffect(step.text, dialect: connection.dialect)
        let definitions = ObjectDefinitions(connection)
        switch effect.recovery {
        case .atomic, .repeatable:
            return false
        case .concurrentIndex(let name, let table):
            return try await definitions.index(name, on: table) == .valid
        case .definitions:
            let before = entry.stepFingerprint.split(separator: "/")
            let now = try await definitions.fingerprint(effect.recovery, step).split(separator: "/")
            guard before.count == 2, now.count == 2 else { throw undecided(step) }
            if before[1] == now[1] { return false }
            // Something is different: the statement's work, if it is still the statement that ran.
            guard before[0] == now[0] else { throw undecided(step) }
            return true
        case .undecidable:
            throw undecided(step)
        }
    }

    private func undecided(_ step: MigrationStep) -> MigrationError {
        run.revision.error(
            .dirty,
            "An earlier run ended while this statement ran, and whether it took effect cannot be seen.",
            hint: "Look yourself, then say so: roost migrate repair --step done, or --step pending.",
            line: step.line
        )
    }
}
