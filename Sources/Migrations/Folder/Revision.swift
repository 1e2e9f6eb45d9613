public import Roost

/// One migration: a node of the graph, with what it runs.
public struct Revision: Sendable {
    /// What runs.
    enum Body: Sendable {
        case sections([MigrationSection])
        case code(any Migration)
    }

    /// Its name in the graph: letters, digits, `_`, `-` and `.`, up to 64.
    public var id: String
    /// The revisions it follows; none for the first, several for a merge.
    public var parents: [String]
    /// What it does, in a few words.
    public var description: String
    /// Whether it wants to run in one transaction; nil for what the engine can.
    public var isTransactional: Bool?
    /// Whether foreign keys are to be looked at only at its end, on engines that can (SQLite), as rebuilding a table needs.
    public var defersForeignKeys: Bool
    /// The revisions it stands for after they were squashed into it.
    public var replaces: [String]
    /// The file's name in its folder; nil for Swift migrations.
    public var fileName: String?
    /// The file's path, for messages.
    public var path: String?
    /// What tells an edited file: `sha256:` and the digest of its text with `\n` line ends.
    public var checksum: String
    var body: Body
    /// The line of each header, from 1.
    var headerLines: [String: Int] = [:]

    /// Which way a revision runs.
    public enum Direction: String, Sendable, Hashable {
        /// Apply.
        case up
        /// Roll back.
        case down
    }

    /// Where it is told from in messages: the file, or its name.
    var place: String { path ?? "revision \(id)" }

    func line(of header: String) -> Int? { path == nil ? nil : headerLines[header] ?? 1 }

    func error(_ kind: MigrationError.Kind, _ message: String, hint: String? = nil, line: Int? = nil) -> MigrationError
    {
        MigrationError(kind, message, hint: hint, file: place, line: line)
    }
}

/// A migration in Swift, for what SQL alone cannot do: its statements run on the connection of the migrator.
///
/// Where DDL takes part in transactions the whole of it runs in one. Elsewhere it may be left half done by a crash, and is run again
/// from the start by `repair`: write it so that this does no harm.
public protocol Migration: Sendable {
    /// Its name in the graph.
    var revision: String { get }
    /// The revisions it follows.
    var parents: [String] { get }
    /// What it does, in a few words.
    var description: String { get }
    /// Whether it wants to run in one transaction; nil for what the engine can.
    var isTransactional: Bool? { get }
    /// Changes the database.
    func up(on connection: any Roost.Connection) async throws
    /// Undoes it. The default says that it cannot be undone.
    func down(on connection: any Roost.Connection) async throws
}

extension Migration {
    /// nil: one transaction where the engine can.
    public var isTransactional: Bool? { nil }

    /// Says that it cannot be undone.
    public func down(on connection: any Roost.Connection) async throws {
        throw MigrationError(.usage, "Revision \(revision) cannot be rolled back: it has no down.")
    }
}

extension Revision {
    /// A Swift migration as a revision.
    public init(_ migration: any Migration) {
        id = migration.revision
        parents = migration.parents
        description = migration.description
        isTransactional = migration.isTransactional
        defersForeignKeys = false
        replaces = []
        checksum = "swift"
        body = .code(migration)
    }
}
