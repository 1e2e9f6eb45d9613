import Roost

/// A statement as the server knows it, or is about to.
final class ServerStatement {
    enum State {
        /// `Parse` is on its way.
        case preparing
        /// The server has it, and its columns are known.
        case ready
        /// The server refused it, or forgot it.
        case gone
    }

    /// The name on the server; empty for one that is prepared anew each time.
    let name: String
    /// The canonical text and marks it was asked for with.
    let source: Statement
    /// The text sent.
    let text: String
    /// What the parameters were declared as.
    let parameterTypes: [PostgreSQLType]
    /// Whether it may leave something behind in the session: a setting, a temporary table, an advisory lock, …
    let mayChangeSession: Bool
    var state = State.preparing
    /// What the server made of the parameters.
    var resolvedTypes: [PostgreSQLType] = []
    /// The columns it returns; empty for none.
    var columns = ColumnList.empty
    var columnTypes: [PostgreSQLType] = []
    var columnFacts: [PostgreSQLType.Facts?] = []
    var binaryCodecs: [ColumnCodec] = []
    var textCodecs: [ColumnCodec] = []
    /// The statements used just before and just after this one, in its connection's cache.
    fileprivate(set) weak var older: ServerStatement?
    fileprivate(set) var newer: ServerStatement?

    init(name: String, source: Statement, text: String, parameterTypes: [PostgreSQLType]) {
        self.name = name
        self.source = source
        self.text = text
        self.parameterTypes = parameterTypes
        mayChangeSession = Self.mayChangeSession(text)
    }

    /// Judged by the words of the text, once per statement: too careful rather than not careful enough. What a function does
    /// inside cannot be seen.
    private static func mayChangeSession(_ text: String) -> Bool {
        var lowered = text.prefix(65_536).utf8.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }[...]
        while let first = lowered.first, first <= 0x20 || first == UInt8(ascii: "(") { lowered.removeFirst() }
        let word = String(decoding: lowered.prefix { $0 &- 0x61 < 26 }, as: UTF8.self)
        let telling: [String]
        switch word {
        case "select", "with", "values", "table", "insert", "update", "delete", "merge":
            telling = ["set_config", "advisory", " temp", "dblink", "into"]
            if word == "insert" || word == "merge" { return contains(lowered, ["set_config", "advisory"]) }
        case "begin", "start", "commit", "rollback", "end", "savepoint", "release", "truncate", "analyze", "vacuum",
            "explain", "show", "lock", "grant", "revoke", "comment", "refresh", "reindex", "copy", "notify":
            telling = ["set_config", "advisory"]
        case "create", "alter", "drop": telling = [" temp", "system"]
        default: return true
        }
        return contains(lowered, telling)
    }

    private static func contains(_ text: ArraySlice<UInt8>, _ words: [String]) -> Bool {
        let text = String(decoding: text, as: UTF8.self)
        return words.contains { text.contains($0) }
    }

    /// Takes in the columns a `RowDescription` names.
    func describe(_ fields: [FieldDescription]) {
        columns = ColumnList(fields.map(\.column))
        columnTypes = fields.map(\.type)
        columnFacts = fields.map(\.facts)
        binaryCodecs = columnFacts.map { ColumnCodec($0, isBinary: $0?.isBinary == true) }
        textCodecs = columnFacts.map { ColumnCodec($0, isBinary: false) }
    }

    /// Whether these values may be bound to the parameters as they were declared.
    func accepts(_ values: [Value]) -> Bool {
        guard values.count == parameterTypes.count else { return true }
        for (value, type) in zip(values, parameterTypes) where !ParameterEncoding.fits(value, type) { return false }
        return true
    }
}

/// One field of a `RowDescription`.
struct FieldDescription {
    var column: ColumnDescription
    var type: PostgreSQLType
    var facts: PostgreSQLType.Facts?
    var isBinary: Bool

    /// Reads the body of a `RowDescription`; nil when it is malformed.
    static func read(_ body: UnsafeRawBufferPointer, _ types: TypeCatalogue) -> [FieldDescription]? {
        var reader = MessageReader(body)
        guard let count = reader.integer(UInt16.self) else { return nil }
        var fields: [FieldDescription] = []
        fields.reserveCapacity(min(Int(count), 1_664))
        for _ in 0..<count {
            guard let name = reader.string(), reader.integer(UInt32.self) != nil, reader.integer(Int16.self) != nil,
                let oid = reader.integer(UInt32.self), let size = reader.integer(Int16.self),
                let modifier = reader.integer(Int32.self), let format = reader.integer(Int16.self),
                (0...1).contains(format)
            else { return nil }
            let type = PostgreSQLType(oid)
            let facts = types.facts(of: type)
            var column = ColumnDescription(
                name: name,
                typeName: type.name(modifier: modifier, facts),
                kind: facts?.codec.kind ?? .text,
                internalSize: size > 0 ? Int(size) : nil
            )
            switch type {
            case .numeric where modifier >= 4: (column.precision, column.scale) = PostgreSQLType.numeric(modifier)
            case PostgreSQLType(1042), PostgreSQLType(1043):
                if modifier >= 4 { column.displaySize = Int(modifier) - 4 }
            default: break
            }
            fields.append(FieldDescription(column: column, type: type, facts: facts, isBinary: format == 1))
        }
        guard reader.remaining == 0 else { return nil }
        return fields
    }
}

/// Statements in the order of their last use. Every operation takes constant time.
struct UseOrder {
    private(set) var oldest: ServerStatement?
    private var newest: ServerStatement?

    /// Puts a statement, new or known, at the end.
    mutating func use(_ statement: ServerStatement) {
        if newest === statement { return }
        remove(statement)
        statement.older = newest
        newest?.newer = statement
        newest = statement
        oldest = oldest ?? statement
    }

    mutating func remove(_ statement: ServerStatement) {
        if oldest === statement { oldest = statement.newer }
        if newest === statement { newest = statement.older }
        statement.older?.newer = statement.newer
        statement.newer?.older = statement.older
        statement.older = nil
        statement.newer = nil
    }

    mutating func removeAll() {
        while let statement = oldest { remove(statement) }
    }
}
