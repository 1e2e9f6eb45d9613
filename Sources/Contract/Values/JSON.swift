#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// JSON text as an engine holds it. It is neither validated nor parsed until asked for; equality is of the text.
public struct JSON: Sendable, Hashable {
    /// The text.
    public var text: String

    /// JSON from its text, unchecked.
    @inlinable
    public init(_ text: String) {
        self.text = text
    }

    /// The JSON of an encodable value.
    ///
    /// - Throws: `data.malformedValue` when the value cannot be encoded.
    public init(encoding value: some Encodable) throws(DatabaseError) {
        do {
            text = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        } catch {
            throw DatabaseError(.data, .malformedValue, "The value cannot be encoded as JSON.", underlying: error)
        }
    }

    /// Decodes the text.
    ///
    /// - Throws: `data.malformedValue` when it is not JSON or not of this type.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws(DatabaseError) -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw DatabaseError(.data, .malformedValue, "The JSON cannot be decoded as \(type).")
        }
    }

    /// Appends a string as a JSON string literal: quoted, with `"`, `\` and control characters escaped (RFC 8259 §7).
    public static func appendQuoted(_ string: some StringProtocol, to bytes: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        bytes.append(0x22)
        for byte in string.utf8 {
            switch byte {
            case 0x22: bytes.append(contentsOf: [0x5C, 0x22])
            case 0x5C: bytes.append(contentsOf: [0x5C, 0x5C])
            case 0x0A: bytes.append(contentsOf: [0x5C, 0x6E])
            case 0x0D: bytes.append(contentsOf: [0x5C, 0x72])
            case 0x09: bytes.append(contentsOf: [0x5C, 0x74])
            case ..<0x20, 0x7F:
                bytes.append(contentsOf: [0x5C, 0x75, 48, 48, hex[Int(byte >> 4)], hex[Int(byte & 15)]])
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
