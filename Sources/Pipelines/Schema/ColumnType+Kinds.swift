import Roost

extension ColumnType {
    /// The type that holds every value of a kind: for results and files, whose columns have no declaration.
    init(_ kind: ValueKind?) {
        self =
            switch kind {
            case .bool: .bool
            case .int: .integer(bits: 64, isUnsigned: false)
            case .uint: .integer(bits: 64, isUnsigned: true)
            case .float: .float
            case .double: .double
            case .decimal: .decimal(precision: nil, scale: nil)
            case .text: .text(limit: nil)
            case .bytes: .bytes(limit: nil)
            case .date: .date
            case .time: .time(nil)
            case .timeTZ: .timeTZ(nil)
            case .timestamp: .timestamp(nil)
            case .timestampTZ: .timestampTZ(nil)
            case .interval: .interval
            case .uuid: .uuid
            case .json: .json
            case .array, .object, .null, nil: .none
            }
    }
}
