public import Roost

/// Looks at migrations for what hurts on a database with data and users. Reads files only; needs no database.
public struct MigrationLinter {
    private let dialect: Dialect
    private let capabilities: Capabilities
    private var findings: [LintFinding] = []
    /// What the files have made so far: tables and indexes, by name.
    private var names: [String: String] = [:]
    private var foreignKeys: [ForeignKey] = []
    private var indexes: [String: [[String]]] = [:]

    private struct ForeignKey {
        var table: String
        var columns: [String]
        var place: LintFinding
    }

    private init(dialect: Dialect, capabilities: Capabilities) {
        self.dialect = dialect
        self.capabilities = capabilities
    }

    /// The findings for an engine, in the order of the revisions.
    ///
    /// - Parameter only: the revisions to report on; the others are read for what they make. Nil for all.
    /// - Throws: for files whose statements cannot be told apart.
    public static func findings(
        in graph: RevisionGraph,
        dialect: Dialect,
        capabilities: Capabilities,
        only: Set<String>? = nil
    ) throws(MigrationError) -> [LintFinding] {
        var linter = MigrationLinter(dialect: dialect, capabilities: capabilities)
        for revision in graph.revisions { try linter.look(at: revision) }
        linter.findForeignKeysWithoutIndex()
        let order = Dictionary(uniqueKeysWithValues: graph.revisions.enumerated().map { ($0.element.id, $0.offset) })
        return linter.findings.filter { only?.contains($0.revision) ?? true }.sorted {
            (order[$0.revision] ?? 0, $0.line, $0.code) < (order[$1.revision] ?? 0, $1.line, $1.code)
        }
    }

    private var isMySQL: Bool { dialect.name == "mysql" || dialect.name == "mariadb" }
    private var isPostgreSQL: Bool { dialect.name == "postgresql" }

    private mutating func look(at revision: Revision) throws(MigrationError) {
        guard case .sections = revision.body else { return }
        let steps = try revision.steps(.up, dialect: dialect)
        var fresh: Set<String> = []
        var committing = 0
        for step in steps {
            let statement = StatementTokens(step.text, dialect: dialect)
            let effect = StatementEffect(step.text, dialect: dialect)
            let rules = LintRules(tokens: statement, dialect: dialect, fresh: fresh)
            for found in rules.found() { add(found.0, found.1, revision, step.line, found.2, found.3) }
            transaction(effect, revision, step)
            if effect.leavesTransaction, !effect.isSessionSetting { committing += 1 }
            follow(statement, revision, step.line, &fresh)
        }
        if isMySQL, committing > 1 {
            add(
                "TX103",
                .note,
                revision,
                steps.first?.line ?? 1,
                "\(committing) statements commit by themselves here; a failure leaves the ones before it done.",
                "One such statement a revision; otherwise roost migrate repair goes on where it stopped."
            )
        }
        if !revision.isReversible(dialect: dialect) {
            add("RV101", .note, revision, 1, "The revision has no -- migrate:down and cannot be rolled back.", nil)
        }
    }

    private mutating func add(
        _ code: String,
        _ severity: LintFinding.Severity,
        _ revision: Revision,
        _ line: Int,
        _ message: String,
        _ saferForm: String?
    ) {
        findings.append(
            LintFinding(
                code: code,
                severity: severity,
                revision: revision.id,
                file: revision.path,
                line: line,
                message: message,
                saferForm: saferForm
            )
        )
    }

    private mutating func transaction(_ effect: StatementEffect, _ revision: Revision, _ step: MigrationStep) {
        if effect.controlsTransaction {
            add("TX102", .error, revision, step.line, "A revision must not begin or end transactions.", "Leave it out.")
        }
        let isWhole = revision.isTransactional ?? capabilities.has(.transactionalDDL)
        if effect.leavesTransaction, isWhole {
            add(
                "TX101",
                .error,
                revision,
                step.line,
                "The statement cannot run inside a transaction.",
                "Put it into a revision of its own with the header -- transactional: no."
            )
        }
        if isPostgreSQL, effect.recovery == .undecidable, step.text.lowercased().contains("concurrently") {
            add(
                "TX104",
                .warning,
                revision,
                step.line,
                "An interrupted concurrent index without a name cannot be found and repaired.",
                "create index concurrently NAME on …"
            )
        }
    }

    // MARK: What the files have made

    private mutating func follow(
        _ tokens: StatementTokens,
        _ revision: Revision,
        _ line: Int,
        _ fresh: inout Set<String>
    ) {
        let shape = DefinitionShape(tokens)
        for name in [shape.table, shape.index].compactMap({ $0 }) + shape.constraints {
            let limit = isPostgreSQL ? 63 : isMySQL ? 64 : Int.max
            guard name.utf8.count > limit else { continue }
            add(
                "NM102",
                .warning,
                revision,
                line,
                "The name \(name.prefix(20))… has \(name.utf8.count) bytes; \(dialect.name) keeps \(limit).",
                "A shorter name."
            )
        }
        switch shape.verb {
        case .createTable:
            guard let table = shape.table else { break }
            take("table \(table)", isOptional: shape.isOptional, revision, line)
            fresh.insert(table)
            indexes[table, default: []] += shape.indexedColumns
        case .createIndex:
            guard let table = shape.table else { break }
            if let index = shape.index {
                // MySQL's names of indexes belong to their table.
                take(
                    isMySQL ? "index \(table).\(index)" : "index \(index)",
                    isOptional: shape.isOptional,
                    revision,
                    line
                )
            }
            indexes[table, default: []] += shape.indexedColumns
        case .alterTable:
            guard let table = shape.table else { break }
            indexes[table, default: []] += shape.indexedColumns
            if let renamed = shape.renamedTo {
                names["table \(table)"] = nil
                names["table \(renamed)"] = revision.id
                indexes[renamed] = indexes.removeValue(forKey: table)
                if fresh.contains(table) { fresh.insert(renamed) }
                for index in foreignKeys.indices where foreignKeys[index].table == table {
                    foreignKeys[index].table = renamed
                }
            }
        case .dropTable:
            for table in shape.dropped {
                names["table \(table)"] = nil
                indexes[table] = nil
                foreignKeys.removeAll { $0.table == table }
            }
        case .dropIndex:
            for index in shape.dropped { names["index \(index)"] = nil }
        case .other: break
        }
        guard let table = shape.table, !isMySQL else { return }
        for columns in shape.foreignKeyColumns {
            let place = LintFinding(
                code: "FK101",
                severity: .warning,
                revision: revision.id,
                file: revision.path,
                line: line,
                message:
                    "The foreign key \(table) (\(columns.joined(separator: ", "))) has no index: deleting a referred row reads the whole table.",
                saferForm: "create index on \(table) (\(columns.joined(separator: ", ")));"
            )
            foreignKeys.append(ForeignKey(table: table, columns: columns, place: place))
        }
    }

    private mutating func take(_ name: String, isOptional: Bool, _ revision: Revision, _ line: Int) {
        if !isOptional, let owner = names[name] {
            add(
                "NM101",
                .error,
                revision,
                line,
                "There is a \(name) already, made by revision \(owner).",
                "Another name, or drop the old one first."
            )
        }
        names[name] = revision.id
    }

    /// Once all files are read: the index may come in a later one.
    private mutating func findForeignKeysWithoutIndex() {
        for key in foreignKeys {
            let isCovered = (indexes[key.table] ?? []).contains {
                Set($0.prefix(key.columns.count)) == Set(key.columns)
            }
            if !isCovered { findings.append(key.place) }
        }
    }
}
