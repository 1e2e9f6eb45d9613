import Roost

/// A comment on a table or one of its columns.
private struct Comment: DataDefinition {
    let text: String?
    let object: CommentedObject
    let table: [String]

    func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement] {
        var script = DefinitionScript(dialect, version)
        try script.addComment(text, object, table)
        return script.statements
    }
}

enum CommentedObject: Sendable {
    case table
    case column(String)
}

extension TableReference {
    /// What people should know of the table; nil takes the comment away. Not for SQLite.
    public func comment(_ text: String?) -> some DataDefinition {
        Comment(text: text, object: .table, table: T.qualifiedName)
    }

    /// What people should know of a column; nil takes the comment away. Not for SQLite; in MySQL and MariaDB a comment is part of the column's
    /// definition: see ``AlterTable/change(_:)``.
    public func comment<V>(on path: KeyPath<T, Column<V>>, _ text: String?) -> some DataDefinition {
        Comment(text: text, object: .column(columns[keyPath: path].name), table: T.qualifiedName)
    }
}

extension DefinitionScript {
    mutating func addComment(_ text: String?, _ object: CommentedObject, _ table: [String]) throws(DatabaseError) {
        try add { (sql) throws(DatabaseError) in
            switch sql.profile.engine {
            case .sqlite: throw sql.notSupported("comments on tables and columns")
            case .mysql, .mariadb:
                guard case .table = object else {
                    throw sql.notSupported(
                        "comments apart from a column's definition",
                        hint: "Give the whole column to alter().change(…)."
                    )
                }
                sql.write("alter table ")
                try sql.write(identifier: table)
                sql.write(" comment = ")
                try sql.write(string: text ?? "")
            case .sqlserver: try sql.renderExtendedProperty(text, object, table)
            default:
                if case .column(let name) = object {
                    sql.write("comment on column ")
                    try sql.write(identifier: table + [name])
                } else {
                    sql.write("comment on table ")
                    try sql.write(identifier: table)
                }
                sql.write(" is ")
                if text == nil, sql.profile.engine == .postgresql {
                    sql.write("null")
                } else {
                    try sql.write(string: text ?? "")
                }
            }
        }
    }
}

extension Renderer {
    /// SQL Server's comments are properties that its tools know the name of.
    fileprivate mutating func renderExtendedProperty(
        _ text: String?,
        _ object: CommentedObject,
        _ table: [String]
    ) throws(DatabaseError) {
        write(text == nil ? "exec sp_dropextendedproperty " : "exec sp_addextendedproperty ")
        write("@name = N'MS_Description'")
        if let text {
            write(", @value = ")
            try write(string: text)
        }
        write(", @level0type = N'SCHEMA', @level0name = ")
        try write(string: table.count > 1 ? table[0] : "dbo")
        write(", @level1type = N'TABLE', @level1name = ")
        try write(string: table.last ?? "")
        if case .column(let name) = object {
            write(", @level2type = N'COLUMN', @level2name = ")
            try write(string: name)
        }
    }
}
