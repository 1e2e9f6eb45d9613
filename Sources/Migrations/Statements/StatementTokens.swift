import Roost

/// A statement as the words and symbols that mean something, without blanks and comments.
struct StatementTokens: Sendable {
    struct Token: Sendable, Hashable {
        var kind: StatementLexer.Token.Kind
        /// As it was written.
        var text: String
        /// A keyword or name to compare: words in lower case, quoted names without their quotes.
        var key: String
    }

    let tokens: [Token]

    init(tokens: [Token]) { self.tokens = tokens }

    init(_ text: String, dialect: Dialect) {
        var copy = text
        tokens = copy.withUTF8 { bytes in
            var lexer = StatementLexer(bytes, lexicon: dialect.lexicon)
            var result: [Token] = []
            while let token = lexer.next() {
                guard token.kind != .whitespace, token.kind != .comment else { continue }
                let text = String(decoding: bytes[token.range], as: UTF8.self)
                result.append(Token(kind: token.kind, text: text, key: Self.key(text, token.kind)))
            }
            return result
        }
    }

    private static func key(_ text: String, _ kind: StatementLexer.Token.Kind) -> String {
        switch kind {
        case .word: return text.lowercased()
        case .quotedIdentifier:
            guard let close = text.last, text.count >= 2 else { return text }
            return String(text.dropFirst().dropLast()).replacing("\(close)\(close)", with: "\(close)")
        default: return text
        }
    }

    var count: Int { tokens.count }

    /// The keyword at a place; empty for anything else and beyond the end.
    func word(_ index: Int) -> String {
        index >= 0 && index < tokens.count && tokens[index].kind == .word ? tokens[index].key : ""
    }

    /// What stands at a place; empty beyond the end.
    func key(_ index: Int) -> String { index >= 0 && index < tokens.count ? tokens[index].key : "" }

    /// Whether these keywords stand at a place.
    func has(_ words: String..., at index: Int = 0) -> Bool {
        words.enumerated().allSatisfy { word(index + $0.offset) == $0.element }
    }

    /// Whether these keywords stand anywhere in a row.
    func contains(_ words: String...) -> Bool {
        firstIndex(of: words) != nil
    }

    func firstIndex(of words: [String], from start: Int = 0) -> Int? {
        guard let first = words.first, start < tokens.count else { return nil }
        return (start..<tokens.count).first { index in
            word(index) == first && words.enumerated().allSatisfy { word(index + $0.offset) == $0.element }
        }
    }

    /// Whether a token is a name.
    private func isName(_ index: Int) -> Bool {
        guard index < tokens.count else { return false }
        return tokens[index].kind == .word || tokens[index].kind == .quotedIdentifier
    }

    /// The qualified name at a place, which moves behind it.
    func name(_ index: inout Int) -> [String]? {
        guard isName(index) else { return nil }
        var parts = [tokens[index].key]
        index += 1
        while key(index) == ".", isName(index + 1) {
            parts.append(tokens[index + 1].key)
            index += 2
        }
        return parts
    }

    /// Moves behind `if [not] exists`.
    func skipExistence(_ index: inout Int) {
        if has("if", "not", "exists", at: index) { index += 3 } else if has("if", "exists", at: index) { index += 2 }
    }
}
