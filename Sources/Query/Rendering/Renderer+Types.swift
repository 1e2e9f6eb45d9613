import Roost

extension Renderer {
    mutating func renderCast(_ operand: QueryNode, _ type: SQLType) throws(DatabaseError) {
        if profile.engine == .sqlite, let (before, after) = Self.sqliteForm(of: type) {
            write(before)
            try render(operand)
            return write(after)
        }
        write("cast(")
        if profile.engine == .db2, case .literal = operand.kind {
            // Its type is that of the cast.
            try parameter(of: operand)
        } else {
            try render(operand)
        }
        write(" as ")
        try writeCastType(type)
        write(")")
    }

    /// Dates and times are text in SQLite; this is the form the driver binds, which compares as they do.
    private static func sqliteForm(of type: SQLType) -> (String, String)? {
        switch type {
        case .date: ("date(", ")")
        case .time: ("strftime('%H:%M:%f000', ", ")")
        case .timestamp: ("strftime('%Y-%m-%d %H:%M:%f000', ", ")")
        case .timestampTZ: ("strftime('%Y-%m-%d %H:%M:%f000Z', ", ")")
        default: nil
        }
    }

    /// A type as `CAST` takes it: MySQL's `CAST` has names of its own.
    mutating func writeCastType(_ type: SQLType) throws(DatabaseError) {
        switch profile.engine {
        case .mysql, .mariadb: try write(mySQLCastType(type))
        case .sqlite: try write(sqliteType(type))
        case .postgresql, .standard: try write(postgreSQLType(type))
        case .sqlserver: try write(sqlServerType(type))
        case .oracle: try write(oracleType(type))
        case .db2: try write(db2Type(type))
        }
    }

    func decimal(_ name: String, _ precision: Int?, _ scale: Int?, _ general: String) -> String {
        guard let precision else { return general }
        return scale.map { "\(name)(\(precision), \($0))" } ?? "\(name)(\(precision))"
    }

    private func mySQLCastType(_ type: SQLType) throws(DatabaseError) -> String {
        switch type {
        case .bool, .int16, .int32, .int64: return "signed"
        case .float: return profile.engine == .mysql ? "float" : "double"
        case .double: return "double"
        case .decimal(let precision, let scale): return decimal("decimal", precision, scale, "decimal(65, 30)")
        case .text, .uuid, .enumeration: return "char"
        case .varchar(let length), .char(let length): return "char(\(length))"
        case .bytes: return "binary"
        case .varbinary(let length): return "binary(\(length))"
        case .date: return "date"
        case .time: return "time(6)"
        case .timestamp, .timestampTZ: return "datetime(6)"
        case .json:
            if profile.engine == .mariadb { return "char" }
            return "json"
        case .interval: throw notSupported("a type for intervals")
        case .array: throw notSupported("arrays")
        case .named(let name): return try word(name)
        }
    }

    private func sqliteType(_ type: SQLType) throws(DatabaseError) -> String {
        switch type {
        case .bool, .int16, .int32, .int64: "integer"
        case .float, .double: "real"
        case .decimal: "numeric"
        case .text, .varchar, .char, .enumeration, .date, .time, .timestamp, .timestampTZ, .interval, .uuid, .json:
            "text"
        case .bytes, .varbinary: "blob"
        case .array: throw notSupported("arrays")
        case .named(let name): try word(name)
        }
    }

    func postgreSQLType(_ type: SQLType) throws(DatabaseError) -> String {
        switch type {
        case .bool: "boolean"
        case .int16: "smallint"
        case .int32: "integer"
        case .int64: "bigint"
        case .float: "real"
        case .double: "double precision"
        case .decimal(let precision, let scale): decimal("numeric", precision, scale, "numeric")
        case .text: "text"
        case .varchar(let length): "varchar(\(length))"
        case .char(let length): "char(\(length))"
        case .enumeration(let type): type.path.map { profile.dialect.quoted($0) }.joined(separator: ".")
        case .bytes, .varbinary: "bytea"
        case .date: "date"
        case .time: "time"
        case .timestamp: "timestamp"
        case .timestampTZ: "timestamptz"
        case .interval: "interval"
        case .uuid: "uuid"
        case .json: "jsonb"
        case .array(let element): try postgreSQLType(element) + "[]"
        case .named(let name): try word(name)
        }
    }

    func sqlServerType(_ type: SQLType) throws(DatabaseError) -> String {
        switch type {
        case .bool: "bit"
        case .int16: "smallint"
        case .int32: "int"
        case .int64: "bigint"
        case .float: "real"
        case .double: "float"
        case .decimal(let precision, let scale): decimal("decimal", precision, scale, "decimal(38, 10)")
        case .text, .json: "nvarchar(max)"
        case .varchar(let length): "nvarchar(\(length))"
        case .char(let length): "nchar(\(length))"
        case .enumeration(let type): "nvarchar(\(type.length))"
        case .bytes: "varbinary(max)"
        case .varbinary(let length): "varbinary(\(length))"
        case .date: "date"
        case .time: "time"
        case .timestamp: "datetime2"
        case .timestampTZ: "datetimeoffset"
        case .uuid: "uniqueidentifier"
        case .interval: throw notSupported("a type for intervals")
        case .array: throw notSupported("arrays")
        case .named(let name): try word(name)
        }
    }

    func oracleType(_ type: SQLType) throws(DatabaseError) -> String {
        switch type {
        case .bool: "number(1)"
        case .int16: "number(5)"
        case .int32: "number(10)"
        case .int64: "number(19)"
        case .float: "binary_float"
        case .double: "binary_double"
        case .decimal(let precision, let scale): decimal("number", precision, scale, "number")
        case .text, .json: "varchar2(4000)"
        case .varchar(let length): "varchar2(\(length))"
        case .char(let length): "char(\(length))"
        case .enumeration(let type): "varchar2(\(type.length))"
        case .bytes: "raw(2000)"
        case .varbinary(let length): "raw(\(length))"
        case .date: "date"
        case .time: throw notSupported("a type for times of day")
        case .timestamp: "timestamp"
        case .timestampTZ: "timestamp with time zone"
        case .interval: "interval day to second"
        case .uuid: "raw(16)"
        case .array: throw notSupported("arrays")
        case .named(let name): try word(name)
        }
    }

    func db2Type(_ type: SQLType) throws(DatabaseError) -> String {
        switch type {
        case .bool: "boolean"
        case .int16: "smallint"
        case .int32: "integer"
        case .int64: "bigint"
        case .float: "real"
        case .double: "double"
        case .decimal(let precision, let scale): decimal("decimal", precision, scale, "decfloat")
        case .text, .json: "varchar(32672)"
        case .varchar(let length): "varchar(\(length))"
        case .char(let length): "char(\(length))"
        case .enumeration(let type): "varchar(\(type.length))"
        case .bytes: "varbinary(32672)"
        case .varbinary(let length): "varbinary(\(length))"
        case .date: "date"
        case .time: "time"
        case .timestamp, .timestampTZ: "timestamp"
        case .uuid: "char(36)"
        case .interval: throw notSupported("a type for intervals")
        case .array: throw notSupported("arrays")
        case .named(let name): try word(name)
        }
    }

    func word(_ name: String) throws(DatabaseError) -> String {
        var other = Renderer(profile)
        try other.writeWord(name)
        return name
    }
}
