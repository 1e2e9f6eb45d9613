import Roost

/// A column of a table: its name and the type of what it holds, optional where it may be `NULL`.
public struct Column<T: QueryValue>: Sendable {
    /// The name in the database.
    public let name: String

    /// A column.
    public init(_ name: String) {
        self.name = name
    }
}

/// A table as a struct with one property for each column:
///
/// ```swift
/// struct Customers: Table {
///     static let tableName = "customer"
///     let id = Column<Int>("id")
///     let name = Column<String>("name")
///     let city = Column<String?>("city")
/// }
/// ```
///
/// Its columns are reached through a reference, which knows the name the table has in a query: `let c = Customers.as("c")`, then
/// `c.name`.
public protocol Table: Sendable {
    /// The table's name in the database.
    static var tableName: String { get }
    /// The schema it is in; nil for whichever the engine finds it in.
    static var schemaName: String? { get }
    /// The columns.
    init()
}

extension Table {
    /// nil: the engine looks for it.
    public static var schemaName: String? { nil }

    /// The table under its own name.
    public static var table: TableReference<Self> { TableReference(alias: nil) }

    /// The table under another name, as joins of a table with itself need it.
    public static func `as`(_ alias: String) -> TableReference<Self> { TableReference(alias: alias) }

    static var qualifiedName: [String] { schemaName.map { [$0, tableName] } ?? [tableName] }
}

/// What rows come from: a table, a join, a subquery, a common table.
public protocol QuerySource: Sendable {
    /// The source's tree.
    var source: QueryNode { get }
}

/// A table by the name it has in a query. Its members are the table's columns.
@dynamicMemberLookup
public struct TableReference<T: Table>: QuerySource {
    /// The table's columns, without the name it has in the query.
    public let columns: T
    /// The name it has in the query.
    public let sourceName: String
    /// The source's tree.
    public let source: QueryNode

    init(alias: String?) {
        columns = T()
        sourceName = alias ?? T.tableName
        source = QueryNode(.table(T.qualifiedName, alias: alias))
    }

    init(name: String, source: QueryNode) {
        columns = T()
        sourceName = name
        self.source = source
    }

    /// A column as an expression.
    public subscript<V>(dynamicMember path: KeyPath<T, Column<V>>) -> SQLExpression<V> {
        SQLExpression(.column(source: sourceName, name: columns[keyPath: path].name), [])
    }

    /// The same table where it may be missing from a row: the right side of a left join. All of its columns are optional.
    public var optional: OptionalTable<T> { OptionalTable(self) }
}

/// A table that may be missing from a row of a join, so that all of its columns are optional.
@dynamicMemberLookup
public struct OptionalTable<T: Table>: QuerySource {
    private let reference: TableReference<T>

    init(_ reference: TableReference<T>) { self.reference = reference }

    /// The name it has in the query.
    public var sourceName: String { reference.sourceName }
    /// The source's tree.
    public var source: QueryNode { reference.source }

    /// A column as an expression.
    public subscript<V>(dynamicMember path: KeyPath<T, Column<V>>) -> SQLExpression<V.Base?> {
        SQLExpression<V.Base?>(node: reference[dynamicMember: path].node)
    }
}
