import Roost

/// A column's type on the wire (`enum_field_types`).
struct MySQLType: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }
    private init(_ rawValue: UInt8) { self.rawValue = rawValue }

    static let decimal = Self(0)
    static let tiny = Self(1)
    static let short = Self(2)
    static let long = Self(3)
    static let float = Self(4)
    static let double = Self(5)
    static let null = Self(6)
    static let timestamp = Self(7)
    static let longLong = Self(8)
    static let int24 = Self(9)
    static let date = Self(10)
    static let time = Self(11)
    static let dateTime = Self(12)
    static let year = Self(13)
    static let newDate = Self(14)
    static let varChar = Self(15)
    static let bit = Self(16)
    static let vector = Self(242)
    static let json = Self(245)
    static let newDecimal = Self(246)
    static let enumeration = Self(247)
    static let set = Self(248)
    static let tinyBlob = Self(249)
    static let mediumBlob = Self(250)
    static let longBlob = Self(251)
    static let blob = Self(252)
    static let varString = Self(253)
    static let string = Self(254)
    static let geometry = Self(255)
}

/// Facts about a column (`Column Definition Flags`).
struct ColumnFlags: OptionSet, Sendable {
    let rawValue: UInt16

    static let notNull = Self(rawValue: 1 << 0)
    static let primaryKey = Self(rawValue: 1 << 1)
    static let unsigned = Self(rawValue: 1 << 5)
    static let binary = Self(rawValue: 1 << 7)
    static let enumeration = Self(rawValue: 1 << 8)
    static let set = Self(rawValue: 1 << 11)
}

/// How the cells of a column are read.
enum CellCodec: Sendable, Hashable {
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float, double
    case decimal, text, bytes, json, bit, uuid, vector
    case date, time, dateTime, timestamp, null
    /// Text in the character set of this collation, which is not one of UTF-8.
    case encoded(UInt16)

    var kind: ValueKind {
        switch self {
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64: .int
        case .uint64: .uint
        case .bit: .uint
        case .float: .float
        case .double: .double
        case .decimal: .decimal
        case .text, .encoded: .text
        case .bytes: .bytes
        case .json: .json
        case .uuid: .uuid
        case .vector: .array
        case .date: .date
        case .time: .time
        case .dateTime: .timestamp
        case .timestamp: .timestampTZ
        case .null: .null
        }
    }
}
