import Roost
import Synchronization

/// Open results whose readers have gone. Noted from any thread, taken on the connection's.
final class AbandonedResults: Sendable {
    private let pending = Atomic<Bool>(false)
    private let ids = Locked<[Int]>([])

    /// Whether there may be some; one load, so that asking before every statement costs nothing to speak of.
    @inline(__always)
    var isPending: Bool { pending.load(ordering: .acquiring) }

    func add(_ id: Int) {
        ids.withLock { $0.append(id) }
        pending.store(true, ordering: .releasing)
    }

    /// Takes them. One added meanwhile is either among them or leaves `isPending` true.
    func take() -> [Int] {
        pending.store(false, ordering: .releasing)
        return ids.withLock { ids in
            defer { ids = [] }
            return ids
        }
    }
}
