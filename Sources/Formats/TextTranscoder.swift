/// How a text file is encoded.
public enum TextEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case latin1 = "latin-1"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
}

/// Turns a text that comes in pieces into UTF-8.
public struct TextTranscoder: Sendable {
    private let encoding: TextEncoding
    /// Bytes of a character whose rest has not come yet.
    private var pending: [UInt8] = []

    /// A transcoder.
    public init(_ encoding: TextEncoding) {
        self.encoding = encoding
    }

    /// Whether the text is UTF-8 already and need not go through here.
    public var isIdentity: Bool { encoding == .utf8 }

    /// The UTF-8 of a piece. What stands for no character becomes a byte that is no UTF-8, so that its value is refused with its place.
    public mutating func transcode(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 2)
        switch encoding {
        case .utf8: result.append(contentsOf: bytes)
        case .latin1:
            for byte in bytes {
                if byte < 0x80 {
                    result.append(byte)
                } else {
                    result.append(0xC0 | byte >> 6)
                    result.append(0x80 | byte & 0x3F)
                }
            }
        case .utf16LittleEndian, .utf16BigEndian:
            let input = pending + Array(bytes)
            pending = []
            func unit(_ index: Int) -> UInt32 {
                let (first, second) = (UInt32(input[index]), UInt32(input[index + 1]))
                return encoding == .utf16BigEndian ? first << 8 | second : second << 8 | first
            }
            var index = 0
            while index + 2 <= input.count {
                var scalar = unit(index)
                if (0xD800..<0xDC00).contains(scalar) {
                    guard index + 4 <= input.count else { break }
                    let low = unit(index + 2)
                    if (0xDC00..<0xE000).contains(low) {
                        scalar = 0x10000 + (scalar - 0xD800) << 10 + low - 0xDC00
                        index += 2
                    }
                }
                index += 2
                if let character = Unicode.Scalar(scalar), let encoded = UTF8.encode(character) {
                    result.append(contentsOf: encoded)
                } else {
                    result.append(0xFF)
                }
            }
            pending = Array(input[index...])
        }
        return result
    }

    /// What is left at the end: half a character makes the text no UTF-8.
    public mutating func finish() -> [UInt8] {
        defer { pending = [] }
        return pending.isEmpty ? [] : [0xFF]
    }
}
