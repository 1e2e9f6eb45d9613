import Roost

/// The server's words without the values in them.
///
/// MySQL and MariaDB put values into the message itself: `Duplicate entry 'x' for key 'k'`. The message may be in any language, and a
/// value may hold quotes; so what goes is everything from the first quote to the last, or to the last quote before a rest that can only
/// name a key, a column, a function or a type.
enum MySQLErrorText {
    static func safe(_ facts: MySQLErrors.Facts) -> String {
        switch facts.code {
        case 1064: return syntaxError(facts.message)
        // The value stands there without quotes.
        case 1526: return "The table has no partition for a value."
        case 6058 where !facts.isMariaDB, 6181 where !facts.isMariaDB: return "A loaded value does not fit its column."
        case 1231, 3976:
            // The variable's name is safe, and comes first.
            guard let range = facts.message.firstRange(of: " the value of ") else { return masked(facts.message) }
            return facts.message[..<range.upperBound] + masked(String(facts.message[range.upperBound...]))
        default: break
        }
        if valueBearing.contains(facts.code) || (!facts.isMariaDB && mySQLValueBearing.contains(facts.code)) {
            return masked(facts.message, Rest(facts.code))
        }
        guard !plain.contains(facts.code), facts.state.hasPrefix("22") || facts.state.hasPrefix("23") else {
            return facts.message
        }
        return withoutNumbers(masked(facts.message))
    }

    /// Errors whose messages hold values, whatever their SQLSTATE.
    private static let valueBearing: Set<UInt16> = [
        1062, 1291, 1292, 1300, 1366, 1367, 1411, 1470, 1525, 1569, 1586, 1690, 1741, 1761, 1762, 1912, 1916, 1917,
        1918, 1977, 1978, 3026, 3048, 3559, 3560, 3685, 3688, 3752, 3854, 3904, 3908, 3988,
    ]

    /// The same among the numbers that mean something else to MariaDB.
    private static let mySQLValueBearing: Set<UInt16> = [4153, 6138, 6230, 6269]

    /// Errors of the classes of data and constraints whose messages name columns, keys and rows only.
    private static let plain: Set<UInt16> = [
        1022, 1048, 1136, 1138, 1169, 1216, 1217, 1263, 1264, 1265, 1299, 1364, 1365, 1369, 1406, 1416, 1451, 1452,
        1748, 1859, 3037, 3140, 3141, 3142, 3143, 3144, 3146, 3155, 3156, 3157, 3158, 3730, 3819, 4025,
    ]

    /// What may follow a value's closing quote, up to the end of the message.
    private enum Rest {
        case key, column, function, type, nothing

        init(_ code: UInt16) {
            switch code {
            case 1062, 1569, 1586: self = .key
            case 1292, 1366, 4153: self = .column
            case 1411: self = .function
            case 1916...1918: self = .type
            default: self = .nothing
            }
        }

        /// The words it begins with.
        var opening: String {
            switch self {
            case .key: " for key "
            case .column: " for column "
            case .function: " for function "
            case .type: " when converting to "
            case .nothing: ""
            }
        }

