import CZlib
import NIOCore

/// How the content of frames is compressed.
enum CompressionAlgorithm: Sendable {
    case zlib
    case zstd(ZstdLibrary)

    /// The level zstd is asked for, of the server too.
    static let zstdLevel: UInt8 = 3

    /// nil for none, and where the system lacks the library.
    init?(_ compression: MySQLConfiguration.Compression) {
        switch compression {
        case .none: return nil
        case .zlib: self = .zlib
        case .zstd:
            guard let library = ZstdLibrary.shared else { return nil }
            self = .zstd(library)
        }
    }

    /// The bytes one byte may stand for at most (zlib's technical details: 1032; RFC 8878, 3.1.1.2.2: a block of 128 KiB in four).
    var maximumRatio: Int {
        switch self {
        case .zlib: 1_032
        case .zstd: 32_768
        }
    }

    /// The compressed bytes; nil when there is not the memory.
    func compress(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        if case .zstd(let library) = self { return library.compress(bytes, level: Int32(Self.zstdLevel)) }
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
        var isDone = false
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { memory in
            let target = UnsafeMutableRawBufferPointer(rebasing: memory.prefix(count))
            isDone = decompress(bytes, into: target)
            return isDone ? count : 0
        }
        return isDone
    }

    private func decompress(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
        if case .zstd(let library) = self { return library.decompress(bytes, into: target) }
        var length = uLong(target.count)
        let (source, memory) = (bytes.bindMemory(to: UInt8.self), target.bindMemory(to: UInt8.self))
        return uncompress(memory.baseAddress, &length, source.baseAddress, uLong(bytes.count)) == Z_OK
            && length == uLong(target.count)
    }
}
