import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A program on a pseudo-terminal, typed at and read as a person would: what is written is waited for, never slept for.
final class TerminalSession {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Keys a person presses.
    enum Key {
        static func control(_ key: Character) -> String {
            String(UnicodeScalar((key.asciiValue ?? 64) & 0x1F))
        }
        static let up = "\u{1B}[A"
        static let tab = "\t"
        static let enter = "\r"
    }

    private let master: Int32
    private let process: pid_t
    private var output: [UInt8] = []
    private var read = 0
    private var status: Int32?

    /// No wait takes longer; a slow machine needs some, a hanging program gets no more.
    private static let bound = Duration.seconds(300)

    init(
        _ executable: URL,
        _ arguments: [String],
        folder: URL,
        width: UInt16 = 80,
        environment: [String: String] = [:]
    ) throws {
        var slave: Int32 = -1
        var master: Int32 = -1
        var name = [CChar](repeating: 0, count: 1_024)
        guard openpty(&master, &slave, &name, nil, nil) == 0 else {
            throw Failure(description: "no pseudo-terminal: \(errno)")
        }
        self.master = master
        for end in [master, slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(slave) }
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        var size = winsize(ws_row: 24, ws_col: width, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // In a session of its own, the first terminal opened becomes the controlling one, so that Ctrl-C is a signal.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        #if canImport(Darwin)
            let newSession = Int16(POSIX_SPAWN_SETSID)
        #else
            // POSIX_SPAWN_SETSID, which the headers show to GNU programs only.
            let newSession: Int16 = 0x80
        #endif
        posix_spawnattr_setflags(&attributes, newSession)
        var variables = environment
        variables["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        variables["HOME"] = folder.path(percentEncoded: false)
        variables["TERM"] = "xterm"
        let words =
            ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder.path(percentEncoded: false)]
            + [executable.path(percentEncoded: false)] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid = pid_t()
        process = try {
            let status = posix_spawn(&pid, "/bin/sh", &actions, &attributes, &argv, &envp)
            guard status == 0 else { throw Failure(description: "posix_spawn: \(status)") }
            return pid
        }()
    }

    deinit {
        if status == nil {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        close(master)
    }

    /// Gives the window another width; the program is told by SIGWINCH.
    func resize(width: UInt16) {
        var size = winsize(ws_row: 24, ws_col: width, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// Types keys.
    func type(_ keys: String) throws {
        var bytes = Array(keys.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure(description: "the terminal takes no keys: \(errno)") }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Types a line.
    func enter(_ line: String) throws {
        try type(line + Key.enter)
    }

    /// Waits until the program has written `text` after what was waited for last, and returns what it wrote up to there.
    @discardableResult
    func wait(for text: String) throws -> String {
        let wanted = Array(text.utf8)
        let deadline = ContinuousClock.now + Self.bound
        while true {
            if let range = output[read...].firstRange(of: wanted) {
                defer { read = range.upperBound }
                return String(decoding: output[read..<range.upperBound], as: UTF8.self)
            }
            guard try receive(until: deadline) else {
                let seen = String(decoding: output[read...].suffix(2_000), as: UTF8.self)
                throw Failure(description: "\"\(text)\" was not written; seen: \(seen.debugDescription)")
            }
        }
    }

    /// Waits until the program has ended, and returns its exit code.
    func waitForEnd() throws -> Int32 {
        let deadline = ContinuousClock.now + Self.bound
        while try receive(until: deadline) {}
        guard ContinuousClock.now < deadline else { throw Failure(description: "the program does not end") }
        var status: Int32 = 0
        waitpid(process, &status, 0)
        self.status = status
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
    }

    /// What was written and not waited for.
    var rest: String { String(decoding: output[read...], as: UTF8.self) }

    /// Receives some bytes; false at the program's end, or when there were none in time.
    private func receive(until deadline: ContinuousClock.Instant) throws -> Bool {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { return false }
        var file = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&file, 1, Int32(clamping: left.components.seconds * 1_000 + 1_000)) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        #if canImport(Darwin)
            let count = Darwin.read(master, &buffer, buffer.count)
        #elseif canImport(Musl)
            let count = Musl.read(master, &buffer, buffer.count)
        #else
            let count = Glibc.read(master, &buffer, buffer.count)
        #endif
        // Linux reports EIO when the last program has closed the terminal.
        guard count > 0 else { return false }
        output.append(contentsOf: buffer[..<count])
        return true
    }
}
