import Roost

extension Schema.Engine {
    /// What a lexer must know of the engine's language.
    var lexicon: Dialect.Lexicon {
        switch self {
        case .sqlite: Dialect.sqlite.lexicon
        case .postgresql: [.escapeStrings, .dollarQuotes, .nestedComments]
        case .mysql, .mariadb:
            [.backslashEscapes, .backtickIdentifiers, .hashComments, .doubleQuotedStrings, .compoundStatements]
        }
    }
}

/// Reads a statement token by token, blanks and comments left out.
struct TokenReader {
    struct Token {
        let kind: StatementLexer.Token.Kind
        let range: Range<Int>
        /// The word in upper case, or the character; empty for quoted things.
        let word: String
    }

    let bytes: [UInt8]
    private(set) var tokens: [Token] = []
    var position = 0

    init(_ text: String, _ engine: Schema.Engine) {
        bytes = Array(text.utf8)
        var tokens: [Token] = []
        bytes.withUnsafeBufferPointer { buffer in
            var lexer = StatementLexer(buffer, lexicon: engine.lexicon)
            while let token = lexer.next() {
                switch token.kind {
                case .whitespace, .comment: continue
                case .string, .quotedIdentifier: tokens.append(Token(kind: token.kind, range: token.range, word: ""))
                case .word, .symbol:
                    let word = String(decoding: buffer[token.range], as: UTF8.self)
                    tokens.append(Token(kind: token.kind, range: token.range, word: word.uppercased()))
                }
            }
        }
        self.tokens = tokens
    }

    var isAtEnd: Bool { position >= tokens.count }
    /// The next word in upper case, or character; empty at the end and for quoted things.
    var word: String { isAtEnd ? "" : tokens[position].word }
    func word(ahead count: Int) -> String {
        tokens.indices.contains(position + count) ? tokens[position + count].word : ""
    }

    mutating func skip() { position += 1 }

    /// Passes over the words if they come next, all of them.
    mutating func take(_ words: String...) -> Bool {
        for (index, word) in words.enumerated() where self.word(ahead: index) != word { return false }
        position += words.count
        return true
    }

    /// The next name, without its quotes.
    mutating func name() -> String {
        guard !isAtEnd else { return "" }
        defer { position += 1 }
        return Self.unquoted(bytes[tokens[position].range])
    }

    static func unquoted(_ bytes: ArraySlice<UInt8>) -> String {
        guard let first = bytes.first, bytes.count >= 2, [0x22, 0x27, 0x60, 0x5B].contains(first) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        let text = String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
        guard first != 0x5B else { return text }
        let quote = String(decoding: [first], as: UTF8.self)
        return text.replacing(quote + quote, with: quote)
    }

    /// The text of the tokens, as it was written.
    func text(_ range: Range<Int>) -> String {
        guard !range.isEmpty, range.upperBound <= tokens.count else { return "" }
        return String(
            decoding: bytes[tokens[range.lowerBound].range.lowerBound..<tokens[range.upperBound - 1].range.upperBound],
            as: UTF8.self
        )
    }

    /// The text from the next token to the end.
    func rest() -> String { text(min(position, tokens.count)..<tokens.count) }

    /// What is in the brackets that open here, as a range of tokens; passes over the closing one.
    mutating func brackets() -> Range<Int> {
        guard word == "(" else { return position..<position }
        position += 1
        let start = position
        var depth = 1
        while !isAtEnd {
            if word == "(" { depth += 1 }
            if word == ")" { depth -= 1 }
            position += 1
            if depth == 0 { return start..<(position - 1) }
        }
        return start..<position
    }

    /// The pieces of a range between its outermost commas.
    func pieces(of range: Range<Int>) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var start = range.lowerBound
        var depth = 0
        for index in range {
            switch tokens[index].word {
            case "(": depth += 1
            case ")": depth -= 1
            case "," where depth == 0:
                pieces.append(start..<index)
                start = index + 1
            default: break
            }
        }
        if start < range.upperBound { pieces.append(start..<range.upperBound) }
        return pieces
    }

    /// All names in the text, quoted or not.
    static func names(in text: String, _ engine: Schema.Engine) -> Set<String> {
        let reader = TokenReader(text, engine)
        var names: Set<String> = []
        for token in reader.tokens where token.kind == .word || token.kind == .quotedIdentifier {
            names.insert(unquoted(reader.bytes[token.range]))
        }
        return names
    }
}

extension TokenReader {
    /// The text with names exchanged, each in quotes where the old one was or the new one needs them.
    static func replacing(_ names: [String: String], in text: String, _ engine: Schema.Engine) -> String {
        let reader = TokenReader(text, engine)
        var bytes: [UInt8] = []
        var position = 0
        for token in reader.tokens where token.kind == .word || token.kind == .quotedIdentifier {
            guard let new = names[unquoted(reader.bytes[token.range])] else { continue }
            bytes += reader.bytes[position..<token.range.lowerBound]
            let isPlain = new.utf8.allSatisfy { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F }
            bytes += (token.kind == .word && isPlain ? new : SQLText.name(new, engine)).utf8
            position = token.range.upperBound
        }
        bytes += reader.bytes[position...]
        return String(decoding: bytes, as: UTF8.self)
    }
}
