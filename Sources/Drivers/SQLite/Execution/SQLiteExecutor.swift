import Roost

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One thread that runs everything isolated to one connection.
///
/// SQLite blocks: on disk, on locks, on computation. On a thread of its own that delays nobody else; Swift's shared threads
/// must not be blocked.
final class SQLiteExecutor: SerialExecutor, ConnectionExecutor {
    private let queue: JobQueue

    /// Starts the thread.
    ///
    /// - Parameter stackSize: SQLite's parser and user functions recurse; the system's default may be as little as 512 KiB.
    /// - Throws: `operational.cannotConnect` when the system has no thread to give.
    init(name: String, stackSize: Int = 4 << 20) throws(DatabaseError) {
        queue = JobQueue()
        try JobThread.start(name: name, stackSize: stackSize, queue: queue)
    }

    deinit {
        queue.stop()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        enqueue(UnownedJob(job), for: asUnownedTaskExecutor())
    }

    func enqueue(_ job: UnownedJob, for executor: UnownedTaskExecutor) {
        queue.append(JobQueue.Entry(job: job, executor: self, taskExecutor: executor))
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }
}

/// The jobs that wait for a thread.
final class JobQueue: @unchecked Sendable {
    // Sendable is true although the compiler cannot see it: `entries` and `isStopped` are touched only while `mutex` is locked.

    struct Entry {
        let job: UnownedJob
        // Keeps the executor alive until its job has run.
        let executor: SQLiteExecutor
        /// The one the job's task prefers.
        let taskExecutor: UnownedTaskExecutor
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var entries: [Entry] = []
    private var isStopped = false
    private var isWaiting = false

    init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func append(_ entry: Entry) {
        pthread_mutex_lock(mutex)
        entries.append(entry)
        let mustWake = isWaiting
        pthread_mutex_unlock(mutex)
        if mustWake { pthread_cond_signal(condition) }
    }

    func stop() {
        pthread_mutex_lock(mutex)
        isStopped = true
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }

    /// Moves all waiting jobs into `batch`; false when the thread shall end.
    func take(into batch: inout [Entry]) -> Bool {
        pthread_mutex_lock(mutex)
        while entries.isEmpty, !isStopped {
            isWaiting = true
            pthread_cond_wait(condition, mutex)
        }
        isWaiting = false
        swap(&entries, &batch)
        let goesOn = !(batch.isEmpty && isStopped)
        pthread_mutex_unlock(mutex)
        return goesOn
    }
}

/// Starts the thread of a ``JobQueue``.
enum JobThread {
    private final class Start {
        let name: String
        let queue: JobQueue
        init(name: String, queue: JobQueue) {
            self.name = name
            self.queue = queue
        }
    }

    static func start(name: String, stackSize: Int, queue: JobQueue) throws(DatabaseError) {
        let start = Unmanaged.passRetained(Start(name: name, queue: queue))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackSize)
        #if canImport(Darwin)
            var thread: pthread_t?
            let status = pthread_create(
                &thread,
                &attributes,
                { argument in
                    JobThread.run(argument)
                    return nil
                },
                start.toOpaque()
            )
        #else
            var thread = pthread_t()
            let status = pthread_create(
                &thread,
                &attributes,
                { argument in
                    if let argument { JobThread.run(argument) }
                    return nil
                },
                start.toOpaque()
            )
        #endif
        pthread_attr_destroy(&attributes)
        if status != 0 {
            start.release()
            throw DatabaseError(
                .operational,
                .cannotConnect,
                "The system refused a thread for the connection (pthread_create: error \(status)).",
                hint:
                    "Close connections, lower pool_size, or raise the limits on threads and memory (ulimit -u, ulimit -v).",
                sqlState: "08001",
                nativeCode: Int(status),
                engine: SQLiteDriver.engineName
            )
        }
    }

    private static func run(_ argument: UnsafeMutableRawPointer) {
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        #if canImport(Darwin)
            pthread_setname_np(start.name)
        #endif
        var batch: [JobQueue.Entry] = []
        while start.queue.take(into: &batch) {
            for entry in batch {
                entry.job.runSynchronously(
                    isolatedTo: entry.executor.asUnownedSerialExecutor(),
                    taskExecutor: entry.taskExecutor
                )
            }
            batch.removeAll(keepingCapacity: true)
        }
    }
}
