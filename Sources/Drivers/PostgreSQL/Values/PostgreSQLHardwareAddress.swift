/// A hardware address (PostgreSQL documentation, 8.9.4 and 8.9.5): `macaddr` with six bytes, `macaddr8` with eight.
public struct PostgreSQLHardwareAddress: Sendable, Hashable {
    /// The six or eight bytes.
    public let bytes: [UInt8]

    /// An address of six or eight bytes; nil for another number.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 6 || bytes.count == 8 else { return nil }
        self.bytes = bytes
    }
}

extension PostgreSQLHardwareAddress: PostgreSQLTextValue {
    /// Reads hexadecimal digits in groups of one length, separated by `:`, `-` or `.`, or in one: `08:00:2b:01:02:03`, `0800.2b01.0203`,
    /// `08002b010203`.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        guard utf8.count <= 23 else { return nil }
        let separator = utf8.first { HexDigits.value(of: $0) == nil }
        let groups = utf8.split(omittingEmptySubsequences: false) { $0 == separator }
        guard separator.map({ ":-.".utf8.contains($0) }) != false, let length = groups.first?.count, length % 2 == 0
        else { return nil }
        var bytes: [UInt8] = []
        for group in groups {
            guard group.count == length else { return nil }
            for (index, byte) in group.enumerated() {
                guard let digit = HexDigits.value(of: byte) else { return nil }
                if index % 2 == 0 { bytes.append(digit << 4) } else { bytes[bytes.count - 1] |= digit }
            }
        }
        self.init(bytes: bytes)
    }

    /// Pairs of digits with colons: `08:00:2b:01:02:03`.
    public var postgreSQLText: String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: ":")
    }
}

enum HexDigits {
    /// What a hexadecimal digit stands for.
    static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
        default: nil
        }
    }
}
