public import Roost

/// Revisions as one SQL script that does what a run would, the history included: for those who may not let a tool near a database.
public struct OfflineScript {
    private let dialect: Dialect
    private let capabilities: Capabilities
    private let configuration: MigrationConfiguration
    private var lines: [String] = []
    private var table: [String] { configuration.historyTable.split(separator: ".").map(String.init) }

    private init(dialect: Dialect, capabilities: Capabilities, configuration: MigrationConfiguration) {
        self.dialect = dialect
        self.capabilities = capabilities
        self.configuration = configuration
    }

    /// The script for these revisions, in order. Needs no connection.
    ///
    /// - Throws: for revisions in Swift, and for what a run would refuse.
    public static func text(
        of path: [Revision],
        _ direction: Revision.Direction,
        dialect: Dialect,
        capabilities: Capabilities,
        configuration: MigrationConfiguration = MigrationConfiguration()
    ) throws(MigrationError) -> String {
        var script = OfflineScript(dialect: dialect, capabilities: capabilities, configuration: configuration)
        script.put(HistoryTable.creation(script.table, dialect: dialect))
        for revision in path { try script.add(revision, direction) }
        return script.lines.joined(separator: "\n") + "\n"
    }

    private mutating func put(_ statement: Statement) {
        lines.append(SQLLiteral.inlined(statement, dialect: dialect) + ";")
    }

    private mutating func add(_ revision: Revision, _ direction: Revision.Direction) throws(MigrationError) {
        if case .code = revision.body {
            throw revision.error(.usage, "Revision \(revision.id) is written in Swift and has no SQL.")
        }
        let steps = try revision.steps(direction, dialect: dialect)
        if direction == .down, !revision.isReversible(dialect: dialect) {
            throw revision.error(.usage, "Revision \(revision.id) cannot be rolled back: it has no -- migrate:down.")
        }
        let isWhole = try RevisionRun.isWhole(revision, steps, dialect: dialect, capabilities: capabilities)
        let description = revision.description.split(whereSeparator: \.isNewline).joined(separator: " ")
        lines.append("\n-- \(direction == .up ? "Apply" : "Roll back") \(revision.id): \(description)")
        let defers = revision.defersForeignKeys && dialect.name == "sqlite"
        if defers { lines.append("pragma foreign_keys = off;") }
        if isWhole {
            lines.append(dialect.name == "postgresql" || dialect.name == "sqlite" ? "begin;" : "start transaction;")
        }
        lines += steps.map { $0.text + ";" }
        record(revision, direction)
        if isWhole { lines.append("commit;") }
        if defers { lines.append("pragma foreign_keys = on;") }
    }

    private mutating func record(_ revision: Revision, _ direction: Revision.Direction) {
        guard direction == .up else {
            return put(
                "update \(identifier: table) set state = \("reverted") where revision = \(revision.id)"
            )
        }
        put("delete from \(identifier: table) where revision = \(revision.id)")
        let entry = HistoryEntry(revision, state: .applied, sequence: 0, by: configuration)
        put(
            """
            insert into \(identifier: table) (revision, sequence, description, checksum, state, applied_by, started_at, \
            tool_version, steps, steps_done, step_started, step_checksum, step_fingerprint) \
            select \(entry.revision), coalesce(max(sequence), 0) + 1, \(entry.description), \(entry.checksum), \
            \(entry.state.rawValue), \(entry.appliedBy), \(entry.startedAt), \(entry.toolVersion), 0, 0, 0, '', '' \
            from \(identifier: table)
            """
        )
    }
}

/// Values as literals, for scripts that leave the program. What runs here binds instead.
enum SQLLiteral {
    /// The statement with its parameters written into it.
    static func inlined(_ statement: Statement, dialect: Dialect) -> String {
        var result = Statement(unsafe: "")
        let bytes = Array(statement.text.utf8)
        var position = 0
        var parameters = statement.parameters.makeIterator()
        for mark in statement.marks {
            result.append(unsafe: String(decoding: bytes[position..<mark.offset], as: UTF8.self))
            let piece = String(decoding: bytes[mark.offset..<(mark.offset + mark.length)], as: UTF8.self)
            position = mark.offset + mark.length
            switch mark.kind {
            case .parameter: result.append(unsafe: text(parameters.next() ?? .null, dialect: dialect))
            case .identifier:
                let name = String(piece.dropFirst().dropLast()).replacing("\"\"", with: "\"")
                result.append(identifier: [name])
            case .emptyList: result.append(unsafe: piece)
            }
        }
        result.append(unsafe: String(decoding: bytes[position...], as: UTF8.self))
        return result.rendered(for: dialect)
    }

    static func text(_ value: Value, dialect: Dialect) -> String {
        switch value {
        case .null: return "null"
        case .int(let number): return "\(number)"
        default:
            let text = (value.text ?? "").replacing("\0", with: "").replacing("'", with: "''")
            let escapes = dialect.lexicon.contains(.backslashEscapes)
            return "'\(escapes ? text.replacing("\\", with: "\\\\") : text)'"
        }
    }
}
