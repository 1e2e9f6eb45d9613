/// What an error concerns, where its message says: the contract's errors name schema, table, column and constraint apart.
struct MySQLErrorSubject {
    private(set) var schema: String?
    private(set) var table: String?
    private(set) var column: String?
    private(set) var constraint: String?

    /// Reads the names out of a message whose values are gone already.
    init(_ facts: MySQLErrors.Facts, safeText text: String) {
        let names = Self.names(text).filter { $0 != ["…"] }
        switch facts.code {
        case 1062, 1569, 1586, 1859: readKey(names.last?.last, facts.isMariaDB)
        case 1292, 1366, 3140: readColumn(names.last)
        case 1048, 1054, 1264, 1265, 1299, 1364, 1406: readColumn(names.first)
        case 1022, 1050, 1051, 1109, 1146: readTable(names.first)
        case 1049: schema = names.first?.last
        case 1451, 1452: readForeignKey(text)
        case 3819: constraint = names.first?.last
        case 4025 where facts.isMariaDB || facts.state == "23000":
            constraint = names.first?.last
            if names.count > 1 { readTable(names[1]) }
        default: break
        }
    }

    /// MySQL 8 names keys with their tables.
    private mutating func readKey(_ name: String?, _ isMariaDB: Bool) {
        guard let name else { return }
        let parts = Self.parts(of: name)
        if !isMariaDB, parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty {
            (table, constraint) = (parts[0], parts[1])
        } else {
            constraint = name
        }
    }

    /// `'column'`, `'table.column'`, or `` `schema`.`table`.`column` ``.
    private mutating func readColumn(_ path: [String]?) {
        guard var path else { return }
        if path.count == 1, let name = path.first { path = Self.parts(of: name) }
        column = path.popLast()
        readTable(path)
    }

    private mutating func readTable(_ path: [String]?) {
        guard var path else { return }
        if path.count == 1, let name = path.first { path = Self.parts(of: name) }
        table = path.popLast().flatMap { $0.isEmpty ? nil : $0 } ?? table
        schema = path.popLast().flatMap { $0.isEmpty ? nil : $0 } ?? schema
    }

    /// ``… fails (`schema`.`table`, CONSTRAINT `name` FOREIGN KEY (`column`, …) REFERENCES …)``
    private mutating func readForeignKey(_ message: String) {
        guard let start = message.firstIndex(of: "(") else { return }
        readTable(Self.names(message[start...]).first)
        constraint = Self.rest(of: message, after: " CONSTRAINT ").flatMap { Self.names($0).first?.last }
        guard let columns = Self.rest(of: message, after: " FOREIGN KEY (") else { return }
        let names = Self.names(columns.prefix { $0 != ")" }).compactMap(\.last)
        if !names.isEmpty { column = names.joined(separator: ", ") }
    }

    // MARK: Names in messages

    private static func parts(of name: String) -> [String] {
        name.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
    }

    /// What follows the first occurrence of a marker.
    private static func rest(of message: String, after marker: String) -> Substring? {
        for index in message.indices where message[index...].hasPrefix(marker) {
            return message[index...].dropFirst(marker.count)
        }
        return nil
    }

    /// The quoted names in a text, each with what dots join to it: `` `a`.`b` `` is one of two parts.
    private static func names(_ text: some StringProtocol) -> [[String]] {
        var result: [[String]] = []
        var rest = Substring(text)
        var isJoined = false
        var previous: Character = " "
        while let character = rest.popFirst() {
            let isApostrophe = character == "'" && (previous.isLetter || previous.isNumber)
            guard character == "`" || (character == "'" && !isApostrophe) else {
                isJoined = character == "." && (previous == "`" || previous == "'")
                previous = character
                continue
            }
            var name = ""
            var isClosed = false
            while let next = rest.popFirst() {
                guard next == character else {
                    name.append(next)
                    continue
                }
                // A backtick in a name is written twice.
                guard character == "`", rest.first == "`" else {
                    isClosed = true
                    break
                }
                name.append("`")
                rest.removeFirst()
            }
            guard isClosed else { break }
            if isJoined, !result.isEmpty { result[result.count - 1].append(name) } else { result.append([name]) }
            isJoined = false
            previous = character
        }
        return result
    }
}
