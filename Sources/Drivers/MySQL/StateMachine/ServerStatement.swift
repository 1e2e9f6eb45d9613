import Roost

/// A statement as the server knows it, or is about to.
final class ServerStatement {
    enum State {
        /// `COM_STMT_PREPARE` was not answered yet.
        case preparing
        /// The server has it.
        case ready
        /// The server refused it, or it was closed.
        case gone
    }

    /// What it is found by.
    let key: StatementKey
    /// The text sent.
    let text: String
    var state = State.preparing
    var id: UInt32 = 0
    var parameterCount = 0
    /// The columns it returns; empty for none.
    var columns = ColumnList.empty
    var codecs: [CellCodec] = []
    /// The columns' definitions, and the bytes they came in: a server that sends them with every result nearly always sends the same.
    private(set) var definitions: [ColumnDefinition] = []
    /// Whether the server refused it as a bulk command.
    var refusesBulk = false
    /// What its text tells of it.
    let traits: StatementTraits
    /// The statements used just before and just after this one, in its connection's cache.
    fileprivate(set) weak var older: ServerStatement?
    fileprivate(set) var newer: ServerStatement?

    init(key: StatementKey, text: String) {
        self.key = key
        self.text = text
        traits = StatementTraits(text)
    }

    /// Takes in the columns the server described.
    func describe(_ definitions: [ColumnDefinition]) {
        self.definitions = definitions
        columns = ColumnList(definitions.map(\.column))
        codecs = definitions.map(\.codec)
    }
}

extension ServerStatement {
    /// Whether the definition of a column is what it was the last time.
    func isKnown(_ payload: UnsafeRawBufferPointer, at index: Int) -> Bool {
        definitions.indices.contains(index) && definitions[index].bytes.elementsEqual(payload)
    }
}

/// What a cached statement is found by: its canonical text and where its parameters stand.
struct StatementKey: Hashable, Sendable {
    var text: String
    var marks: [Statement.Mark]

    init(_ statement: Statement) {
        text = statement.text
        marks = statement.marks
    }
}

/// The statements a connection keeps prepared, the least recently used first to go. Every operation takes constant time.
struct StatementCache {
    private var statements: [StatementKey: ServerStatement] = [:]
    private var oldest: ServerStatement?
    private var newest: ServerStatement?
    private(set) var hits = 0
    private(set) var misses = 0
    let capacity: Int

    init(capacity: Int) { self.capacity = max(capacity, 0) }

    var count: Int { statements.count }

    /// The statement of this text, if it is there; it counts as used.
    mutating func find(_ key: StatementKey) -> ServerStatement? {
        // The statement used last is used again more often than not, and comparing costs less than hashing.
        if let newest, newest.key == key {
            hits += 1
            return newest
        }
        guard let found = statements[key] else { return nil }
        hits += 1
        use(found)
        return found
    }

    /// Counts a statement that was not there and is prepared.
    mutating func countMiss() { misses += 1 }

    /// Keeps a statement; returns the one that had to go for it.
    mutating func insert(_ statement: ServerStatement) -> ServerStatement? {
        var evicted: ServerStatement?
        if statements.count >= capacity, let oldest {
            remove(oldest)
            evicted = oldest
        }
        statements[statement.key] = statement
        use(statement)
        return evicted
    }

    /// Forgets a statement.
    mutating func remove(_ statement: ServerStatement) {
        guard statements[statement.key] === statement else { return }
        statements[statement.key] = nil
        unlink(statement)
    }

    /// Forgets them all.
    mutating func removeAll() {
        for statement in statements.values { statement.state = .gone }
        while let statement = oldest { unlink(statement) }
        statements.removeAll()
    }

    private mutating func use(_ statement: ServerStatement) {
        if newest === statement { return }
        unlink(statement)
        statement.older = newest
        newest?.newer = statement
        newest = statement
        oldest = oldest ?? statement
    }

    private mutating func unlink(_ statement: ServerStatement) {
        if oldest === statement { oldest = statement.newer }
        if newest === statement { newest = statement.older }
        statement.older?.newer = statement.newer
        statement.newer?.older = statement.older
        statement.older = nil
        statement.newer = nil
    }
}
