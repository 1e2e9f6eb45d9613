import Synchronization

/// Whether a connection is known to be gone; may be asked from anywhere, at the cost of a load.
public final class WireLiveness: Sendable {
    private let flag = Atomic(false)

    init() {}

    /// Whether it is gone. False tells nothing: what the network swallowed nobody knows of.
    public var isLost: Bool { flag.load(ordering: .acquiring) }

    func lose() { flag.store(true, ordering: .releasing) }
}
