public import Roost

/// A part of a migration file: what runs one way, on some engines or on all others.
struct MigrationSection: Sendable, Hashable {
    var direction: Revision.Direction
    /// The dialects it is for; none for all that have no section of their own.
    var dialects: [String]
    var text: String
    /// The line of the file its text begins on, from 1.
    var firstLine: Int
    /// The line of its marker.
    var markerLine: Int
}

/// One statement of a revision, with where it stands.
public struct MigrationStep: Sendable, Hashable {
    /// The statement, without the semicolon.
    public var text: String
    /// The line of the file it begins on, from 1.
    public var line: Int

    /// The line of the file that a position in the statement, in characters from 1, is on.
    func line(at position: Int?) -> Int {
        guard let position else { return line }
        return line + text.prefix(max(position - 1, 0)).count(where: \.isNewline)
    }
}

extension Revision {
    /// The section for a direction on an engine: its own, else the one for all.
    func section(_ direction: Direction, dialect: String) -> MigrationSection? {
        guard case .sections(let sections) = body else { return nil }
        let candidates = sections.filter { $0.direction == direction }
        return candidates.first { $0.dialects.contains(dialect) } ?? candidates.first { $0.dialects.isEmpty }
    }

    /// The statements of a direction on an engine, in order.
    ///
    /// - Throws: where there is no section for the engine, and for a quote, comment or body that is not closed.
    public func steps(_ direction: Direction, dialect: Dialect) throws(MigrationError) -> [MigrationStep] {
        guard case .sections(let sections) = body else { return [] }
        guard let section = section(direction, dialect: dialect.name) else {
            if direction == .down { return [] }
            let others = sections.filter { $0.direction == .up }.flatMap(\.dialects)
            throw error(
                .file,
                "The revision has nothing for \(dialect.name), only for \(others.joined(separator: ", ")).",
                hint: "Add a section: -- migrate:up \(dialect.name)"
            )
        }
        // With a semicolon at the end, a last statement that is still not complete has something open.
        let parts = StatementSplitter.split(section.text + "\n;", dialect: dialect)
        var steps: [MigrationStep] = []
        for part in parts {
            let line = section.firstLine + part.line - 1
            guard part.isComplete else {
                throw error(
                    .file,
                    "A quote, a comment or the body of a trigger or procedure that begins here is not closed.",
                    line: line
                )
            }
            steps.append(MigrationStep(text: part.text, line: line))
        }
        return steps
    }

    /// Whether rolling it back is possible as far as the file says: it has statements for it, or there is nothing to undo.
    public func isReversible(dialect: Dialect) -> Bool {
        guard case .sections = body else { return true }
        guard let down = try? steps(.down, dialect: dialect), let up = try? steps(.up, dialect: dialect) else {
            return false
        }
        return !down.isEmpty || up.isEmpty
    }
}
