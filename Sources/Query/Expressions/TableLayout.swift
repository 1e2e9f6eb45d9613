import Roost

/// The columns of a table in the order they are declared, found once per type.
enum TableLayout {
    private static let known = Locked<[ObjectIdentifier: [String]]>([:])

    static func columnNames<T: Table>(of type: T.Type) -> [String] {
        if let names = known.withLock({ $0[ObjectIdentifier(type)] }) { return names }
        let names = columnNames(in: T())
        known.withLock { $0[ObjectIdentifier(type)] = names }
        return names
    }

    private static func columnNames(in columns: Any) -> [String] { Self.columns(in: columns).map(\.name) }

    /// The columns of a table, those of its groups among them.
    static func columns(in columns: Any) -> [any NamedColumn] {
        Mirror(reflecting: columns).children.flatMap { child -> [any NamedColumn] in
            if let column = child.value as? any NamedColumn { return [column] }
            return child.value is any ColumnGroup ? Self.columns(in: child.value) : []
        }
    }
}

/// Columns that several tables have together, as a property of a ``Table``: an address, an amount with its currency.
public protocol ColumnGroup: Sendable {}

/// The columns of a group in a query.
@dynamicMemberLookup
public struct ColumnGroupReference<T: Table, Group: ColumnGroup> {
    let table: TableReference<T>
    let path: KeyPath<T, Group>

    /// A column as an expression.
    public subscript<V>(dynamicMember path: KeyPath<Group, Column<V>>) -> SQLExpression<V> {
        table[dynamicMember: self.path.appending(path: path)]
    }
}

extension TableReference {
    /// A group of columns: `c.address.city`.
    public subscript<Group: ColumnGroup>(dynamicMember path: KeyPath<T, Group>) -> ColumnGroupReference<T, Group> {
        ColumnGroupReference(table: self, path: path)
    }
}

protocol NamedColumn {
    var name: String { get }
    var sqlType: SQLType { get }
    var isNullable: Bool { get }
}

extension Column: NamedColumn {
    var sqlType: SQLType { T.sqlType }
    var isNullable: Bool { T.self != T.Base.self }
}
