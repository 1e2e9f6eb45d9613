import Roost

/// How a column is made: ``TableReference/define(_:_:)`` begins with what the Swift type says, its methods add the rest.
///
/// ```swift
/// c.define(\.name, .varchar(80)).collation("C")
/// c.define(\.credit).default(10)
/// ```
public struct ColumnDefinition<T: Table, V: QueryValue>: ColumnDefining {
    /// The column without its Swift type.
    public private(set) var outline: ColumnOutline

    init(_ outline: ColumnOutline) { self.outline = outline }

    private func with(_ change: (inout ColumnOutline) -> Void) -> ColumnDefinition {
        var copy = self
        change(&copy.outline)
        return copy
    }

    /// The value of rows that say nothing of the column.
    public func `default`(_ value: V) -> ColumnDefinition {
        with { $0.defaultValue = QueryNode(literal: value.databaseValue) }
    }

    /// The value of rows that say nothing of the column, as an expression.
    ///
    /// - Throws: when rendered, `notSupported` for MySQL before 8.0.13, and for DB2 but for the current date and time.
    public func `default`<R: QueryValue>(_ expression: SQLExpression<R>) -> ColumnDefinition where R.Base == V.Base {
        with { $0.defaultValue = expression.node }
    }

    /// The engine numbers the rows: `IDENTITY`, `AUTO_INCREMENT`, SQLite's `INTEGER PRIMARY KEY AUTOINCREMENT`.
    ///
    /// In MySQL and MariaDB the column has to be the first of a key, in SQLite it is the whole primary key.
    ///
    /// - Parameter always: rows cannot bring a number of their own (PostgreSQL, Oracle, DB2; SQL Server's never can, unless the
    ///   session says `IDENTITY_INSERT`).
    /// - Parameter start: the first number; not for SQLite.
    /// - Parameter step: how far the next is; not for SQLite, MySQL and MariaDB.
    public func identity(always: Bool = false, startingAt start: Int? = nil, by step: Int? = nil) -> ColumnDefinition {
        with { $0.identity = Identity(always: always, start: start, step: step) }
    }

    /// The engine computes the column from others of the row. It is `NULL` where its expression is.
    ///
    /// - Parameter stored: kept with the row (not Oracle); otherwise computed when it is read (not DB2, and PostgreSQL from 18 on).
    public func generated<R: QueryValue>(as expression: SQLExpression<R>, stored: Bool = true) -> ColumnDefinition
    where R.Base == V.Base { with { $0.generation = Generation(expression: expression.node, isStored: stored) } }

    /// Compared by this collation of the engine.
    public func collation(_ name: String) -> ColumnDefinition { with { $0.collation = name } }

    /// What people should know of the column. Not for SQLite.
    public func comment(_ text: String) -> ColumnDefinition { with { $0.comment = text } }
}

/// A column's definition, whatever its type.
public protocol ColumnDefining<T>: Sendable {
    /// The table it is in.
    associatedtype T: Table
    /// The column without its Swift type.
    var outline: ColumnOutline { get }
}

/// How a column is made.
public struct ColumnOutline: Sendable {
    let name: String
    let type: SQLType
    let isNullable: Bool
    var defaultValue: QueryNode?
    var identity: Identity?
    var generation: Generation?
    var collation: String?
    var comment: String?

    init(_ column: any NamedColumn, type: SQLType? = nil) {
        name = column.name
        self.type = type ?? column.sqlType
        isNullable = column.isNullable
    }
}

struct Identity: Sendable {
    let always: Bool
    let start: Int?
    let step: Int?
}

struct Generation: Sendable {
    let expression: QueryNode
    let isStored: Bool
}

extension TableReference {
    /// How a column is made: its name, whether it may be `NULL`, and its type unless that is given.
    ///
    /// `String` is text without a limit, which MySQL, MariaDB, SQL Server, Oracle and DB2 cannot have in a key: give such columns a
    /// `.varchar`.
    public func define<V>(_ path: KeyPath<T, Column<V>>, _ type: SQLType? = nil) -> ColumnDefinition<T, V> {
        ColumnDefinition(ColumnOutline(columns[keyPath: path], type: type))
    }

    /// The names of columns.
    func names(_ paths: [PartialKeyPath<T>]) -> [String] {
        paths.compactMap { (columns[keyPath: $0] as? any NamedColumn)?.name }
    }
}
