public import Roost
public import RoostQuery

/// Which columns and which properties are a model's key, and who makes its values.
public struct PrimaryKey<M: Model>: Sendable {
    /// The columns' names.
    public let columns: [String]
    /// Whether the engine makes the values.
    public let isGenerated: Bool
    @usableFromInline let read: @Sendable (M) -> M.Key?
    let write: @Sendable (inout M, M.Key) -> Void
    let keys: @Sendable (ResultSet) async throws(DatabaseError) -> [M.Key]

    @usableFromInline
    init(
        columns: [String],
        isGenerated: Bool,
        read: @escaping @Sendable (M) -> M.Key?,
        write: @escaping @Sendable (inout M, M.Key) -> Void = { _, _ in },
        keys: @escaping @Sendable (ResultSet) async throws(DatabaseError) -> [M.Key] = { _ in [] }
    ) {
        self.columns = columns
        self.isGenerated = isGenerated
        self.read = read
        self.write = write
        self.keys = keys
    }

    /// A column whose values the engine makes (identity, serial, auto-increment) where the property is nil.
    @inlinable
    public static func generated(
        _ property: any WritableKeyPath<M, M.Key?> & Sendable,
        _ column: KeyPath<M.Columns, Column<M.Key>>
    ) -> PrimaryKey where M.Key: QueryValue {
        PrimaryKey(
            columns: [M.Columns()[keyPath: column].name],
            isGenerated: true,
            read: { $0[keyPath: property] },
            write: { $0[keyPath: property] = $1 },
            keys: { (results: ResultSet) async throws(DatabaseError) -> [M.Key] in
                try await results.decode(M.Key.self).fetchAll(limit: .unbounded)
            }
        )
    }

    /// A column whose values the application makes.
    @inlinable
    public static func assigned(
        _ property: any KeyPath<M, M.Key> & Sendable,
        _ column: KeyPath<M.Columns, Column<M.Key>>
    ) -> PrimaryKey where M.Key: QueryValue {
        PrimaryKey(columns: [M.Columns()[keyPath: column].name], isGenerated: false, read: { $0[keyPath: property] })
    }

    /// Several columns, whose values the application makes, in the order of the key's own values:
    /// `.composite(\.order, \.line) { CompositeKey($0.order, $0.line) }`.
    public static func composite(
        _ columns: PartialKeyPath<M.Columns>...,
        key: @escaping @Sendable (M) -> M.Key
    ) -> PrimaryKey {
        let table = M.Columns()
        let names = columns.compactMap { (table[keyPath: $0] as? any MappedColumn)?.name }
        return PrimaryKey(columns: names, isGenerated: false, read: { key($0) })
    }
}

protocol MappedColumn {
    var name: String { get }
}

extension Column: MappedColumn {}
