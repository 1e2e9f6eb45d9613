/// What a statement is, whatever its values: its text without literals and comments, and names to group by.
public struct StatementFingerprint: Sendable, Hashable {
    /// The text in one line: literals and placeholders as `?`, lists of them as one, no comments.
    public let text: String
    /// A few words to group by: `SELECT customer`, `INSERT invoice`.
    public let summary: String
    /// The first word: `SELECT`.
    public let operation: String
    /// A number that is the same in every run.
    public let id: UInt64

    /// The number as 16 hexadecimal digits.
    public var name: String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The longest text that is kept, in bytes.
    private static let longest = 2_048

    /// Reads a statement once. Costs about as much as sending it; keep the result.
    public init(_ statement: String, lexicon: Dialect.Lexicon) {
        var pieces: [String] = []
        var targets: [String] = []
        var isTargetNext = false
        // How many pieces there were once the last target was one of them, for the name that may follow its schema.
        var targetEnd: Int?
        var length = 0
        var source = statement
        source.withUTF8 { bytes in
            var lexer = StatementLexer(bytes, lexicon: lexicon)
            while length < Self.longest, let token = lexer.next() {
                let piece: String
                let slice = UnsafeBufferPointer(rebasing: bytes[token.range])
                switch token.kind {
                case .whitespace, .comment: continue
                case .string: piece = "?"
                case .quotedIdentifier: piece = String(decoding: slice, as: UTF8.self)
                case .symbol: piece = String(decoding: slice, as: UTF8.self)
                case .word:
                    let isNumber = (slice.first ?? 0) &- 0x30 < 10
                    piece =
                        isNumber || Self.isPlaceholder(pieces.last, slice)
                        ? "?" : String(decoding: slice, as: UTF8.self)
                    if piece == "?", let last = pieces.last, last == "$" || last == ":" || last == "@" {
                        pieces.removeLast()
                    }
                }
                // 1.5 is one number.
                if piece == "?", pieces.last == ".", pieces.dropLast().last == "?" {
                    pieces.removeLast()
                    continue
                }
                if token.kind == .word || token.kind == .quotedIdentifier {
                    if let end = targetEnd, pieces.count == end + 1, pieces.last == ".", let last = targets.popLast() {
                        targets.append(last + "." + piece)
                        targetEnd = pieces.count + 1
                    } else if isTargetNext, piece != "?", !Self.modifiers.contains(piece.lowercased()) {
                        if targets.count < 3, !targets.contains(piece) {
                            targets.append(piece)
                            targetEnd = pieces.count + 1
                        }
                        isTargetNext = false
                    } else if Self.introducers.contains(piece.lowercased()) {
                        isTargetNext = true
                    }
                } else if piece == "(" {
                    isTargetNext = false
                }
                // A list of values is one value, however long it is; so is a list of such lists.
                if piece == "?", pieces.count >= 2, pieces.last == ",", pieces[pieces.count - 2] == "?" {
                    pieces.removeLast()
                    continue
                }
                pieces.append(piece)
                length += piece.utf8.count + 1
                if piece == ")", pieces.suffix(7).elementsEqual(["(", "?", ")", ",", "(", "?", ")"]) {
                    pieces.removeLast(4)
                }
            }
        }
        var text = ""
        for (index, piece) in pieces.enumerated() {
            if index > 0, Self.needsSpace(pieces[index - 1], piece) { text += " " }
            text += piece
        }
        self.text = text
        operation = pieces.first { $0 != "(" }?.uppercased() ?? ""
        summary = ([operation] + targets).joined(separator: " ")
        id = text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    private static let introducers: Set<String> = ["from", "into", "update", "join", "table", "merge"]
    private static let modifiers: Set<String> = ["if", "not", "exists", "only", "lateral", "ignore", "or"]

    /// `$1`, `:name` and `@name`.
    private static func isPlaceholder(_ previous: String?, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
        switch previous {
        case "$": (word.first ?? 0) &- 0x30 < 10
        case ":", "@": true
        default: false
        }
    }

    private static func needsSpace(_ before: String, _ after: String) -> Bool {
        if before == "(" || before == "." || before == ":" { return false }
        return ![",", ")", ".", ";", ":"].contains(after)
            && !(after == "(" && before.last?.isLetter == true && !isKeyword(before))
    }

    /// Words that stand before a bracket without being a function.
    private static func isKeyword(_ word: String) -> Bool {
        ["in", "values", "and", "or", "not", "exists", "as", "on", "any", "all", "from", "where", "using"].contains(
            word.lowercased()
        )
    }
}
