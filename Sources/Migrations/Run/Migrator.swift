public import Roost

/// Applies and rolls back revisions on one database, one run at a time.
///
/// It uses the connection alone while it works: no transaction may be open, and nothing else may run on it.
public struct Migrator: Sendable {
    /// Where it works.
    public let connection: any Connection
    /// What there is to apply.
    public let graph: RevisionGraph
    /// How it works.
    public let configuration: MigrationConfiguration
    let observer: @Sendable (MigrationEvent) -> Void

    /// A migrator.
    ///
    /// - Parameter observer: is told what happens, on the task that runs the migrations.
    public init(
        connection: any Connection,
        graph: RevisionGraph,
        configuration: MigrationConfiguration = MigrationConfiguration(),
        observer: @escaping @Sendable (MigrationEvent) -> Void = { _ in }
    ) {
        self.connection = connection
        self.graph = graph
        self.configuration = configuration
        self.observer = observer
    }

    var dialect: Dialect { connection.dialect }
    var history: HistoryTable { HistoryTable(connection: connection, name: configuration.historyTable) }

    /// Where the database stands; reads the history table and changes nothing.
    public func status() async throws(MigrationError) -> MigrationStatus {
        let entries = try await wrappingErrors { try await history.read() ?? [] }
        return try MigrationStatus(entries, graph)
    }

    /// The revisions that `apply` would run.
    ///
    /// - Throws: what `apply` would refuse: a dirty revision, edited and missing files, statements that cannot run as they are.
    public func pending(upTo target: RevisionTarget = .head) async throws(MigrationError) -> [Revision] {
        let status = try await status()
        try status.check(graph, ignoringEdits: configuration.ignoresEdits)
        let path = try graph.path(upTo: target, applied: status.appliedNames)
        try check(path, .up)
        return path
    }

    /// The revisions that `rollback` would undo, the latest first.
    public func revertible(downTo target: RevisionTarget = .relative(-1)) async throws(MigrationError) -> [Revision] {
        let status = try await status()
        try status.check(graph, ignoringEdits: configuration.ignoresEdits)
        let path = try graph.path(downTo: target, applied: status.applied.map(\.revision))
        try check(path, .down)
        return path
    }

    /// Applies all revisions up to a target that are not applied yet.
    ///
    /// - Parameter expected: what the caller was shown; when others must run, nothing does. Nil for whatever is needed.
    /// - Returns: what was applied.
    /// - Throws: ``MigrationError``; what was applied before stays applied.
    @discardableResult
    public func apply(
        upTo target: RevisionTarget = .head,
        expecting expected: [Revision]? = nil
    ) async throws(MigrationError) -> [HistoryEntry] {
        try await locked { () async throws(MigrationError) in
            let status = try await self.status()
            try status.check(self.graph, ignoringEdits: self.configuration.ignoresEdits)
            try await self.adopt(status)
            let path = try self.graph.path(upTo: target, applied: status.appliedNames)
            try Self.compare(path, expected)
            try self.check(path, .up)
            return try await self.run(path, .up)
        }
    }

    /// Rolls back what is applied, down to a target that stays.
    ///
    /// - Returns: what was rolled back.
    @discardableResult
    public func rollback(
        downTo target: RevisionTarget = .relative(-1),
        expecting expected: [Revision]? = nil
    ) async throws(MigrationError) -> [HistoryEntry] {
        try await locked { () async throws(MigrationError) in
            let status = try await self.status()
            try status.check(self.graph, ignoringEdits: self.configuration.ignoresEdits)
            try await self.adopt(status)
            let path = try self.graph.path(downTo: target, applied: status.applied.map(\.revision))
            try Self.compare(path, expected)
            try self.check(path, .down)
            return try await self.run(path, .down)
        }
    }

    /// Another run may have done a part of what the caller was shown, or all of it; anything else needs to be shown again.
    private static func compare(_ path: [Revision], _ expected: [Revision]?) throws(MigrationError) {
        guard let expected else { return }
        let shown = Set(expected.map(\.id))
        guard let other = path.first(where: { !shown.contains($0.id) }) else { return }
        throw MigrationError(
            .usage,
            "The database has changed since the plan was made: revision \(other.id) would run too.",
            hint: "Look at the plan again."
        )
    }

    /// Runs `body` under the lock, with the history table there.
    func locked<R>(_ body: () async throws(MigrationError) -> R) async throws(MigrationError) -> R {
        try await wrappingErrors {
            let lock = MigrationLock(connection: connection, history: history, configuration: configuration)
            try await lock.acquire { observer(.waiting(holder: $0)) }
            do {
                try await history.create()
                let settings = SessionSettings(connection: connection, configuration: configuration)
                let before = try await settings.set()
                let result: R
                do {
                    result = try await body()
                } catch {
                    await settings.restore(before)
                    throw error
                }
                await settings.restore(before)
                await lock.release()
                return result
            } catch {
                await lock.release()
                throw error
            }
        }
    }

    func run(
        _ path: [Revision],
        _ direction: Revision.Direction
    ) async throws(MigrationError) -> [HistoryEntry] {
        var done: [HistoryEntry] = []
        for (index, revision) in path.enumerated() {
            observer(.began(revision: revision.id, direction: direction, number: index + 1, count: path.count))
            do {
                if let entry = try await RevisionRun(self, revision, direction).run() { done.append(entry) }
            } catch {
                var wrapped = MigrationError.wrapping(error)
                if !done.isEmpty { wrapped.isPartlyDone = true }
                throw wrapped
            }
        }
        return done
    }

    /// Writes down that squashed revisions are now one.
    private func adopt(_ status: MigrationStatus) async throws(MigrationError) {
        guard !status.squashed.isEmpty else { return }
        try await wrappingErrors {
            try await connection.inTransaction {
                for revision in status.squashed {
                    for old in revision.replaces { try await history.remove(old) }
                    if let entry = status.applied.first(where: { $0.revision == revision.id }) {
                        try await history.put(entry)
                    }
                }
            }
        }
    }
}
