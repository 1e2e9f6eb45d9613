#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The system's libzstd, where there is one: looked for when a connection asks for it, so that nothing else needs it.
struct ZstdLibrary: Sendable {
    private typealias Bound = @convention(c) (Int) -> Int
    private typealias Compress = @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeRawPointer?, Int, Int32) -> Int
    private typealias Decompress = @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeRawPointer?, Int) -> Int
    private typealias IsError = @convention(c) (Int) -> UInt32

    private let bound: Bound
    private let compressFunction: Compress
    private let decompressFunction: Decompress
    private let isError: IsError

    /// The library; nil where the system has none.
    static let shared = ZstdLibrary()

    private init?() {
        let names = ["libzstd.so.1", "libzstd.so", "libzstd.1.dylib", "/opt/homebrew/lib/libzstd.1.dylib"]
        guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW) }).first,
            let bound = dlsym(library, "ZSTD_compressBound"), let compress = dlsym(library, "ZSTD_compress"),
            let decompress = dlsym(library, "ZSTD_decompress"), let isError = dlsym(library, "ZSTD_isError")
        else { return nil }
        self.bound = unsafeBitCast(bound, to: Bound.self)
        compressFunction = unsafeBitCast(compress, to: Compress.self)
        decompressFunction = unsafeBitCast(decompress, to: Decompress.self)
        self.isError = unsafeBitCast(isError, to: IsError.self)
    }

    /// The compressed bytes; nil when there is not the memory.
    func compress(_ bytes: UnsafeRawBufferPointer, level: Int32) -> [UInt8]? {
        let room = bound(bytes.count)
        guard isError(room) == 0 else { return nil }
        var isDone = false
        let compressed = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            let length = compressFunction(buffer.baseAddress, room, bytes.baseAddress, bytes.count, level)
            isDone = isError(length) == 0
            count = isDone ? length : 0
        }
        return isDone ? compressed : nil
    }

    /// Decompresses; true if that fills the memory exactly.
    func decompress(_ bytes: UnsafeRawBufferPointer, into memory: UnsafeMutableRawBufferPointer) -> Bool {
        let length = decompressFunction(memory.baseAddress, memory.count, bytes.baseAddress, bytes.count)
        return isError(length) == 0 && length == memory.count
    }
}
