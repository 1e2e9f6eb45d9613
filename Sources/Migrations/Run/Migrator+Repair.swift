import Roost

extension Migrator {
    /// What to do about a revision that is partly done.
    public enum Repair: Sendable, Hashable {
        /// Go on where it stopped; what cannot be seen is an error.
        case resume
        /// Go on; the statement that ran last took effect.
        case resumeAfterStep
        /// Go on; the statement that ran last had no effect.
        case resumeAtStep
        /// All of it is done, or has been done by hand: only write that down.
        case markDone
        /// None of it is left, or has been undone by hand: only write that down.
        case markUndone
    }

    /// Ends what earlier runs left partly done.
    ///
    /// - Parameter acceptsEdits: whether the checksums of applied files that were edited are taken as they are now.
    /// - Returns: the entries that changed.
    @discardableResult
    public func repair(
        _ repair: Repair = .resume,
        acceptsEdits: Bool = false
    ) async throws(MigrationError) -> [HistoryEntry] {
        try await locked { () async throws(MigrationError) in
            let status = try await self.status()
            return try await wrappingErrors {
                var changed: [HistoryEntry] = []
                for entry in status.dirty { changed.append(try await self.repair(entry, repair)) }
                if acceptsEdits { changed += try await self.acceptEdits(status) }
                return changed
            }
        }
    }

    private func repair(_ entry: HistoryEntry, _ repair: Repair) async throws -> HistoryEntry {
        guard let revision = graph[entry.revision] else {
            throw MigrationError(
                .integrity,
                "Revision \(entry.revision) is partly done, but there is no file for it.",
                hint: "Bring the file back."
            )
        }
        let run = RevisionRun(self, revision, entry.direction)
        let decision: StepwiseRun.Decision
        switch repair {
        case .resume: decision = .automatic
        case .resumeAfterStep: decision = .stepIsDone
        case .resumeAtStep: decision = .stepIsNotDone
        case .markDone, .markUndone:
            var entry = entry
            run.finish(&entry, nil)
            let isThere = (entry.direction == .up) == (repair == .markDone)
            entry.state = isThere ? .applied : .reverted
            let marked = entry
            try await connection.inTransaction { try await self.history.put(marked) }
            return marked
        }
        observer(.began(revision: revision.id, direction: entry.direction, number: 1, count: 1))
        let steps = try revision.steps(entry.direction, dialect: dialect)
        let start = ContinuousClock.now
        let done = try await StepwiseRun(run, steps).resume(entry, decision)
        observer(.ended(revision: revision.id, direction: entry.direction, duration: ContinuousClock.now - start))
        return done
    }

    private func acceptEdits(_ status: MigrationStatus) async throws -> [HistoryEntry] {
        try await connection.inTransaction {
            var changed: [HistoryEntry] = []
            for var entry in status.edited {
                guard let revision = graph[entry.revision] else { continue }
                entry.checksum = revision.checksum
                entry.description = String(revision.description.prefix(255))
                try await history.put(entry)
                changed.append(entry)
            }
            return changed
        }
    }

    /// Writes down that a database stands at a target, without running anything: for one that was made another way.
    ///
    /// - Returns: the entries that changed.
    @discardableResult
    public func stamp(_ target: RevisionTarget) async throws(MigrationError) -> [HistoryEntry] {
        try await locked { () async throws(MigrationError) in
            let status = try await self.status()
            let wanted: Set<String>
            switch target {
            case .base: wanted = []
            case .head: wanted = try self.graph.ancestors(of: (self.graph.onlyHead()).map { [$0.id] } ?? [])
            case .heads: wanted = self.graph.ancestors(of: self.graph.heads.map(\.id))
            case .revision(let text): wanted = self.graph.ancestors(of: [try self.graph.find(text).id])
            case .relative: throw MigrationError(.usage, "Stamping needs a revision, head, heads or base.")
            }
            return try await wrappingErrors {
                try await self.connection.inTransaction { try await self.write(wanted, status) }
            }
        }
    }

    private func write(_ wanted: Set<String>, _ status: MigrationStatus) async throws -> [HistoryEntry] {
        var changed: [HistoryEntry] = []
        for var entry in status.history where entry.state != .reverted && !wanted.contains(entry.revision) {
            entry.state = .reverted
            entry.stepsDone = entry.steps
            entry.stepStarted = entry.steps
            try await history.put(entry)
            changed.append(entry)
        }
        var sequence = status.history.map(\.sequence).max() ?? 0
        let applied = status.appliedNames
        for revision in graph.revisions where wanted.contains(revision.id) && !applied.contains(revision.id) {
            sequence += 1
            let entry = HistoryEntry(revision, state: .applied, sequence: sequence, by: configuration)
            try await history.put(entry)
            changed.append(entry)
        }
        return changed
    }
}
