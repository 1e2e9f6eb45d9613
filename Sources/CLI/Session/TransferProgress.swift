import Synchronization

/// Tells how far a transfer is, from whatever task its rows are written in.
final class TransferProgress: Sendable {
    private let progress: Mutex<WorkProgress>

    init(_ what: String) {
        progress = Mutex(WorkProgress(what))
    }

    /// So many more are done, of about so many that there will be.
    func advance(by count: Int, expected: Int? = nil) {
        progress.withLock { $0.advance(by: count, expected: expected) }
    }

    /// Something else begins.
    func restart() {
        progress.withLock { $0.restart() }
    }

    /// The work is over, well or not.
    func end() {
        progress.withLock { $0.end() }
    }
}
