/// Revisions and how they follow each other: a graph with branches and merges, without cycles.
public struct RevisionGraph: Sendable {
    /// The revisions, each after all it follows; those that do not depend on each other by name.
    public let revisions: [Revision]
    private let positions: [String: Int]
    private let children: [String: [String]]
    private let replacedBy: [String: String]

    /// Checks that the revisions fit together. Takes `n log n` steps.
    ///
    /// - Throws: `graph` for duplicate names, unknown parents and cycles, with file and line.
    public init(_ revisions: [Revision]) throws(MigrationError) {
        var byName: [String: Revision] = [:]
        for revision in revisions {
            if let other = byName[revision.id] {
                throw revision.error(
                    .graph,
                    "The revision \(revision.id) exists twice: here and in \(other.place).",
                    line: revision.line(of: "revision")
                )
            }
            byName[revision.id] = revision
        }
        var replacedBy: [String: String] = [:]
        for revision in revisions {
            for old in revision.replaces { replacedBy[old] = revision.id }
        }
        self.replacedBy = replacedBy
        // A file that was written on top of what has been squashed since follows what stands for it now.
        var resolved: [Revision] = []
        for var revision in revisions {
            var parents: [String] = []
            for parent in revision.parents {
                let name = byName[parent] == nil ? replacedBy[parent] ?? parent : parent
                guard byName[name] != nil else {
                    throw revision.error(
                        .graph,
                        "The revision follows \(parent), which does not exist.",
                        hint: Self.nearest(to: parent, in: byName.keys).map { "Did you mean \($0)?" },
                        line: revision.line(of: "parents")
                    )
                }
                if !parents.contains(name) { parents.append(name) }
            }
            revision.parents = parents
            resolved.append(revision)
        }
        self.revisions = try Self.ordered(resolved)
        positions = Dictionary(uniqueKeysWithValues: self.revisions.enumerated().map { ($0.element.id, $0.offset) })
        var children: [String: [String]] = [:]
        for revision in self.revisions {
            for parent in revision.parents { children[parent, default: []].append(revision.id) }
        }
        self.children = children
    }

    /// Each revision after its parents; of those that could come next, the first by file name.
    private static func ordered(_ revisions: [Revision]) throws(MigrationError) -> [Revision] {
        let sorted = revisions.sorted { ($0.fileName ?? $0.id, $0.id) < ($1.fileName ?? $1.id, $1.id) }
        let index = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($0.element.id, $0.offset) })
        var waiting = sorted.map(\.parents.count)
        var children: [[Int]] = Array(repeating: [], count: sorted.count)
        for (child, revision) in sorted.enumerated() {
            for parent in revision.parents {
                if let position = index[parent] { children[position].append(child) }
            }
        }
        var ready = Set(sorted.indices.filter { waiting[$0] == 0 })
        var heap = ready.sorted(by: >)
        var result: [Revision] = []
        while let next = heap.popLast() {
            ready.remove(next)
            result.append(sorted[next])
            var changed = false
            for child in children[next] {
                waiting[child] -= 1
                if waiting[child] == 0 {
                    heap.append(child)
                    changed = true
                }
            }
            if changed { heap.sort(by: >) }
        }
        guard result.count < sorted.count else { return result }
        throw cycle(sorted.enumerated().filter { waiting[$0.offset] > 0 }.map(\.element))
    }

    /// Names the revisions of one cycle among those that could not be ordered.
    private static func cycle(_ left: [Revision]) -> MigrationError {
        let byName = Dictionary(uniqueKeysWithValues: left.map { ($0.id, $0) })
        var path: [String] = []
        // Each of those left has a parent among them, so that going on meets one again.
        var current = left.first
        while let revision = current, !path.contains(revision.id) {
            path.append(revision.id)
            current = revision.parents.lazy.compactMap { byName[$0] }.first
        }
        guard let current, let start = path.firstIndex(of: current.id) else {
            return MigrationError(.graph, "The revisions follow each other in a circle.")
        }
        let circle = path[start...] + [current.id]
        return current.error(
            .graph,
            "The revisions follow each other in a circle: \(circle.joined(separator: " follows ")).",
            line: current.line(of: "parents")
        )
    }

    static func nearest(to name: String, in names: some Sequence<String>) -> String? {
        names.filter { $0.hasPrefix(name) || name.hasPrefix($0) || $0.lowercased() == name.lowercased() }.min()
    }

    /// The revision of this name.
    public subscript(id: String) -> Revision? { positions[id].map { revisions[$0] } }

    /// The revision that stands for a squashed one; nil for one that was not squashed.
    public func replacement(for id: String) -> Revision? { replacedBy[id].flatMap { self[$0] } }

    /// The revisions nothing follows.
    public var heads: [Revision] { revisions.filter { children[$0.id] == nil } }

    /// The revisions that follow none.
    public var roots: [Revision] { revisions.filter(\.parents.isEmpty) }

    /// The names of those that follow a revision directly.
    public func children(of id: String) -> [String] { children[id] ?? [] }

    /// Those revisions and all they follow.
    public func ancestors(of ids: some Sequence<String>) -> Set<String> {
        closure(ids) { self[$0]?.parents ?? [] }
    }

    /// Those revisions and all that follow them.
    public func descendants(of ids: some Sequence<String>) -> Set<String> {
        closure(ids) { children[$0] ?? [] }
    }

    private func closure(_ ids: some Sequence<String>, _ next: (String) -> [String]) -> Set<String> {
        var seen: Set<String> = []
        var open = Array(ids)
        while let id = open.popLast() {
            if seen.insert(id).inserted { open += next(id) }
        }
        return seen
    }

    /// The one head.
    ///
    /// - Throws: `graph` when there are several.
    public func onlyHead() throws(MigrationError) -> Revision? {
        let heads = heads
        guard heads.count > 1 else { return heads.first }
        throw MigrationError(
            .graph,
            "There are \(heads.count) heads: \(heads.map(\.id).joined(separator: ", ")).",
            hint: "Join them with roost migrate merge, or name one; \"heads\" means all of them."
        )
    }

    /// The revision a person means: its name, or the beginning of it when that is clear.
    ///
    /// - Throws: `usage` when there is none, or several.
    public func find(_ text: String) throws(MigrationError) -> Revision {
        if let exact = self[text] { return exact }
        let matches = revisions.filter { $0.id.hasPrefix(text) }
        guard let first = matches.first, !text.isEmpty else {
            throw MigrationError(.usage, "There is no revision \"\(text)\".", hint: "roost migrate history lists them.")
        }
        guard matches.count == 1 else {
            throw MigrationError(
                .usage,
                "\"\(text)\" could be \(matches.prefix(5).map(\.id).joined(separator: ", "))."
            )
        }
        return first
    }
}
