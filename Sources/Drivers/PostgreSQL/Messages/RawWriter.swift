/// Writes into memory reserved for it, without the checks and calls a `ByteBuffer` costs for each value. For rows by the million.
struct RawWriter {
    private(set) var position: UnsafeMutableRawPointer
    private let end: UnsafeMutableRawPointer

    init(_ position: UnsafeMutableRawPointer, room: Int) {
        self.position = position
        end = position + room
    }

    /// The bytes that may still be written. Whoever writes asks first.
    @inline(__always)
    var room: Int { end - position }

    /// Writes an integer, most significant byte first.
    @inline(__always)
    mutating func store<T: FixedWidthInteger>(_ value: T) {
        position.storeBytes(of: value.bigEndian, as: T.self)
        position += MemoryLayout<T>.size
    }

    @inline(__always)
    mutating func copy(_ bytes: UnsafeRawPointer, count: Int) {
        position.copyMemory(from: bytes, byteCount: count)
        position += count
    }

    /// Writes bytes; false, and nothing written, when there is no room for them.
    @inline(__always)
    mutating func store(_ bytes: [UInt8]) -> Bool {
        guard room >= bytes.count else { return false }
        bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { copy(start, count: source.count) }
        }
        return true
    }

    /// Goes back to an earlier position: what was written since does not count.
    @inline(__always)
    mutating func rewind(to earlier: UnsafeMutableRawPointer) {
        position = earlier
    }
}
