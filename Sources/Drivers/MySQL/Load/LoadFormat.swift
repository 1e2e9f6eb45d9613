/// How `LOAD DATA` reads lines and fields (MySQL documentation, "LOAD DATA Statement", Field and Line Handling).
public struct LoadFormat: Sendable, Hashable {
    /// What stands between fields.
    public var fieldTerminator: String
    /// What fields may be enclosed in; twice inside of such a field for once.
    public var enclosure: String?
    /// What takes its meaning from the character that follows; `\N` is NULL then, otherwise the word NULL is, outside of enclosures.
    public var escape: String?
    /// What ends a line.
    public var lineTerminator: String
    /// Lines at the beginning that are passed over: the names of columns.
    public var skippedLines: Int
    /// The character set of the data, as the server calls it.
    public var characterSet: String

    /// A format from its parts.
    public init(
        fieldTerminator: String = "\t",
        enclosure: String? = nil,
        escape: String? = "\\",
        lineTerminator: String = "\n",
        skippedLines: Int = 0,
        characterSet: String = "utf8mb4"
    ) {
        self.fieldTerminator = fieldTerminator
        self.enclosure = enclosure
        self.escape = escape
        self.lineTerminator = lineTerminator
        self.skippedLines = skippedLines
        self.characterSet = characterSet
    }

    /// The servers' own: tabs between fields, backslashes before what is meant literally.
    public static let text = LoadFormat()
    /// Commas between fields, which may be enclosed in quotes (RFC 4180); without names of columns.
    public static let csv = LoadFormat(fieldTerminator: ",", enclosure: "\"", escape: nil)

    /// What the statement says of it. In base 16, whatever the session's `sql_mode` makes of backslashes.
    var clauses: String {
        let charset = characterSet.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        var text = "CHARACTER SET \(charset) FIELDS TERMINATED BY \(Self.literal(fieldTerminator))"
        if let enclosure { text += " OPTIONALLY ENCLOSED BY \(Self.literal(enclosure))" }
        text += " ESCAPED BY \(Self.literal(escape ?? "")) LINES TERMINATED BY \(Self.literal(lineTerminator))"
        if skippedLines > 0 { text += " IGNORE \(skippedLines) LINES" }
        return text
    }

    private static func literal(_ text: String) -> String {
        guard !text.isEmpty else { return "''" }
        return "X'" + text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "'"
    }
}

/// What becomes of data that does not fit. The servers themselves turn such errors into warnings when data comes from a client.
public enum LoadPolicy: Sendable, Hashable {
    /// It fails the load: nothing of it stays, and the error is the one an `INSERT` would have met.
    case strict
    /// Rows with a key that is taken are left out, values are changed to fit, and warnings say so.
    case ignore
    /// Rows with a key that is taken take the place of those that have it; values are changed to fit, and warnings say so.
    case replace
}
