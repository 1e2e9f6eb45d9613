#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Looks for files without Foundation.
enum FilePresence {
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }
}
