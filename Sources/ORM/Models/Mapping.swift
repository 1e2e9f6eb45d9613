import Roost
public import RoostQuery

/// How a model lies in its table: its key, and what the library keeps up by itself. It also holds the statements compiled for the
/// model, so declare it with `static let`.
public struct Mapping<M: Model>: Sendable {
    /// The key.
    public let key: PrimaryKey<M>
    /// The columns in their order.
    public let columnNames: [String]
    let everything: Select<M>
    private(set) var present: SQLCondition?
    private(set) var version: Property<M, Int>?
    private(set) var beforeInsert: [@Sendable (inout M) -> Void] = []
    private(set) var beforeUpdate: [@Sendable (inout M) -> Void] = []
    private(set) var markDeleted: (column: String, mark: @Sendable (inout M) -> Value)?
    private(set) var computedPositions: Set<Int> = []
    let positions: [String: Int]
    let statements = ModelStatements<M>()

    /// A mapping of a model with this key.
    @inlinable
    public init(key: PrimaryKey<M>) {
        // Here, so that reading rows is compiled for the model and not for any.
        self.init(key: key, everything: M.Columns.table.select(as: M.self))
    }

    @usableFromInline
    init(key: PrimaryKey<M>, everything: Select<M>) {
        self.key = key
        self.everything = everything
        columnNames = M.Columns.table.allColumns.compactMap { node in
            if case .column(_, let name) = node.kind { name } else { nil }
        }
        positions = Dictionary(columnNames.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    /// Optimistic locking: the column counts the row's updates, and an update or delete of a row that was changed since it was read is
    /// the error `staleWrite`.
    public func version(
        _ property: any WritableKeyPath<M, Int> & Sendable,
        _ column: KeyPath<M.Columns, Column<Int>>
    ) -> Mapping {
        var copy = self
        copy.version = Property(property, M.Columns()[keyPath: column].name)
        return copy
    }

    /// The property is set to the current time when the model is inserted.
    public func created<T: ModelTimestamp>(_ property: any WritableKeyPath<M, T> & Sendable) -> Mapping {
        var copy = self
        copy.beforeInsert.append { $0[keyPath: property] = T.now }
        return copy
    }

    /// The property is set to the current time when the model is inserted, and whenever it is updated.
    public func updated<T: ModelTimestamp>(_ property: any WritableKeyPath<M, T> & Sendable) -> Mapping {
        var copy = created(property)
        copy.beforeUpdate.append { $0[keyPath: property] = T.now }
        return copy
    }

    /// The database computes these columns: `GENERATED ALWAYS AS`, or a trigger. They are read, and left out of every insert and update.
    ///
    /// What an insert or update returns has the values that the model had before: read it again where the new ones are wanted.
    public func computed(_ columns: PartialKeyPath<M.Columns>...) -> Mapping {
        var copy = self
        let table = M.Columns()
        for name in columns.compactMap({ (table[keyPath: $0] as? any MappedColumn)?.name }) {
            if let position = positions[name] { copy.computedPositions.insert(position) }
        }
        return copy
    }

    /// Deleting sets the property to the current time instead; queries made by ``Model/all`` pass over such rows.
    public func softDelete<T: ModelTimestamp & QueryValue>(
        _ property: any WritableKeyPath<M, T?> & Sendable,
        _ column: KeyPath<M.Columns, Column<T?>>
    ) -> Mapping where T.Base == T {
        var copy = self
        let name = M.Columns()[keyPath: column].name
        copy.present = M.Columns.table[dynamicMember: column].isNull
        copy.markDeleted = (
            name,
            {
                let now = T.now
                $0[keyPath: property] = now
                return now.databaseValue
            }
        )
        return copy
    }
}

/// A property and its column.
struct Property<M: Model, V: Sendable>: Sendable {
    let column: String
    let read: @Sendable (M) -> V
    let write: @Sendable (inout M, V) -> Void

    init(_ path: any WritableKeyPath<M, V> & Sendable, _ column: String) {
        self.column = column
        read = { $0[keyPath: path] }
        write = { $0[keyPath: path] = $1 }
    }
}
