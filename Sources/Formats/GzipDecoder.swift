import CZlib
public import Roost

/// Decompresses gzip (RFC 1952), several members after one another included, as it comes in.
public struct GzipDecoder: ~Copyable {
    // z_stream refers to its own address, so it stays where it was initialised.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isOpen: Bool
    /// Whether the input may end here: at the end of a member.
    private var isAtEnd = false

    /// Whether a file begins as gzip files do.
    public static func recognizes(_ start: some Sequence<UInt8>) -> Bool {
        start.prefix(2).elementsEqual([0x1F, 0x8B])
    }

    /// A decoder.
    ///
    /// - Throws: `data.malformedValue` when zlib has no memory for it.
    public init() throws(DatabaseError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        isOpen = roost_zlib_inflate_init(stream, 31) == Z_OK
        if !isOpen { throw Self.failure("zlib cannot start") }
    }

    deinit {
        if isOpen { inflateEnd(stream) }
        stream.deallocate()
    }

    /// Decompresses `input` and hands what comes out to `write`, at most 256 KiB at a time: a small file may hold much.
    ///
    /// - Throws: `data.malformedValue` for what is no gzip; what `write` throws.
    public mutating func decode(
        _ input: [UInt8],
        _ write: (UnsafeRawBufferPointer) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        guard !input.isEmpty else { return }
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: input.count)
        defer { buffer.deallocate() }
        buffer.initialize(from: input, count: input.count)
        let room = 262_144
        let output = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
        defer { output.deallocate() }
        stream.pointee.next_in = buffer
        stream.pointee.avail_in = uInt(input.count)
        while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0 {
            if isAtEnd {
                guard stream.pointee.avail_in > 0 else { break }
                guard inflateReset(stream) == Z_OK else { throw Self.failure("zlib cannot go on") }
                isAtEnd = false
            }
            stream.pointee.next_out = output
            stream.pointee.avail_out = uInt(room)
            let status = inflate(stream, Z_NO_FLUSH)
            let count = room - Int(stream.pointee.avail_out)
            if count > 0 { try write(UnsafeRawBufferPointer(start: output, count: count)) }
            switch status {
            case Z_OK: break
            case Z_STREAM_END: isAtEnd = true
            case Z_BUF_ERROR where stream.pointee.avail_in == 0: return
            default: throw Self.failure("the data is damaged")
            }
        }
    }

    /// The input is over.
    ///
    /// - Throws: `data.malformedValue` when it ends in the middle.
    public func finish() throws(DatabaseError) {
        if !isAtEnd { throw Self.failure("the data ends in the middle") }
    }

    private static func failure(_ reason: String) -> DatabaseError {
        DatabaseError(.data, .malformedValue, "Gzip: \(reason).", hint: "Check the file with gzip --test.")
    }
}
