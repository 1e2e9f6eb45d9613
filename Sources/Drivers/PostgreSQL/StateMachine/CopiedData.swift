import DequeModule

/// Data of a COPY that arrived and was not taken yet, without the messages it came in: the server sends one for each row.
struct CopiedData {
    /// Bytes after which the consumer is too far behind to read on.
    private static let capacity = 1 << 20
    /// Bytes of a piece; a little less than a power of two, so that it fits one with what is written around it. A longer row is a piece
    /// of its own.
    private static let pieceBytes = 1 << 18 - 1 << 10

    private var pieces = Deque<[UInt8]>()
    private var last: [UInt8] = []
    private(set) var count = 0
    /// Whether nothing is handed out before there is a whole piece, or the end: a change of threads costs more than hundreds of rows.
    var isGathered = false

    var isEmpty: Bool { count == 0 }
    /// Whether the consumer is to be woken.
    var isDue: Bool { isGathered ? !pieces.isEmpty : count > 0 }
    /// Whether reading is to stop until some was taken.
    var isFull: Bool { count >= Self.capacity }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if !last.isEmpty, last.count + bytes.count > Self.pieceBytes {
            pieces.append(last)
            last = []
            last.reserveCapacity(Self.pieceBytes)
        }
        last.append(contentsOf: bytes)
        count += bytes.count
        // Whoever is full has a piece to hand out, or both sides would wait.
        if last.count >= Self.pieceBytes {
            pieces.append(last)
            last = []
        }
    }

    /// Takes in the whole messages of data that `bytes` begins with, until there is enough; returns how many bytes they have.
    mutating func takeMessages(_ bytes: UnsafeRawBufferPointer) -> Int {
        var used = 0
        while !isFull, bytes.count - used >= 5, bytes[used] == BackendTag.copyData.rawValue {
            let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: used + 1, as: Int32.self)))
            guard length >= 4, length <= BackendTag.copyData.maximumLength, bytes.count - used > length else { break }
            append(UnsafeRawBufferPointer(rebasing: bytes[(used + 5)..<(used + 1 + length)]))
            used += length + 1
        }
        return used
    }

    /// The next piece; nil when there is none.
    mutating func next() -> [UInt8]? {
        if let piece = pieces.popFirst() {
            count -= piece.count
            return piece
        }
        guard count > 0 else { return nil }
        defer {
            last = []
            count = 0
        }
        return last
    }

    mutating func removeAll() {
        pieces.removeAll()
        last = []
        count = 0
    }
}
