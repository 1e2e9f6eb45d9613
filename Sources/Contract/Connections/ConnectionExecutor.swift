/// Where a connection's work runs. It lends its thread to the jobs of another executor, too: a task may come over that has a preference
/// of its own, and keeps it.
public protocol ConnectionExecutor: TaskExecutor {
    /// Runs a job of a task that prefers `executor` where this executor runs its own.
    ///
    /// The task keeps `executor` alive until the job has run.
    func enqueue(_ job: UnownedJob, for executor: UnownedTaskExecutor)
}

extension ConnectionExecutor {
    /// Runs a job.
    public func enqueue(_ job: consuming ExecutorJob) {
        enqueue(UnownedJob(job), for: asUnownedTaskExecutor())
    }
}
