public import Roost

/// Counts the statements that reach a connection, so that a test can say how many there may be:
///
/// ```swift
/// let counter = QueryCounter()
/// configuration.observer = counter
/// let artists = try await counter.expectQueries(2) {
///     try await database.fetchAll(Artist.all.including(Artist.albums), limit: 100)
/// }
/// ```
///
/// A statement run with many rows of parameters counts once.
public final class QueryCounter: DatabaseObserver {
    private let statements = Locked<[String]>([])

    /// A counter at zero.
    public init() {}

    /// The texts of the statements so far, their literals replaced.
    public var texts: [String] { statements.withLock { $0 } }

    /// Notes a statement.
    public func statementBegan(_ statement: ObservedStatement) -> (any Sendable)? {
        statements.withLock { $0.append(statement.fingerprint.text) }
        return nil
    }

    /// Nothing more is to be noted.
    public func statementEnded(_ statement: ObservedStatement, _ outcome: StatementOutcome, token: (any Sendable)?) {}

    /// Runs `body`, which must send exactly so many statements.
    ///
    /// - Throws: what `body` throws; `programming.guardViolation`, which names the statements, when there are more or fewer.
    public func expectQueries<R>(_ count: Int, _ body: () async throws -> R) async throws -> R {
        let before = texts.count
        let result = try await body()
        let sent = texts.dropFirst(before)
        guard sent.count == count else {
            throw DatabaseError(
                .programming,
                .guardViolation,
                "\(sent.count) statements were sent where \(count) were expected: " + sent.joined(separator: "; ")
            )
        }
        return result
    }
}
