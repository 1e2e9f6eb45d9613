import Roost
public import RoostSchema

/// Writes the migrations that lead from one structure to another.
///
/// Both must come from servers of one engine, so that types, defaults and checks are in its own words. What may be a rename is never
/// dropped and created unless somebody said so.
public struct MigrationGenerator: Sendable {
    /// The structure there is.
    public let current: Schema
    /// The structure there should be.
    public let desired: Schema
    /// What was said to be renamed.
    public var renames = Schema.Renames()
    /// What was said to be dropped indeed, as ``Schema/RenameCandidate/path`` writes it.
    public var drops: Set<String> = []
    /// Whether others shall read and write meanwhile: on PostgreSQL indexes and constraints of tables that are there come in a revision of
    /// their own, by statements that let them; on MySQL and MariaDB statements ask for the algorithm and lock under which they may.
    public var isOnline = true

    /// A generator.
    ///
    /// - Parameter historyTable: the migrations' own table, which is nobody's change.
    public init(from current: Schema, to desired: Schema, historyTable: String) {
        let parts = ObjectName(parsing: historyTable) ?? ObjectName(historyTable)
        let own = Set(["", "_lock", "_online"].map { ObjectName(parts.name + $0, in: parts.namespace) })
        func others(_ schema: Schema) -> Schema {
            var schema = schema
            schema.tables.removeAll { own.contains($0.name) }
            // Who may do what is not what migrations are about.
            schema.privileges = []
            return schema
        }
        self.current = others(current)
        self.desired = others(desired)
    }

    /// The changes, in the order in which they are made.
    public var changes: [Schema.Change] { current.changes(to: desired, renames: renames) }

    /// What somebody has to decide before anything is written: a rename, or a drop.
    public var questions: [Schema.RenameCandidate] {
        current.renameCandidates(to: desired, renames: renames).filter { !drops.contains($0.path) }
    }

    /// The migrations: none where nothing differs, else one, or two where the second one may run while others work.
    ///
    /// - Parameter names: gives names to revisions, each another.
    /// - Throws: `notSupported` for what the engine cannot change in place; ``MigrationError`` while there are ``questions``.
    public func templates(
        parents: [String],
        description: String,
        names: () -> String
    ) throws -> [MigrationTemplate] {
        if let question = questions.first {
            throw MigrationError(
                .refused,
                "\(question.path) goes and \(question.to) comes: a rename would keep what is in it, a drop would not.",
                hint: "Say which: --rename \(question.path)=\(question.to) or --drop \(question.path)."
            )
        }
        let middle = isOnline ? online() : desired
        var result: [MigrationTemplate] = []
        func next(_ words: String) -> MigrationTemplate {
            let before = result.last.map { [$0.revision] } ?? parents
            return MigrationTemplate(revision: names(), parents: before, description: description + words)
        }
        var start = current
        if let grown = try withNewValues(middle), let first = try template(current, grown, .init(), next(", values")) {
            start = grown
            result.append(first)
        }
        if let plain = try template(start, middle, renames, next("")) { result.append(plain) }
        guard middle != desired else { return result }
        var online = next(", online")
        online.isTransactional = false
        if let last = try template(middle, desired, Schema.Renames(), online) { result.append(last) }
        return result
    }

    /// The present structure with the values that enumerations get, where a default or the like uses one of them: PostgreSQL lets nobody
    /// use a value before the transaction that added it has ended. Nil where none is used.
    private func withNewValues(_ target: Schema) throws(DatabaseError) -> Schema? {
        guard target.engine == .postgresql else { return nil }
        var grown = current
        var added: [String] = []
        var others: [Schema.Change] = []
        for change in current.changes(to: target, renames: renames) {
            guard case .addEnumerationValue(let enumeration, let value, _) = change,
                let place = grown.enumerations.firstIndex(where: { $0.name == enumeration.name }),
                let values = target.enumerations.first(where: { $0.name == enumeration.name })?.values
            else {
                others.append(change)
                continue
            }
            grown.enumerations[place].values = values
            added.append("'" + value.replacing("'", with: "''") + "'")
        }
        guard !added.isEmpty else { return nil }
        let statements = try current.definitions(of: others, to: target)
        return statements.contains { text in added.contains { text.contains($0) } } ? grown : nil
    }

