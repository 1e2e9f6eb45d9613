import Roost

/// What a definition statement makes, as far as lint needs to know: names, indexed columns, foreign keys.
struct DefinitionShape {
    enum Verb { case createTable, createIndex, alterTable, dropTable, dropIndex, other }

    var verb = Verb.other
    var table: String?
    var index: String?
    var isOptional = false
    var dropped: [String] = []
    var renamedTo: String?
    /// The columns of indexes, unique constraints and primary keys.
    var indexedColumns: [[String]] = []
    var foreignKeyColumns: [[String]] = []
    /// Names of constraints.
    var constraints: [String] = []

    private let tokens: StatementTokens

    init(_ tokens: StatementTokens) {
        self.tokens = tokens
        switch tokens.word(0) {
        case "create": create()
        case "alter" where tokens.word(1) == "table": alter()
        case "drop": drop()
        default: break
        }
    }

    private func plainName(_ index: inout Int) -> String? { tokens.name(&index)?.last }

    private mutating func create() {
        var index = 1
        while ["unique", "temporary", "temp", "unlogged", "or", "replace", "global", "local", "fulltext", "spatial"]
            .contains(tokens.word(index))
        { index += 1 }
        if tokens.word(index) == "table" {
            if tokens.contains("temporary") || tokens.word(1) == "temp" { return }
            verb = .createTable
            index += 1
            isOptional = tokens.has("if", "not", "exists", at: index) || tokens.word(2) == "replace"
            tokens.skipExistence(&index)
            table = plainName(&index)
            elements(from: index)
        } else if tokens.word(index) == "index" {
            verb = .createIndex
            index += 1
            if tokens.word(index) == "concurrently" { index += 1 }
            isOptional = tokens.has("if", "not", "exists", at: index)
            tokens.skipExistence(&index)
            if tokens.word(index) != "on" { self.index = plainName(&index) }
            guard tokens.word(index) == "on" else { return }
            index += tokens.word(index + 1) == "only" ? 2 : 1
            table = plainName(&index)
            if tokens.word(index) == "using" { index += 2 }
            // A partial index does not serve every lookup.
            if !tokens.contains("where"), let columns = list(at: index) { indexedColumns.append(columns) }
        }
    }

    private mutating func alter() {
        verb = .alterTable
        var index = 2
        tokens.skipExistence(&index)
        if tokens.word(index) == "only" { index += 1 }
        table = plainName(&index)
        if let rename = tokens.firstIndex(of: ["rename"], from: index) {
            var place = rename + 1
            if !["column", "index", "key", "constraint"].contains(tokens.word(place)) {
                let hasWord = ["to", "as"].contains(tokens.word(place))
                if hasWord { place += 1 }
                // `rename a to b` renames a column.
                let name = plainName(&place)
                if tokens.word(place) != "to" { renamedTo = name }
            }
        }
        elements(from: index)
    }

    private mutating func drop() {
        guard ["table", "index"].contains(tokens.word(1)) else { return }
        verb = tokens.word(1) == "table" ? .dropTable : .dropIndex
        var index = 2
        if tokens.word(index) == "concurrently" { index += 1 }
        tokens.skipExistence(&index)
        while let name = plainName(&index) {
            dropped.append(name)
            guard tokens.key(index) == "," else { break }
            index += 1
        }
    }

    /// The keys among the columns and constraints of a table.
    private mutating func elements(from start: Int) {
        var column: String?
        var depth = 0
        let base = verb == .createTable ? 1 : 0
        var isElementStart = verb == .alterTable
        var index = start
        while index < tokens.count {
            let key = tokens.key(index)
            if key == "(" { depth += 1 }
            if key == ")" { depth -= 1 }
            if depth == base, key == "," || key == "(" {
                isElementStart = true
                index += 1
                continue
            }
            guard depth == base else {
                index += 1
                continue
            }
            if isElementStart {
                isElementStart = false
                var place = index
                if tokens.word(place) == "add" { place += tokens.word(place + 1) == "column" ? 2 : 1 }
                tokens.skipExistence(&place)
                column = tokens.key(place)
            }
            constraint(at: &index, column: column)
        }
    }

    private mutating func constraint(at index: inout Int, column: String?) {
        switch tokens.word(index) {
        case "constraint":
            index += 1
            if let name = plainName(&index) { constraints.append(name) }
            return
        case "primary" where tokens.word(index + 1) == "key":
            indexedColumns.append(list(at: index + 2) ?? column.map { [$0] } ?? [])
            index += 1
        case "unique":
            var place = index + 1
            if ["key", "index"].contains(tokens.word(place)) { place += 1 }
            if tokens.key(place) != "(", list(at: place + 1) != nil, place + 1 < tokens.count { place += 1 }
            indexedColumns.append(list(at: place) ?? column.map { [$0] } ?? [])
        case "foreign" where tokens.word(index + 1) == "key":
            if let columns = list(at: index + 2) { foreignKeyColumns.append(columns) }
            // What follows refers for these columns, not for one.
            if let references = tokens.firstIndex(of: ["references"], from: index) { index = references }
        case "references":
            if let column { foreignKeyColumns.append([column]) }
        default: break
        }
        index += 1
    }

    /// The names in parentheses at a place; nil when there are none, or expressions.
    private func list(at start: Int) -> [String]? {
        guard tokens.key(start) == "(" else { return nil }
        var names: [String] = []
        var index = start + 1
        while index < tokens.count, let name = tokens.name(&index)?.last {
            names.append(name)
            // Order, operator class, length.
            while index < tokens.count, tokens.key(index) != ",", tokens.key(index) != ")" {
                if tokens.key(index) == "(" {
                    while index < tokens.count, tokens.key(index) != ")" { index += 1 }
                }
                index += 1
            }
            if tokens.key(index) == ")" { return names }
            index += 1
        }
        return nil
    }
}
