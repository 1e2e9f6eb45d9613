import NIOCore
import Roost

/// The frames that packets go in where compression was agreed on ("Compressed Packet"): three bytes of length, a number, the length of
/// what is inside before it was compressed, or 0 for what is sent as it is.
///
/// Confined to its connection's event loop.
final class FrameCodec {
    /// How what is inside is compressed.
    let algorithm: CompressionAlgorithm
    /// The number of the next frame to send.
    private var sequence: UInt8 = 0
    /// Packets, whole and in parts, that were taken out of frames and are not read yet.
    private var plain = ByteBuffer()
    /// Bytes of the frame whose packets are being read.
    private var openFrame: Int?

    /// Frames hold no more than a packet may.
    private static let maximumContent = 0xFF_FFFF
    /// What is shorter is not worth compressing.
    private static let minimumLength = 150
    private static let headerLength = 7

    init(_ algorithm: CompressionAlgorithm) { self.algorithm = algorithm }

    // MARK: Sending

    /// Writes packets in frames.
    ///
    /// - Parameter isCommand: whether a new exchange begins, and the frames' numbers with it.
    func write(_ packets: UnsafeRawBufferPointer, isCommand: Bool, to buffer: inout ByteBuffer) {
        if isCommand { sequence = 0 }
        var start = 0
        repeat {
            let end = min(start + Self.maximumContent, packets.count)
            writeFrame(UnsafeRawBufferPointer(rebasing: packets[start..<end]), to: &buffer)
            start = end
        } while start < packets.count
    }

    private func writeFrame(_ content: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        defer { sequence &+= 1 }
        if content.count >= Self.minimumLength, let compressed = algorithm.compress(content),
            compressed.count < content.count
        {
            writeHeader(length: compressed.count, content: content.count, to: &buffer)
            buffer.writeBytes(compressed)
        } else {
            writeHeader(length: content.count, content: 0, to: &buffer)
            buffer.writeBytes(content)
        }
    }

    private func writeHeader(length: Int, content: Int, to buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt32(truncatingIfNeeded: length) | UInt32(sequence) << 24, endianness: .little)
        buffer.writeInteger(UInt16(truncatingIfNeeded: content), endianness: .little)
        buffer.writeInteger(UInt8(truncatingIfNeeded: content >> 16))
    }

    // MARK: Receiving

    /// Hands the packets in frames to `read`, which says how many bytes it used.
    ///
    /// A frame of which `read` left something because its consumer is behind is not used up: what is left comes again with it.
    ///
    /// - Parameter isFull: whether the consumer is behind.
    /// - Returns: the bytes of frames that are used up.
    /// - Throws: `internal.protocolViolation` for a frame that contradicts itself, and what `read` throws.
    func receive(
        _ bytes: UnsafeRawBufferPointer,
        isFull: () -> Bool,
        read: (UnsafeRawBufferPointer) throws(DatabaseError) -> Int
    ) throws(DatabaseError) -> Int {
        var used = 0
        while true {
            if openFrame == nil {
                guard let length = try openNext(UnsafeRawBufferPointer(rebasing: bytes[used...])) else { return used }
                openFrame = length
            }
            var outcome = Result<Int, DatabaseError>.success(0)
            plain.withUnsafeReadableBytes { content in
                do throws(DatabaseError) { outcome = .success(try read(content)) } catch { outcome = .failure(error) }
            }
            plain.moveReaderIndex(forwardBy: min(try outcome.get(), plain.readableBytes))
            if isFull(), plain.readableBytes > 0 { return used }
            if plain.readableBytes == 0 { plain.clear() } else { plain.discardReadBytes() }
            used += openFrame ?? 0
            openFrame = nil
        }
    }

    /// Takes the content out of the next frame; nil while it is incomplete.
    ///
    /// - Returns: the frame's length.
    private func openNext(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> Int? {
        guard bytes.count >= Self.headerLength else { return nil }
        let head = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        let length = Int(head & 0xFF_FFFF)
        guard bytes.count - Self.headerLength >= length else { return nil }
        let stated = Int(bytes[4]) | Int(bytes[5]) << 8 | Int(bytes[6]) << 16
        sequence = UInt8(head >> 24) &+ 1
        let content = UnsafeRawBufferPointer(rebasing: bytes[Self.headerLength..<(Self.headerLength + length)])
        if stated == 0 {
            plain.writeBytes(content)
        } else {
            // No algorithm makes so little of so much: nothing is reserved on a server's word alone.
            guard stated <= length * algorithm.maximumRatio + 1_024,
                algorithm.decompress(content, count: stated, into: &plain)
            else { throw MySQLErrors.violation("a compressed frame that is malformed") }
        }
        return Self.headerLength + length
    }
}

extension ByteBuffer {
    /// Writes what `body` writes as one payload, in packets, and those in frames where there are any.
    mutating func writePacket<E: Error>(
        sequence: inout UInt8,
        in frames: FrameCodec?,
        isCommand: Bool = true,
        _ body: (inout ByteBuffer) throws(E) -> Void
    ) throws(E) {
        guard let frames else { return try writePacket(sequence: &sequence, body) }
        var packets = ByteBuffer()
        try packets.writePacket(sequence: &sequence, body)
        packets.withUnsafeReadableBytes { frames.write($0, isCommand: isCommand, to: &self) }
    }
}
