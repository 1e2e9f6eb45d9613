/// What SQLite's statements keep others from: the database has one lock for writers (documentation, "File Locking And Concurrency";
/// "ALTER TABLE" says which changes rewrite rows).
struct SQLiteLocks {
    typealias Lock = StatementImpact.TableLock

    private let tokens: StatementTokens

    init(_ tokens: StatementTokens) { self.tokens = tokens }

    private func name(at start: Int) -> [String] { tokens.list(from: start).first ?? ["?"] }

    private func lock(_ table: [String], _ work: StatementImpact.Work) -> Lock {
        Lock(table: table.joined(separator: "."), mode: "RESERVED (whole database)", blocking: .writers, work: work)
    }

    func locks() -> [Lock] {
        let shape = DefinitionShape(tokens)
        switch tokens.word(0) {
        case "create":
            if shape.verb == .createIndex, let on = tokens.firstIndex(of: ["on"]) {
                return [lock(name(at: on + 1), .scan)]
            }
            if shape.verb == .createTable, tokens.contains("as", "select") {
                return tokens.names(after: ["from", "join"]).map { lock($0, .rows) }
            }
            return []
        // Its pages are put on the list of free ones, one by one.
        case "drop" where tokens.word(1) == "table": return [lock(name(at: 2), .scan)]
        case "drop": return []
        case "alter" where tokens.word(1) == "table": return [lock(name(at: 2), altering())]
        case "insert", "replace", "delete":
            return [lock(tokens.names(after: ["into", "from"]).first ?? ["?"], .rows)]
        case "update": return [lock(name(at: 1), .rows)]
        case "reindex": return [lock(name(at: 1), .scan)]
        case "vacuum":
            return [Lock(table: "all tables", mode: "EXCLUSIVE (whole database)", blocking: .everyone, work: .rewrite)]
        default: return []
        }
    }

    private func altering() -> StatementImpact.Work {
        var index = 2
        _ = tokens.name(&index)
        switch tokens.word(index) {
        case "drop": return .rewrite
        case "add":
            // Rows that are there are looked at where the column brings a condition.
            return tokens.contains("check") || tokens.contains("not", "null") || tokens.contains("generated")
                ? .scan : .instant
        default: return .instant
        }
    }
}
