import Roost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Packs values into text that is opaque and notices changes. Not encryption: who knows the secret, or guesses that there is
/// none, can read the values; they are the keys of rows the reader was shown.
struct CursorSeal: Sendable {
    private let key: UInt64

    init(secret: String) {
        key = Self.checksum(Array(secret.utf8), 0x9E37_79B9_7F4A_7C15)
    }

    func seal(_ values: [Value]) -> String {
        var bytes: [UInt8] = []
        for value in values {
            let text = Array((value.text ?? "").utf8)
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: text.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: text)
        }
        let check = Self.checksum(bytes, key)
        let mixed = mix(bytes, check)
        let all = withUnsafeBytes(of: check.littleEndian) { Array($0) } + mixed
        return Data(all).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=",
            with: ""
        )
    }

    func open(_ cursor: String, types: [SQLType]) throws(DatabaseError) -> [Value] {
        guard cursor.utf8.count <= 65_536 else { throw Self.malformed }
        var text = cursor.replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: text), data.count >= 8 else { throw Self.malformed }
        let all = [UInt8](data)
        let check = all[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let bytes = mix(Array(all[8...]), check)
        guard Self.checksum(bytes, key) == check else { throw Self.malformed }
        var rest = bytes[...]
        var values: [Value] = []
        for type in types {
            guard rest.count >= 4 else { throw Self.malformed }
            let length = Int(rest.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            rest = rest.dropFirst(4)
            guard length <= rest.count else { throw Self.malformed }
            let part = String(decoding: rest.prefix(length), as: UTF8.self)
            rest = rest.dropFirst(length)
            guard let value = Self.value(part, type) else { throw Self.malformed }
            values.append(value)
        }
        guard rest.isEmpty else { throw Self.malformed }
        return values
    }

    private static func value(_ text: String, _ type: SQLType) -> Value? {
        switch type {
        case .int16, .int32, .int64: Int64(text).map { .int($0) }
        case .float, .double: Double(text).map { .double($0) }
        case .decimal: BigDecimal(text).map { .decimal($0) }
        case .date: LocalDate(text).map { .date($0) }
        case .time: LocalTime(text).map { .time($0) }
        case .timestamp: LocalDateTime(text).map { .timestamp($0) }
        case .timestampTZ: Instant(text).map { .timestampTZ($0) }
        case .uuid: UUID(uuidString: text).map { .uuid($0) }
        case .bool: text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
        case .text, .varchar, .char, .enumeration, .named: .text(text)
        case .bytes, .varbinary, .interval, .json, .array: nil
        }
    }

    private func mix(_ bytes: [UInt8], _ seed: UInt64) -> [UInt8] {
        var state = seed ^ key
        return bytes.map { byte in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return byte ^ UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    /// FNV-1a with a key before and after.
    private static func checksum(_ bytes: [UInt8], _ key: UInt64) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ key
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ key) &* 0xFF51_AFD7_ED55_8CCD
        return hash ^ (hash >> 29)
    }

    private static let malformed = DatabaseError(
        .data,
        .malformedValue,
        "The page's cursor is not one of this order, or was changed.",
        hint: "Begin again at the first page.",
        sqlState: "22023"
    )
}
