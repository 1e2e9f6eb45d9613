/// Splits a script into statements at the semicolons that end one: not those in quotes, comments, or the body of a trigger.
public struct StatementSplitter {
    /// One statement of a script.
    public struct Part: Sendable, Hashable {
        /// The statement without its semicolon and the blanks around it.
        public var text: String
        /// The line it begins on, from 1.
        public var line: Int
        /// Whether a semicolon ended it and every quote and comment in it is closed.
        public var isComplete: Bool
    }

    /// The statements of a script, without empty ones. Linear in the text.
    public static func split(_ script: String, dialect: Dialect) -> [Part] {
        var copy = script
        return copy.withUTF8 { bytes in
            var splitter = StatementSplitter(bytes: bytes, lexicon: dialect.lexicon)
            return splitter.run()
        }
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let lexicon: Dialect.Lexicon
    private var parts: [Part] = []
    private var start: Int?
    private var end = 0
    private var startLine = 1
    private var line = 1
    private var words = 0
    private var isCreate = false
    private var isCompound = false
    private var depth = 0
    private var previousWord = ""
    private var isComplete = true

    private init(bytes: UnsafeBufferPointer<UInt8>, lexicon: Dialect.Lexicon) {
        self.bytes = bytes
        self.lexicon = lexicon
    }

    private mutating func run() -> [Part] {
        let hasMark = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
        let body = hasMark ? UnsafeBufferPointer(rebasing: bytes.dropFirst(3)) : bytes
        var lexer = StatementLexer(body, lexicon: lexicon)
        while let token = lexer.next() {
            if token.kind == .symbol, body[token.range.lowerBound] == UInt8(ascii: ";"), depth == 0 {
                finish(body, isComplete: true)
                continue
            }
            if token.kind != .whitespace {
                if token.kind == .word { note(token, body) } else if token.kind != .comment { previousWord = "" }
                if start == nil, token.kind != .comment || !token.isComplete {
                    start = token.range.lowerBound
                    startLine = line
                }
                if start != nil, token.kind != .comment { end = token.range.upperBound }
                isComplete = isComplete && token.isComplete
            }
            for byte in body[token.range] where byte == 0x0A { line += 1 }
        }
        finish(body, isComplete: false)
        return parts
    }

    /// Keeps track of `CREATE … TRIGGER … BEGIN … END`, in which `CASE` has an `END` too, and `IF`, `LOOP` and the like have one that
    /// says whose it is.
    private mutating func note(_ token: StatementLexer.Token, _ body: UnsafeBufferPointer<UInt8>) {
        words += 1
        guard token.range.count <= 9 else {
            previousWord = ""
            return
        }
        let word = String(decoding: body[token.range], as: UTF8.self).lowercased()
        defer { previousWord = word }
        if words == 1 { isCreate = word == "create" }
        guard isCreate else { return }
        guard isCompound else {
            let isRoutine = words <= 6 && ["trigger", "procedure", "function", "event"].contains(word)
            if lexicon.contains(.compoundStatements) {
                isCompound = isRoutine
            } else if word == "atomic", previousWord == "begin" {
                // PostgreSQL's functions in standard SQL; its others have their body in quotes.
                isCompound = true
                depth = 1
            }
            return
        }
        switch word {
        case "begin": depth += 1
        case "case" where previousWord != "end": depth += 1
        case "if", "loop", "while", "repeat": if previousWord == "end" { depth += 1 }
        case "end" where depth > 0: depth -= 1
        default: break
        }
    }

    private mutating func finish(_ body: UnsafeBufferPointer<UInt8>, isComplete hasSemicolon: Bool) {
        if let start, end > start || !isComplete {
            parts.append(
                Part(
                    text: String(decoding: body[start..<max(end, start)], as: UTF8.self),
                    line: startLine,
                    isComplete: hasSemicolon && isComplete
                )
            )
        }
        start = nil
        words = 0
        isCreate = false
        isCompound = false
        depth = 0
        previousWord = ""
        isComplete = true
    }
}
