import Roost

extension Renderer {
    mutating func renderChange<T>(of table: T.Type, _ change: AlterTable<T>.Change) throws(DatabaseError) {
        let path = T.qualifiedName
        switch change {
        case .addColumn(let column): try renderAddColumn(column, path)
        case .dropColumn(let name):
            try require(.dropColumn)
            try head(path, "drop column ")
            try write(identifier: name)
        case .renameColumn(let name, let other):
            try require(.renameColumn)
            if profile.engine == .sqlserver { return try rename(path + [name], other, "COLUMN") }
            try head(path, "rename column ")
            try write(identifier: name)
            write(" to ")
            try write(identifier: other)
        case .change(let column, let using): try renderWholeChange(column, using, path)
        case .setType(let column, let using): try renderTypeChange(column, using, path)
        case .setNullable(let name, let isNullable): try renderNullability(name, isNullable, path)
        case .setDefault(let name, let value): try renderNewDefault(name, value, path)
        case .dropDefaultToNull(let name):
            try renderNewDefault(name, profile.isMySQLFamily ? QueryNode(literal: .null) : nil, path)
        case .addConstraint(let constraint):
            try requireAlterations()
            try head(path, "add ")
            try renderConstraint(constraint)
        case .dropConstraint(let name):
            try requireAlterations()
            try require(.dropConstraint)
            try head(path, "drop constraint ")
            try write(identifier: name)
        case .dropPrimaryKey(let name): try renderDropPrimaryKey(name, path)
        case .renameConstraint(let name, let other):
            if profile.engine == .sqlserver { return try rename(path.dropLast() + [name], other, "OBJECT") }
            guard profile.isOne(of: .postgresql, .oracle, .standard) else {
                throw notSupported("RENAME CONSTRAINT", hint: "Drop it, and add it under its new name.")
            }
            try head(path, "rename constraint ")
            try write(identifier: name)
            write(" to ")
            try write(identifier: other)
        case .renameTable(let name):
            if profile.engine == .sqlserver { return try rename(path, name, nil) }
            if profile.engine == .db2 {
                write("rename table ")
                try write(identifier: path)
                write(" to ")
            } else {
                try head(path, "rename to ")
            }
            // MySQL takes a bare name for one of the session's own database.
            try write(identifier: profile.isMySQLFamily ? path.dropLast() + [name] : [name])
        }
    }

    private mutating func head(_ path: [String], _ words: String) throws(DatabaseError) {
        write("alter table ")
        try write(identifier: path)
        write(" " + words)
    }

    private mutating func rename(_ path: [String], _ name: String, _ kind: String?) throws(DatabaseError) {
        write("exec sp_rename ")
        try write(string: path.map { profile.dialect.quoted($0) }.joined(separator: "."))
        write(", ")
        try write(string: name)
        if let kind { write(", N'\(kind)'") }
    }

    private func requireAlterations() throws(DatabaseError) {
        try require(.alterTable, hint: "SQLite's tables are made anew: RoostSchema and roost migrate do that.")
    }

    // MARK: Columns

    private mutating func renderAddColumn(_ column: ColumnOutline, _ path: [String]) throws(DatabaseError) {
        if profile.engine == .sqlite {
            // What its documentation says of ADD COLUMN; the engine's own errors come late or not at all.
            if column.identity != nil { throw notSupported("ADD COLUMN of an identity column") }
            if column.generation?.isStored == true { throw notSupported("ADD COLUMN of a stored generated column") }
            if let value = column.defaultValue {
                guard case .literal = value.kind else { throw notSupported("ADD COLUMN with an expression as default") }
            } else if !column.isNullable, column.generation == nil {
                throw notSupported("ADD COLUMN of NOT NULL without a default")
            }
        }
        try head(path, profile.isOne(of: .sqlserver, .oracle) ? "add " : "add column ")
        try renderColumn(column)
    }

    private mutating func renderWholeChange(
        _ column: ColumnOutline,
        _ using: QueryNode?,
        _ path: [String]
    ) throws(DatabaseError) {
        try requireAlterations()
        if using != nil { throw notSupported("ALTER COLUMN … TYPE … USING") }
        switch profile.engine {
        case .mysql, .mariadb:
            try head(path, "modify column ")
            try renderColumn(column)
        case .sqlserver:
            if column.identity != nil || column.generation != nil || column.defaultValue != nil {
                throw notSupported("ALTER COLUMN with more than type and nullability", hint: "Use setDefault(_:to:).")
            }
            try head(path, "alter column ")
            try renderColumn(column)
        default:
            throw notSupported(
                "changes of a whole column",
                hint: "Use setType(_:), setNullable(_:_:) and setDefault(_:to:)."
            )
        }
    }

