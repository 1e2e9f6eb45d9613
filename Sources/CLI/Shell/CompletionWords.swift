#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The words completion offers. libedit's interface is a set of C globals, so this is one too; only the shell's one thread at a
/// time reads lines.
enum CompletionWords {
    typealias Generator = @convention(c) (UnsafePointer<CChar>?, Int32) -> UnsafeMutablePointer<CChar>?
    typealias Matches =
        @convention(c) (UnsafePointer<CChar>?, Generator?) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

    nonisolated(unsafe) static var words: [String] = []
    nonisolated(unsafe) static var matches: Matches?
    /// libedit's switch against offering the names of files where no word fits.
    nonisolated(unsafe) static var withoutFiles: UnsafeMutablePointer<Int32>?
    /// libedit's pointer to the line as it is typed.
    nonisolated(unsafe) static var lineBuffer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    nonisolated(unsafe) private static var candidates: [String] = []

    static func complete(_ text: UnsafePointer<CChar>?) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
        guard let text, let matches else { return nil }
        let line = lineBuffer?.pointee.map { String(cString: $0) } ?? ""
        let wantsFiles = ["\\i ", "\\o ", "\\copy "].contains(where: line.hasPrefix)
        withoutFiles?.pointee = wantsFiles ? 0 : 1
        let prefix = String(cString: text).lowercased()
        candidates = words.filter { $0.lowercased().hasPrefix(prefix) }.sorted()
        return matches(text) { _, state in
            let index = Int(state)
            return index < CompletionWords.candidates.count ? strdup(CompletionWords.candidates[index]) : nil
        }
    }
}
