import RoostSchema

extension ColumnType {
    /// The meaning of a type as its engine spells it.
    init(_ declared: String, in engine: Engine) {
        let text = declared.lowercased()
        let head = text.prefix { $0 != "(" }.trimmingBlanks
        let (arguments, rest) = Self.arguments(of: declared)
        let numbers = arguments.map { Int($0.trimmingBlanks) }
        let first = numbers.first ?? nil
        let second = numbers.count > 1 ? numbers[1] : nil
        switch engine {
        case .postgresql:
            self = text.hasSuffix("[]") ? .native(declared) : Self.postgresql(head, first, second, rest, declared)
        case .mysql, .mariadb: self = Self.mysql(head, arguments, first, second, text, declared)
        case .sqlite: self = Self.sqlite(head, first, second, declared)
        }
    }

    /// What stands in the parentheses, and what follows them.
    private static func arguments(of declared: String) -> ([String], String) {
        guard let open = declared.firstIndex(of: "("), let close = declared.lastIndex(of: ")"), open < close else {
            return ([], "")
        }
        var parts: [String] = []
        var part = ""
        var isQuoted = false
        for character in declared[declared.index(after: open)..<close] {
            if character == "'" { isQuoted.toggle() }
            if character == ",", !isQuoted {
                parts.append(part)
                part = ""
            } else {
                part.append(character)
            }
        }
        return (parts + [part], declared[declared.index(after: close)...].lowercased().trimmingBlanks)
    }

    private static func postgresql(
        _ head: String,
        _ first: Int?,
        _ second: Int?,
        _ rest: String,
        _ declared: String
    ) -> ColumnType {
        switch (head, rest) {
        case ("boolean", _): .bool
        case ("smallint", _): .integer(bits: 16, isUnsigned: false)
        case ("integer", _): .integer(bits: 32, isUnsigned: false)
        case ("bigint", _): .integer(bits: 64, isUnsigned: false)
        case ("real", _): .float
        case ("double precision", _): .double
        case ("numeric", _): .decimal(precision: first, scale: first == nil ? nil : second ?? 0)
        case ("text", _): .text(limit: nil)
        case ("character varying", _): .text(limit: first)
        case ("character", _): .fixedText(first ?? 1)
        case ("bytea", _): .bytes(limit: nil)
        case ("date", _): .date
        case ("time without time zone", _), ("time", "without time zone"): .time(first)
        case ("time with time zone", _), ("time", "with time zone"): .timeTZ(first)
        case ("timestamp without time zone", _), ("timestamp", "without time zone"): .timestamp(first)
        case ("timestamp with time zone", _), ("timestamp", "with time zone"): .timestampTZ(first)
        case ("interval", _): .interval
        case ("uuid", _): .uuid
        case ("json", _): .json
        case ("jsonb", _): .parsedJSON
        default: .native(declared)
        }
    }

    private static func mysql(
        _ head: String,
        _ arguments: [String],
        _ first: Int?,
        _ second: Int?,
        _ text: String,
        _ declared: String
    ) -> ColumnType {
        let isUnsigned = text.contains("unsigned")
        let name = head.split(separator: " ").first.map(String.init) ?? ""
        switch name {
        case "tinyint": return .integer(bits: 8, isUnsigned: isUnsigned)
        case "smallint": return .integer(bits: 16, isUnsigned: isUnsigned)
        case "mediumint": return .integer(bits: 24, isUnsigned: isUnsigned)
        case "int", "integer": return .integer(bits: 32, isUnsigned: isUnsigned)
        case "bigint": return .integer(bits: 64, isUnsigned: isUnsigned)
        case "float": return .float
        case "double": return .double
        case "decimal": return .decimal(precision: first, scale: second ?? 0)
        case "varchar": return .text(limit: first)
        case "char": return .fixedText(first ?? 1)
        case "tinytext", "text", "mediumtext", "longtext": return .text(limit: nil)
        case "varbinary", "binary": return .bytes(limit: first)
        case "tinyblob", "blob", "mediumblob", "longblob": return .bytes(limit: nil)
        case "date": return .date
        case "time": return .time(first ?? 0)
        case "datetime": return .timestamp(first ?? 0)
        case "timestamp": return .timestampTZ(first ?? 0)
        case "year": return .year
        case "json": return .parsedJSON
        case "uuid": return .uuid
        case "bit": return .bits(first ?? 1)
        case "enum": return .enumeration(arguments)
        case "set": return .set
        default: return .native(declared)
        }
    }

    private static func sqlite(_ head: String, _ first: Int?, _ second: Int?, _ declared: String) -> ColumnType {
        if declared.isEmpty { return .none }
        func has(_ prefix: String) -> Bool { head.hasPrefix(prefix) }
        // The order and the prefixes are those by which the driver reads its values.
        if has("bool") { return .bool }
        if has("decimal") || has("numeric") {
            return .decimal(precision: first, scale: first == nil ? nil : second ?? 0)
        }
        if has("timestamptz") || has("timestamp with time zone") || has("timestamp_tz") { return .timestampTZ(first) }
        if has("timestamp") || has("datetime") { return .timestamp(first) }
        if has("date") { return .date }
        if has("timetz") { return .timeTZ(first) }
        if has("time") { return .time(first) }
        if has("interval") { return .interval }
        if has("uuid") || has("guid") || has("uniqueidentifier") { return .uuid }
        if has("json") { return .json }
        switch head {
        case "tinyint": return .integer(bits: 8, isUnsigned: false)
        case "smallint", "int2": return .integer(bits: 16, isUnsigned: false)
        case "mediumint": return .integer(bits: 24, isUnsigned: false)
        case "float4": return .float
        default: break
        }
        if head.contains("int") { return .integer(bits: 64, isUnsigned: false) }
        if head == "char" || head == "character" || head == "nchar" { return .text(limit: first) }
        if head.contains("char") || head.contains("clob") || head.contains("text") { return .text(limit: first) }
        if head.contains("blob") || head.contains("binary") { return .bytes(limit: nil) }
        if head.contains("real") || head.contains("floa") || head.contains("doub") { return .double }
        return .native(declared)
    }
}

extension StringProtocol {
    /// The text without blanks at its ends.
    var trimmingBlanks: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
