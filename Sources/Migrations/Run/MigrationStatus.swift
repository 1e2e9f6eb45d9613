/// Where a database stands against the files.
public struct MigrationStatus: Sendable {
    /// The revisions that are applied, in the order they were.
    public var applied: [HistoryEntry] = []
    /// The revisions that are not, in the order they would be.
    public var pending: [Revision] = []
    /// A revision whose run did not come to its end.
    public var dirty: [HistoryEntry] = []
    /// Applied revisions whose files were edited since.
    public var edited: [HistoryEntry] = []
    /// Applied revisions that have no file.
    public var missing: [HistoryEntry] = []
    /// Revisions that stand for applied ones since those were squashed; `apply` writes that down.
    public var squashed: [Revision] = []
    /// All that the history table says.
    public var history: [HistoryEntry] = []

    /// The applied revisions no other applied one follows.
    public var current: [String] = []

    /// Whether all is applied and nothing is wrong.
    public var isUpToDate: Bool { pending.isEmpty && dirty.isEmpty && edited.isEmpty && missing.isEmpty }

    var appliedNames: Set<String> { Set(applied.map(\.revision)) }

    /// Compares what the table says with the files.
    init(_ history: [HistoryEntry], _ graph: RevisionGraph) throws(MigrationError) {
        self.history = history
        var present = history.filter { $0.state != .reverted }
        dirty = present.filter(\.isDirty)
        // A revision that is being rolled back is there until that is done.
        let names = Set(present.map(\.revision))
        for revision in graph.revisions where !revision.replaces.isEmpty && !names.contains(revision.id) {
            let there = revision.replaces.filter(names.contains)
            guard !there.isEmpty else { continue }
            guard there.count == revision.replaces.count else {
                throw revision.error(
                    .graph,
                    "The revision stands for \(revision.replaces.count) squashed ones, but only \(there.count) of them are applied.",
                    hint: "Apply the others first, with the folder as it was before the squash."
                )
            }
            squashed.append(revision)
            guard let first = present.firstIndex(where: { revision.replaces.contains($0.revision) }) else { continue }
            var entry = present[first]
            entry.revision = revision.id
            entry.description = revision.description
            entry.checksum = revision.checksum
            present[first] = entry
            present.removeAll { $0.revision != revision.id && revision.replaces.contains($0.revision) }
        }
        applied = present.filter { $0.state == .applied }
        let applied = Set(self.applied.map(\.revision))
        let open = Set(dirty.map(\.revision))
        missing = present.filter { graph[$0.revision] == nil }
        edited = self.applied.filter { entry in
            graph[entry.revision].map { $0.checksum != entry.checksum && entry.checksum != "" } ?? false
        }
        pending = graph.revisions.filter { !applied.contains($0.id) && !open.contains($0.id) }
        current = graph.revisions.filter { revision in
            applied.contains(revision.id) && graph.children(of: revision.id).allSatisfy { !applied.contains($0) }
        }.map(\.id)
    }

    /// Refuses to go on from a state that is not what the files say.
    func check(_ graph: RevisionGraph, ignoringEdits: Bool) throws(MigrationError) {
        if let entry = dirty.first {
            throw MigrationError(
                .dirty,
                "Revision \(entry.revision) is partly \(entry.direction == .up ? "applied" : "rolled back"): \(entry.stepsDone) of \(entry.steps) steps are done.",
                hint: "Go on where it stopped with roost migrate repair.",
                file: graph[entry.revision]?.path
            )
        }
        if let entry = missing.first {
            throw MigrationError(
                .integrity,
                "The database has revision \(entry.revision) (\(entry.description)) applied, but there is no file for it.",
                hint: "Bring the file back; a newer checkout may have it."
            )
        }
        if !ignoringEdits, let entry = edited.first, let revision = graph[entry.revision] {
            throw revision.error(
                .integrity,
                "The file was edited after revision \(revision.id) was applied.",
                hint:
                    "Take the edit back and write a new revision; or accept it with roost migrate repair --accept-edits."
            )
        }
    }
}
