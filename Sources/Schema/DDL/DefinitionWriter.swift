public import Roost

extension Schema {
    /// The statements that make this structure in an empty database, in its engine's language.
    ///
    /// - Throws: `notSupported` for what no statement can make.
    public func definitions() throws(DatabaseError) -> [String] {
        let empty = Schema(engine: engine)
        return try empty.definitions(of: empty.changes(to: self), to: self)
    }

    /// The statements that carry out changes, without semicolons.
    ///
    /// SQLite cannot alter most of a table: there it is made anew under another name and filled, with the foreign keys switched off
    /// outside of a transaction. Run the statements one after the other, on one connection.
    ///
    /// - Parameters:
    ///   - changes: what ``changes(to:renames:)`` found, or some of it.
    ///   - target: the structure after all of them.
    /// - Throws: `notSupported` for a change that the engine cannot make in place.
    public func definitions(of changes: [Change], to target: Schema) throws(DatabaseError) -> [String] {
        switch target.engine {
        case .sqlite:
            var writer = SQLiteDefinitionWriter(source: self, target: target)
            try writer.write(changes)
            return writer.statements
        case .postgresql:
            var writer = PostgreSQLDefinitionWriter(source: self, target: target)
            for change in changes { try writer.write(change) }
            return writer.statements
        case .mysql, .mariadb:
            var writer = MySQLDefinitionWriter(source: self, target: target)
            for change in changes { try writer.write(change) }
            return writer.statements
        }
    }
}

/// Writes changes as statements of one engine.
protocol DefinitionWriter {
    /// Before the changes.
    var source: Schema { get }
    /// After the changes.
    var target: Schema { get }
    /// What was written.
    var statements: [String] { get set }
}

extension DefinitionWriter {
    var engine: Schema.Engine { target.engine }

    func quoted(_ name: String) -> String { SQLText.name(name, engine) }
    func quoted(_ name: ObjectName) -> String { SQLText.name(name, engine) }
    func list(_ names: [String]) -> String { SQLText.list(names, engine) }
    func literal(_ text: String) -> String { SQLText.literal(text, engine) }
    func literal(_ text: String?) -> String { text.map { SQLText.literal($0, engine) } ?? "NULL" }

    mutating func write(_ statement: String) { statements.append(statement) }

    func unsupported(_ what: String) -> DatabaseError {
        DatabaseError(
            .notSupported,
            .notSupported,
            "\(engine.rawValue) cannot \(what).",
            hint: "Make a new object, move what is in it, and drop the old one."
        )
    }

    /// `CONSTRAINT name `, for what has one.
    func constraintHead(_ name: String?) -> String { name.map { "CONSTRAINT \(quoted($0)) " } ?? "" }

    /// `FOREIGN KEY (…) REFERENCES …`
    func foreignKey(_ key: Schema.ForeignKey) -> String {
        var text =
            "\(constraintHead(key.name))FOREIGN KEY (\(list(key.columns))) REFERENCES \(quoted(key.referencedTable))"
        if !key.referencedColumns.isEmpty { text += " (\(list(key.referencedColumns)))" }
        if key.matchesFull { text += " MATCH FULL" }
        // MySQL and MariaDB each tell another word for the same when nothing was said.
        let isExplicit = engine == .mysql || engine == .mariadb
        if isExplicit || key.onUpdate != .noAction { text += " ON UPDATE \(key.onUpdate.rawValue)" }
        if isExplicit || key.onDelete != .noAction { text += " ON DELETE \(key.onDelete.rawValue)" }
        if !key.onDeleteColumns.isEmpty { text += " (\(list(key.onDeleteColumns)))" }
        return text + checking(key.checking)
    }

    func checking(_ checking: Schema.Checking) -> String {
        switch checking {
        case .immediate: ""
        case .deferrable: " DEFERRABLE"
        case .deferred: " DEFERRABLE INITIALLY DEFERRED"
        }
    }

    /// Pairs in the order of their names.
    func ordered(_ options: [String: String]) -> [(String, String)] { options.sorted { $0.key < $1.key } }
}
