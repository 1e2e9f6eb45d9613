/// What the first words of a statement tell of it. Judged once per statement, too carefully rather than not carefully enough.
struct StatementTraits: Sendable {
    /// Whether the server is asked to prepare it: what reads and writes rows. The rest cannot be prepared everywhere, or gains nothing.
    let isPreparable: Bool
    /// Whether it may leave something behind in the session: a setting, a temporary table, a lock, a user variable.
    let mayChangeSession: Bool
    /// Whether it may leave something behind of which a server does not tell that tells of changes in the session: a lock, or a variable
    /// that a query sets.
    let mayChangeSilently: Bool
    /// Whether it is an `INSERT` or `REPLACE`.
    let isInsert: Bool
    /// Whether there is nothing to run.
    let isEmpty: Bool

    init(_ text: String) {
        let rest = Self.withoutComments(text.utf8.prefix(65_536))
        isEmpty = rest.isEmpty
        let word = Self.lowered(rest.prefix { ($0 | 0x20) &- 0x61 < 26 })
        isInsert = word == "insert" || word == "replace"
        switch word {
        case "select", "with", "values", "table", "insert", "replace", "update", "delete":
            isPreparable = true
            let body = Self.lowered(text.utf8.prefix(65_536))
            // The servers tell of variables that SET sets, not of these.
            mayChangeSilently = body.contains("get_lock") || body.contains(":=") || body.contains("into @")
            mayChangeSession = mayChangeSilently
        case "call", "do":
            isPreparable = true
            mayChangeSession = true
            mayChangeSilently = true
        case "begin", "start", "commit", "rollback", "savepoint", "release", "truncate", "analyze", "optimize",
            "explain",
            "show", "describe", "desc", "grant", "revoke", "alter", "drop", "rename":
            isPreparable = false
            mayChangeSession = false
            mayChangeSilently = false
        case "create":
            isPreparable = false
            mayChangeSession = Self.lowered(text.utf8.prefix(256)).contains("temp")
            mayChangeSilently = false
        case "set", "use":
            isPreparable = false
            mayChangeSession = true
            mayChangeSilently = Self.lowered(text.utf8.prefix(65_536)).contains("get_lock")
        default:
            isPreparable = false
            mayChangeSession = true
            mayChangeSilently = true
        }
    }

    /// Whether a statement rolls a transaction back.
    static func isRollback(_ text: String) -> Bool {
        let start = withoutComments(text.utf8.prefix(65_536)).prefix(8)
        return lowered(start) == "rollback"
    }

    /// What follows blanks, comments and opening parentheses. `/*! … */` is none: the servers run it.
    private static func withoutComments(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var rest = text
        while let first = rest.first {
            if first <= 0x20 || first == UInt8(ascii: "(") {
                rest.removeFirst()
            } else if first == UInt8(ascii: "#") || rest.starts(with: "--".utf8) {
                rest = rest.drop { $0 != 0x0A }
            } else if rest.starts(with: "/*".utf8), !rest.starts(with: "/*!".utf8), !rest.starts(with: "/*M!".utf8) {
                rest = rest.dropFirst(2)
                while !rest.isEmpty, !rest.starts(with: "*/".utf8) { rest.removeFirst() }
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        return rest
    }

    private static func lowered(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
