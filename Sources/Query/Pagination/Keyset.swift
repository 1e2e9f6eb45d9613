public import Roost

/// One key of an order that pages follow: an expression that is never `NULL`.
public struct KeysetKey<T: QueryValue>: Sendable {
    let node: QueryNode
    let isDescending: Bool

    /// From small to great.
    public static func ascending(_ expression: SQLExpression<T>) -> KeysetKey {
        KeysetKey(node: expression.node, isDescending: false)
    }

    /// From great to small.
    public static func descending(_ expression: SQLExpression<T>) -> KeysetKey {
        KeysetKey(node: expression.node, isDescending: true)
    }
}

/// An order by which a result is read page by page, each beginning after the last row of the one before: a page costs the same
/// wherever it is, and rows that come or go meanwhile shift nothing.
///
/// The keys together must be unique, and none of them `NULL`: end with the primary key.
///
/// ```swift
/// let newest = Keyset(.descending(o.placedAt), .descending(o.id))
/// let page = try o.select(o.placedAt, o.id, o.total).page(by: newest, after: cursor, size: 50)
/// let next = rows.last.map { newest.cursor($0.0, $0.1) }
/// ```
public struct Keyset<each K: QueryValue>: Sendable {
    private let keys: [(node: QueryNode, isDescending: Bool)]
    private let types: [SQLType]
    private let sealing: CursorSeal

    /// An order of these keys.
    ///
    /// - Parameter secret: what cursors are checked with; applications that hand cursors to others give one of their own.
    public init(_ keys: repeat KeysetKey<each K>, secret: String = "") {
        var all: [(node: QueryNode, isDescending: Bool)] = []
        for key in repeat each keys { all.append((key.node, key.isDescending)) }
        var types: [SQLType] = []
        for type in repeat (each K).self { types.append(type.sqlType) }
        self.keys = all
        self.types = types
        sealing = CursorSeal(secret: secret)
    }

    /// The place after a row with these keys: opaque text, safe in a URL.
    public func cursor(_ values: repeat each K) -> String {
        var all: [Value] = []
        for value in repeat each values { all.append(value.databaseValue) }
        return sealing.seal(all)
    }

    var ordering: [QueryNode] {
        keys.map { QueryNode(.order(descending: $0.isDescending, nulls: nil), [$0.node]) }
    }

    /// What holds of the rows after a place.
    ///
    /// - Throws: `data.malformedValue` when the cursor is not one of this order, or was changed.
    public func condition(after cursor: String) throws(DatabaseError) -> SQLCondition {
        let values = try sealing.open(cursor, types: types)
        var alternatives: [SQLCondition] = []
        for index in keys.indices {
            var all: [SQLCondition] = []
            for earlier in 0..<index {
                all.append(SQLCondition(.binary(.equal), [keys[earlier].node, QueryNode(literal: values[earlier])]))
            }
            let comparison: BinaryOperator = keys[index].isDescending ? .less : .greater
            all.append(SQLCondition(.binary(comparison), [keys[index].node, QueryNode(literal: values[index])]))
            alternatives.append(.all(of: all))
        }
        guard let first = keys.first else { return .never }
        // What the first key alone rules out lets the engine begin at the right place of an index.
        let bound: BinaryOperator = first.isDescending ? .lessOrEqual : .greaterOrEqual
        return SQLCondition(.binary(bound), [first.node, QueryNode(literal: values[0])]) && .any(of: alternatives)
    }
}

extension Select {
    /// The first rows of an order after a place; without a cursor, from the beginning. Replaces order and limit.
    ///
    /// - Throws: `data.malformedValue` when the cursor is not one of this order, or was changed.
    public func page<each K: QueryValue>(
        by keyset: Keyset<repeat each K>,
        after cursor: String?,
        size: Int
    ) throws(DatabaseError) -> Select {
        let ordered = with(.order, .list(keyset.ordering)).limit(size)
        guard let cursor else { return ordered }
        return ordered.where(try keyset.condition(after: cursor))
    }
}
