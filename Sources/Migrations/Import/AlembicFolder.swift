/// Alembic's `versions`: Python files whose revisions, parents, docstrings and plain `op.execute("…")` are read
/// (Alembic documentation, "Create a Migration Script").
enum AlembicFolder {
    static func read(_ folder: String, _ script: AlembicScript) throws(MigrationError) -> MigrationImport {
        var result = MigrationImport()
        let names = try MigrationImport.files(in: folder).filter { $0.hasSuffix(".py") && $0 != "__init__.py" }
        guard !names.isEmpty else {
            throw MigrationError(
                .file,
                "There are no revisions of Alembic here.",
                hint: "Name the folder of the .py files: usually …/versions.",
                file: folder
            )
        }
        for name in names {
            let file = folder + "/" + name
            let revision = PythonRevision(try MigrationFolder.text(of: file))
            guard let id = revision.revision, RevisionName.isValid(id) else {
                result.remarks.append(.init("The file assigns no plain text to \"revision\".", file: file))
                continue
            }
            guard let parents = revision.parents else {
                result.remarks.append(
                    .init("What the revision follows is not written plainly.", file: file, line: revision.parentsLine)
                )
                continue
            }
            var template = MigrationTemplate(revision: id, parents: parents, description: revision.description ?? "")
            if revision.isAutocommitting { template.isTransactional = false }
            for (direction, function) in [(Revision.Direction.up, "upgrade"), (.down, "downgrade")] {
                let body = revision.bodies[function] ?? PythonRevision.Body()
                if body.unknown.isEmpty {
                    template.sections.append((direction, [], body.statements.map { $0 + ";" }.joined(separator: "\n")))
                } else if let sql = script.statements(direction, id) {
                    template.sections.append((direction, [], sql))
                } else {
                    for (line, text) in body.unknown {
                        result.remarks.append(
                            .init("\(function): \(text)", file: file, line: line, isBlocking: direction == .up)
                        )
                    }
                }
            }
            result.migrations.append(template)
        }
        return result
    }
}

/// What `alembic upgrade head --sql` prints: the SQL of each revision below a line that names it.
struct AlembicScript {
    private var parts: [String: String] = [:]

    init() {}

    init(_ text: String) {
        var key: String?
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if let found = Self.marker(line) {
                key = found
                parts[found] = ""
            } else if let key, !Self.isBookkeeping(line) {
                parts[key, default: ""] += line + "\n"
            }
        }
    }

    /// The SQL of a revision; nil when the script has none.
    func statements(_ direction: Revision.Direction, _ id: String) -> String? {
        parts["\(direction.rawValue) \(id)"]?.trimmingBlanks
    }

    /// `-- Running upgrade a, b -> c`: up leads to what is right of the arrow, down undoes what is left of it.
    private static func marker(_ line: Substring) -> String? {
        for (words, direction) in [("-- Running upgrade ", "up"), ("-- Running downgrade ", "down")]
        where line.hasPrefix(words) {
            let sides = line.dropFirst(words.count).split(separator: "->", omittingEmptySubsequences: false)
            guard sides.count == 2 else { return nil }
            return "\(direction) \(sides[direction == "up" ? 1 : 0].trimmingBlanks)"
        }
        return nil
    }

    private static func isBookkeeping(_ line: Substring) -> Bool {
        let text = line.lowercased()
        return ["begin;", "commit;"].contains(text.trimmingBlanks)
            || ["insert into alembic_version", "update alembic_version", "delete from alembic_version"].contains {
                text.hasPrefix($0)
            }
    }
}
