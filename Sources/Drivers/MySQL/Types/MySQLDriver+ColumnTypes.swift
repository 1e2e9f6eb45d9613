public import Roost

extension MySQLDriver {
    /// The column type that holds every value of a kind; nil where the server has none. A boolean is a number there, and an interval
    /// fits TIME only up to 838 hours.
    public static func columnType(for kind: ValueKind, in flavour: MySQLFlavour) -> String? {
        switch kind {
        case .null, .bool, .interval: nil
        case .int: "bigint"
        case .uint: "bigint unsigned"
        case .float: "float"
        case .double: "double"
        case .decimal: "decimal(65,25)"
        case .text: "longtext"
        case .bytes: "longblob"
        case .date: "date"
        case .time: "time(6)"
        case .timestamp: "datetime(6)"
        case .timestampTZ: "timestamp(6)"
        case .uuid: flavour == .mariadb ? "uuid" : nil
        case .json: "json"
        case .timeTZ, .array, .object: nil
        }
    }

    /// Which values the columns of ``columnType(for:in:)`` hold as they are: no infinities, instants of TIMESTAMP's years only, and in
    /// MySQL no JSON numbers with a zero at their end, for it keeps JSON parsed.
    public static func holds(in flavour: MySQLFlavour) -> @Sendable (Value) -> Bool {
        { value in
            switch value {
            case .double(let number): number.isFinite
            case .float(let number): number.isFinite
            case .decimal(let number): number.isFinite
            case .timestampTZ(let instant): (1_000_000..<2_147_483_648_000_000).contains(instant.microsecondsSinceEpoch)
            case .json(let json): flavour == .mariadb || !json.text.contains("{")
            default: true
            }
        }
    }
}
