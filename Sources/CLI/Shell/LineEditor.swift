import Dispatch
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads lines with the system's libedit: arrows, history, search and completion as in every other shell.
///
/// It is loaded when the shell starts, so that the binary runs where it is missing; the terminal's own editing serves then.
final class LineEditor {
    /// What became of a line.
    enum Line: Equatable {
        case text(String)
        /// Ctrl-C threw it away.
        case interrupted
        case end
    }

    private typealias ReadLine = @convention(c) (UnsafePointer<CChar>?) -> UnsafeMutablePointer<CChar>?
    private typealias OneString = @convention(c) (UnsafePointer<CChar>?) -> Int32
    private typealias OneNumber = @convention(c) (Int32) -> Void
    private typealias ReadCharacter = @convention(c) (UnsafeMutableRawPointer?) -> Int32
    private typealias Attempt =
        @convention(c) (UnsafePointer<CChar>?, Int32, Int32) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

    /// Where libedit's callback finds its input: it takes no context. Only the shell's one thread at a time reads lines.
    nonisolated(unsafe) private static var input: TerminalInput?
    nonisolated(unsafe) private static var wasInterrupted = false
    nonisolated(unsafe) private static var redraw: () -> Void = {}

    /// Statements the history keeps.
    private static let historyLength: Int32 = 1_000

    private let readLineFunction: ReadLine?
    private let prepareTerminal: OneNumber?
    private let addHistory: OneString?
    private let writeHistory: OneString?
    private let historyPath: String?
    private var lastRemembered = ""
    private var signals: [any DispatchSourceSignal] = []

    /// Whether lines can be edited beyond what the terminal itself offers.
    var canEdit: Bool { readLineFunction != nil }

    init(historyPath: String?) {
        self.historyPath = historyPath
        let names = ["libedit.so.2", "libedit.so.0", "libedit.so", "libedit.3.dylib", "/usr/lib/libedit.3.dylib"]
        let library = Terminal.isInteractive ? names.lazy.compactMap { dlopen($0, RTLD_NOW) }.first : nil
        func symbol<T>(_ name: String, as type: T.Type) -> T? {
            guard let library, let address = dlsym(library, name) else { return nil }
            return unsafeBitCast(address, to: type)
        }
        func variable<T>(_ name: String, as type: T.Type) -> UnsafeMutablePointer<T>? {
            guard let library, let address = dlsym(library, name) else { return nil }
            return address.assumingMemoryBound(to: type)
        }
        readLineFunction = symbol("readline", as: ReadLine.self)
        addHistory = symbol("add_history", as: OneString.self)
        writeHistory = symbol("write_history", as: OneString.self)
        prepareTerminal = symbol("rl_prep_terminal", as: OneNumber.self)
        guard Terminal.isInteractive else { return }
        Self.input = TerminalInput()
        watchSignals()
        guard readLineFunction != nil else { return }
        Self.useUTF8()
        // Before the first call, when libedit takes them over.
        variable("rl_getc_function", as: ReadCharacter?.self)?.pointee = { _ in LineEditor.readCharacter() }
        variable("rl_catch_signals", as: Int32.self)?.pointee = 0
        let attempt: Attempt = { text, _, _ in CompletionWords.complete(text) }
        variable("rl_attempted_completion_function", as: Attempt?.self)?.pointee = attempt
        CompletionWords.matches = symbol("rl_completion_matches", as: CompletionWords.Matches.self)
        CompletionWords.withoutFiles = variable("rl_attempted_completion_over", as: Int32.self)
        CompletionWords.lineBuffer = variable("rl_line_buffer", as: UnsafeMutablePointer<CChar>?.self)
        symbol("using_history", as: (@convention(c) () -> Void).self)?()
        symbol("stifle_history", as: OneNumber.self)?(Self.historyLength)
        if let historyPath, let read = symbol("read_history", as: OneString.self) { _ = read(historyPath) }
        let resize = symbol("rl_resize_terminal", as: (@convention(c) () -> Void).self)
        let leave = symbol("rl_deprep_terminal", as: (@convention(c) () -> Void).self)
        let enter = prepareTerminal
        let update = symbol("rl_forced_update_display", as: (@convention(c) () -> Void).self)
        Self.redraw = {
            // After Ctrl-Z and fg the terminal is in the state the other shell left it in.
            leave?()
            enter?(1)
            resize?()
            update?()
        }
    }

    /// Characters outside ASCII cannot be typed in the C locale, which is what minimal systems start programs in.
    private static func useUTF8() {
        setlocale(LC_CTYPE, "")
        if String(cString: nl_langinfo(nl_item(CODESET))) != "UTF-8" { setlocale(LC_CTYPE, "C.UTF-8") }
    }

    private func watchSignals() {
        signals = [SIGWINCH, SIGCONT].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            let input = Self.input
            source.setEventHandler { input?.redraw() }
            source.resume()
            return source
        }
    }

    /// For libedit, which wants code points; -1 ends the line.
    private static func readCharacter() -> Int32 {
        let scalar = input?.nextCharacter { event in
            if event == .redraw { redraw() } else { wasInterrupted = true }
            return event == .redraw
        }
        return scalar.map { Int32($0.value) } ?? -1
    }

    /// The next line.
    func read(prompt: String) -> Line {
        guard let input = Self.input else {
            return Swift.readLine().map(Line.text) ?? .end
        }
        Self.wasInterrupted = false
        InterruptFlag.shared.handle(endsProcess: false) { input.interrupt() }
        defer { InterruptFlag.shared.handle(endsProcess: false) {} }
        let text: String?
        if let readLineFunction {
            // libedit would write the prompt first; keys that come between the two, Ctrl-D above all, would lose their meaning.
            prepareTerminal?(1)
            let line = readLineFunction(prompt)
            defer { free(line) }
            Terminal.keepOutputOnInterrupt()
            text = line.map { String(cString: $0) }
        } else {
            Terminal.write(prompt)
            text = input.nextLine { event in
                if event == .interrupted { Self.wasInterrupted = true }
                return event == .redraw
            }
        }
        if Self.wasInterrupted {
            Terminal.write(canEdit ? "^C\n" : "\n")
            return .interrupted
        }
        if text == nil { Terminal.write("\n") }
        return text.map(Line.text) ?? .end
    }

    /// Remembers a statement, unless it looks as if it held a password.
    func remember(_ statement: String) {
        guard let addHistory, !statement.isEmpty, statement != lastRemembered else { return }
        let words = statement.lowercased()
        guard !["password", "identified by", "secret", "token"].contains(where: words.contains) else { return }
        lastRemembered = statement
        // Entries have one line; behind `--` the next line would become part of the comment.
        let entries =
            statement.contains("--")
            ? statement.split(separator: "\n").map(String.init) : [statement.replacing("\n", with: " ")]
        for entry in entries { _ = addHistory(entry) }
        guard let historyPath, let writeHistory else { return }
        let folder = (historyPath as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        _ = writeHistory(historyPath)
        chmod(historyPath, 0o600)
    }
}
