import Roost

/// A query under a name, made by ``TableReference/view(as:)``: its columns have the names of the table's type.
///
/// ```swift
/// try await database.define(Totals.table.view(as: query).create())
/// ```
public struct ViewDefinition: Sendable {
    let path: [String]
    let columns: [String]
    let query: QueryNode
    private(set) var isMaterialized = false
    private(set) var hasCheckOption = false

    init(path: [String], columns: [String], query: QueryNode) {
        self.path = path
        self.columns = columns
        self.query = query
    }

    /// Its rows are kept, and brought up to date by ``refresh(concurrently:)`` alone (PostgreSQL, Oracle).
    public var materialized: ViewDefinition {
        var copy = self
        copy.isMaterialized = true
        return copy
    }

    /// What is written through the view must be seen through it. Not for SQLite.
    public var withCheckOption: ViewDefinition {
        var copy = self
        copy.hasCheckOption = true
        return copy
    }

    /// Makes the view.
    ///
    /// - Parameter replacing: a view of the name is replaced. SQLite: dropped and made anew.
    public func create(replacing: Bool = false) -> some DataDefinition {
        ViewChange(view: self, kind: .create(replacing: replacing))
    }

    /// Brings a materialized view up to date.
    ///
    /// - Parameter concurrently: it can be read meanwhile; it needs a unique index then (PostgreSQL).
    public func refresh(concurrently: Bool = false) -> some DataDefinition {
        ViewChange(view: self, kind: .refresh(concurrently: concurrently))
    }

    /// Removes the view.
    public func drop(ifExists: Bool = false) -> some DataDefinition {
        ViewChange(view: self, kind: .drop(ifExists: ifExists))
    }
}

private struct ViewChange: DataDefinition {
    enum Kind: Sendable {
        case create(replacing: Bool)
        case refresh(concurrently: Bool)
        case drop(ifExists: Bool)
    }

    let view: ViewDefinition
    let kind: Kind

    func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement] {
        var script = DefinitionScript(dialect, version)
        if view.isMaterialized { try script.renderer.require(.materializedViews) }
        let word = view.isMaterialized ? "materialized view " : "view "
        switch kind {
        case .create(let replacing):
            if replacing, script.profile.engine == .sqlite {
                try script.add { (sql) throws(DatabaseError) in
                    sql.write("drop view if exists ")
                    try sql.write(identifier: view.path)
                }
            }
            try script.add { (sql) throws(DatabaseError) in try create(&sql, replacing: replacing, word) }
        case .refresh(let concurrently):
            try script.add { (sql) throws(DatabaseError) in
                guard view.isMaterialized else {
                    throw DatabaseError(
                        .programming,
                        .invalidStatement,
                        "A view that is not materialized is never stale."
                    )
                }
                if sql.profile.engine == .oracle {
                    if concurrently { throw sql.notSupported("REFRESH … CONCURRENTLY") }
                    sql.write("begin dbms_mview.refresh(")
                    try sql.write(string: view.path.map { sql.profile.dialect.quoted($0) }.joined(separator: "."))
                    return sql.write("); end;")
                }
                sql.write(concurrently ? "refresh materialized view concurrently " : "refresh materialized view ")
                try sql.write(identifier: view.path)
            }
        case .drop(let ifExists):
            try script.add { (sql) throws(DatabaseError) in
                if ifExists { try sql.require(.ifExists) }
                sql.write("drop \(word)\(ifExists ? "if exists " : "")")
                try sql.write(identifier: view.path)
            }
        }
        return script.statements
    }

    private func create(_ sql: inout Renderer, replacing: Bool, _ word: String) throws(DatabaseError) {
        if view.hasCheckOption { try sql.require(.checkOption) }
        let replaces = replacing && sql.profile.engine != .sqlite
        if replaces, view.isMaterialized { throw sql.notSupported("OR REPLACE of materialized views") }
        sql.write(replaces ? sql.profile.engine == .sqlserver ? "create or alter " : "create or replace " : "create ")
        sql.write(word)
        try sql.write(identifier: view.path)
        if !view.columns.isEmpty { try sql.writeColumnNames(view.columns) }
        sql.write(" as ")
        try sql.render(view.query)
        if view.hasCheckOption { sql.write(" with check option") }
    }
}

extension TableReference {
    /// A view of a query's rows, whose columns are the table's, by position.
    public func view(as query: some RowQuery) -> ViewDefinition {
        ViewDefinition(path: T.qualifiedName, columns: TableLayout.columnNames(of: T.self), query: query.node)
    }
}
