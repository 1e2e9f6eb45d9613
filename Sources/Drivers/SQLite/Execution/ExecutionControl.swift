import CSQLite
import Roost
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Decides, while SQLite runs, whether it shall stop: the task was cancelled, `cancel()` was called, or time ran out.
///
/// SQLite calls back every few thousand steps of its virtual machine, and while it waits for a lock. Both happen inside the
/// caller's task on the connection's thread, so the task itself can be asked whether it was cancelled, and a cancellation never
/// hits a later statement by accident.
final class ExecutionControl: @unchecked Sendable {
    // Sendable is true although the compiler cannot see it: everything but the atomic belongs to the connection's thread.

    enum Reason {
        case cancelled, timeout
    }

    private let cancellations = Atomic<UInt64>(0)
    private var seenCancellations: UInt64 = 0
    private var deadline: ContinuousClock.Instant?
    private var timeout: Duration?
    private var lockDeadline: ContinuousClock.Instant?
    private let lockTimeout: Duration
    private var isShielded = false
    private(set) var reason: Reason?

    init(lockTimeout: Duration) {
        self.lockTimeout = lockTimeout
    }

    /// Ends what runs now. From any thread.
    func cancel() {
        cancellations.add(1, ordering: .relaxed)
    }

    /// Begins an execution. A shielded one, as a rollback is, ends neither by cancellation nor by time.
    @inline(__always)
    func begin(deadline: ContinuousClock.Instant?, timeout: Duration?, isShielded: Bool = false) {
        seenCancellations = cancellations.load(ordering: .relaxed)
        self.deadline = deadline
        self.timeout = timeout
        self.isShielded = isShielded
        reason = nil
    }

    private func mustStop() -> Bool {
        if isShielded { return false }
        if Task.isCancelled || cancellations.load(ordering: .relaxed) != seenCancellations {
            reason = .cancelled
        } else if let deadline, ContinuousClock.now >= deadline {
            reason = .timeout
        }
        return reason != nil
    }

    /// The error that stands for `SQLITE_INTERRUPT`, when this object asked for it.
    func interruption() -> DatabaseError? {
        switch reason {
        case .timeout:
            DatabaseError(
                .operational,
                .timeout,
                "The statement took longer than \(timeout.map { "\($0)" } ?? "allowed") and was ended.",
                hint: "Raise the time-out, or look at the plan with EXPLAIN QUERY PLAN.",
                sqlState: "57014",
                nativeCode: Int(SQLITE_INTERRUPT),
                engine: SQLiteDriver.engineName
            )
        case .cancelled:
            DatabaseError(
                .operational,
                .cancelled,
                "The statement was cancelled.",
                sqlState: "57014",
                nativeCode: Int(SQLITE_INTERRUPT),
                engine: SQLiteDriver.engineName
            )
        case nil: nil
        }
    }

    /// Waits a little for a lock; false when it waited long enough.
    private func waitForLock(attempt: Int32) -> Bool {
        if attempt == 0 { lockDeadline = ContinuousClock.now + lockTimeout }
        if mustStop() { return false }
        guard let lockDeadline, ContinuousClock.now < lockDeadline else { return false }
        let milliseconds = [1, 2, 5, 10, 15, 20, 25][min(Int(attempt), 6)]
        var pause = timespec(tv_sec: 0, tv_nsec: milliseconds * 1_000_000)
        nanosleep(&pause, nil)
        return true
    }

    /// Hooks into a connection, which must not outlive this object.
    func install(on database: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(
            database,
            4_000,
            { context in
                guard let context else { return 0 }
                return Unmanaged<ExecutionControl>.fromOpaque(context).takeUnretainedValue().mustStop() ? 1 : 0
            },
            context
        )
        sqlite3_busy_handler(
            database,
            { context, attempt in
                guard let context else { return 0 }
                return Unmanaged<ExecutionControl>.fromOpaque(context).takeUnretainedValue()
                    .waitForLock(attempt: attempt) ? 1 : 0
            },
            context
        )
    }
}
