/// Makes one revision of many old ones, so that a new database is made in one go.
public enum MigrationSquash {
    /// The file that stands for a revision and all it follows.
    ///
    /// - Throws: `graph` when something else follows one of them, `usage` for revisions in Swift.
    public static func template(
        upTo target: String,
        in graph: RevisionGraph,
        named name: String,
        description: String
    ) throws(MigrationError) -> MigrationTemplate {
        let last = try graph.find(target)
        let names = graph.ancestors(of: [last.id])
        let squashed = graph.revisions.filter { names.contains($0.id) }
        guard squashed.count > 1 else {
            throw MigrationError(.usage, "There is only one revision to squash.")
        }
        for revision in graph.revisions where !names.contains(revision.id) {
            guard let parent = revision.parents.first(where: { names.contains($0) && $0 != last.id }) else { continue }
            throw revision.error(
                .graph,
                "The revision follows \(parent), which would be squashed into the middle of \(last.id).",
                line: revision.line(of: "parents")
            )
        }
        var template = MigrationTemplate(revision: name, parents: [], description: description)
        // What was squashed before stays known.
        template.replaces = squashed.flatMap { $0.replaces.isEmpty ? [$0.id] : $0.replaces + [$0.id] }
        if squashed.contains(where: { $0.isTransactional == false }) { template.isTransactional = false }
        template.defersForeignKeys = squashed.contains(where: \.defersForeignKeys)
        template.sections = try sections(squashed)
        return template
    }

    private static func sections(
        _ revisions: [Revision]
    ) throws(MigrationError) -> [(direction: Revision.Direction, dialects: [String], text: String)] {
        var dialects: [String] = []
        for revision in revisions {
            guard case .sections(let sections) = revision.body else {
                throw revision.error(.usage, "Revision \(revision.id) is written in Swift and cannot be squashed.")
            }
            for dialect in sections.flatMap(\.dialects) where !dialects.contains(dialect) { dialects.append(dialect) }
        }
        var result: [(direction: Revision.Direction, dialects: [String], text: String)] = []
        for (direction, ordered) in [(Revision.Direction.up, revisions), (.down, revisions.reversed())] {
            for dialect in [""] + dialects {
                let texts = ordered.map { $0.section(direction, dialect: dialect)?.text }
                // Where one of them has nothing for an engine, all of them together have not either.
                guard !texts.contains(nil) else { continue }
                let text = texts.compactMap { $0 }.map(\.trimmingBlanks).filter { !$0.isEmpty }
                    .map { $0.hasSuffix(";") ? $0 : $0 + "\n;" }.joined(separator: "\n\n")
                result.append((direction, dialect.isEmpty ? [] : [dialect], text))
            }
        }
        return result
    }
}
