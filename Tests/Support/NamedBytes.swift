/// Bytes of a server under a name: a test that fails prints the name, not the bytes, which may be a million.
public struct NamedBytes: Sendable, CustomStringConvertible {
    public let name: String
    public let bytes: [UInt8]

    public var description: String { name }

    /// Names and bytes.
    public static func list(_ pairs: [(String, [UInt8])]) -> [NamedBytes] {
        pairs.map { NamedBytes(name: $0.0, bytes: $0.1) }
    }
}
