public import Roost

/// Changes of a table, made by ``TableReference/alter()``: each is a statement, in their order.
///
/// ```swift
/// try await database.define(c.alter().add(c.define(\.city)).add(.unique(\.name, \.city)).rename(column: "cred", to: "credit"))
/// ```
///
/// SQLite adds, drops and renames columns, and renames tables; for the rest it needs the table made anew, which `RoostSchema` does.
public struct AlterTable<T: Table>: DataDefinition {
    enum Change: Sendable {
        case addColumn(ColumnOutline)
        case dropColumn(String)
        case renameColumn(String, String)
        case change(ColumnOutline, using: QueryNode?)
        case setType(ColumnOutline, using: QueryNode?)
        case setNullable(String, Bool)
        case setDefault(String, QueryNode?)
        case dropDefaultToNull(String)
        case addConstraint(TableConstraint<T>)
        case dropConstraint(String)
        case dropPrimaryKey(String?)
        case renameConstraint(String, String)
        case renameTable(String)
    }

    private(set) var changes: [Change] = []

    private func with(_ change: Change) -> AlterTable {
        var copy = self
        copy.changes.append(change)
        return copy
    }

    /// A further column.
    public func add(_ column: some ColumnDefining<T>) -> AlterTable { with(.addColumn(column.outline)) }

    /// Removes a column and what it holds.
    public func drop(column name: String) -> AlterTable { with(.dropColumn(name)) }

    /// Another name for a column.
    public func rename(column name: String, to other: String) -> AlterTable { with(.renameColumn(name, other)) }

    /// Makes a column what this definition says: type, default, whether it may be `NULL`. For PostgreSQL, MySQL and MariaDB, and, without
    /// a default, SQL Server.
    ///
    /// - Parameter expression: what becomes of the values (PostgreSQL).
    public func change<V, R: QueryValue>(
        _ column: ColumnDefinition<T, V>,
        using expression: SQLExpression<R>
    ) -> AlterTable { with(.change(column.outline, using: expression.node)) }

    /// Makes a column what this definition says: type, default, whether it may be `NULL`. For PostgreSQL, MySQL and MariaDB, and, without
    /// a default, SQL Server.
    public func change(_ column: some ColumnDefining<T>) -> AlterTable { with(.change(column.outline, using: nil)) }

    /// Another type for a column, and nothing else. For PostgreSQL, Oracle and DB2; elsewhere it is part of ``change(_:)``.
    public func setType(_ column: some ColumnDefining<T>) -> AlterTable { with(.setType(column.outline, using: nil)) }

    /// Whether a column may be `NULL`. For PostgreSQL, Oracle and DB2; elsewhere it is part of ``change(_:)``.
    public func setNullable<V>(_ path: KeyPath<T, Column<V>>, _ isNullable: Bool) -> AlterTable {
        with(.setNullable(T.table.columns[keyPath: path].name, isNullable))
    }

    /// Another default. In SQL Server it is a constraint named `df_`, table, `_`, column.
    public func setDefault<V>(_ path: KeyPath<T, Column<V>>, to value: V) -> AlterTable {
        with(.setDefault(T.table.columns[keyPath: path].name, QueryNode(literal: value.databaseValue)))
    }

    /// Another default. In SQL Server it is a constraint named `df_`, table, `_`, column.
    public func setDefault<V, R: QueryValue>(
        _ path: KeyPath<T, Column<V>>,
        to expression: SQLExpression<R>
    ) -> AlterTable where R.Base == V.Base {
        with(.setDefault(T.table.columns[keyPath: path].name, expression.node))
    }

    /// No default. In SQL Server only of one that is named `df_`, table, `_`, column.
    public func dropDefault<V>(_ path: KeyPath<T, Column<V>>) -> AlterTable {
        // Without any, MySQL would refuse rows that say nothing of the column, also where it may be NULL.
        let column = T.table.columns[keyPath: path]
        return with(column.isNullable ? .dropDefaultToNull(column.name) : .setDefault(column.name, nil))
    }

    /// A further constraint, which all rows have to fulfil already.
    public func add(_ constraint: TableConstraint<T>) -> AlterTable { with(.addConstraint(constraint)) }

    /// Removes a constraint by its name.
    public func drop(constraint name: String) -> AlterTable { with(.dropConstraint(name)) }

    /// Removes the primary key.
    ///
    /// - Parameter name: its name, which SQL Server wants; PostgreSQL's is the table's and `_pkey` unless it was given another.
    public func dropPrimaryKey(named name: String? = nil) -> AlterTable { with(.dropPrimaryKey(name)) }

    /// Another name for a constraint (PostgreSQL, SQL Server, Oracle).
    public func rename(constraint name: String, to other: String) -> AlterTable { with(.renameConstraint(name, other)) }

    /// Another name for the table.
    public func rename(to name: String) -> AlterTable { with(.renameTable(name)) }

    public func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement] {
        var script = DefinitionScript(dialect, version)
        for change in changes {
            switch change {
            case .change(let column, let using) where script.profile.isOne(of: .postgresql, .standard):
                try script.addChange(of: column, using: using, T.qualifiedName)
            default:
                try script.add { (sql) throws(DatabaseError) in try sql.renderChange(of: T.self, change) }
            }
            if case .addColumn(let column) = change, let comment = column.comment, !script.profile.isMySQLFamily {
                try script.addComment(comment, .column(column.name), T.qualifiedName)
            }
        }
        return script.statements
    }
}

extension TableReference {
    /// Changes the table.
    public func alter() -> AlterTable<T> { AlterTable() }
}
