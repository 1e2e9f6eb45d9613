import Roost

/// An `INSERT` of one row, and how it is written for many: `… VALUES (?, ?), (?, ?), …`. What MySQL, which has no bulk command, takes
/// fastest short of a file.
struct MultiRowInsert: Sendable {
    private let before: String
    private let row: String
    private let after: String
    private let width: Int
    /// The statements made so far, by their number of rows.
    private var statements: [Int: Statement] = [:]

    /// How many rows a statement has: few sizes, so that few statements are prepared.
    private static let sizes = [1_024, 256, 64, 16, 4, 1]

    /// Takes a template apart; nil when it is no `INSERT` or `REPLACE` whose parameters all stand in one list of `VALUES`.
    init?(_ template: Statement, width: Int) {
        guard width > 0, StatementTraits(template.text).isInsert,
            let statement = template.marks.isEmpty
                ? try? Statement(template: template.text, dialect: .mysql) : template,
            statement.marks.count == width, statement.marks.allSatisfy({ $0.kind == .parameter })
        else { return nil }
        let text = statement.rendered(for: .mysql)
        let bytes = Array(text.utf8)
        // The list begins after the word, and ends with the last parenthesis that leaves nothing open.
        guard let values = Self.positionOfValues(bytes), let close = Self.end(ofListAt: values, bytes),
            bytes[values...close].count(where: { $0 == UInt8(ascii: "?") }) == width,
            !Self.isQuoted(bytes, values...close)
        else { return nil }
        before = String(decoding: bytes[..<values], as: UTF8.self)
        row = String(decoding: bytes[values...close], as: UTF8.self)
        after = String(decoding: bytes[(close + 1)...], as: UTF8.self)
        self.width = width
        // A list that follows would be another row.
        let next = after.utf8.first { $0 > 0x20 }
        guard next != UInt8(ascii: ",") else { return nil }
    }

    /// How many of so many rows the next statement takes.
    func size(for rows: Int) -> Int {
        Self.sizes.first { $0 <= rows && $0 * width <= 65_535 } ?? 1
    }

    /// The statement for so many rows.
    mutating func statement(rows count: Int) -> Statement {
        if let made = statements[count] { return made }
        let statement = Statement(unsafe: before + repeatElement(row, count: count).joined(separator: ",") + after)
        statements[count] = statement
        return statement
    }

    /// Where the parenthesis after the word `VALUES` stands; nil when there are quotes, comments or other things that would have to be
    /// understood first.
    private static func positionOfValues(_ bytes: [UInt8]) -> Int? {
        let word = Array("values".utf8)
        guard bytes.count > 8, !bytes.contains(where: { "'\"#/".utf8.contains($0) }),
            !zip(bytes, bytes.dropFirst()).contains(where: { $0.0 == UInt8(ascii: "-") && $0.1 == $0.0 })
        else { return nil }
        for start in 1..<(bytes.count - 7) {
            let isWord = zip(bytes[start..<(start + 6)], word).allSatisfy { $0 | 0x20 == $1 }
            guard isWord, !isName(bytes[start - 1]) else { continue }
            let rest = bytes[(start + 6)...].firstIndex { $0 > 0x20 }
            guard let open = rest, bytes[open] == UInt8(ascii: "(") else { return nil }
            return open
        }
        return nil
    }

    /// Whether backquotes are open where the list begins, or stand in it: repeated, it would be another one.
    private static func isQuoted(_ bytes: [UInt8], _ list: ClosedRange<Int>) -> Bool {
        let quote = UInt8(ascii: "`")
        return bytes[..<list.lowerBound].count { $0 == quote } % 2 == 1 || bytes[list].contains(quote)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "`") || byte == UInt8(ascii: "$") || byte &- 48 < 10
            || (byte | 0x20) &- 0x61 < 26 || byte >= 0x80
    }

    private static func end(ofListAt open: Int, _ bytes: [UInt8]) -> Int? {
        var depth = 0
        for index in open..<bytes.count {
            if bytes[index] == UInt8(ascii: "(") { depth += 1 }
            if bytes[index] == UInt8(ascii: ")") {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }
}