    private func template(
        _ source: Schema,
        _ target: Schema,
        _ renames: Schema.Renames,
        _ empty: MigrationTemplate
    ) throws(DatabaseError) -> MigrationTemplate? {
        let up = try statements(source, target, renames)
        guard !up.isEmpty else { return nil }
        var template = empty
        let isOnline = empty.isTransactional == false
        // What cannot be undone has no way down, and rolling back says so.
        let down = (try? statements(target, source, renames.inverted)) ?? []
        for (direction, statements) in [(Revision.Direction.up, up), (.down, down)] where !statements.isEmpty {
            // The run switches foreign keys off itself, which it can where a transaction is open.
            let own = statements.filter { !$0.uppercased().hasPrefix("PRAGMA FOREIGN_KEYS") }
            if own.count < statements.count { template.defersForeignKeys = true }
            let text = own.map { (isOnline ? Self.concurrent($0) : $0) + ";" }.joined(separator: "\n")
            template.sections.append((direction, [target.engine.rawValue], text))
        }
        return template
    }

    private func statements(
        _ source: Schema,
        _ target: Schema,
        _ renames: Schema.Renames
    ) throws(DatabaseError) -> [String] {
        let changes = source.changes(to: target, renames: renames)
        guard isOnline, target.engine == .mysql || target.engine == .mariadb else {
            return try source.definitions(of: changes, to: target)
        }
        let algorithms = MySQLAlgorithms(source, target)
        var statements: [String] = []
        for change in changes { statements += try algorithms.statements(of: change) }
        return statements
    }

    /// The desired structure without what can come later and lets others work: indexes of tables that are there, and looking whether
    /// the rows that are there keep new constraints.
    private func online() -> Schema {
        guard desired.engine == .postgresql else { return desired }
        var middle = desired
        let present = Set(current.tables.map { renames.tables[$0.name] ?? $0.name })
        // A partitioned table has its indexes made at once or not at all.
        let plain = Set(desired.tables.filter { $0.partitioning == nil && $0.partition == nil }.map(\.name))
        for change in changes {
            switch change {
            case .createIndex(let table, let index) where present.contains(table) && plain.contains(table):
                middle.change(table) { $0.indexes.removeAll { $0.name == index.name } }
            case .addConstraint(let table, .foreignKey(let key)) where present.contains(table) && plain.contains(table):
                middle.change(table) { table in
                    for number in table.foreignKeys.indices where table.foreignKeys[number] == key {
                        table.foreignKeys[number].isValidated = false
                    }
                }
            case .addConstraint(let table, .check(let check)) where present.contains(table) && plain.contains(table):
                middle.change(table) { table in
                    for number in table.checks.indices where table.checks[number] == check && check.isEnforced {
                        table.checks[number].isValidated = false
                    }
                }
            default: continue
            }
        }
        return middle
    }

    /// A statement about an index in the form that lets others write meanwhile.
    private static func concurrent(_ statement: String) -> String {
        for head in ["CREATE UNIQUE INDEX", "CREATE INDEX", "DROP INDEX"] where statement.hasPrefix(head + " ") {
            return head + " CONCURRENTLY" + statement.dropFirst(head.count)
        }
        return statement
    }
}

extension Schema {
    fileprivate mutating func change(_ name: ObjectName, _ body: (inout Table) -> Void) {
        guard let index = tables.firstIndex(where: { $0.name == name }) else { return }
        body(&tables[index])
    }
}

extension Schema.Renames {
    /// The way back.
    fileprivate var inverted: Self {
        var result = Self()
        for (old, new) in tables { result.tables[new] = old }
        for (table, names) in columns {
            let now = tables[table] ?? table
            for (old, new) in names { result.columns[now, default: [:]][new] = old }
        }
        return result
    }

    /// Takes in what somebody wrote: `customer=client` for a table, `customer.name=full_name` for a column, by its table's present name.
    ///
    /// - Throws: what is written in another way, or names what is not there.
    public mutating func add(_ text: String, in schema: Schema) throws(MigrationError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let new = ObjectName(parsing: parts[1]), !new.name.isEmpty else {
            throw MigrationError(
                .usage,
                "\"\(text)\" is no rename.",
                hint: "Write customer=client for a table, customer.name=full_name for a column."
            )
        }
        if let table = ObjectName(parsing: parts[0]), schema.tables.contains(where: { $0.name == table }) {
            tables[table] = new
            return
        }
        for table in schema.tables where parts[0].hasPrefix(table.name.description + ".") {
            guard let column = ObjectName(parsing: String(parts[0].dropFirst(table.name.description.count + 1))),
                table.columns.contains(where: { $0.name == column.name })
            else { continue }
            columns[table.name, default: [:]][column.name] = new.name
            return
        }
        throw MigrationError(.usage, "There is no table or column \(parts[0]) to rename.")
    }

    /// Takes in an answer.
    public mutating func add(_ candidate: Schema.RenameCandidate) {
        if let table = candidate.table {
            columns[table, default: [:]][candidate.from.name] = candidate.to.name
        } else {
            tables[candidate.from] = candidate.to
        }
    }
}