    private mutating func renderTypeChange(
        _ column: ColumnOutline,
        _ using: QueryNode?,
        _ path: [String]
    ) throws(DatabaseError) {
        try requireAlterations()
        switch profile.engine {
        case .mysql, .mariadb, .sqlserver:
            throw notSupported("changes of a column's type alone", hint: "Give the whole column to change(_:).")
        case .oracle:
            try head(path, "modify (")
            try write(identifier: column.name)
            write(" ")
            try writeColumnType(column.type)
            write(")")
        default:
            try columnHead(column.name, path, profile.engine == .db2 ? "set data type " : "type ")
            try writeColumnType(column.type)
            if let using {
                write(" using ")
                try renderUnqualified(using)
            }
        }
    }

    private mutating func columnHead(_ name: String, _ path: [String], _ words: String) throws(DatabaseError) {
        try head(path, "alter column ")
        try write(identifier: name)
        write(" " + words)
    }

    private mutating func renderNullability(
        _ name: String,
        _ isNullable: Bool,
        _ path: [String]
    ) throws(DatabaseError) {
        try requireAlterations()
        switch profile.engine {
        case .mysql, .mariadb, .sqlserver:
            throw notSupported("changes of NOT NULL alone", hint: "Give the whole column to change(_:).")
        case .oracle:
            try head(path, "modify (")
            try write(identifier: name)
            write(isNullable ? " null)" : " not null)")
        default: try columnHead(name, path, isNullable ? "drop not null" : "set not null")
        }
    }

    private mutating func renderNewDefault(
        _ name: String,
        _ value: QueryNode?,
        _ path: [String]
    ) throws(DatabaseError) {
        try requireAlterations()
        // Long types take expressions alone in MySQL; short ones take them too.
        let type = SQLType.named("any")
        switch profile.engine {
        case .sqlserver:
            let constraint = "df_\(path.last ?? "")_\(name)"
            guard let value else {
                try head(path, "drop constraint ")
                return try write(identifier: constraint)
            }
            try head(path, "add constraint ")
            try write(identifier: constraint)
            write(" default ")
            try renderDefaultValue(value, of: type)
            write(" for ")
            try write(identifier: name)
        case .oracle:
            try head(path, "modify (")
            try write(identifier: name)
            write(" default ")
            if let value { try renderDefaultValue(value, of: type) } else { write("null") }
            write(")")
        default:
            guard let value else { return try columnHead(name, path, "drop default") }
            try columnHead(name, path, "set default ")
            try renderDefaultValue(value, of: type)
        }
    }

    private mutating func renderDropPrimaryKey(_ name: String?, _ path: [String]) throws(DatabaseError) {
        try requireAlterations()
        if profile.isOne(of: .mysql, .mariadb, .oracle, .db2) { return try head(path, "drop primary key") }
        let known = profile.engine == .postgresql ? (path.last ?? "") + "_pkey" : nil
        guard let name = name ?? known else {
            throw notSupported("DROP PRIMARY KEY without its name", hint: "Say which: dropPrimaryKey(named:).")
        }
        try head(path, "drop constraint ")
        try write(identifier: name)
    }
}

extension DefinitionScript {
    /// A column made what its definition says, part by part.
    mutating func addChange(of column: ColumnOutline, using: QueryNode?, _ path: [String]) throws(DatabaseError) {
        if column.identity != nil || column.generation != nil || column.collation != nil {
            throw renderer.notSupported(
                "changes of identity, generation and collation with a column",
                hint: "Add another column, fill it, and drop the old one."
            )
        }
        func part(_ words: String, _ body: (inout Renderer) throws(DatabaseError) -> Void) throws(DatabaseError) {
            try add { (sql) throws(DatabaseError) in
                sql.write("alter table ")
                try sql.write(identifier: path)
                sql.write(" alter column ")
                try sql.write(identifier: column.name)
                sql.write(" " + words)
                try body(&sql)
            }
        }
        // The old default may not fit the new type.
        try part("drop default") { (_) throws(DatabaseError) in }
        try part("type ") { (sql) throws(DatabaseError) in
            try sql.writeColumnType(column.type)
            if let using {
                sql.write(" using ")
                try sql.renderUnqualified(using)
            }
        }
        try part(column.isNullable ? "drop not null" : "set not null") { (_) throws(DatabaseError) in }
        if let value = column.defaultValue {
            try part("set default ") { (sql) throws(DatabaseError) in
                try sql.renderDefaultValue(value, of: column.type)
            }
        }
        if let comment = column.comment { try addComment(comment, .column(column.name), path) }
    }
}
