import Synchronization

/// Whether Ctrl-C was pressed, and who handles it.
final class InterruptFlag: Sendable {
    static let shared = InterruptFlag()

    private struct State {
        var count = 0
        var handler: (@Sendable () -> Void)?
        var endsProcess = true
    }

    private let state = Mutex(State())

    /// Ctrl-C was pressed: who is to handle it, and whether that is the second time and the process shall end at once.
    func raise() -> (handler: (@Sendable () -> Void)?, endsProcess: Bool) {
        state.withLock {
            $0.count += 1
            return ($0.handler, $0.endsProcess && $0.count > 1)
        }
    }

    var isRaised: Bool { state.withLock { $0.count > 0 } }

    /// Who handles it instead of the whole command being cancelled: the shell, which goes back to its prompt.
    ///
    /// - Parameter endsProcess: whether pressing it a second time ends the process, for work that does not heed the first.
    func handle(endsProcess: Bool = true, _ handler: (@Sendable () -> Void)?) {
        state.withLock {
            $0.handler = handler
            $0.endsProcess = endsProcess
            $0.count = 0
        }
    }
}
