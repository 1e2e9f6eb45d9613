import Roost
import Synchronization

/// Where a task waits for a connection: on whatever thread it is, and from the moment it is given one where that connection's work runs.
///
/// Who gives a connection back is there already. A task that waited on a thread of the shared pool would be woken there, only to go
/// over to the connection's thread as the next thing it does: two changes of threads that cost more than most statements.
final class HandoverExecutor: TaskExecutor, @unchecked Sendable {
    // Sendable is true although the compiler cannot see it: `destination` is written once, before `isHandedOver` says so, and read
    // after that alone; `hasArrived` is written once, on the task's own way, before the task could have children.

    private var destination: (any ConnectionExecutor)?
    private let isHandedOver = Atomic(false)
    /// Whether the task runs there already. One that is given a connection before it has begun to wait is still where it was.
    private(set) var hasArrived = false

    /// Has what comes next run there; on a thread of the shared pool where there is no such place. To be called once, before the task
    /// that waits is resumed.
    func hand(over executor: (any ConnectionExecutor)?) {
        destination = executor
        isHandedOver.store(true, ordering: .releasing)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        guard isHandedOver.load(ordering: .acquiring) else {
            // The task is on its way to wait, and does nothing else before: that is done where it is.
            return job.runSynchronously(on: asUnownedTaskExecutor())
        }
        if !hasArrived { hasArrived = true }
        guard let destination else { return globalConcurrentExecutor.enqueue(job) }
        destination.enqueue(UnownedJob(job), for: asUnownedTaskExecutor())
    }
}
