/// How far concurrent transactions are kept apart, as SQL names it.
public enum IsolationLevel: String, Sendable, Hashable, CaseIterable {
    case readUncommitted = "read uncommitted"
    case readCommitted = "read committed"
    case repeatableRead = "repeatable read"
    case serializable = "serializable"
}

/// How a transaction begins.
public struct TransactionOptions: Sendable, Hashable {
    /// When the engine takes its locks.
    public enum LockMode: Sendable, Hashable {
        /// As the engine sees fit: for a transaction that writes, SQLite takes its write lock at once.
        case automatic
        /// At the first statement that needs them (SQLite `BEGIN DEFERRED`).
        case deferred
        /// The write lock at once (SQLite `BEGIN IMMEDIATE`).
        case immediate
        /// All locks at once (SQLite `BEGIN EXCLUSIVE`).
        case exclusive
    }

    /// The isolation level; nil takes the engine's default.
    public var isolation: IsolationLevel?
    /// Whether writes are refused.
    public var isReadOnly: Bool
    /// When locks are taken.
    public var lockMode: LockMode

    /// Options; by default a transaction that may write, at the engine's own isolation level.
    public init(isolation: IsolationLevel? = nil, isReadOnly: Bool = false, lockMode: LockMode = .automatic) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
        self.lockMode = lockMode
    }

    /// A transaction that may write.
    public static let readWrite = TransactionOptions()
    /// A transaction that refuses writes.
    public static let readOnly = TransactionOptions(isReadOnly: true)
}

/// Whether and how often a transaction is run again after a failure that may pass: a deadlock, a serialization failure.
public struct RetryPolicy: Sendable, Hashable {
    /// How often the transaction is run in all.
    public var maximumAttempts: Int
    /// The wait before the second attempt; doubled for each further one, and jittered.
    public var initialDelay: Duration
    /// The longest wait.
    public var maximumDelay: Duration

    /// A policy. Attempts below 1 count as 1.
    public init(
        maximumAttempts: Int,
        initialDelay: Duration = .milliseconds(10),
        maximumDelay: Duration = .seconds(1)
    ) {
        self.maximumAttempts = max(maximumAttempts, 1)
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
    }

    /// One attempt.
    public static let never = RetryPolicy(maximumAttempts: 1)
    /// Five attempts.
    public static let standard = RetryPolicy(maximumAttempts: 5)

    func delay(afterAttempt attempt: Int) -> Duration {
        let doubled = initialDelay * (1 << min(attempt - 1, 20))
        return min(doubled, maximumDelay) * Double.random(in: 0.5...1)
    }
}

/// Where a connection stands between transactions.
public enum TransactionStatus: Sendable, Hashable {
    /// No transaction is open: each statement commits by itself.
    case idle
    /// A transaction is open; `depth` counts the savepoints of nested ones.
    case open(depth: Int)
    /// An error left the transaction unusable until it is rolled back.
    case failed
}
