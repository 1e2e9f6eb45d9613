#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension String: DatabaseDecodable {
    /// Reads text or JSON text. Bytes that are not UTF-8 are an error, never replaced.
    @inlinable
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> String {
        switch cell.kind {
        case .text, .json:
            let bytes = UnsafeRawBufferPointer(
                start: cell.heap + Int(truncatingIfNeeded: cell.cell.payload),
                count: Int(cell.cell.length)
            )
            guard let text = String(checked: bytes) else { throw .malformed }
            return text
        default:
            throw .mismatch(cell)
        }
    }
}

extension String {
    /// The text of these bytes; nil when they are not UTF-8. `String(validating:)` says the same and takes half as long again.
    @inlinable
    @inline(__always)
    init?(checked bytes: UnsafeRawBufferPointer) {
        self = String(decoding: bytes, as: UTF8.self)
        if _slowPath(!bytes.isASCII), !bytes.holds(self) { return nil }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these are the text's bytes. They are not where something that is not UTF-8 was replaced in the text.
    @usableFromInline
    func holds(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { utf8 in
            let other = UnsafeRawBufferPointer(utf8)
            guard other.count == count else { return false }
            var index = 0
            while index + 8 <= count {
                let difference =
                    loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    ^ other.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if difference != 0 { return false }
                index += 8
            }
            return self[index...].elementsEqual(other[index...])
        }
    }

    /// Whether there is no byte above 127. Sees eight bytes at a time: most text is ASCII, and then needs no further validation.
    @inlinable
    var isASCII: Bool {
        var index = 0
        var seen: UInt64 = 0
        while index + 8 <= count {
            seen |= loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < count {
            seen |= UInt64(self[index])
            index += 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }
}

extension JSON: DatabaseDecodable {
    /// Reads JSON, or text taken for JSON.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> JSON {
        guard cell.kind == .json || cell.kind == .text else { throw .mismatch(cell) }
        guard let text = cell.string else { throw .malformed }
        return JSON(text)
    }
}

extension Data: DatabaseDecodable {
    /// Reads bytes.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> Data {
        guard cell.kind == .bytes else { throw .mismatch(cell) }
        return cell.withBytes { Data($0) }
    }
}

extension UUID: DatabaseDecodable {
    /// Reads a UUID, its 36-character text, or its 16 bytes.
    public static func decode(_ cell: borrowing CellView) throws(CellDecodingError) -> UUID {
        switch cell.kind {
        case .uuid:
            return cell.uuid
        case .text:
            guard let value = cell.string.flatMap({ UUID(uuidString: $0) }) else { throw .malformed }
            return value
        case .bytes:
            return try cell.withBytes { (bytes) throws(CellDecodingError) -> UUID in
                guard bytes.count == 16 else { throw .malformed }
                return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
            }
        default:
            throw .mismatch(cell)
        }
    }
}
