import Roost

extension Migrator {
    /// What `apply` would run, with what it does to those who use the database meanwhile.
    ///
    /// Takes five statements at most, however many revisions there are. Statements that lose data are shown, not refused.
    ///
    /// - Throws: what `apply` would refuse: a dirty revision, edited and missing files, statements that cannot run as they are.
    public func plan(upTo target: RevisionTarget = .head) async throws(MigrationError) -> MigrationPlan {
        let status = try await status()
        try status.check(graph, ignoringEdits: configuration.ignoresEdits)
        let path = try graph.path(upTo: target, applied: status.appliedNames)
        var lenient = configuration
        lenient.allowsDestructive = true
        try Migrator(connection: connection, graph: graph, configuration: lenient).check(path, .up)
        let findings = try MigrationLinter.findings(
            in: graph,
            dialect: dialect,
            capabilities: connection.capabilities,
            only: Set(path.map(\.id))
        )
        let facts = try await wrappingErrors { try await TableEstimates.read(from: connection) }
        var plan = MigrationPlan(
            engine: dialect.name,
            database: try await identity(),
            historyTable: configuration.historyTable,
            applied: status.applied.map { MigrationPlan.Applied(revision: $0.revision, checksum: $0.checksum) },
            revisions: []
        )
        for revision in path {
            plan.revisions.append(try planned(revision, findings.filter { $0.revision == revision.id }, facts))
        }
        return plan
    }

    private func planned(
        _ revision: Revision,
        _ findings: [LintFinding],
        _ estimates: TableEstimates
    ) throws(MigrationError) -> MigrationPlan.PlannedRevision {
        func lines(_ list: [LintFinding]) -> [MigrationPlan.Finding] {
            list.map {
                MigrationPlan.Finding(
                    code: $0.code,
                    severity: $0.severity.rawValue,
                    message: $0.message,
                    saferForm: $0.saferForm
                )
            }
        }
        let steps = try revision.steps(.up, dialect: dialect)
        var planned = MigrationPlan.PlannedRevision(
            revision: revision.id,
            description: revision.description,
            file: revision.path,
            checksum: revision.checksum,
            isOneTransaction: try RevisionRun.isWhole(
                revision,
                steps,
                dialect: dialect,
                capabilities: connection.capabilities
            ),
            isReversible: revision.isReversible(dialect: dialect),
            steps: [],
            findings: []
        )
        var left = findings
        // Nobody uses what the same revision makes.
        var fresh: Set<String> = []
        for step in steps {
            let tokens = StatementTokens(step.text, dialect: dialect)
            let shape = DefinitionShape(tokens)
            let impact = StatementImpact(tokens, dialect)
            let own = left.filter { $0.line == step.line }
            left.removeAll { $0.line == step.line }
            planned.steps.append(
                MigrationPlan.Step(
                    sql: step.text,
                    line: step.line,
                    locks: impact.locks.filter { !fresh.contains($0.table) }.map {
                        let table = estimates.owner(of: $0.table) ?? $0.table
                        return MigrationPlan.Lock(
                            table: table,
                            mode: $0.mode,
                            blocks: $0.blocking,
                            work: $0.work,
                            isAtMost: $0.isAtMost,
                            rows: estimates.rows(of: table)
                        )
                    },
                    source: impact.source,
                    destroys: DataLoss(tokens)?.description,
                    findings: lines(own)
                )
            )
            if shape.verb == .createTable, !shape.isOptional, let table = shape.table { fresh.insert(table) }
        }
        planned.findings = lines(left)
        return planned
    }

    /// Applies what a plan shows, exactly.
    ///
    /// - Returns: what was applied.
    /// - Throws: `integrity` when files are other than they were, `usage` when the plan is for another database or what is applied has
    ///   changed since; nothing runs then.
    @discardableResult
    public func apply(_ plan: MigrationPlan) async throws(MigrationError) -> [HistoryEntry] {
        guard plan.version == MigrationPlan.currentVersion else {
            throw MigrationError(.usage, "The plan has the format \(plan.version), which this version cannot read.")
        }
        guard plan.engine == dialect.name, plan.historyTable == configuration.historyTable else {
            throw MigrationError(
                .usage,
                "The plan is for \(plan.engine) and the history table \(plan.historyTable), this is \(dialect.name) and \(configuration.historyTable)."
            )
        }
        guard plan.database == (try await identity()) else {
            throw MigrationError(.usage, "The plan was made for another database.", hint: Self.planAgain)
        }
        let path = try self.revisions(of: plan)
        return try await locked { () async throws(MigrationError) in
            let status = try await self.status()
            try status.check(self.graph, ignoringEdits: self.configuration.ignoresEdits)
            let now = status.applied.map { MigrationPlan.Applied(revision: $0.revision, checksum: $0.checksum) }
            guard now == plan.applied else {
                let before = Set(plan.applied.map(\.revision))
                let change =
                    now.last { !before.contains($0.revision) }.map { "revision \($0.revision) was applied" }
                    ?? "revisions were rolled back or written down anew"
                throw MigrationError(
                    .usage,
                    "The database has changed since the plan was made: \(change).",
                    hint: Self.planAgain
                )
            }
            try self.check(path, .up)
            return try await self.run(path, .up)
        }
    }

    private static var planAgain: String { "Make the plan again: roost migrate plan --out FILE." }

    /// The revisions a plan names, as they were when it was made.
    private func revisions(of plan: MigrationPlan) throws(MigrationError) -> [Revision] {
        var path: [Revision] = []
        for planned in plan.revisions {
            guard let revision = graph[planned.revision] else {
                throw MigrationError(
                    .integrity,
                    "The plan has revision \(planned.revision), but there is no file for it.",
                    hint: "Bring the file back, or make the plan again."
                )
            }
            guard revision.checksum == planned.checksum else {
                throw revision.error(
                    .integrity,
                    "The file was edited after the plan was made.",
                    hint: Self.planAgain
                )
            }
            // What a file says depends on the dialect's section and on how it is read: the statements are what was shown.
            guard try revision.steps(.up, dialect: dialect).map(\.text) == planned.steps.map(\.sql) else {
                throw revision.error(
                    .integrity,
                    "The statements of the file are other than the plan shows.",
                    hint: Self.planAgain
                )
            }
            path.append(revision)
        }
        return path
    }
}
