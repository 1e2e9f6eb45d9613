import Roost

/// How a type's values are read from the wire.
enum CellCodec: UInt8, Sendable {
    case bool, int2, int4, int8, uint4, float4, float8, numeric
    case text, json, jsonb, bytes, uuid
    case date, time, timetz, timestamp, timestamptz, interval
    case array
    /// Pairs of texts, as a JSON object.
    case hstore
    /// Asked for as text, whatever the type.
    case serverText

    /// The kind of value a column of this type holds.
    var kind: ValueKind {
        switch self {
        case .bool: .bool
        case .int2, .int4, .int8, .uint4: .int
        case .float4: .float
        case .float8: .double
        case .numeric: .decimal
        case .text, .serverText: .text
        case .json, .jsonb, .hstore: .json
        case .bytes: .bytes
        case .uuid: .uuid
        case .date: .date
        case .time: .time
        case .timetz: .timeTZ
        case .timestamp: .timestamp
        case .timestamptz: .timestampTZ
        case .interval: .interval
        case .array: .array
        }
    }

    /// Whether values are asked for in binary.
    var isBinary: Bool { self != .serverText }
}

/// How one column of a result is read.
struct ColumnCodec: Sendable, Hashable {
    var codec: CellCodec
    /// For arrays: how their elements are read.
    var element: CellCodec
    /// What stands between them in text.
    var delimiter = UInt8(ascii: ",")
    /// Whether the server was asked for binary.
    var isBinary: Bool

    /// The codec of a type; an unknown type is read as text.
    init(_ facts: PostgreSQLType.Facts?, isBinary: Bool) {
        codec = facts?.codec ?? .serverText
        element = facts?.elementCodec ?? .serverText
        if let facts { delimiter = facts.delimiter }
        self.isBinary = isBinary
    }
}
