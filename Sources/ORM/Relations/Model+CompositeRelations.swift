import Roost
import RoostQuery

// Relations by keys of several columns. The columns are named in the order of the key's own.

extension Model {
    /// The rows of another model that hold this model's key, in several columns:
    ///
    /// ```swift
    /// static let lines = hasMany(Line.self, by: \.year, \.number) { CompositeKey($0.year, $0.number) }
    /// ```
    ///
    /// - Parameter key: the key that a row holds; nil where it holds none.
    public static func hasMany<T: Model>(
        _ type: T.Type,
        by columns: PartialKeyPath<T.Columns>...,
        key: @escaping @Sendable (T) -> Key?
    ) -> Relation<Self, T, T, [T]> { related(RelationColumns.names(columns), key) }

    /// The one row of another model that holds this model's key, in several columns; of several the first by the relation's order.
    public static func hasOne<T: Model>(
        _ type: T.Type,
        by columns: PartialKeyPath<T.Columns>...,
        key: @escaping @Sendable (T) -> Key?
    ) -> Relation<Self, T, T, T?> {
        let many: Relation<Self, T, T, [T]> = related(RelationColumns.names(columns), key)
        return Relation(load: many.load, columns: many.columns) { (elements) throws(DatabaseError) in elements.first }
    }

    /// The row of another model whose key this one holds in several columns.
    public static func belongs<T: Model>(
        to type: T.Type,
        by columns: PartialKeyPath<Columns>...,
        key: @escaping @Sendable (Self) -> T.Key?
    ) -> Relation<Self, T, T, T?> { owner(RelationColumns.names(columns), key) }

    /// The rows of another model that rows of a third one link to this one, by keys of several columns.
    ///
    /// - Parameters:
    ///   - from: the link's columns that hold this model's key.
    ///   - to: the link's columns that hold the other model's key.
    ///   - key: this model's key in the link.
    public static func hasMany<T: Model, L: Model>(
        _ type: T.Type,
        through link: L.Type,
        from: [PartialKeyPath<L.Columns>],
        to: [PartialKeyPath<L.Columns>],
        key: @escaping @Sendable (L) -> Key?
    ) -> Relation<Self, T, Linked<T, L>, [Linked<T, L>]> {
        linked(from: RelationColumns.names(from), to: RelationColumns.names(to), key)
    }
}

extension RelationColumns {
    static func names<T: Table>(_ paths: [PartialKeyPath<T>]) -> [String] {
        let table = T()
        return paths.compactMap { (table[keyPath: $0] as? any MappedColumn)?.name }
    }

    static func mismatch<M: Model>(of type: M.Type, _ count: Int) -> DatabaseError {
        DatabaseError(
            .programming,
            .misuse,
            "A relation to \(M.Columns.tableName) names \(count) columns for a key of \(M.mapping.key.columns.count).",
            hint: "Name one column for each of the key's, in their order."
        )
    }
}
