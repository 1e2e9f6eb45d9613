import Roost

/// Where a task waits for a connection: on whatever thread it is, and from the moment it is given one where that connection's work runs.
///
/// Who gives a connection back is there already. A task that waited on a thread of the shared pool would be woken there, only to go
/// over to the connection's thread as the next thing it does: two changes of threads that cost more than most statements.
final class HandoverExecutor: TaskExecutor {
    private let destination = Locked<(any TaskExecutor)?>(nil)

    /// Has what comes next run there. To be called before the task that waits is resumed.
    func hand(over executor: (any TaskExecutor)?) {
        destination.withLock { $0 = executor ?? globalConcurrentExecutor }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        if let executor = destination.withLock({ $0 }) {
            executor.enqueue(job)
        } else {
            // The task is on its way to wait, and does nothing else before: that is done where it is.
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
