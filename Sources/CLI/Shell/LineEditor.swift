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
/// It is loaded when the shell starts, so that the binary runs where it is missing; lines are read plainly then.
final class LineEditor {
    private typealias ReadLine = @convention(c) (UnsafePointer<CChar>?) -> UnsafeMutablePointer<CChar>?
    private typealias OneString = @convention(c) (UnsafePointer<CChar>?) -> Int32
    typealias Generator = @convention(c) (UnsafePointer<CChar>?, Int32) -> UnsafeMutablePointer<CChar>?
    private typealias Matches =
        @convention(c) (UnsafePointer<CChar>?, Generator?) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    private typealias Attempt =
        @convention(c) (UnsafePointer<CChar>?, Int32, Int32) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

    private let readLineFunction: ReadLine?
    private let addHistory: OneString?
    private let writeHistory: OneString?
    private let historyPath: String?

    /// Whether lines can be edited.
    var canEdit: Bool { readLineFunction != nil }

    init(historyPath: String?) {
        self.historyPath = historyPath
        let names = ["libedit.so.2", "libedit.so.0", "libedit.so", "libedit.3.dylib", "/usr/lib/libedit.3.dylib"]
        let library = Terminal.isInteractive ? names.lazy.compactMap { dlopen($0, RTLD_NOW) }.first : nil
        func symbol<T>(_ name: String, as type: T.Type) -> T? {
            guard let library, let address = dlsym(library, name) else { return nil }
            return unsafeBitCast(address, to: type)
        }
        readLineFunction = symbol("readline", as: ReadLine.self)
        addHistory = symbol("add_history", as: OneString.self)
        writeHistory = symbol("write_history", as: OneString.self)
        guard readLineFunction != nil else { return }
        _ = symbol("using_history", as: (@convention(c) () -> Void).self).map { $0() }
        if let historyPath, let read = symbol("read_history", as: OneString.self) { _ = read(historyPath) }
        CompletionWords.matches = symbol("rl_completion_matches", as: Matches.self).map { function in
            { text, generator in function(text, generator) }
        }
        if let library, let hook = dlsym(library, "rl_attempted_completion_function") {
            let attempt: Attempt = { text, _, _ in CompletionWords.complete(text) }
            hook.assumingMemoryBound(to: Attempt?.self).pointee = attempt
        }
    }

    /// The next line; nil at the end of the input.
    func read(prompt: String) -> String? {
        guard let readLineFunction else {
            if Terminal.isInteractive { Terminal.write(prompt) }
            return Swift.readLine()
        }
        guard let line = readLineFunction(prompt) else { return nil }
        defer { free(line) }
        return String(cString: line)
    }

    /// Remembers a statement, unless it looks as if it held a password.
    func remember(_ statement: String) {
        guard let addHistory, !statement.isEmpty else { return }
        let words = statement.lowercased()
        guard !["password", "identified by", "secret", "token"].contains(where: words.contains) else { return }
        _ = addHistory(statement.replacing("\n", with: " "))
        guard let historyPath, let writeHistory else { return }
        let folder = (historyPath as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        _ = writeHistory(historyPath)
        chmod(historyPath, 0o600)
    }
}

/// The words completion offers. libedit's interface is a set of C globals, so this is one too; only the shell's one thread reads
/// lines.
enum CompletionWords {
    nonisolated(unsafe) static var words: [String] = []
    nonisolated(unsafe) static var matches:
        ((UnsafePointer<CChar>?, LineEditor.Generator?) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?)?
    nonisolated(unsafe) private static var candidates: [String] = []

    static func complete(_ text: UnsafePointer<CChar>?) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
        guard let text, let matches else { return nil }
        let prefix = String(cString: text).lowercased()
        candidates = words.filter { $0.lowercased().hasPrefix(prefix) }.sorted()
        return matches(text) { _, state in
            let index = Int(state)
            return index < CompletionWords.candidates.count ? strdup(CompletionWords.candidates[index]) : nil
        }
    }
}
