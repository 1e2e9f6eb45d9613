import Roost

/// What is known of the types a database defines itself: enums, domains, composites, ranges, what extensions bring, and arrays of
/// them. Shared by the connections of a pool, and read once, ahead of the first statement and in its round trip; again after
/// `CREATE TYPE` and its like.
final class TypeCatalogue: Sendable {
    private struct State {
        var facts: [UInt32: PostgreSQLType.Facts] = [:]
        var isCurrent = false
        /// Types that were met and not found; they are not looked for again and again.
        var missed: Set<UInt32> = []
    }

    private let state = Locked(State())

    /// The types of tables are left out: every table has two, and no column is of one as a rule.
    static let query = """
        select t.oid, format_type(t.oid, null), t.typname, t.typtype::text, t.typelem, t.typbasetype, t.typlen,
            e.typdelim
        from pg_catalog.pg_type t
        left join pg_catalog.pg_class c on c.oid = t.typrelid
        left join pg_catalog.pg_type e on e.oid = t.typelem
        left join pg_catalog.pg_class ec on ec.oid = e.typrelid
        where t.oid >= 16384 and (c.relkind is null or c.relkind = 'c') and (ec.relkind is null or ec.relkind = 'c')
        order by t.oid limit 10000
        """

    /// Whether the database's types were read since anybody changed them here.
    var isCurrent: Bool { state.withLock(\.isCurrent) }

    /// The types may be others now.
    func markStale() { state.withLock { $0.isCurrent = false } }

    /// A column is of a type that is not known.
    func missed(_ type: PostgreSQLType) {
        state.withLock { state in
            guard state.missed.count < 10_000, state.missed.insert(type.rawValue).inserted else { return }
            state.isCurrent = false
        }
    }

    /// Nothing could be read; it is not tried again until something changes.
    func giveUp() { state.withLock { $0.isCurrent = true } }

    func facts(of type: PostgreSQLType) -> PostgreSQLType.Facts? {
        type.facts ?? state.withLock { $0.facts[type.rawValue] }
    }

    private struct Entry {
        var name: String
        var typeName: String
        var kind: String
        var element: UInt32
        var base: UInt32
        var length: Int
        var delimiter: UInt8
    }

    /// Takes in what ``query`` returned.
    func replace(with batches: [RowBatch]) {
        var entries: [UInt32: Entry] = [:]
        for batch in batches {
            for row in 0..<batch.rowCount {
                guard case .int(let oid)? = batch.value(row: row, column: 0),
                    case .text(let name)? = batch.value(row: row, column: 1),
                    case .text(let typeName)? = batch.value(row: row, column: 2),
                    case .text(let kind)? = batch.value(row: row, column: 3),
                    case .int(let element)? = batch.value(row: row, column: 4),
                    case .int(let base)? = batch.value(row: row, column: 5),
                    case .int(let length)? = batch.value(row: row, column: 6)
                else { continue }
                var delimiter = UInt8(ascii: ",")
                if case .text(let text)? = batch.value(row: row, column: 7), let byte = text.utf8.first {
                    delimiter = byte
                }
                entries[UInt32(truncatingIfNeeded: oid)] = Entry(
                    name: name,
                    typeName: typeName,
                    kind: kind,
                    element: UInt32(truncatingIfNeeded: element),
                    base: UInt32(truncatingIfNeeded: base),
                    length: Int(length),
                    delimiter: delimiter
                )
            }
        }
        var facts: [UInt32: PostgreSQLType.Facts] = [:]
        for (oid, entry) in entries {
            let isArray = entry.element != 0 && entry.length == -1
            facts[oid] = PostgreSQLType.Facts(
                name: entry.name,
                codec: isArray ? .array : Self.codec(of: oid, entries, depth: 0),
                element: nil,
                elementCodec: isArray ? Self.codec(of: entry.element, entries, depth: 0) : nil,
                delimiter: entry.delimiter
            )
        }
        state.withLock { state in
            state.facts = facts
            state.isCurrent = true
        }
    }

    private static func codec(of oid: UInt32, _ entries: [UInt32: Entry], depth: Int) -> CellCodec {
        if let known = PostgreSQLType(oid).facts { return known.codec == .array ? .serverText : known.codec }
        guard let entry = entries[oid], depth < 32 else { return .serverText }
        switch entry.kind {
        case "e": return .text
        case "d": return codec(of: entry.base, entries, depth: depth + 1)
        default: return entry.typeName == "hstore" ? .hstore : entry.typeName == "citext" ? .text : .serverText
        }
    }
}
