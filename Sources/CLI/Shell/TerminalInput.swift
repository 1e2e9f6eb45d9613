import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes a person types, and what else may happen meanwhile.
///
/// Signals arrive on other threads. A pipe brings them into the one `poll` that waits for bytes, so that nothing at all is done
/// where a signal interrupts, and no signal is lost between two waits.
final class TerminalInput: Sendable {
    enum Event: Equatable {
        case byte(UInt8)
        /// Ctrl-C.
        case interrupted
        /// The window has another size, or the process was continued after Ctrl-Z.
        case redraw
        case end
    }

    private let wakeUp: (reading: Int32, writing: Int32)

    /// nil when the system has no pipe left.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wakeUp = (ends[0], ends[1])
    }

    deinit {
        close(wakeUp.reading)
        close(wakeUp.writing)
    }

    /// Ends the wait as Ctrl-C does. From any thread.
    func interrupt() { signal(UInt8(ascii: "c")) }

    /// Makes the wait tell of ``Event/redraw``. From any thread.
    func redraw() { signal(UInt8(ascii: "r")) }

    private func signal(_ code: UInt8) {
        var code = code
        // A full pipe holds wake-ups enough.
        _ = write(wakeUp.writing, &code, 1)
    }

    /// Waits for the next byte or event. Blocks.
    func next() -> Event {
        while true {
            var files = [STDIN_FILENO, wakeUp.reading].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&files, 2, -1) > 0 else {
                if errno == EINTR { continue }
                return .end
            }
            var byte: UInt8 = 0
            if files[1].revents != 0, read(wakeUp.reading, &byte, 1) == 1 {
                return byte == UInt8(ascii: "c") ? .interrupted : .redraw
            }
            guard files[0].revents != 0 else { continue }
            let count = read(STDIN_FILENO, &byte, 1)
            if count == 1 { return .byte(byte) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            return .end
        }
    }

    /// Waits for the next character of UTF-8; nil at the end, `U+FFFD` for what is none.
    func nextCharacter(orElse handle: (Event) -> Bool) -> Unicode.Scalar? {
        var bytes: [UInt8] = []
        var missing = 0
        while true {
            guard case .byte(let byte) = next(with: handle) else { return nil }
            bytes.append(byte)
            switch byte {
            case 0x80...0xBF where missing > 0: missing -= 1
            case 0xC2...0xDF where bytes.count == 1: missing = 1
            case 0xE0...0xEF where bytes.count == 1: missing = 2
            case 0xF0...0xF4 where bytes.count == 1: missing = 3
            default: missing = 0
            }
            if missing == 0 { return String(decoding: bytes, as: UTF8.self).unicodeScalars.first }
        }
    }

    /// The next byte; events in between go to `handle`, which says whether to wait on.
    private func next(with handle: (Event) -> Bool) -> Event {
        while true {
            let event = next()
            if case .byte = event { return event }
            if event == .end || !handle(event) { return .end }
        }
    }

    /// A line as the terminal itself edits it, without its end; nil at the end of the input or when `handle` says so.
    func nextLine(orElse handle: (Event) -> Bool) -> String? {
        var bytes: [UInt8] = []
        while case .byte(let byte) = next(with: handle) {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
