/// The name of an object, with its namespace where that is not the session's own.
///
/// As text, and so in JSON, a part stands in double quotes when it is more than letters, digits, `_` and `$`:
/// `sales."order line"`.
public struct ObjectName: Sendable, Hashable, Comparable {
    /// The namespace: a schema of PostgreSQL, another database of MySQL; nil for the session's own.
    public var namespace: String?
    /// The name in it.
    public var name: String

    /// A name.
    public init(_ name: String, in namespace: String? = nil) {
        self.name = name
        self.namespace = namespace
    }

    /// Names in the session's own namespace first, then by namespace; by bytes, so that no locale changes the order.
    public static func < (left: ObjectName, right: ObjectName) -> Bool {
        left.namespace == right.namespace
            ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
            : (left.namespace ?? "").utf8.lexicographicallyPrecedes((right.namespace ?? "").utf8)
    }

    /// The parts of a name, qualified or not.
    public var parts: [String] { namespace.map { [$0, name] } ?? [name] }
}

extension ObjectName: CustomStringConvertible {
    public var description: String { parts.map(Self.shown).joined(separator: ".") }

    private static func shown(_ part: String) -> String {
        let isPlain =
            !part.isEmpty
            && part.utf8.allSatisfy {
                ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F || $0 == 0x24 || $0 >= 0x80
            }
        return isPlain ? part : "\"" + part.replacing("\"", with: "\"\"") + "\""
    }
}

extension ObjectName {
    /// A name as ``description`` writes it; nil for anything else than one or two parts.
    public init?(parsing text: String) {
        var parts: [[UInt8]] = [[]]
        var isQuoted = false
        var wasQuote = false
        for byte in text.utf8 {
            if byte == 0x22 {
                // A second quote inside of quotes is one of the name's own.
                if wasQuote { parts[parts.count - 1].append(byte) }
                wasQuote = isQuoted && !wasQuote
                isQuoted.toggle()
            } else {
                wasQuote = false
                if byte == 0x2E, !isQuoted { parts.append([]) } else { parts[parts.count - 1].append(byte) }
            }
        }
        guard !isQuoted, parts.count <= 2, let last = parts.last else { return nil }
        name = String(decoding: last, as: UTF8.self)
        namespace = parts.count == 2 ? String(decoding: parts[0], as: UTF8.self) : nil
    }
}

extension ObjectName: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let name = ObjectName(parsing: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "A name has one part or two.")
        }
        self = name
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
