/// Reads a packet's fields (MySQL internals, "Basic Data Types"); every read is checked against what is there.
struct PacketReader {
    private var position: UnsafeRawPointer?
    private(set) var remaining: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        position = bytes.baseAddress
        remaining = bytes.count
    }

    @inline(__always)
    private mutating func take(_ count: Int) -> UnsafeRawPointer? {
        guard count >= 0, count <= remaining, let start = position else { return nil }
        position = start + count
        remaining -= count
        return start
    }

    /// An integer of its type's size, little-endian.
    @inline(__always)
    mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T? {
        take(MemoryLayout<T>.size).map { T(littleEndian: $0.loadUnaligned(as: T.self)) }
    }

    /// A length-encoded integer; nil for the marks of NULL and errors too.
    @inline(__always)
    mutating func lengthEncodedInteger() -> UInt64? {
        guard let first = integer(UInt8.self) else { return nil }
        switch first {
        case ..<0xFB: return UInt64(first)
        case 0xFC: return integer(UInt16.self).map(UInt64.init)
        case 0xFD:
            guard let start = take(3) else { return nil }
            let low = UInt16(littleEndian: start.loadUnaligned(as: UInt16.self))
            return UInt64(low) | UInt64((start + 2).load(as: UInt8.self)) << 16
        case 0xFE: return integer(UInt64.self)
        default: return nil
        }
    }

    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer? {
        if count == 0 { return UnsafeRawBufferPointer(start: position, count: 0) }
        return take(count).map { UnsafeRawBufferPointer(start: $0, count: count) }
    }

    /// Bytes with their length before them.
    @inline(__always)
    mutating func lengthEncodedBytes() -> UnsafeRawBufferPointer? {
        guard let length = lengthEncodedInteger(), length <= UInt64(remaining) else { return nil }
        return bytes(Int(length))
    }

    /// Text with its length before it; bytes that are not UTF-8 are replaced, since such text is only ever shown.
    mutating func lengthEncodedString() -> String? {
        lengthEncodedBytes().map { String(decoding: $0, as: UTF8.self) }
    }

    /// Text up to a zero byte.
    mutating func zeroTerminatedString() -> String? {
        let bytes = rest
        guard let end = bytes.firstIndex(of: 0), take(end + 1) != nil else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }

    /// What is left.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: position, count: remaining) }
}
