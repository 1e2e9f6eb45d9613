import Roost

/// A type by its object identifier in `pg_type`. The built-in ones have fixed numbers (`pg_type.dat`).
struct PostgreSQLType: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }
    init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// Left to the server to infer.
    static let unspecified = Self(0)
    static let bool = Self(16)
    static let bytea = Self(17)
    static let char = Self(18)
    static let int8 = Self(20)
    static let int2 = Self(21)
    static let int4 = Self(23)
    static let text = Self(25)
    static let oid = Self(26)
    static let json = Self(114)
    static let float4 = Self(700)
    static let float8 = Self(701)
    static let date = Self(1082)
    static let time = Self(1083)
    static let timestamp = Self(1114)
    static let timestamptz = Self(1184)
    static let interval = Self(1186)
    static let timetz = Self(1266)
    static let numeric = Self(1700)
    static let uuid = Self(2950)
    static let jsonb = Self(3802)

    /// What is known of a built-in type.
    struct Facts: Sendable {
        let name: String
        let codec: CellCodec
        /// The type of an array's elements.
        let element: PostgreSQLType?
        /// How an array's elements are read.
        let elementCodec: CellCodec?
        /// What stands between an array's elements in text.
        var delimiter = UInt8(ascii: ",")

        /// Whether values are asked for in binary: an array's when its elements' are.
        var isBinary: Bool { codec == .array ? elementCodec?.isBinary == true : codec.isBinary }
    }

    /// What is known of a built-in type; see ``TypeCatalogue`` for the others.
    var facts: Facts? { Self.known[rawValue] }

    private static let known: [UInt32: Facts] = {
        var table: [UInt32: Facts] = [:]
        func add(
            _ oid: UInt32,
            _ name: String,
            _ codec: CellCodec,
            array: UInt32? = nil,
            delimiter: Unicode.Scalar = ","
        ) {
            table[oid] = Facts(name: name, codec: codec, element: nil, elementCodec: nil)
            guard let array else { return }
            table[array] = Facts(
                name: name + "[]",
                codec: .array,
                element: Self(oid),
                elementCodec: codec,
                delimiter: UInt8(ascii: delimiter)
            )
        }
        add(16, "boolean", .bool, array: 1000)
        add(17, "bytea", .bytes, array: 1001)
        add(18, "\"char\"", .text, array: 1002)
        add(19, "name", .text, array: 1003)
        add(20, "bigint", .int8, array: 1016)
        add(21, "smallint", .int2, array: 1005)
        add(23, "integer", .int4, array: 1007)
        add(25, "text", .text, array: 1009)
        add(26, "oid", .uint4, array: 1028)
        add(28, "xid", .uint4, array: 1011)
        add(29, "cid", .uint4, array: 1012)
        add(114, "json", .json, array: 199)
        add(142, "xml", .text, array: 143)
        add(700, "real", .float4, array: 1021)
        add(701, "double precision", .float8, array: 1022)
        add(705, "unknown", .text)
        add(1042, "character", .text, array: 1014)
        add(1043, "character varying", .text, array: 1015)
        add(1082, "date", .date, array: 1182)
        add(1083, "time without time zone", .time, array: 1183)
        add(1114, "timestamp without time zone", .timestamp, array: 1115)
        add(1184, "timestamp with time zone", .timestamptz, array: 1185)
        add(1186, "interval", .interval, array: 1187)
        add(1266, "time with time zone", .timetz, array: 1270)
        add(1700, "numeric", .numeric, array: 1231)
        add(2950, "uuid", .uuid, array: 2951)
        add(3802, "jsonb", .jsonb, array: 3807)
        add(2278, "void", .text)
        // Types without a counterpart among the contract's values are read as the text PostgreSQL writes for them.
        add(600, "point", .serverText, array: 1017)
        add(601, "lseg", .serverText, array: 1018)
        add(602, "path", .serverText, array: 1019)
        add(603, "box", .serverText, array: 1020, delimiter: ";")
        add(604, "polygon", .serverText, array: 1027)
        add(628, "line", .serverText, array: 629)
        add(718, "circle", .serverText, array: 719)
        add(650, "cidr", .serverText, array: 651)
        add(869, "inet", .serverText, array: 1041)
        add(774, "macaddr8", .serverText, array: 775)
        add(829, "macaddr", .serverText, array: 1040)
        add(790, "money", .serverText, array: 791)
        add(1560, "bit", .serverText, array: 1561)
        add(1562, "bit varying", .serverText, array: 1563)
        add(1033, "aclitem", .serverText, array: 1034)
        add(27, "tid", .serverText, array: 1010)
        add(24, "regproc", .serverText, array: 1008)
        add(2202, "regprocedure", .serverText, array: 2207)
        add(2203, "regoper", .serverText, array: 2208)
        add(2204, "regoperator", .serverText, array: 2209)
        add(2205, "regclass", .serverText, array: 2210)
        add(2206, "regtype", .serverText, array: 2211)
        add(3734, "regconfig", .serverText, array: 3735)
        add(3769, "regdictionary", .serverText, array: 3770)
        add(4089, "regnamespace", .serverText, array: 4090)
        add(4096, "regrole", .serverText, array: 4097)
        add(3220, "pg_lsn", .serverText, array: 3221)
        add(3614, "tsvector", .serverText, array: 3643)
        add(3615, "tsquery", .serverText, array: 3645)
        add(4072, "jsonpath", .serverText, array: 4073)
        add(5038, "pg_snapshot", .serverText, array: 5039)
        add(5069, "xid8", .serverText, array: 271)
        add(3904, "int4range", .serverText, array: 3905)
        add(3906, "numrange", .serverText, array: 3907)
        add(3908, "tsrange", .serverText, array: 3909)
        add(3910, "tstzrange", .serverText, array: 3911)
        add(3912, "daterange", .serverText, array: 3913)
        add(3926, "int8range", .serverText, array: 3927)
        add(4451, "int4multirange", .serverText, array: 6150)
        add(4532, "nummultirange", .serverText, array: 6151)
        add(4533, "tsmultirange", .serverText, array: 6152)
        add(4534, "tstzmultirange", .serverText, array: 6153)
        add(4535, "datemultirange", .serverText, array: 6155)
        add(4536, "int8multirange", .serverText, array: 6157)
        add(1790, "refcursor", .text, array: 2201)
        add(2249, "record", .serverText, array: 2287)
        return table
    }()

    /// The name people write, with what the modifier says: `numeric(10,2)`, `character varying(20)`.
    func name(modifier: Int32, _ facts: Facts?) -> String? {
        guard let facts else { return nil }
        guard modifier >= 0 else { return facts.name }
        let base = facts.element?.facts?.name ?? facts.name
        let suffix = facts.element == nil ? "" : "[]"
        switch facts.element ?? self {
        case .numeric where modifier >= 4:
            let (precision, scale) = Self.numeric(modifier)
            return "\(base)(\(precision),\(scale))\(suffix)"
        case Self(1042), Self(1043):
            return modifier >= 4 ? "\(base)(\(modifier - 4))\(suffix)" : facts.name
        case Self(1560), Self(1562):
            return "\(base)(\(modifier))\(suffix)"
        case .time, .timestamp, .timestamptz, .timetz:
            let words = base.split(separator: " ", maxSplits: 1)
            return "\(words[0])(\(modifier)) \(words.dropFirst().joined())\(suffix)"
        default:
            return facts.name
        }
    }

    /// Precision and scale of a `numeric` modifier; the scale may be negative since version 15.
    static func numeric(_ modifier: Int32) -> (precision: Int, scale: Int) {
        let bits = modifier &- 4
        let scale = Int(bits & 0x7FF)
        return (Int(bits >> 16 & 0xFFFF), scale >= 1_024 ? scale - 2_048 : scale)
    }
}
