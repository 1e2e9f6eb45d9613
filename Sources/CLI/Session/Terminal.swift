import RoostConfiguration
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Standard output for data, standard error for everything else.
enum Terminal {
    /// Writes data to standard output. A reader that has gone away, as `head` does, ends the process quietly.
    static func write(_ bytes: [UInt8]) {
        write(bytes, to: STDOUT_FILENO)
    }

    static func write(_ text: String) {
        write(Array(text.utf8))
    }

    /// Writes a line for people to standard error.
    static func note(_ text: String) {
        write(Array((text + "\n").utf8), to: STDERR_FILENO)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count, let start = buffer.baseAddress {
                #if canImport(Glibc)
                    let count = Glibc.write(descriptor, start + offset, buffer.count - offset)
                #elseif canImport(Musl)
                    let count = Musl.write(descriptor, start + offset, buffer.count - offset)
                #else
                    let count = Darwin.write(descriptor, start + offset, buffer.count - offset)
                #endif
                if count < 0 {
                    if errno == EINTR { continue }
                    let reason = errno
                    guard descriptor == STDOUT_FILENO else { return }
                    if reason == EPIPE { endProcess(ExitStatus.done.rawValue) }
                    // Going on as if all had been written would be a lie.
                    note("roost: standard output cannot be written: \(String(cString: strerror(reason)))")
                    endProcess(ExitStatus.failed.rawValue)
                }
                offset += count
            }
        }
    }

    /// Whether standard input and output are a person's terminal.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    static let standardError = STDERR_FILENO

    /// The width of the terminal in cells; nil when output goes elsewhere. `COLUMNS` overrules.
    static var width: Int? {
        if let columns = getenv("COLUMNS").flatMap({ Int(String(cString: $0)) }), columns >= 16 { return columns }
        return width(of: STDOUT_FILENO)
    }

    /// The width of the terminal that standard error is; nil when it goes elsewhere, or cannot write over a line.
    static var errorWidth: Int? {
        if let kind = getenv("TERM"), String(cString: kind) == "dumb" { return nil }
        return width(of: STDERR_FILENO)
    }

    private static func width(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 16 else {
            return nil
        }
        return Int(size.ws_col)
    }

    private static let originalMode = Mutex<termios?>(nil)

    /// Makes Ctrl-C leave alone what was written and not yet shown, as long as the process runs.
    ///
    /// The terminal throws it away otherwise, and on Linux it does not tell a thread that waits for room to write the rest: that one
    /// would wait for ever, and the statement with it. Elsewhere the signal ends the wait, but here a thread of its own gets it.
    static func keepOutputOnInterrupt() {
        var mode = termios()
        // In the background, changing the terminal would stop the process.
        guard outputIsTerminal, isInForeground, tcgetattr(STDOUT_FILENO, &mode) == 0 else { return }
        guard mode.c_lflag & tcflag_t(NOFLSH) == 0 else { return }
        originalMode.withLock { if $0 == nil { $0 = mode } }
        mode.c_lflag |= tcflag_t(NOFLSH)
        tcsetattr(STDOUT_FILENO, TCSANOW, &mode)
    }

    private static var isInForeground: Bool { tcgetpgrp(STDOUT_FILENO) == getpgrp() }

    /// Ends the process; commands have a method `exit` of their own.
    static func endProcess(_ status: Int32) -> Never {
        if var mode = originalMode.withLock({ $0 }), isInForeground { tcsetattr(STDOUT_FILENO, TCSANOW, &mode) }
        exit(status)
    }

    /// All of standard input.
    static func readInput() -> String {
        var bytes: [UInt8] = []
        while let line = readLine(strippingNewline: false) { bytes.append(contentsOf: line.utf8) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
