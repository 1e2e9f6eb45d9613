public import Roost

/// A `CREATE TABLE`, made by ``TableReference/create(_:ifNotExists:temporary:)``.
///
/// ```swift
/// let c = Customers.table
/// try await database.define(
///     c.create(c.define(\.id).identity(), c.define(\.name, .varchar(80)), c.define(\.credit).default(10))
///         .constraints(.primaryKey(\.id), .unique(\.name, named: "customer_name"), .check("credit", c.credit >= 0))
/// )
/// ```
public struct CreateTable<T: Table>: DataDefinition {
    let columns: [ColumnOutline]
    let ifNotExists: Bool
    let temporary: Bool
    private(set) var constraints: [TableConstraint<T>] = []
    private(set) var comment: String?

    init(_ columns: [ColumnOutline], ifNotExists: Bool, temporary: Bool) {
        self.columns = columns
        self.ifNotExists = ifNotExists
        self.temporary = temporary
    }

    /// What the rows must fulfil; called again, further constraints.
    public func constraints(_ constraints: TableConstraint<T>...) -> CreateTable {
        var copy = self
        copy.constraints += constraints
        return copy
    }

    /// What people should know of the table. Not for SQLite.
    public func comment(_ text: String) -> CreateTable {
        var copy = self
        copy.comment = text
        return copy
    }

    public func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement] {
        var script = DefinitionScript(dialect, version)
        try script.add { (sql) throws(DatabaseError) in try sql.renderCreateTable(self) }
        guard !script.profile.isMySQLFamily else { return script.statements }
        if let comment { try script.addComment(comment, .table, T.qualifiedName) }
        for column in columns {
            if let comment = column.comment { try script.addComment(comment, .column(column.name), T.qualifiedName) }
        }
        return script.statements
    }
}

/// A `CREATE TABLE … AS`: a table of a query's rows.
struct CreateTableAs: DataDefinition {
    let path: [String]
    let columns: [String]
    let query: QueryNode
    let temporary: Bool

    func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement] {
        var script = DefinitionScript(dialect, version)
        try script.add { (sql) throws(DatabaseError) in
            if sql.profile.engine == .sqlserver {
                throw sql.notSupported("CREATE TABLE … AS", hint: "Create the table, and insert the query's rows.")
            }
            if temporary { try sql.require(.temporaryTables) }
            sql.write(temporary ? "create temporary table " : "create table ")
            try sql.write(identifier: path)
            sql.write(sql.profile.engine == .db2 ? " as (" : " as ")
            try sql.render(query, outputNames: columns)
            if sql.profile.engine == .db2 { sql.write(") with data") }
        }
        return script.statements
    }
}

/// A `DROP TABLE`.
struct DropTable: DataDefinition {
    let path: [String]
    let ifExists: Bool
    let cascade: Bool

    func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement] {
        var script = DefinitionScript(dialect, version)
        try script.add { (sql) throws(DatabaseError) in
            if ifExists { try sql.require(.ifExists) }
            sql.write(ifExists ? "drop table if exists " : "drop table ")
            try sql.write(identifier: path)
            guard cascade else { return }
            switch sql.profile.engine {
            case .postgresql, .standard: sql.write(" cascade")
            case .oracle: sql.write(" cascade constraints")
            // MySQL's parser takes the word, and does nothing about it.
            default: throw sql.notSupported("DROP TABLE … CASCADE", hint: "Drop what refers to the table first.")
            }
        }
        return script.statements
    }
}

extension TableReference {
    /// Makes the table, with all of its columns: as they are defined here, or else as their Swift types say.
    ///
    /// - Parameter ifNotExists: a table that is there is left as it is; not for SQL Server.
    /// - Parameter temporary: for this session alone; not for SQL Server, Oracle and DB2.
    public func create(
        _ definitions: any ColumnDefining<T>...,
        ifNotExists: Bool = false,
        temporary: Bool = false
    ) -> CreateTable<T> {
        let given = Dictionary(definitions.map { ($0.outline.name, $0.outline) }) { _, last in last }
        let outlines = TableLayout.columns(in: columns).map { given[$0.name] ?? ColumnOutline($0) }
        return CreateTable(outlines, ifNotExists: ifNotExists, temporary: temporary)
    }

    /// Makes the table of a query's rows. It has the columns' names, and the types the engine finds. Not for SQL Server.
    public func create(as query: some RowQuery, temporary: Bool = false) -> some DataDefinition {
        CreateTableAs(
            path: T.qualifiedName,
            columns: TableLayout.columnNames(of: T.self),
            query: query.node,
            temporary: temporary
        )
    }

    /// Removes the table.
    ///
    /// - Parameter ifExists: it is no error that there is none; not for Oracle before 23 and DB2 before 11.5.
    /// - Parameter cascade: what refers to the table goes too: in PostgreSQL foreign keys and views, in Oracle foreign keys.
    public func drop(ifExists: Bool = false, cascade: Bool = false) -> some DataDefinition {
        DropTable(path: T.qualifiedName, ifExists: ifExists, cascade: cascade)
    }
}
