import Roost
import RoostPipelineDefinition

extension ColumnType {
    /// The type a definition spells.
    init(_ type: PipelineType) {
        self =
            switch type {
            case .boolean: .bool
            case .integer(let bits): .integer(bits: bits, isUnsigned: false)
            case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
            case .real: .float
            case .double: .double
            case .text(let limit): .text(limit: limit)
            case .bytes: .bytes(limit: nil)
            case .date: .date
            case .time: .time(nil)
            case .timestamp: .timestamp(nil)
            case .timestampTZ: .timestampTZ(nil)
            case .uuid: .uuid
            case .json: .parsedJSON
            }
    }

    /// The type as a pipeline's steps tell each other of it; nil where the values have to tell.
    var carriedName: String? {
        switch self {
        case .bool: "boolean"
        case .integer(let bits, let isUnsigned):
            switch (bits, isUnsigned) {
            case (...16, false), (8, true): "smallint"
            case (...32, false), (...24, true): "integer"
            case (64, true): "decimal(20,0)"
            default: "bigint"
            }
        case .year: "smallint"
        case .bits(let count): count < 64 ? "bigint" : "decimal(20,0)"
        case .float: "real"
        case .double: "double"
        case .decimal(let precision?, let scale): "decimal(\(precision),\(scale ?? 0))"
        case .decimal: "decimal"
        case .text(let limit?): "varchar(\(limit))"
        case .fixedText(let count): "varchar(\(count))"
        case .text, .enumeration, .set: "text"
        case .bytes: "bytes"
        case .date: "date"
        case .time: "time"
        case .timestamp: "timestamp"
        case .timestampTZ: "timestamptz"
        case .uuid: "uuid"
        case .json, .parsedJSON: "json"
        case .interval: "interval"
        case .timeTZ: "timetz"
        case .native, .none: nil
        }
    }

    /// The type a column of a pipeline has: what was said of it, or what its kind tells.
    init(carriedBy column: ColumnDescription) {
        switch column.typeName {
        case "interval": self = .interval
        case "timetz": self = .timeTZ(nil)
        default:
            if let type = column.typeName.flatMap(PipelineType.init) {
                self = ColumnType(type)
            } else if column.kind == .decimal, let precision = column.precision, precision > 0 {
                self = .decimal(precision: precision, scale: column.scale ?? 0)
            } else {
                self = ColumnType(column.kind)
            }
        }
    }

    /// The kind its values have.
    var kind: ValueKind? {
        switch self {
        case .bool: .bool
        case .integer(64, true), .bits: .uint
        case .integer, .year: .int
        case .float: .float
        case .double: .double
        case .decimal: .decimal
        case .text, .fixedText, .enumeration, .set: .text
        case .bytes: .bytes
        case .date: .date
        case .time: .time
        case .timeTZ: .timeTZ
        case .timestamp: .timestamp
        case .timestampTZ: .timestampTZ
        case .interval: .interval
        case .uuid: .uuid
        case .json, .parsedJSON: .json
        case .native, .none: nil
        }
    }
}

extension ColumnDescription {
    /// A column of a pipeline.
    init(name: String, type: ColumnType, kind: ValueKind?) {
        self.init(name: name, typeName: type.carriedName, kind: kind ?? type.kind)
    }
}
