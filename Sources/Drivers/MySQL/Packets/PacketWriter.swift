import NIOCore

extension ByteBuffer {
    /// The most bytes of one packet; a longer payload goes in several, the last of which is shorter ("Sending More Than 16Mb").
    static let maximumPayload = 0xFF_FFFF

    /// Writes what `body` writes as one payload, in as many packets as it takes.
    ///
    /// - Parameter sequence: the first packet's number; the next one's afterwards.
    mutating func writePacket<E: Error>(
        sequence: inout UInt8,
        _ body: (inout ByteBuffer) throws(E) -> Void
    ) throws(E) {
        let start = writerIndex
        writeInteger(UInt32(0))
        try body(&self)
        let length = writerIndex - start - 4
        if length < Self.maximumPayload {
            setHeader(at: start, length: length, sequence: sequence)
            sequence &+= 1
        } else {
            split(from: start, length: length, &sequence)
        }
    }

    private mutating func setHeader(at index: Int, length: Int, sequence: UInt8) {
        setInteger(UInt32(truncatingIfNeeded: length) | UInt32(sequence) << 24, at: index, endianness: .little)
    }

    private mutating func split(from start: Int, length: Int, _ sequence: inout UInt8) {
        var payload = getSlice(at: start + 4, length: length) ?? ByteBuffer()
        moveWriterIndex(to: start)
        // A payload that fills its last packet is followed by an empty one.
        var isFull = true
        while isFull {
            let count = min(payload.readableBytes, Self.maximumPayload)
            isFull = count == Self.maximumPayload
            let index = writerIndex
            writeInteger(UInt32(0))
            setHeader(at: index, length: count, sequence: sequence)
            sequence &+= 1
            if var part = payload.readSlice(length: count) { writeBuffer(&part) }
        }
    }

    mutating func writeLengthEncoded(_ value: Int) {
        switch value {
        case ..<0xFB: writeInteger(UInt8(truncatingIfNeeded: value))
        case ...0xFFFF: writeMultipleIntegers(UInt8(0xFC), UInt16(truncatingIfNeeded: value), endianness: .little)
        case ...0xFF_FFFF:
            writeInteger(UInt32(truncatingIfNeeded: value) << 8 | 0xFD, endianness: .little)
        default: writeMultipleIntegers(UInt8(0xFE), UInt64(truncatingIfNeeded: value), endianness: .little)
        }
    }

    mutating func writeLengthEncoded(_ text: String) {
        writeLengthEncoded(text.utf8.count)
        writeString(text)
    }

    mutating func writeLengthEncoded(_ bytes: UnsafeRawBufferPointer) {
        writeLengthEncoded(bytes.count)
        writeBytes(bytes)
    }

    mutating func writeZeroTerminated(_ text: String) {
        writeString(text)
        writeInteger(UInt8(0))
    }
}
