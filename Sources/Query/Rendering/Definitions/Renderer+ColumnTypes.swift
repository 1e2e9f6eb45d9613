import Roost

extension Renderer {
    /// A type as a column has it.
    mutating func writeColumnType(_ type: SQLType, isIdentity: Bool = false) throws(DatabaseError) {
        switch profile.engine {
        case .postgresql, .standard:
            if case .enumeration(let type) = type { return try write(identifier: type.path) }
            try write(postgreSQLType(type))
        case .sqlite:
            // Under any other name the column would not be the row's number.
            try write(isIdentity ? "integer" : sqliteColumnType(type))
        case .mysql, .mariadb:
            guard case .enumeration(let type) = type else { return try write(mySQLColumnType(type)) }
            write("enum(")
            try write(strings: type.values)
            write(")")
        case .sqlserver: try write(sqlServerType(type))
        case .oracle: try write(oracleColumnType(type))
        case .db2: try write(db2ColumnType(type))
        }
    }

    /// The check that takes the place of an enumeration's type.
    mutating func writeEnumerationCheck(_ column: ColumnOutline) throws(DatabaseError) {
        guard case .enumeration(let type) = column.type, profile.isOne(of: .sqlite, .sqlserver, .oracle, .db2) else {
            return
        }
        write(" check (")
        try write(identifier: column.name)
        write(" in (")
        try write(strings: type.values)
        write("))")
    }

    private func mySQLColumnType(_ type: SQLType) throws(DatabaseError) -> String {
        switch type {
        case .bool: return "boolean"
        case .int16: return "smallint"
        case .int32: return "int"
        case .int64: return "bigint"
        case .float: return "float"
        case .double: return "double"
        case .decimal(let precision, let scale): return decimal("decimal", precision, scale, "decimal(65, 30)")
        case .text, .enumeration: return "longtext"
        case .varchar(let length): return "varchar(\(length))"
        case .char(let length): return "char(\(length))"
        case .bytes: return "longblob"
        case .varbinary(let length): return "varbinary(\(length))"
        case .date: return "date"
        case .time: return "time(6)"
        case .timestamp: return "datetime(6)"
        case .timestampTZ: return "timestamp(6)"
        case .uuid:
            let hasType = profile.engine == .mariadb && profile.version >= 10_007_000
            return hasType ? "uuid" : "char(36)"
        case .json: return "json"
        case .interval: throw notSupported("a type for intervals")
        case .array: throw notSupported("arrays")
        case .named(let name): return try word(name)
        }
    }

    /// Names by which the driver knows again what a value is; see `Documentation/SQLite.md`.
    private func sqliteColumnType(_ type: SQLType) throws(DatabaseError) -> String {
        switch type {
        case .bool: "boolean"
        case .int16: "smallint"
        case .int32, .int64: "integer"
        case .float, .double: "real"
        case .decimal(let precision, let scale): decimal("decimal", precision, scale, "decimal")
        case .text, .enumeration: "text"
        case .varchar(let length): "varchar(\(length))"
        case .char(let length): "character(\(length))"
        case .bytes, .varbinary: "blob"
        case .date: "date"
        case .time: "time"
        case .timestamp: "timestamp"
        case .timestampTZ: "timestamptz"
        case .interval: "interval_text"
        case .uuid: "uuid_text"
        case .json: "json_text"
        case .array: throw notSupported("arrays")
        case .named(let name): try word(name)
        }
    }

    private func oracleColumnType(_ type: SQLType) throws(DatabaseError) -> String {
        switch type {
        case .text, .json: "clob"
        case .bytes: "blob"
        default: try oracleType(type)
        }
    }

    private func db2ColumnType(_ type: SQLType) throws(DatabaseError) -> String {
        switch type {
        case .text, .json: "clob"
        case .bytes: "blob"
        default: try db2Type(type)
        }
    }
}
