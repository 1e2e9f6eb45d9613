import Roost

/// A schema: a namespace of PostgreSQL, SQL Server and DB2, a database of MySQL and MariaDB. SQLite has none, and Oracle's are its users.
public struct NamespaceDefinition: Sendable {
    let name: String

    /// A schema by its name.
    public init(_ name: String) { self.name = name }

    /// Makes the schema.
    ///
    /// - Parameter ifNotExists: one that is there is left as it is; not for SQL Server and DB2.
    public func create(ifNotExists: Bool = false) -> some DataDefinition {
        NamespaceChange(name: name, kind: .create(ifNotExists: ifNotExists))
    }

    /// Removes the schema.
    ///
    /// - Parameter cascade: with all that is in it; otherwise it must be empty. MySQL and MariaDB always remove what is in it, so they want
    ///   to be told; SQL Server and DB2 never do.
    public func drop(ifExists: Bool = false, cascade: Bool = false) -> some DataDefinition {
        NamespaceChange(name: name, kind: .drop(ifExists: ifExists, cascade: cascade))
    }
}

private struct NamespaceChange: DataDefinition {
    enum Kind: Sendable {
        case create(ifNotExists: Bool)
        case drop(ifExists: Bool, cascade: Bool)
    }

    let name: String
    let kind: Kind

    func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement] {
        var script = DefinitionScript(dialect, version)
        try script.add { (sql) throws(DatabaseError) in
            try sql.require(.schemas)
            let isServer = sql.profile.isOne(of: .sqlserver, .db2)
            switch kind {
            case .create(let ifNotExists):
                if ifNotExists, isServer { throw sql.notSupported("CREATE SCHEMA IF NOT EXISTS") }
                sql.write(ifNotExists ? "create schema if not exists " : "create schema ")
                try sql.write(identifier: name)
            case .drop(let ifExists, let cascade):
                if cascade, isServer {
                    throw sql.notSupported("DROP SCHEMA … CASCADE", hint: "Drop what is in it first.")
                }
                if !cascade, sql.profile.isMySQLFamily {
                    throw sql.notSupported(
                        "DROP SCHEMA of an empty schema alone",
                        hint: "Say cascade: true where all that is in it may go."
                    )
                }
                if ifExists {
                    try sql.require(.ifExists)
                    if sql.profile.engine == .db2 { throw sql.notSupported("DROP SCHEMA IF EXISTS") }
                }
                sql.write(ifExists ? "drop schema if exists " : "drop schema ")
                try sql.write(identifier: name)
                if cascade, sql.profile.isOne(of: .postgresql, .standard) { sql.write(" cascade") }
                if sql.profile.engine == .db2 { sql.write(" restrict") }
            }
        }
        return script.statements
    }
}
