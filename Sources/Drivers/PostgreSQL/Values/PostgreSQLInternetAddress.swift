/// An IPv4 or IPv6 address with the length of its network's prefix (PostgreSQL documentation, 8.9.1 and 8.9.2): `inet` and `cidr`.
///
/// Its text is that of `inet`, which leaves out the prefix of a single host; `cidr` writes `/32` and `/128` too, and reads both.
public struct PostgreSQLInternetAddress: Sendable, Hashable {
    /// The version of the Internet Protocol.
    public enum Family: Sendable, Hashable {
        case ipv4, ipv6

        /// The bits of an address: 32 or 128.
        public var bitCount: Int { self == .ipv4 ? 32 : 128 }
    }

    /// The address: 4 or 16 bytes in network order.
    public let bytes: [UInt8]
    /// How many leading bits name the network: 0 … 32 or 0 … 128.
    public let prefixLength: Int

    /// An address of 4 or 16 bytes; nil for another number of bytes or a prefix that is longer than the address. Without a prefix it
    /// is that of a single host.
    public init?(bytes: [UInt8], prefixLength: Int? = nil) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        let length = prefixLength ?? bytes.count * 8
        guard (0...(bytes.count * 8)).contains(length) else { return nil }
        self.bytes = bytes
        self.prefixLength = length
    }

    /// The version of the Internet Protocol.
    public var family: Family { bytes.count == 4 ? .ipv4 : .ipv6 }

    /// Whether this is one host: the prefix is as long as the address.
    public var isHost: Bool { prefixLength == family.bitCount }

    /// The network: the address with zeros after the prefix, as `cidr` demands.
    public var network: PostgreSQLInternetAddress {
        var bytes = bytes
        for index in bytes.indices {
            let kept = max(0, min(8, prefixLength - index * 8))
            bytes[index] &= kept == 0 ? 0 : 0xFF << UInt8(8 - kept)
        }
        return PostgreSQLInternetAddress(bytes: bytes, prefixLength: prefixLength) ?? self
    }

    /// Whether an address or network lies in this one's network, or is it (`>>=`).
    public func contains(_ other: PostgreSQLInternetAddress) -> Bool {
        guard family == other.family, prefixLength <= other.prefixLength else { return false }
        return PostgreSQLInternetAddress(bytes: other.bytes, prefixLength: prefixLength)?.network == network
    }
}

extension PostgreSQLInternetAddress: PostgreSQLTextValue {
    /// Reads IPv4 in four decimal numbers and IPv6 in all its forms, with or without a prefix.
    public init?(postgreSQLText utf8: UnsafeRawBufferPointer) {
        var scanner = TextScanner(utf8)
        let address = scanner.take { $0 != UInt8(ascii: "/") }
        guard address.count <= 45, let bytes = Self.ipv4(address) ?? Self.ipv6(address) else { return nil }
        var prefixLength: Int?
        if scanner.skip("/") {
            guard let length = scanner.integer(digits: 3) else { return nil }
            prefixLength = length
        }
        guard scanner.isAtEnd else { return nil }
        self.init(bytes: bytes, prefixLength: prefixLength)
    }

    private static func ipv4(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var scanner = TextScanner(text)
        var bytes: [UInt8] = []
        repeat {
            let isPadded = scanner.next == 48
            let before = scanner.remaining
            // Some read 010 as eight.
            guard bytes.count < 4, let number = scanner.integer(digits: 3), let byte = UInt8(exactly: number),
                !isPadded || before - scanner.remaining == 1
            else { return nil }
            bytes.append(byte)
        } while scanner.skip(".")
        return bytes.count == 4 && scanner.isAtEnd ? bytes : nil
    }

    private static func ipv6(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var scanner = TextScanner(text)
        var bytes: [UInt8] = []
        // Where `::` stands for zeros.
        var gap: Int?
        if scanner.skip(":") {
            guard scanner.skip(":") else { return nil }
            gap = 0
        }
        while !scanner.isAtEnd {
            let part = scanner.take { $0 != UInt8(ascii: ":") }
            if part.contains(UInt8(ascii: ".")) {
                guard scanner.isAtEnd, let tail = ipv4(part) else { return nil }
                bytes.append(contentsOf: tail)
                break
            }
            guard (1...4).contains(part.count), bytes.count < 16 else { return nil }
            var word: UInt16 = 0
            for byte in part {
                guard let digit = HexDigits.value(of: byte) else { return nil }
                word = word << 4 | UInt16(digit)
            }
            bytes.append(UInt8(word >> 8))
            bytes.append(UInt8(truncatingIfNeeded: word))
            guard scanner.skip(":") else { break }
            if scanner.skip(":") {
                guard gap == nil else { return nil }
                gap = bytes.count
            } else if scanner.isAtEnd {
                return nil
            }
        }
        if let gap {
            guard bytes.count < 16 else { return nil }
            bytes.insert(contentsOf: repeatElement(0, count: 16 - bytes.count), at: gap)
        }
        return bytes.count == 16 ? bytes : nil
    }

    /// The text of `inet`: `192.168.0.1/24`, `2001:db8::1`.
    public var postgreSQLText: String {
        let address = family == .ipv4 ? Self.dotted(bytes[...]) : ipv6Text
        return isHost ? address : "\(address)/\(prefixLength)"
    }

    private static func dotted(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map(String.init).joined(separator: ".")
    }

    /// As `inet_net_ntop` writes it: `::` for the longest run of zeros, the first of several, and dots where IPv4 is embedded.
    private var ipv6Text: String {
        let words = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        var zeros = 0..<0
        var start = 0
        for (index, word) in words.enumerated() {
            if word != 0 { start = index + 1 }
            if index + 1 - start > max(zeros.count, 1) { zeros = start..<(index + 1) }
        }
        let isEmbedded = zeros.lowerBound == 0 && (zeros.count == 6 || (zeros.count == 5 && words[5] == 0xFFFF))
        var tail = words[zeros.upperBound...].map { String($0, radix: 16) }
        if isEmbedded { tail.replaceSubrange((tail.count - 2)..., with: [Self.dotted(bytes.suffix(4))]) }
        guard !zeros.isEmpty else { return tail.joined(separator: ":") }
        let head = words[..<zeros.lowerBound].map { String($0, radix: 16) }
        return head.joined(separator: ":") + "::" + tail.joined(separator: ":")
    }
}
