import Roost

/// Hands elements from one task to another and makes the first wait while the second is behind: what lets reading and writing overlap
/// in bounded memory.
final class BoundedChannel<Element: Sendable>: Sendable {
    private struct State {
        var elements: [(element: Element, bytes: Int)] = []
        var bytes = 0
        /// Set once nothing more comes: nil inside for a good end.
        var end: DatabaseError??
        var isReaderGone = false
        var waitingReader: CheckedContinuation<Void, Never>?
        var waitingWriter: CheckedContinuation<Void, Never>?

        mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
            defer { (waitingReader, waitingWriter) = (nil, nil) }
            return [waitingReader, waitingWriter].compactMap { $0 }
        }
    }

    private enum Step<Value> {
        case done(Value)
        case wait
        case failed(DatabaseError)
    }

    private let capacity: Int
    private let state = Locked(State())

    /// A channel that holds about so many bytes.
    init(capacity: Int) {
        self.capacity = capacity
    }

    static var cancelled: DatabaseError {
        DatabaseError(.operational, .cancelled, "The transfer was cancelled.", sqlState: "57014")
    }

    /// Hands an element over; waits while the reader is behind.
    func send(_ element: Element, bytes: Int) async throws(DatabaseError) {
        while true {
            if Task.isCancelled { throw Self.cancelled }
            let (step, reader) = state.withLock { state -> (Step<Void>, CheckedContinuation<Void, Never>?) in
                if state.isReaderGone { return (.failed(Self.cancelled), nil) }
                guard state.elements.isEmpty || state.bytes < capacity else { return (.wait, nil) }
                state.elements.append((element, bytes))
                state.bytes += bytes
                defer { state.waitingReader = nil }
                return (.done(()), state.waitingReader)
            }
            reader?.resume()
            switch step {
            case .done: return
            case .failed(let error): throw error
            case .wait: await wait(asReader: false) { !$0.isReaderGone && $0.bytes >= self.capacity }
            }
        }
    }

    /// Nothing more comes; with an error, the reader throws it.
    func finish(_ error: DatabaseError? = nil) {
        let waiting = state.withLock { state in
            if state.end == nil { state.end = .some(error) }
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The reader will not read on.
    func close() {
        let waiting = state.withLock { state in
            state.isReaderGone = true
            state.elements = []
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The next element; nil at the end.
    func next() async throws(DatabaseError) -> Element? {
        while true {
            if Task.isCancelled { throw Self.cancelled }
            let (step, writer) = state.withLock { state -> (Step<Element?>, CheckedContinuation<Void, Never>?) in
                if !state.elements.isEmpty {
                    let (element, bytes) = state.elements.removeFirst()
                    state.bytes -= bytes
                    defer { state.waitingWriter = nil }
                    return (.done(element), state.waitingWriter)
                }
                guard let end = state.end else { return (.wait, nil) }
                guard let error = end else { return (.done(nil), nil) }
                return (.failed(error), nil)
            }
            writer?.resume()
            switch step {
            case .done(let element): return element
            case .failed(let error): throw error
            case .wait: await wait(asReader: true) { $0.elements.isEmpty && $0.end == nil }
            }
        }
    }

    private func wait(
        asReader isReader: Bool,
        while condition: @Sendable (State) -> Bool
    ) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard !Task.isCancelled, condition(state) else { return false }
                    if isReader { state.waitingReader = continuation } else { state.waitingWriter = continuation }
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            let waiting = state.withLock { $0.takeWaiting() }
            for continuation in waiting { continuation.resume() }
        }
    }
}
