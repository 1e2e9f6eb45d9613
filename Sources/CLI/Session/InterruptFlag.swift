import Synchronization

/// Whether Ctrl-C was pressed, and who handles it.
final class InterruptFlag: Sendable {
    static let shared = InterruptFlag()

    private struct State {
        var count = 0
        var handler: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Counts one more; how many there are now.
    func raise() -> Int {
        state.withLock {
            $0.count += 1
            return $0.count
        }
    }

    var isRaised: Bool { state.withLock { $0.count > 0 } }

    /// Who handles it instead of the whole command being cancelled: the shell, which goes back to its prompt.
    var handler: (@Sendable () -> Void)? { state.withLock { $0.handler } }

    func handle(_ handler: (@Sendable () -> Void)?) {
        state.withLock {
            $0.handler = handler
            $0.count = 0
        }
    }
}
