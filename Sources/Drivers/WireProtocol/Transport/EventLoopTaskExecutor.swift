package import NIOCore
import Roost

/// Runs tasks on an event loop.
///
/// As a task executor only: were they isolated to the loop's serial executor too, the runtime would put a task into the queue again
/// wherever a function that belongs to no actor goes on.
package final class EventLoopTaskExecutor: ConnectionExecutor {
    private let eventLoop: any EventLoop

    /// An executor of this loop.
    package init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Runs a job there.
    package func enqueue(_ job: UnownedJob, for executor: UnownedTaskExecutor) {
        eventLoop.execute { job.runSynchronously(on: executor) }
    }
}
