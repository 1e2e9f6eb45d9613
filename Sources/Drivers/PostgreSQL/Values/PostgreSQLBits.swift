/// A string of bits (PostgreSQL documentation, 8.10, "Bit String Types"): `bit(n)` and `bit varying`.
public struct PostgreSQLBits: Sendable, Hashable {
    /// The bits, eight to a byte, the first one the most significant; what is left of the last byte is zero.
    public let bytes: [UInt8]
    /// The number of bits.
    public let count: Int

    /// Bits one by one.
    public init(_ bits: some Sequence<Bool>) {
        var bytes: [UInt8] = []
        var count = 0
        for bit in bits {
            if count % 8 == 0 { bytes.append(0) }
            if bit { bytes[bytes.count - 1] |= 0x80 >> UInt8(count % 8) }
            count += 1
        }
        self.bytes = bytes
        self.count = count
    }

    /// The first bits of some bytes; nil when there are not that many.
    public init?(bytes: [UInt8], count: Int) {
        guard count >= 0, count <= bytes.count * 8 else { return nil }
        var kept = Array(bytes.prefix((count + 7) / 8))
        if count % 8 > 0 { kept[kept.count - 1] &= 0xFF << UInt8(8 - count % 8) }
        self.bytes = kept
        self.count = count
    }

    /// Whether the bit at a position, counted from 0, is set; nil beyond the last one.
    public subscript(position: Int) -> Bool? {
        guard position >= 0, position < count else { return nil }
        return bytes[position / 8] & 0x80 >> UInt8(position % 8) != 0
    }
}

extension PostgreSQLBits: PostgreSQLTextValue {
    /// Reads digits 0 and 1.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        guard utf8.allSatisfy({ $0 == 48 || $0 == 49 }) else { return nil }
        self.init(utf8.lazy.map { $0 == 49 })
    }

    /// A digit for each bit: `10110`.
    public var postgreSQLText: String {
        var text: [UInt8] = []
        text.reserveCapacity(count)
        for position in 0..<count { text.append(self[position] == true ? 49 : 48) }
        return String(decoding: text, as: UTF8.self)
    }
}
