import CZlib
public import Roost

/// Compresses to gzip (RFC 1952) as it comes in.
public struct GzipEncoder: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private var isOpen: Bool

    /// An encoder of zlib's level 1 … 9.
    public init(level: Int32 = 6) throws(DatabaseError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        isOpen = roost_zlib_deflate_init(stream, level, 31) == Z_OK
        if !isOpen { throw DatabaseError(.operational, .outOfMemory, "zlib cannot start.") }
    }

    deinit {
        if isOpen { deflateEnd(stream) }
        stream.deallocate()
    }

    /// Compresses `input`; what is ready comes out, the rest later.
    public mutating func encode(_ input: [UInt8], isLast: Bool) throws(DatabaseError) -> [UInt8] {
        var result: [UInt8] = []
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: max(input.count, 1))
        defer { buffer.deallocate() }
        buffer.initialize(from: input, count: input.count)
        let room = 65_536
        let output = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
        defer { output.deallocate() }
        stream.pointee.next_in = buffer
        stream.pointee.avail_in = uInt(input.count)
        while true {
            stream.pointee.next_out = output
            stream.pointee.avail_out = uInt(room)
            let status = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
            let count = room - Int(stream.pointee.avail_out)
            result.append(contentsOf: UnsafeBufferPointer(start: output, count: count))
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                throw DatabaseError(.internal, .protocolViolation, "zlib cannot compress.")
            }
            if status == Z_STREAM_END || stream.pointee.avail_out > 0 { return result }
        }
    }
}
