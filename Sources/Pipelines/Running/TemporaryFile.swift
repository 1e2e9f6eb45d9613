#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files that are there for a while.
enum TemporaryFile {
    /// Takes a file away; false where there is none.
    static func remove(_ path: String) -> Bool { unlink(path) == 0 }
}

/// Keeps two runs of a pipeline from each other, as long as the process lives.
final class RunLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; nil when another run has it.
    ///
    /// - Parameter path: a file that is made where it is missing, and stays.
    init?(path: String) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }
}
