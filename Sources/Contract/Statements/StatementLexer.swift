/// Splits SQL into the pieces that matter for placeholders and semicolons: quotes, comments, words and single characters.
///
/// It reads UTF-8 once from front to back, allocates nothing, and never fails: what is not closed runs to the end and says so.
public struct StatementLexer {
    /// One piece of text.
    public struct Token: Sendable, Hashable {
        /// What a token is.
        public enum Kind: Sendable, Hashable {
            /// Blanks and line ends.
            case whitespace
            /// A comment, line or block.
            case comment
            /// A string literal of any quoting.
            case string
            /// A quoted identifier.
            case quotedIdentifier
            /// A keyword, name or number: letters, digits, `_`, `$` and everything beyond ASCII.
            case word
            /// One other character.
            case symbol
        }

        /// What it is.
        public var kind: Kind
        /// Where it is, in bytes of UTF-8.
        public var range: Range<Int>
        /// Whether a quote or comment was closed.
        public var isComplete: Bool
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let lexicon: Dialect.Lexicon
    private var index = 0

    /// A lexer over text that outlives it.
    public init(_ bytes: UnsafeBufferPointer<UInt8>, lexicon: Dialect.Lexicon) {
        self.bytes = bytes
        self.lexicon = lexicon
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        let position = index + offset
        return position < bytes.count ? bytes[position] : 0
    }

    /// The next token; nil at the end.
    public mutating func next() -> Token? {
        guard index < bytes.count else { return nil }
        let start = index
        let first = byte()
        switch first {
        case 0x20, 0x09, 0x0A, 0x0C, 0x0D:
            while index < bytes.count, [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains(bytes[index]) { index += 1 }
            return token(.whitespace, from: start)
        case UInt8(ascii: "'"):
            return quoted(.string, from: start, close: first, backslash: lexicon.contains(.backslashEscapes))
        case UInt8(ascii: "\""):
            let isString = lexicon.contains(.doubleQuotedStrings)
            return quoted(
                isString ? .string : .quotedIdentifier,
                from: start,
                close: first,
                backslash: isString && lexicon.contains(.backslashEscapes)
            )
        case UInt8(ascii: "`") where lexicon.contains(.backtickIdentifiers):
            return quoted(.quotedIdentifier, from: start, close: first, backslash: false)
        case UInt8(ascii: "[") where lexicon.contains(.bracketIdentifiers):
            return quoted(.quotedIdentifier, from: start, close: UInt8(ascii: "]"), backslash: false)
        case UInt8(ascii: "-") where byte(1) == first:
            return lineComment(from: start)
        case UInt8(ascii: "#") where lexicon.contains(.hashComments):
            return lineComment(from: start)
        case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
            return blockComment(from: start)
        case UInt8(ascii: "$") where lexicon.contains(.dollarQuotes):
            if let token = dollarQuoted(from: start) { return token }
            index += 1
            return token(.symbol, from: start)
        case _ where Self.isWordByte(first) && first != UInt8(ascii: "$"):
            return word(from: start)
        default:
            index += 1
            return token(.symbol, from: start)
        }
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x5F || byte == 0x24 || byte >= 0x80
    }

    private func token(_ kind: Token.Kind, from start: Int, isComplete: Bool = true) -> Token {
        Token(kind: kind, range: start..<index, isComplete: isComplete)
    }

    private mutating func word(from start: Int) -> Token {
        let first = byte() | 0x20
        if byte(1) == UInt8(ascii: "'") {
            if first == UInt8(ascii: "e"), lexicon.contains(.escapeStrings) {
                index += 1
                return quoted(.string, from: start, close: UInt8(ascii: "'"), backslash: true)
            }
            if first == UInt8(ascii: "q"), lexicon.contains(.alternativeQuotes) {
                return alternativeQuoted(from: start)
            }
        }
        while index < bytes.count, Self.isWordByte(bytes[index]) { index += 1 }
        return token(.word, from: start)
    }

    private mutating func quoted(_ kind: Token.Kind, from start: Int, close: UInt8, backslash: Bool) -> Token {
        index += 1
        while index < bytes.count {
            let current = bytes[index]
            if backslash, current == UInt8(ascii: "\\") {
                index = min(index + 2, bytes.count)
            } else if current == close {
                index += 1
                guard byte() == close, index < bytes.count else { return token(kind, from: start) }
                index += 1
            } else {
                index += 1
            }
        }
        return token(kind, from: start, isComplete: false)
    }

    private mutating func lineComment(from start: Int) -> Token {
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
        return token(.comment, from: start)
    }

    private mutating func blockComment(from start: Int) -> Token {
        index += 2
        var depth = 1
        while index < bytes.count {
            if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                index += 2
                depth -= 1
                if depth == 0 { return token(.comment, from: start) }
            } else if lexicon.contains(.nestedComments), byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                index += 2
                depth += 1
            } else {
                index += 1
            }
        }
        return token(.comment, from: start, isComplete: false)
    }

    /// `$tag$ … $tag$`; nil when this dollar opens none.
    private mutating func dollarQuoted(from start: Int) -> Token? {
        var end = index + 1
        while end < bytes.count, Self.isWordByte(bytes[end]), bytes[end] != UInt8(ascii: "$") { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "$"), byte(1) &- 0x30 >= 10 else { return nil }
        let tag = bytes[start...end]
        index = end + 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "$"), bytes.count - index >= tag.count,
                bytes[index..<(index + tag.count)].elementsEqual(tag)
            {
                index += tag.count
                return token(.string, from: start)
            }
            index += 1
        }
        return token(.string, from: start, isComplete: false)
    }

    /// Oracle's `q'[ … ]'`.
    private mutating func alternativeQuoted(from start: Int) -> Token {
        index += 2
        guard index < bytes.count else { return token(.string, from: start, isComplete: false) }
        let close: UInt8 =
            switch bytes[index] {
            case UInt8(ascii: "["): UInt8(ascii: "]")
            case UInt8(ascii: "("): UInt8(ascii: ")")
            case UInt8(ascii: "{"): UInt8(ascii: "}")
            case UInt8(ascii: "<"): UInt8(ascii: ">")
            case let other: other
            }
        index += 1
        while index < bytes.count {
            if bytes[index] == close, byte(1) == UInt8(ascii: "'") {
                index += 2
                return token(.string, from: start)
            }
            index += 1
        }
        return token(.string, from: start, isComplete: false)
    }
}
