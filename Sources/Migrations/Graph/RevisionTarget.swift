/// How far to go: what people type after `apply` and `rollback`.
public enum RevisionTarget: Sendable, Hashable {
    /// The one head; several are an error.
    case head
    /// All heads.
    case heads
    /// Before the first revision.
    case base
    /// This many revisions on, or back when negative.
    case relative(Int)
    /// A revision, by its name or the beginning of it.
    case revision(String)

    /// `head`, `heads`, `base`, `+2`, `-1` or a revision's name.
    ///
    /// - Throws: `usage` for a number that cannot be read.
    public init(_ text: String) throws(MigrationError) {
        switch text {
        case "head": self = .head
        case "heads": self = .heads
        case "base": self = .base
        case _ where text.hasPrefix("+") || text.hasPrefix("-"):
            guard let count = Int(text), count != 0, abs(count) < 1_000_000 else {
                throw MigrationError(.usage, "\"\(text)\" is no number of revisions, such as +1 or -2.")
            }
            self = .relative(count)
        default: self = .revision(text)
        }
    }
}

extension RevisionGraph {
    /// The revisions that lead from what is applied up to a target, in order.
    ///
    /// - Throws: `graph` when there are several heads, `usage` for a target that is none.
    public func path(upTo target: RevisionTarget, applied: Set<String>) throws(MigrationError) -> [Revision] {
        let pending: [Revision]
        switch target {
        case .head:
            let head = try onlyHead()
            pending = missing(head.map { [$0.id] } ?? [], applied)
        case .heads:
            pending = missing(heads.map(\.id), applied)
        case .revision(let text):
            pending = missing([try find(text).id], applied)
        case .relative(let count):
            guard count > 0 else {
                throw MigrationError(.usage, "To go back, use roost migrate rollback.")
            }
            let head = try onlyHead()
            let all = missing(head.map { [$0.id] } ?? [], applied)
            guard all.count >= count else {
                throw MigrationError(.usage, "There are only \(all.count) revisions to apply, not \(count).")
            }
            pending = Array(all.prefix(count))
        case .base:
            throw MigrationError(.usage, "base is before the first revision: use roost migrate rollback.")
        }
        return pending
    }

    private func missing(_ ids: [String], _ applied: Set<String>) -> [Revision] {
        let wanted = ancestors(of: ids)
        return revisions.filter { wanted.contains($0.id) && !applied.contains($0.id) }
    }

    /// The revisions to roll back until a target is left, in order: each before all it follows.
    ///
    /// - Parameter applied: what is applied, in the order it was.
    public func path(downTo target: RevisionTarget, applied: [String]) throws(MigrationError) -> [Revision] {
        let present = Set(applied)
        let order = Dictionary(applied.enumerated().map { ($0.element, $0.offset) }) { $1 }
        // The latest first, but never one that another applied revision follows.
        let sequence = revisions.filter { present.contains($0.id) }.reversed()
        switch target {
        case .base:
            return Array(sequence)
        case .revision(let text):
            let kept = try find(text)
            guard present.contains(kept.id) else {
                throw MigrationError(.usage, "The revision \(kept.id) is not applied.")
            }
            let undone = descendants(of: children(of: kept.id))
            return sequence.filter { undone.contains($0.id) }
        case .relative(let count):
            guard count < 0 else { throw MigrationError(.usage, "To go on, use roost migrate apply.") }
            guard present.count >= -count else {
                throw MigrationError(.usage, "There are only \(present.count) revisions to roll back, not \(-count).")
            }
            var left = present
            var undone: [Revision] = []
            while undone.count < -count {
                let tips = sequence.filter { revision in
                    left.contains(revision.id) && children(of: revision.id).allSatisfy { !left.contains($0) }
                }
                guard let last = tips.max(by: { order[$0.id] ?? 0 < order[$1.id] ?? 0 }) else { break }
                left.remove(last.id)
                undone.append(last)
            }
            return undone
        case .head, .heads:
            throw MigrationError(.usage, "Rolling back leads to a revision, to base, or back by a number such as -1.")
        }
    }
}
