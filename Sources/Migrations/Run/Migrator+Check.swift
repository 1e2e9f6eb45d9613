import Roost

extension Migrator {
    /// Looks at everything that would run before any of it does.
    ///
    /// - Throws: what cannot run as it is, with file and line.
    func check(_ path: [Revision], _ direction: Revision.Direction) throws(MigrationError) {
        for revision in path { try check(revision, direction) }
    }

    private func check(_ revision: Revision, _ direction: Revision.Direction) throws(MigrationError) {
        let steps = try revision.steps(direction, dialect: dialect)
        if direction == .down, !revision.isReversible(dialect: dialect) {
            throw revision.error(
                .usage,
                "Revision \(revision.id) cannot be rolled back: it has no -- migrate:down.",
                hint: "Write one; a revision whose down needs nothing done says: select 1;"
            )
        }
        let isWhole = try RevisionRun.isWhole(
            revision,
            steps,
            dialect: dialect,
            capabilities: connection.capabilities
        )
        for step in steps {
            let effect = StatementEffect(step.text, dialect: dialect)
            if effect.controlsTransaction {
                throw revision.error(
                    .file,
                    "A revision must not begin or end transactions; the whole of it runs in one where that is possible.",
                    hint: isWhole ? nil : "Statements of a revision without a transaction commit one by one.",
                    line: step.line
                )
            }
            if !configuration.allowsDestructive, let loss = DataLoss(step.text, dialect: dialect) {
                throw revision.error(
                    .refused,
                    "This statement \(loss.description).",
                    hint: "When that is meant, allow it: --allow destructive.",
                    line: step.line
                )
            }
        }
    }
}
