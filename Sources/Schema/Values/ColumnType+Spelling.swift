extension Schema.ColumnType {
    /// The type an engine spells so. What it does not know is of the family `any`.
    public init(_ spelling: String, engine: Schema.Engine) {
        self.init(spelling, family: .any)
        var parts = Spelling(spelling)
        if parts.dimensions > 0 { dimensions = parts.dimensions }
        switch engine {
        case .sqlite: readSQLite(&parts)
        case .postgresql: readPostgreSQL(parts)
        case .mysql, .mariadb: readMySQL(parts)
        }
    }

    /// A spelling in its pieces: words outside of brackets in lower case, and what stands in the first brackets.
    struct Spelling {
        var words: [String] = []
        var arguments: [String] = []
        var dimensions = 0

        init(_ text: String) {
            var word: [UInt8] = []
            var argument: [UInt8] = []
            var depth = 0
            var quote: UInt8?
            func ended(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
            for byte in text.utf8 {
                if let open = quote {
                    if byte == open { quote = nil }
                    if depth > 0 { argument.append(byte) } else { word.append(byte) }
                    continue
                }
                switch byte {
                case 0x27, 0x22:
                    quote = byte
                    if depth > 0 { argument.append(byte) } else { word.append(byte) }
                case UInt8(ascii: "("):
                    if depth > 0 { argument.append(byte) }
                    depth += 1
                case UInt8(ascii: ")"):
                    depth = max(0, depth - 1)
                    if depth > 0 {
                        argument.append(byte)
                    } else if !argument.isEmpty {
                        arguments.append(ended(argument))
                        argument = []
                    }
                case UInt8(ascii: ",") where depth == 1:
                    arguments.append(ended(argument))
                    argument = []
                case UInt8(ascii: "[") where depth == 0: dimensions += 1
                case UInt8(ascii: "]") where depth == 0: continue
                case 0x20 where depth == 0:
                    if !word.isEmpty { words.append(ended(word).lowercased()) }
                    word = []
                case 0x20 where argument.isEmpty: continue
                default:
                    if depth > 0 { argument.append(byte) } else { word.append(byte) }
                }
            }
            if !word.isEmpty { words.append(ended(word).lowercased()) }
        }

        var first: String { words.first ?? "" }
        func number(_ index: Int) -> Int? { arguments.indices.contains(index) ? Int(arguments[index]) : nil }
    }

    private mutating func integer(_ bits: Int) {
        family = .integer
        self.bits = bits
    }

    private mutating func decimal(_ parts: Spelling) {
        family = .decimal
        precision = parts.number(0)
        scale = parts.number(1) ?? (precision == nil ? nil : 0)
    }

    private mutating func text(_ length: Int?, fixed: Bool = false) {
        family = .text
        self.length = length
        if fixed { isFixedLength = true }
    }

    private mutating func readPostgreSQL(_ parts: Spelling) {
        let hasZone = parts.words.contains("with")
        switch parts.first {
        case "boolean": family = .boolean
        case "smallint": integer(16)
        case "integer": integer(32)
        case "bigint": integer(64)
        case "oid", "xid", "cid", "regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper",
            "regoperator", "regproc", "regprocedure", "regrole", "regtype":
            integer(32)
            isUnsigned = true
        case "xid8":
            integer(64)
            isUnsigned = true
        case "numeric": decimal(parts)
        case "money": family = .decimal
        case "real":
            family = .float
            bits = 32
        case "double":
            family = .float
            bits = 64
        case "character":
            let isVarying = parts.words.contains("varying")
            text(parts.number(0) ?? (isVarying ? nil : 1), fixed: !isVarying)
        case "text", "name", "citext": text(nil)
        case "\"char\"": text(1, fixed: true)
        case "bytea": family = .bytes
        case "bit":
            family = .bits
            let isVarying = parts.words.contains("varying")
            length = parts.number(0) ?? (isVarying ? nil : 1)
            isFixedLength = !isVarying
        case "date": family = .date
        case "time", "timestamp":
            family = parts.first == "time" ? .time : .timestamp
            precision = parts.number(0)
            hasTimeZone = hasZone
        case "interval":
            family = .interval
            precision = parts.number(0)
        case "uuid": family = .uuid
        case "json", "jsonb", "jsonpath": family = .json
        case "xml": family = .xml
        case "inet", "cidr", "macaddr", "macaddr8": family = .network
        case "point", "line", "lseg", "box", "path", "polygon", "circle", "geometry", "geography": family = .geometry
        case "tsvector", "tsquery": family = .textSearch
        case "vector", "halfvec", "sparsevec": family = .vector
        default:
            if parts.words.count == 1, parts.first.hasSuffix("range") { family = .range }
        }
    }

    private mutating func readMySQL(_ parts: Spelling) {
        if parts.words.contains("unsigned") { isUnsigned = true }
        switch parts.first {
        case "tinyint":
            // What both servers make of BOOLEAN.
            if parts.number(0) == 1, isUnsigned != true { family = .boolean } else { integer(8) }
        case "smallint": integer(16)
        case "mediumint": integer(24)
        case "int": integer(32)
        case "bigint": integer(64)
        case "year": integer(16)
        case "decimal": decimal(parts)
        case "float":
            family = .float
            bits = 32
        case "double":
            family = .float
            bits = 64
        case "char", "varchar": text(parts.number(0), fixed: parts.first == "char")
        case "tinytext": text(255)
        case "text": text(65_535)
        case "mediumtext": text(16_777_215)
        case "longtext": text(4_294_967_295)
        case "binary", "varbinary":
            family = .bytes
            length = parts.number(0)
            isFixedLength = parts.first == "binary"
        case "tinyblob", "blob", "mediumblob", "longblob": family = .bytes
        case "bit":
            family = .bits
            length = parts.number(0) ?? 1
        case "date": family = .date
        case "time":
            family = .time
            precision = parts.number(0)
        case "datetime", "timestamp":
            family = .timestamp
            precision = parts.number(0)
            hasTimeZone = parts.first == "timestamp"
        case "json": family = .json
        case "uuid": family = .uuid
        case "inet4", "inet6": family = .network
        case "enum", "set":
            family = parts.first == "enum" ? .enumeration : .set
            values = parts.arguments.map(Self.unquoted)
        case "point", "linestring", "polygon", "geometry", "multipoint", "multilinestring", "multipolygon",
            "geomcollection",
            "geometrycollection":
            family = .geometry
        case "vector":
            family = .vector
            length = parts.number(0)
        default: break
        }
    }

    private static func unquoted(_ literal: String) -> String {
        guard literal.utf8.count >= 2, literal.hasPrefix("'"), literal.hasSuffix("'") else { return literal }
        return String(literal.dropFirst().dropLast()).replacing("''", with: "'").replacing("\\\\", with: "\\")
    }

    /// SQLite takes any words; these are its rules of affinity, after the words that people mean something by.
    private mutating func readSQLite(_ parts: inout Spelling) {
        let name = parts.words.joined(separator: " ")
        switch parts.first {
        case "boolean", "bool": family = .boolean
        case "date": family = .date
        case "time": family = .time
        case "datetime", "timestamp", "timestamptz": family = .timestamp
        case "uuid", "guid": family = .uuid
        case "json", "jsonb": family = .json
        case "decimal", "numeric", "money": decimal(parts)
        case _ where name.contains("int"): integer(64)
        case _ where name.contains("char") || name.contains("clob") || name.contains("text"): text(parts.number(0))
        case _ where name.contains("blob") || name.contains("binary"): family = .bytes
        case _ where name.contains("real") || name.contains("floa") || name.contains("doub"):
            family = .float
            bits = 64
        default: family = .any
        }
    }
}
