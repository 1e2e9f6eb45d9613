import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Who runs migrations: the person, the machine and the process.
enum RunIdentity {
    /// `user@host`
    static var user: String {
        let name = ProcessInfo.processInfo.environment["USER"] ?? "\(getuid())"
        return "\(name)@\(host)"
    }

    static var host: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static var process: Int64 { Int64(getpid()) }

    /// When a process began, as its kernel counts; nil when there is none, or nobody says. Numbers of processes are used again.
    static func start(of process: Int64) -> String? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let close = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        return fields.count > 19 ? String(fields[19]) : nil
    }

    /// Whether a process of this machine lives, and is the one that began then.
    static func lives(_ process: Int64, began: String) -> Bool {
        guard let number = pid_t(exactly: process), number > 0 else { return false }
        guard kill(number, 0) == 0 || errno == EPERM else { return false }
        guard let start = start(of: process), !began.isEmpty else { return true }
        return start == began
    }

    /// The runs of this process that hold a lock: they are told from a dead process of the same number by it.
    static let tokens = Locked<Set<String>>([])
}

/// The time as the history keeps it.
enum MigrationClock {
    static func now() -> String {
        Instant(microsecondsSinceEpoch: Int64(Date().timeIntervalSince1970) * 1_000_000).description
    }
}
