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
            if _fastPath(bytes.isASCII) { return String(decoding: bytes, as: UTF8.self) }
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
            return text
        default:
            throw .mismatch(cell)
        }
    }
}

extension UnsafeRawBufferPointer {
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
