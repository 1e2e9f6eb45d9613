import Roost

/// `Protocol::ColumnDefinition41`, with MariaDB's extended type information where that was agreed on.
struct ColumnDefinition: Sendable {
    var column: ColumnDescription
    var codec: CellCodec
    /// What it was read from.
    let bytes: [UInt8]

    /// Reads one; nil when it is malformed.
    init?(_ payload: UnsafeRawBufferPointer, hasExtendedMetadata: Bool) {
        var reader = PacketReader(payload)
        guard reader.lengthEncodedBytes() != nil, reader.lengthEncodedBytes() != nil,
            let table = reader.lengthEncodedString(), reader.lengthEncodedBytes() != nil || table.isEmpty,
            let name = reader.lengthEncodedString(), let originName = reader.lengthEncodedString()
        else { return nil }
        var format = ""
        var typeName: String?
        if hasExtendedMetadata {
            guard let extended = reader.lengthEncodedBytes() else { return nil }
            var facts = PacketReader(extended)
            while facts.remaining > 0 {
                guard let kind = facts.integer(UInt8.self), let text = facts.lengthEncodedString() else { return nil }
                if kind == 0 { typeName = text } else if kind == 1 { format = text }
            }
        }
        guard let length = reader.lengthEncodedInteger(), length >= 10, let collation = reader.integer(UInt16.self),
            let width = reader.integer(UInt32.self), let type = reader.integer(UInt8.self),
            let flags = reader.integer(UInt16.self), let decimals = reader.integer(UInt8.self)
        else { return nil }
        let facts = Facts(
            type: MySQLType(rawValue: type),
            flags: ColumnFlags(rawValue: flags),
            collation: collation,
            width: Int(width),
            decimals: Int(decimals)
        )
        bytes = Array(payload)
        codec = facts.codec(format: format, extendedType: typeName)
        column = ColumnDescription(
            name: name,
            typeName: typeName ?? (format == "json" ? "json" : facts.name),
            kind: codec.kind,
            displaySize: facts.characters,
            isNullable: !facts.flags.contains(.notNull),
            table: table.isEmpty ? nil : table,
            originName: originName.isEmpty ? nil : originName
        )
        switch codec {
        case .decimal:
            // The width counts the sign and the point.
            let marks = (facts.decimals > 0 ? 1 : 0) + (facts.flags.contains(.unsigned) ? 0 : 1)
            column.precision = max(Int(width) - marks, 0)
            column.scale = facts.decimals
        case .time, .dateTime, .timestamp: column.scale = facts.decimals <= 6 ? facts.decimals : nil
        default: break
        }
    }

    /// What the type's name and codec follow from.
    private struct Facts {
        var type: MySQLType
        var flags: ColumnFlags
        var collation: UInt16
        var width: Int
        var decimals: Int

        /// Bytes, not text.
        var isBinary: Bool { collation == 63 }

        /// How wide a value is at most. Of text the server says how many bytes it takes.
        var characters: Int {
            switch type {
            case .varChar, .varString, .string, .enumeration, .set:
                Charset(collation: collation)?.characters(inBytes: width) ?? width
            default: width
            }
        }

        /// Text, as the session's character set or another has it.
        private var text: CellCodec {
            switch collation {
            // By far the most.
            case 45, 255, 224, 33: .text
            default: Charset(collation: collation).map { $0.isUTF8 ? .text : .encoded(collation) } ?? .text
            }
        }

        func codec(format: String, extendedType: String?) -> CellCodec {
            let isUnsigned = flags.contains(.unsigned)
            switch type {
            case .tiny: return isUnsigned ? .uint8 : .int8
            case .short: return isUnsigned ? .uint16 : .int16
            case .year: return .uint16
            case .long, .int24: return isUnsigned ? .uint32 : .int32
            case .longLong: return isUnsigned ? .uint64 : .int64
            case .float: return .float
            case .double: return .double
            case .decimal, .newDecimal: return .decimal
            case .date, .newDate: return .date
            case .time: return .time
            case .dateTime: return .dateTime
            case .timestamp: return .timestamp
            case .bit: return .bit
            case .json: return .json
            case .vector: return .vector
            case .null: return .null
            case .geometry: return .bytes
            case .enumeration, .set: return text
            default:
                if format == "json" { return .json }
                if extendedType == "uuid" { return .uuid }
                if flags.contains(.enumeration) || flags.contains(.set) { return text }
                return isBinary ? .bytes : text
            }
        }

        var name: String {
            let unsigned = flags.contains(.unsigned) ? " unsigned" : ""
            switch type {
            case .tiny: return "tinyint" + unsigned
            case .short: return "smallint" + unsigned
            case .int24: return "mediumint" + unsigned
            case .long: return "int" + unsigned
            case .longLong: return "bigint" + unsigned
            case .float: return "float"
            case .double: return "double"
            case .decimal, .newDecimal: return "decimal"
            case .date, .newDate: return "date"
            case .time: return "time"
            case .dateTime: return "datetime"
            case .timestamp: return "timestamp"
            case .year: return "year"
            case .bit: return "bit(\(width))"
            case .json: return "json"
            case .vector: return "vector"
            case .geometry: return "geometry"
            case .null: return "null"
            case .enumeration: return "enum"
            case .set: return "set"
            case .varChar, .varString: return isBinary ? "varbinary" : "varchar"
            case .string:
                if flags.contains(.enumeration) { return "enum" }
                if flags.contains(.set) { return "set" }
                return isBinary ? "binary" : "char"
            default: return isBinary ? "blob" : "text"
            }
        }
    }
}
