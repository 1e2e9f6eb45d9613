/// How placeholders are written in text that is only known at run time: the five styles of PEP 249, and two that engines use.
public enum ParameterStyle: String, Sendable, Hashable, CaseIterable {
    /// `?`; a JSON operator `?` is written `??`.
    case qmark
    /// `:1`
    case numeric
    /// `:name`
    case named
    /// `%s`; a percent sign is written `%%`.
    case format
    /// `%(name)s`; a percent sign is written `%%`.
    case pyformat
    /// `$1` (PostgreSQL)
    case dollar
    /// `@name` (SQL Server)
    case at
}

/// One placeholder found in a text.
struct Placeholder {
    enum Reference: Hashable {
        case next
        case number(Int)
        case name(String)
    }

    var style: ParameterStyle
    var range: Range<Int>
    var reference: Reference
}

/// Finds placeholders outside of quotes and comments.
struct PlaceholderScanner {
    /// What a text holds: its placeholders of each style, and doubled escapes.
    struct Findings {
        var placeholders: [Placeholder] = []
        var doubledQuestions: [Range<Int>] = []
        var doubledPercents: [Range<Int>] = []
    }

    static func scan(_ bytes: UnsafeBufferPointer<UInt8>, lexicon: Dialect.Lexicon) -> Findings {
        // `$1` is a placeholder, `$tag$` a quote; the lexer tells them apart because no tag begins with a digit.
        var lexer = StatementLexer(bytes, lexicon: lexicon)
        var findings = Findings()
        // A lexer's symbol may belong to a placeholder that reaches further than the symbol.
        var resume = 0
        var previous: UInt8 = 0
        while let token = lexer.next() {
            let start = token.range.lowerBound
            defer { previous = bytes[token.range.upperBound - 1] }
            guard token.kind == .symbol, start >= resume else { continue }
            let found = placeholder(in: bytes, at: start, previous: previous, findings: &findings)
            if let found { resume = found }
        }
        return findings
    }

    private static func placeholder(
        in bytes: UnsafeBufferPointer<UInt8>,
        at start: Int,
        previous: UInt8,
        findings: inout Findings
    ) -> Int? {
        func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }
        func add(_ style: ParameterStyle, _ end: Int, _ reference: Placeholder.Reference) -> Int {
            findings.placeholders.append(Placeholder(style: style, range: start..<end, reference: reference))
            return end
        }
        let next = byte(start + 1)
        switch bytes[start] {
        case UInt8(ascii: "?"):
            if next == UInt8(ascii: "?") {
                findings.doubledQuestions.append(start..<(start + 2))
                return start + 2
            }
            // `?|` and `?&` are JSON operators; no expression puts a parameter next to them without a blank.
            if next == UInt8(ascii: "|") && byte(start + 2) != UInt8(ascii: "|") || next == UInt8(ascii: "&")
                || previous == UInt8(ascii: "@")
            {
                return start + 2
            }
            return add(.qmark, start + 1, .next)
        case UInt8(ascii: ":"):
            // `::` is a cast, `:=` an assignment, `x[1:2]` and `a:b` slices.
            if next == UInt8(ascii: ":") || next == UInt8(ascii: "=") { return start + 2 }
            if StatementLexer.isWordByte(previous) || previous == UInt8(ascii: "]") { return nil }
            let end = wordEnd(bytes, from: start + 1)
            guard end > start + 1 else { return nil }
            let word = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
            if next &- 48 < 10 {
                guard let number = Int(word), number >= 1 else { return nil }
                return add(.numeric, end, .number(number))
            }
            return add(.named, end, .name(word))
        case UInt8(ascii: "%"):
            if next == UInt8(ascii: "%") {
                findings.doubledPercents.append(start..<(start + 2))
                return start + 2
            }
            if next == UInt8(ascii: "s"), !StatementLexer.isWordByte(byte(start + 2)) {
                return add(.format, start + 2, .next)
            }
            guard next == UInt8(ascii: "(") else { return nil }
            let end = wordEnd(bytes, from: start + 2)
            guard end > start + 2, byte(end) == UInt8(ascii: ")"), byte(end + 1) == UInt8(ascii: "s") else {
                return nil
            }
            return add(.pyformat, end + 2, .name(String(decoding: bytes[(start + 2)..<end], as: UTF8.self)))
        case UInt8(ascii: "$"):
            let end = wordEnd(bytes, from: start + 1)
            guard !StatementLexer.isWordByte(previous),
                let number = Int(String(decoding: bytes[(start + 1)..<end], as: UTF8.self)), number >= 1
            else { return nil }
            return add(.dollar, end, .number(number))
        case UInt8(ascii: "@"):
            let end = wordEnd(bytes, from: start + 1)
            // `@@version` is a server's variable, `a@b` an operator or address.
            guard end > start + 1, !StatementLexer.isWordByte(previous), previous != UInt8(ascii: "@"), next &- 48 >= 10
            else { return nil }
            return add(.at, end, .name(String(decoding: bytes[(start + 1)..<end], as: UTF8.self)))
        default:
            return nil
        }
    }

    private static func wordEnd(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var end = start
        while end < bytes.count, StatementLexer.isWordByte(bytes[end]) { end += 1 }
        return end
    }
}
