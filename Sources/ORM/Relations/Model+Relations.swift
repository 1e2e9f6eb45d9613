import Roost
public import RoostQuery

extension Model {
    /// The rows of another model that hold this model's key: `hasMany(\Album.artistID, \.artistID)`.
    public static func hasMany<T: Model>(
        _ property: any KeyPath<T, Key> & Sendable,
        _ column: KeyPath<T.Columns, Column<Key>>
    ) -> Relation<Self, T, T, [T]> where Key: QueryValue {
        related(T.Columns()[keyPath: column].name) { $0[keyPath: property] }
    }

    /// The rows of another model that hold this model's key, or `NULL`.
    public static func hasMany<T: Model>(
        _ property: any KeyPath<T, Key?> & Sendable,
        _ column: KeyPath<T.Columns, Column<Key?>>
    ) -> Relation<Self, T, T, [T]> where Key: QueryValue {
        related(T.Columns()[keyPath: column].name) { $0[keyPath: property] }
    }

    /// The one row of another model that holds this model's key; of several the first by the relation's order.
    public static func hasOne<T: Model>(
        _ property: any KeyPath<T, Key> & Sendable,
        _ column: KeyPath<T.Columns, Column<Key>>
    ) -> Relation<Self, T, T, T?> where Key: QueryValue {
        let many = related(T.Columns()[keyPath: column].name) { (target: T) in target[keyPath: property] }
        return Relation(load: many.load) { (elements) throws(DatabaseError) in elements.first }
    }

    /// The row of another model whose key this one holds: `belongs(to: Artist.self, by: \.artistID)`.
    public static func belongs<T: Model>(
        to type: T.Type,
        by property: any KeyPath<Self, T.Key> & Sendable
    ) -> Relation<Self, T, T, T?> { owner { $0[keyPath: property] } }

    /// The row of another model whose key this one holds, or none.
    public static func belongs<T: Model>(
        to type: T.Type,
        by property: any KeyPath<Self, T.Key?> & Sendable
    ) -> Relation<Self, T, T, T?> { owner { $0[keyPath: property] } }

    /// The rows of another model that rows of a third one link to this one. What the third one holds beside the keys comes with them.
    ///
    /// ```swift
    /// static let tracks = hasMany(
    ///     Track.self,
    ///     through: Entry.self,
    ///     from: (\.playlistID, \.playlistID),
    ///     to: \.trackCode
    /// )
    /// ```
    ///
    /// - Parameters:
    ///   - from: the link's property and column that hold this model's key.
    ///   - to: the link's column that holds the other model's key.
    public static func hasMany<T: Model, L: Model>(
        _ type: T.Type,
        through link: L.Type,
        from: (any KeyPath<L, Key> & Sendable, KeyPath<L.Columns, Column<Key>>),
        to: KeyPath<L.Columns, Column<T.Key>>
    ) -> Relation<Self, T, Linked<T, L>, [Linked<T, L>]> where Key: QueryValue, T.Key: QueryValue {
        let sourceColumn = L.columns[dynamicMember: from.1].node
        let targetColumn = L.columns[dynamicMember: to].node
        let property = from.0
        return Relation(
            load: { (query, sources, connection, options) async throws(DatabaseError) -> RelatedRows<Linked<T, L>> in
                let targetKey = T.mapping.key.columns.map { QueryNode(.column(source: T.Columns.tableName, name: $0)) }
                let base = Select<LinkedRow<T, L>>(
                    columns: T.columns.allColumns + L.columns.allColumns,
                    fetcher: .rows(LinkedRow<T, L>.self)
                ).from(
                    T.columns.join(L.columns, on: SQLCondition(.binary(.equal), [targetColumn, targetKey[0]]))
                )
                let present = T.mapping.present.map { base.where($0) } ?? base
                let groups = RelatedGroups(
                    select: present,
                    key: sourceColumn,
                    tieBreak: targetKey,
                    query: query
                )
                let rows = try await groups.rows(of: sources, connection, options) { $0.linked.link[keyPath: property] }
                return RelatedRows(elements: rows.elements.map(\.linked), places: rows.places)
            },
            collect: { (elements) throws(DatabaseError) in elements }
        )
    }

    private static func related<T: Model>(
        _ column: String,
        _ key: @escaping @Sendable (T) -> Key?
    ) -> Relation<Self, T, T, [T]> {
        let column = QueryNode(.column(source: T.Columns.tableName, name: column))
        return Relation(
            load: { (query, sources, connection, options) async throws(DatabaseError) -> RelatedRows<T> in
                let groups = RelatedGroups(
                    select: T.all,
                    key: column,
                    tieBreak: T.mapping.key.columns.map { QueryNode(.column(source: T.Columns.tableName, name: $0)) },
                    query: query
                )
                return try await groups.rows(of: sources, connection, options, key: key)
            },
            collect: { (elements) throws(DatabaseError) in elements }
        )
    }

    private static func owner<T: Model>(_ key: @escaping @Sendable (Self) -> T.Key?) -> Relation<Self, T, T, T?> {
        Relation(
            load: { (query, sources, connection, options) async throws(DatabaseError) -> RelatedRows<T> in
                let keys = sources.map(key)
                var select = T.all
                for condition in query.conditions { select = select.where(condition) }
                let columns = T.mapping.key.columns.map { QueryNode(.column(source: T.Columns.tableName, name: $0)) }
                var targets: [T] = []
                for condition in KeyChunks.conditions(
                    Array(Set(keys.compactMap { $0 })).map(\.keyValues),
                    columns: columns,
                    connection.capabilities
                ) {
                    targets += try await connection.rows(of: select.where(condition), options)
                }
                var places: [T.Key: Int] = [:]
                for (index, target) in targets.enumerated() { if let key = target.key { places[key] = index } }
                return RelatedRows(
                    elements: targets,
                    places: keys.map { $0.flatMap { places[$0] }.map { [$0] } ?? [] }
                )
            },
            collect: { (elements) throws(DatabaseError) in elements.first }
        )
    }
}

extension Relation {
    /// The order of the related rows of each source by what links them: `tracks.orderByLink { [$0.place] }`.
    public func orderByLink<L: Model>(_ terms: (TableReference<L.Columns>) -> [any QueryTerm]) -> Relation
    where Element == Linked<Target, L> {
        var copy = self
        copy.query.order += terms(L.columns).map(\.node)
        return copy
    }
}

/// A related row and the row between, read from one row of a result.
struct LinkedRow<T: Model, L: Model>: RowDecodable, Sendable, SendableMetatype {
    let linked: Linked<T, L>

    init(from row: inout RowReader) throws(DatabaseError) {
        let element = try T(from: &row)
        linked = Linked(element: element, link: try L(from: &row))
    }
}
