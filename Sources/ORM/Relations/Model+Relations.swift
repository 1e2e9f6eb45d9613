import Roost
public import RoostQuery

extension Model {
    /// The rows of another model that hold this model's key: `hasMany(\Album.artistID, \.artistID)`.
    public static func hasMany<T: Model>(
        _ property: any KeyPath<T, Key> & Sendable,
        _ column: KeyPath<T.Columns, Column<Key>>
    ) -> Relation<Self, T, T, [T]> where Key: QueryValue {
        related([T.Columns()[keyPath: column].name]) { $0[keyPath: property] }
    }

    /// The rows of another model that hold this model's key, or `NULL`.
    public static func hasMany<T: Model>(
        _ property: any KeyPath<T, Key?> & Sendable,
        _ column: KeyPath<T.Columns, Column<Key?>>
    ) -> Relation<Self, T, T, [T]> where Key: QueryValue {
        related([T.Columns()[keyPath: column].name]) { $0[keyPath: property] }
    }

    /// The one row of another model that holds this model's key; of several the first by the relation's order.
    public static func hasOne<T: Model>(
        _ property: any KeyPath<T, Key> & Sendable,
        _ column: KeyPath<T.Columns, Column<Key>>
    ) -> Relation<Self, T, T, T?> where Key: QueryValue {
        let many = related([T.Columns()[keyPath: column].name]) { (target: T) in target[keyPath: property] }
        return Relation(load: many.load, columns: many.columns) { (elements) throws(DatabaseError) in elements.first }
    }

    /// The row of another model whose key this one holds: `belongs(to: Artist.self, by: \.artistID)`.
    public static func belongs<T: Model>(
        to type: T.Type,
        by property: any KeyPath<Self, T.Key> & Sendable
    ) -> Relation<Self, T, T, T?> { owner([]) { $0[keyPath: property] } }

    /// The row of another model whose key this one holds, by its column too: so the relation can be loaded by a join.
    public static func belongs<T: Model>(
        to type: T.Type,
        by property: any KeyPath<Self, T.Key> & Sendable,
        _ column: KeyPath<Columns, Column<T.Key>>
    ) -> Relation<Self, T, T, T?> where T.Key: QueryValue {
        owner([Columns()[keyPath: column].name]) { $0[keyPath: property] }
    }

    /// The row of another model whose key this one holds, or none, by its column too: so the relation can be loaded by a join.
    public static func belongs<T: Model>(
        to type: T.Type,
        by property: any KeyPath<Self, T.Key?> & Sendable,
        _ column: KeyPath<Columns, Column<T.Key?>>
    ) -> Relation<Self, T, T, T?> where T.Key: QueryValue {
        owner([Columns()[keyPath: column].name]) { $0[keyPath: property] }
    }

    /// The row of another model whose key this one holds, or none.
    public static func belongs<T: Model>(
        to type: T.Type,
        by property: any KeyPath<Self, T.Key?> & Sendable
    ) -> Relation<Self, T, T, T?> { owner([]) { $0[keyPath: property] } }

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
        let property = from.0
        return linked(
            from: [L.Columns()[keyPath: from.1].name],
            to: [L.Columns()[keyPath: to].name]
        ) { $0[keyPath: property] }
    }

    static func linked<T: Model, L: Model>(
        from: [String],
        to: [String],
        _ key: @escaping @Sendable (L) -> Key?
    ) -> Relation<Self, T, Linked<T, L>, [Linked<T, L>]> {
        let sourceColumns = from.map { QueryNode(.column(source: L.Columns.tableName, name: $0)) }
        let targetColumns = to.map { QueryNode(.column(source: L.Columns.tableName, name: $0)) }
        return Relation(
            load: { (query, sources, connection, options) async throws(DatabaseError) -> RelatedRows<Linked<T, L>> in
                let targetKey = T.mapping.key.columns.map { QueryNode(.column(source: T.Columns.tableName, name: $0)) }
                guard targetKey.count == targetColumns.count else {
                    throw RelationColumns.mismatch(of: T.self, targetColumns.count)
                }
                let conditions = zip(targetColumns, targetKey).map { SQLCondition(.binary(.equal), [$0, $1]) }
                let base = Select<LinkedRow<T, L>>(
                    columns: T.columns.allColumns + L.columns.allColumns,
                    fetcher: .rows(LinkedRow<T, L>.self)
                ).from(T.columns.join(L.columns, on: .all(of: conditions)))
                let present = T.mapping.present.map { base.where($0) } ?? base
                let groups = RelatedGroups(
                    select: present,
                    key: sourceColumns,
                    tieBreak: targetKey,
                    query: query
                )
                let rows = try await groups.rows(of: sources, connection, options) { key($0.linked.link) }
                return RelatedRows(elements: rows.elements.map(\.linked), places: rows.places)
            },
            collect: { (elements) throws(DatabaseError) in elements }
        )
    }

    static func related<T: Model>(
        _ names: [String],
        _ key: @escaping @Sendable (T) -> Key?
    ) -> Relation<Self, T, T, [T]> {
        let columns = names.map { QueryNode(.column(source: T.Columns.tableName, name: $0)) }
        return Relation(
            load: { (query, sources, connection, options) async throws(DatabaseError) -> RelatedRows<T> in
                let groups = RelatedGroups(
                    select: T.all,
                    key: columns,
                    tieBreak: T.mapping.key.columns.map { QueryNode(.column(source: T.Columns.tableName, name: $0)) },
                    query: query
                )
                return try await groups.rows(of: sources, connection, options, key: key)
            },
            columns: RelationColumns(source: mapping.key.columns, target: names, isMany: true),
            collect: { (elements) throws(DatabaseError) in elements }
        )
    }

    static func owner<T: Model>(
        _ names: [String],
        _ key: @escaping @Sendable (Self) -> T.Key?
    ) -> Relation<Self, T, T, T?> {
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
            columns: names.isEmpty
                ? nil : RelationColumns(source: names, target: T.mapping.key.columns, isMany: false),
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
