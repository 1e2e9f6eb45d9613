import Roost

/// The statements a connection keeps prepared, the least recently used first to go.
///
/// One text may be kept in several variants, which differ in the types its parameters were declared as.
struct StatementCache {
    private var variants: [String: [ServerStatement]] = [:]
    private var count = 0
    private var order = UseOrder()
    private var names: UInt64 = 0
    private(set) var hits = 0
    private(set) var misses = 0
    let capacity: Int

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    var statementCount: Int { count }

    /// The statement that serves this text and these values, if it is there.
    mutating func find(_ statement: Statement) -> ServerStatement? {
        if let known = variants[statement.text] {
            for candidate in known
            where candidate.state != .gone && candidate.source.marks == statement.marks
                && candidate.accepts(statement.parameters)
            {
                order.use(candidate)
                hits += 1
                return candidate
            }
        }
        misses += 1
        return nil
    }

    /// The statement of this text whose parameters are declared as these types.
    mutating func find(_ template: Statement, types: [PostgreSQLType]) -> ServerStatement? {
        let found = variants[template.text]?.first {
            $0.state != .gone && $0.source.marks == template.marks && $0.parameterTypes == types
        }
        guard let found else {
            misses += 1
            return nil
        }
        order.use(found)
        hits += 1
        return found
    }

    /// A name no statement of this connection had before.
    mutating func nextName() -> String {
        names += 1
        return "r\(names)"
    }

    /// Keeps a statement; returns the one that had to go for it.
    mutating func insert(_ statement: ServerStatement) -> ServerStatement? {
        var evicted: ServerStatement?
        if count >= capacity, let oldest = order.oldest {
            remove(oldest)
            evicted = oldest
        }
        order.use(statement)
        variants[statement.source.text, default: []].insert(statement, at: 0)
        count += 1
        return evicted
    }

    /// Forgets a statement.
    mutating func remove(_ statement: ServerStatement) {
        statement.state = .gone
        order.remove(statement)
        guard var known = variants[statement.source.text] else { return }
        let before = known.count
        known.removeAll { $0 === statement }
        count -= before - known.count
        variants[statement.source.text] = known.isEmpty ? nil : known
    }

    /// Forgets them all.
    mutating func removeAll() {
        for statement in variants.values.joined() { statement.state = .gone }
        order.removeAll()
        variants.removeAll()
        count = 0
    }
}
