import Roost

/// What data a statement destroys for good.
struct DataLoss: Sendable, Hashable {
    /// As a verb and its objects: `drops the table customer`.
    var description: String

    /// nil for a statement that destroys nothing.
    init?(_ text: String, dialect: Dialect) {
        self.init(StatementTokens(text, dialect: dialect))
    }

    init?(_ tokens: StatementTokens) {
        guard let found = Self.find(tokens) else { return nil }
        description = found
    }

    private static func find(_ tokens: StatementTokens) -> String? {
        switch tokens.word(0) {
        case "drop": return dropping(tokens)
        case "truncate": return "removes all rows of \(name(tokens, after: tokens.word(1) == "table" ? 2 : 1))"
        case "delete":
            guard !tokens.contains("where") else { return nil }
            return "removes all rows of \(name(tokens, after: tokens.word(1) == "from" ? 2 : 1))"
        case "alter": return altering(tokens)
        default: return nil
        }
    }

    private static func dropping(_ tokens: StatementTokens) -> String? {
        var index = 1
        while ["temporary", "temp", "foreign", "materialized"].contains(tokens.word(index)) { index += 1 }
        if tokens.word(1) == "temporary" || tokens.word(1) == "temp" { return nil }
        switch tokens.word(index) {
        case "table" where tokens.word(1) != "foreign", "tables", "schema", "database", "sequence", "type", "domain",
            "tablespace":
            return "drops the \(tokens.word(index)) \(name(tokens, after: index + 1))"
        default: return nil
        }
    }

    private static let notColumns: Set<String> = [
        "constraint", "index", "key", "primary", "foreign", "check", "default", "not", "expression", "identity",
        "partition",
        "attribute", "system", "period",
    ]

    private static func altering(_ tokens: StatementTokens) -> String? {
        guard tokens.contains("table") else { return nil }
        var depth = 0
        for index in 2..<max(tokens.count, 2) {
            switch tokens.key(index) {
            case "(": depth += 1
            case ")": depth -= 1
            default: break
            }
            guard depth == 0, tokens.word(index) == "drop" else { continue }
            // `alter column c drop default` has the column before it.
            let previous = tokens.word(index - 2)
            if ["column", "alter"].contains(previous), tokens.word(index - 1) != "," { continue }
            if tokens.word(index + 1) == "partition" { return "drops the partition \(name(tokens, after: index + 2))" }
            guard !notColumns.contains(tokens.word(index + 1)) else { continue }
            return "drops the column \(name(tokens, after: tokens.word(index + 1) == "column" ? index + 2 : index + 1))"
        }
        return nil
    }

    private static func name(_ tokens: StatementTokens, after start: Int) -> String {
        var index = start
        if tokens.word(index) == "only" { index += 1 }
        tokens.skipExistence(&index)
        return tokens.name(&index)?.joined(separator: ".") ?? "?"
    }
}
