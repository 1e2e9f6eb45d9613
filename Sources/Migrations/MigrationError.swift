public import Roost

/// What is wrong with migrations, or went wrong while they ran, and where: the file, the line, the server's own words.
///
/// Like ``DatabaseError`` it holds no values and no secrets.
public struct MigrationError: Error, Sendable {
    /// What kind of trouble it is; a program branches on it.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A file or the folder cannot be read or understood.
        case file
        /// Revisions do not fit together: duplicates, unknown parents, cycles, several heads.
        case graph
        /// A file was edited, is missing or is new where it must not be.
        case integrity
        /// What was asked for does not make sense here.
        case usage
        /// It needs to be allowed by name.
        case refused
        /// A revision is partly done, and has to be repaired first.
        case dirty
        /// Another run holds the lock.
        case locked
        /// A statement of a revision failed.
        case statement
        /// The database could not be reached or asked.
        case database
        /// The task was cancelled.
        case cancelled
    }

    /// What kind of trouble it is.
    public var kind: Kind
    /// What is wrong.
    public var message: String
    /// What to try next.
    public var hint: String?
    /// The file concerned.
    public var file: String?
    /// The line in it, from 1.
    public var line: Int?
    /// What the database said.
    public var cause: DatabaseError?
    /// Whether something had been done when it happened, and stays done.
    public var isPartlyDone = false

    /// An error.
    public init(
        _ kind: Kind,
        _ message: String,
        hint: String? = nil,
        file: String? = nil,
        line: Int? = nil,
        cause: DatabaseError? = nil
    ) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.file = file
        self.line = line
        self.cause = cause
    }
}

extension MigrationError: CustomStringConvertible {
    /// `file:line: message [facts] Hint: …`
    public var description: String {
        var text = ""
        if let file { text += line.map { "\(file):\($0): " } ?? "\(file): " }
        text += message
        if let cause {
            var facts = [cause.condition.rawValue]
            if let state = cause.sqlState { facts.append("SQLSTATE \(state)") }
            if let code = cause.nativeCode { facts.append("\(cause.engine.map { "\($0) " } ?? "")code \(code)") }
            text += " [\(facts.joined(separator: ", "))]"
        }
        if let hint = hint ?? cause?.hint { text += " Hint: \(hint)" }
        return text
    }
}

extension MigrationError {
    /// The error behind any failure of migrations' own work.
    static func wrapping(_ error: any Error) -> MigrationError {
        switch error {
        case let error as MigrationError: error
        case is CancellationError: MigrationError(.cancelled, "The migration was cancelled.")
        case let error as DatabaseError where error.condition == .cancelled:
            MigrationError(.cancelled, error.message, cause: error)
        case let error as DatabaseError: MigrationError(.database, error.message, cause: error)
        default: MigrationError(.database, "\(error)")
        }
    }
}

/// Runs `body` and turns what it throws into a ``MigrationError``.
func wrappingErrors<R>(_ body: () async throws -> R) async throws(MigrationError) -> R {
    do { return try await body() } catch { throw .wrapping(error) }
}
