import RoostSchema

/// How a column is declared at the target, and whether its values come through as they are.
enum TypeMapping: Hashable, Sendable {
    /// Every value comes through unchanged.
    case exact(String)
    /// Every value that is taken comes through unchanged; the engine refuses others, and the copy ends with nothing published.
    case checked(String)
    /// There is no type that holds the values as they are: the user has to say what is to become of them.
    case refused(suggestion: String)

    var declaration: String? {
        switch self {
        case .exact(let text), .checked(let text): text
        case .refused: nil
        }
    }
}

extension ColumnType {
    /// The type for a column at the target.
    ///
    /// - Parameter isKey: whether it is part of a key or index, where the MySQL family needs a length.
    func mapping(to engine: Engine, isKey: Bool) -> TypeMapping {
        switch engine {
        case .postgresql: postgresqlMapping
        case .mysql, .mariadb: mysqlMapping(engine, isKey: isKey)
        case .sqlite: sqliteMapping
        }
    }

    private static func sized(_ name: String, _ size: Int?, _ rest: String = "") -> String {
        name + (size.map { "(\($0))" } ?? "") + rest
    }

    private var postgresqlMapping: TypeMapping {
        switch self {
        case .bool: .exact("boolean")
        case .integer(let bits, let isUnsigned):
            switch (bits, isUnsigned) {
            case (...16, false), (8, true): .exact("smallint")
            case (...32, false), (...24, true): .exact("integer")
            case (64, true): .exact("numeric(20,0)")
            default: .exact("bigint")
            }
        case .float: .exact("real")
        case .double: .exact("double precision")
        case .decimal(let precision?, let scale): .exact("numeric(\(precision),\(scale ?? 0))")
        case .decimal: .exact("numeric")
        case .text(let limit?): .checked("varchar(\(limit))")
        case .text: .exact("text")
        case .fixedText(let count): .exact("char(\(count))")
        case .bytes: .exact("bytea")
        case .date: .exact("date")
        case .time(let precision): .checked(Self.sized("time", precision))
        case .timeTZ(let precision): .exact(Self.sized("time", precision, " with time zone"))
        case .timestamp(let precision): .exact(Self.sized("timestamp", precision))
        case .timestampTZ(let precision): .exact(Self.sized("timestamp", precision, " with time zone"))
        case .interval: .exact("interval")
        case .uuid: .exact("uuid")
        case .json: .exact("json")
        case .parsedJSON: .exact("jsonb")
        case .year: .exact("smallint")
        case .bits(let count): .exact(count < 64 ? "bigint" : "numeric(20,0)")
        case .enumeration, .set: .exact("text")
        case .native, .none: .refused(suggestion: "text")
        }
    }

    private func mysqlMapping(_ engine: Engine, isKey: Bool) -> TypeMapping {
        switch self {
        case .bool: .exact("boolean")
        case .integer(let bits, let isUnsigned):
            .exact(
                [8: "tinyint", 16: "smallint", 24: "mediumint", 32: "int"][bits, default: "bigint"]
                    + (isUnsigned ? " unsigned" : "")
            )
        case .float: .checked("float")
        case .double: .checked("double")
        case .decimal(let precision?, let scale) where precision <= 65 && scale ?? 0 <= 30 && scale ?? 0 >= 0:
            .checked("decimal(\(precision),\(scale ?? 0))")
        case .decimal: .refused(suggestion: "decimal(65,30)")
        case .text(let limit?) where limit <= (isKey ? 768 : 16_383): .checked("varchar(\(limit))")
        case .text: isKey ? .checked("varchar(768)") : .exact("longtext")
        case .fixedText(let count): .checked(count <= 255 ? "char(\(count))" : "varchar(\(count))")
        case .bytes(let limit?) where limit <= (isKey ? 3_072 : 65_000): .checked("varbinary(\(limit))")
        case .bytes: isKey ? .checked("varbinary(3072)") : .exact("longblob")
        case .date: .checked("date")
        case .time(let precision): .checked("time(\(precision ?? 6))")
        case .timestamp(let precision): .checked("datetime(\(precision ?? 6))")
        case .timestampTZ(let precision): .checked("timestamp(\(precision ?? 6))")
        case .uuid: .exact(engine == .mariadb ? "uuid" : "char(36)")
        case .json: engine == .mariadb ? .exact("json") : .refused(suggestion: "json")
        case .parsedJSON: .exact("json")
        case .year: .exact("year")
        case .bits(let count): .exact("bit(\(count))")
        case .enumeration(let values): .exact("enum(\(values.joined(separator: ",")))")
        case .timeTZ, .interval: .refused(suggestion: "varchar(64)")
        case .set, .native, .none: .refused(suggestion: "longtext")
        }
    }

    private var sqliteMapping: TypeMapping {
        switch self {
        case .bool: .exact("BOOLEAN")
        case .integer(64, true), .bits(64): .exact("DECIMAL_TEXT(20,0)")
        case .integer(let bits, let isUnsigned):
            // Names by which the width comes back; SQLite itself keeps 64 bits in each.
            switch (bits, isUnsigned) {
            case (8, false): .exact("TINYINT")
            case (16, false), (8, true): .exact("SMALLINT")
            case (24, false): .exact("MEDIUMINT")
            default: .exact("INTEGER")
            }
        case .year: .exact("SMALLINT")
        case .bits: .exact("INTEGER")
        case .float: .checked("FLOAT4")
        case .double: .checked("REAL")
        case .decimal(let precision?, let scale): .exact("DECIMAL_TEXT(\(precision),\(scale ?? 0))")
        case .decimal: .exact("DECIMAL_TEXT")
        case .text(let limit): .exact(limit.map { "VARCHAR(\($0))" } ?? "TEXT")
        case .fixedText(let count): .exact("CHARACTER(\(count))")
        case .enumeration, .set: .exact("TEXT")
        case .bytes: .exact("BLOB")
        case .date: .exact("DATE")
        case .time(let precision): .exact(Self.sized("TIME", precision))
        case .timeTZ(let precision): .exact(Self.sized("TIMETZ", precision))
        case .timestamp(let precision): .exact(Self.sized("TIMESTAMP", precision))
        case .timestampTZ(let precision): .exact(Self.sized("TIMESTAMPTZ", precision))
        case .interval: .exact("INTERVAL_TEXT")
        case .uuid: .exact("UUID_TEXT")
        case .json, .parsedJSON: .exact("JSON_TEXT")
        case .native, .none: .refused(suggestion: "TEXT")
        }
    }
}
