/// How migrations run.
public struct MigrationConfiguration: Sendable {
    /// The table that remembers what is applied; `schema.table` puts it elsewhere than the session's first schema.
    public var historyTable = "roost_migrations"
    /// How long to wait for another run to end.
    public var lockWait: Duration = .seconds(600)
    /// How long a statement waits for its locks before it gives way to those who wait behind it.
    public var lockTimeout: Duration = .seconds(2)
    /// How often a statement, or a transaction, is tried when it got no lock.
    public var lockAttempts = 20
    /// The wait before the second attempt; doubled for each further one up to ``maximumLockDelay``, and jittered.
    public var lockDelay: Duration = .milliseconds(250)
    /// The longest wait between attempts.
    public var maximumLockDelay: Duration = .seconds(10)
    /// Who runs them, as the history keeps it.
    public var user: String
    /// The version of the tool, as the history keeps it.
    public var toolVersion = "library"
    /// Whether statements that lose data may run.
    public var allowsDestructive = false
    /// Whether revisions whose files were edited since may stay as they are.
    public var ignoresEdits = false

    /// The defaults.
    public init() {
        user = RunIdentity.user
    }

    func delay(afterAttempt attempt: Int) -> Duration {
        min(lockDelay * (1 << min(attempt - 1, 16)), maximumLockDelay) * Double.random(in: 0.5...1)
    }
}

/// What happens while migrations run, for progress and logs.
public enum MigrationEvent: Sendable, Hashable {
    /// Another run holds the lock.
    case waiting(holder: String)
    /// A revision begins; `number` of `count`.
    case began(revision: String, direction: Revision.Direction, number: Int, count: Int)
    /// A statement of it begins; `number` of `count`, on this line of its file.
    case step(revision: String, number: Int, count: Int, line: Int)
    /// A lock was not granted; tried again after a while.
    case retrying(revision: String, attempt: Int, delay: Duration)
    /// A revision is done.
    case ended(revision: String, direction: Revision.Direction, duration: Duration)
    /// Another run had done it.
    case skipped(revision: String)
    /// An index that an earlier run left invalid was removed.
    case removedInvalidIndex(revision: String, index: String)
}
