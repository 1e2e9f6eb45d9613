import CZlib
import NIOCore

/// How the content of frames is compressed: by the system's zlib.
struct CompressionAlgorithm: Sendable {
    /// The bytes one byte may stand for at most (zlib's technical details: 1032).
    let maximumRatio = 1_032

    /// The compressed bytes; nil when there is not the memory.
    func compress(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var length = compressBound(uLong(bytes.count))
        let source = bytes.bindMemory(to: UInt8.self)
        var isDone = false
        let compressed = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
            // The fastest level: a network that is worth compressing for gains most from it.
            isDone = compress2(buffer.baseAddress, &length, source.baseAddress, uLong(bytes.count), 1) == Z_OK
            count = isDone ? Int(length) : 0
        }
        return isDone ? compressed : nil
    }

    /// Appends what the bytes were before they were compressed; false unless that has exactly so many bytes.
    func decompress(_ bytes: UnsafeRawBufferPointer, count: Int, into buffer: inout ByteBuffer) -> Bool {
        let source = bytes.bindMemory(to: UInt8.self)
        var isDone = false
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { memory in
            let target = memory.bindMemory(to: UInt8.self)
            var length = uLong(count)
            isDone =
                uncompress(target.baseAddress, &length, source.baseAddress, uLong(bytes.count)) == Z_OK
                && length == uLong(count)
            return isDone ? count : 0
        }
        return isDone
    }
}