        /// Whether this is all such a rest may hold. A value's closing quote is none of it.
        func matches(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
            switch self {
            case .key:
                return text.first.map(isQuote) == true && text.last == text.first && text.filter(isQuote).count == 2
            case .column:
                let quotes = text.filter(isQuote).count
                let row = text.reversed().prefix { $0 != " " }
                return quotes > 0 && quotes.isMultiple(of: 2) && !row.isEmpty
                    && row.allSatisfy { (0x30..<0x3A).contains($0.value) }
            case .function, .type: return text.count <= 64 && !text.contains(where: isQuote)
            case .nothing: return false
            }
        }
    }

    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "'", "\"", "`", "‘", "’", "“", "”", "„", "«", "»": true
        default: false
        }
    }

    /// The message with `…` in place of its values.
    private static func masked(_ message: String, _ rest: Rest = .nothing) -> String {
        let scalars = Array(message.unicodeScalars)
        guard let first = opening(scalars) else { return message }
        let words = Array(rest.opening.unicodeScalars)
        // The last such rest, since a value may look like one.
        let boundary = scalars.indices.last { index in
            guard index > first, isQuote(scalars[index]), !words.isEmpty else { return false }
            let behind = scalars[(index + 1)...]
            return behind.starts(with: words) && rest.matches(behind.dropFirst(words.count))
        }
        let last = boundary ?? scalars.lastIndex(where: isQuote) ?? first
        var result = String.UnicodeScalarView(scalars[...first])
        result.append("…")
        if last > first { result.append(contentsOf: scalars[last...]) }
        return String(result)
    }

    /// The first quote that is no apostrophe.
    private static func opening(_ scalars: [Unicode.Scalar]) -> Int? {
        let quotes = scalars.indices.filter { isQuote(scalars[$0]) }
        return quotes.first { $0 == 0 || !scalars[$0 - 1].properties.isAlphabetic } ?? quotes.first
    }

    /// Numbers that stand alone become `…`; those in names such as utf8mb4 stay.
    private static func withoutNumbers(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let core = word.drop { "([-+".contains($0) }
            guard let first = core.unicodeScalars.first, (0x30..<0x3A).contains(first.value) else {
                return String(word)
            }
            return "…"
        }.joined(separator: " ")
    }

    /// The word the parser stumbled over, and its line. The rest of what the server quotes may hold values.
    private static func syntaxError(_ message: String) -> String {
        guard let near = near(message) else { return masked(message) }
        let place = near.line.map { " in line \($0)" } ?? ""
        let word = near.text.prefix { $0.isLetter || $0.isNumber || "_$@.".contains($0) }
        if near.text.isEmpty { return "The statement has a syntax error at its end\(place)." }
        guard let first = word.unicodeScalars.first, word.unicodeScalars.count <= 64,
            first.properties.isAlphabetic || first == "_" || first == "@"
        else { return "The statement has a syntax error\(place)." }
        return "The statement has a syntax error near \"\(word)\"\(place)."
    }

    /// What the server quotes of a statement it cannot parse: at most 80 characters from where it stopped, and the line.
    static func near(_ message: String) -> (text: Substring, line: Int?)? {
        guard let start = message.firstRange(of: " near '"),
            let end = message.lastRange(of: "' at line "), start.upperBound <= end.lowerBound
        else { return nil }
        return (message[start.upperBound..<end.lowerBound], Int(message[end.upperBound...].prefix { $0.isNumber }))
    }
}

extension MySQLErrors {
    /// Where in a statement the parser stopped, in characters counted from 1; nil where the message does not say, or not clearly.
    static func position(code: UInt16, message: String, in statement: String) -> Int? {
        // Servers quote 80 characters; looking for much more, or in much more, is not worth the time.
        guard code == 1064, statement.utf8.count <= 1 << 20, let near = MySQLErrorText.near(message),
            let line = near.line, (1...400).contains(near.text.utf8.count)
        else { return nil }
        var current = 1
        var found: Int?
        var position = 0
        var index = statement.startIndex
        while index < statement.endIndex, current <= line {
            position += 1
            if current == line, statement[index...].hasPrefix(near.text) {
                // What ends with the statement is the place itself; otherwise the first of several is the best guess.
                if statement[index...] == near.text { return position }
                if found == nil { found = position }
            }
            if statement[index].isNewline { current += 1 }
            index = statement.index(after: index)
        }
        return found
    }
}

extension String {
    /// Where a text occurs first.
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        indices.lazy.compactMap { self.range(of: text, at: $0) }.first
    }

    /// Where a text occurs last.
    fileprivate func lastRange(of text: String) -> Range<Index>? {
        indices.reversed().lazy.compactMap { self.range(of: text, at: $0) }.first
    }

    private func range(of text: String, at start: Index) -> Range<Index>? {
        guard self[start...].hasPrefix(text) else { return nil }
        return start..<index(start, offsetBy: text.count)
    }
}
