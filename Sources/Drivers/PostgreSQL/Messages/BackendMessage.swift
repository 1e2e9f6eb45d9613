/// The first byte of a message from the server (PostgreSQL documentation, "Message Formats").
struct BackendTag: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }
    private init(_ character: Unicode.Scalar) { rawValue = UInt8(ascii: character) }

    static let authentication = Self("R")
    static let backendKeyData = Self("K")
    static let bindComplete = Self("2")
    static let closeComplete = Self("3")
    static let commandComplete = Self("C")
    static let copyBothResponse = Self("W")
    static let copyData = Self("d")
    static let copyDone = Self("c")
    static let copyInResponse = Self("G")
    static let copyOutResponse = Self("H")
    static let dataRow = Self("D")
    static let emptyQueryResponse = Self("I")
    static let errorResponse = Self("E")
    static let negotiateProtocolVersion = Self("v")
    static let noData = Self("n")
    static let noticeResponse = Self("N")
    static let notificationResponse = Self("A")
    static let parameterDescription = Self("t")
    static let parameterStatus = Self("S")
    static let parseComplete = Self("1")
    static let portalSuspended = Self("s")
    static let readyForQuery = Self("Z")
    static let rowDescription = Self("T")

    /// The longest message of this kind that is believed, in bytes. Rows and copied data may be as long as the server allows them
    /// to be; everything else has no reason to be long, and a length beyond reason means that the stream is out of step.
    var maximumLength: Int {
        switch self {
        case .dataRow, .copyData: 1 << 30
        case .errorResponse, .noticeResponse, .rowDescription, .notificationResponse: 1 << 24
        // Hundreds of these are kept.
        case .parameterStatus: 1 << 16
        default: 1 << 20
        }
    }
}

extension BackendTag: CustomStringConvertible {
    var description: String {
        rawValue > 32 && rawValue < 127 ? "'\(Unicode.Scalar(rawValue))'" : "\(rawValue)"
    }
}

/// Reads a message's fields; every read is checked against what is there.
struct MessageReader {
    private var position: UnsafeRawPointer?
    private(set) var remaining: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        position = bytes.baseAddress
        remaining = bytes.count
    }

    private mutating func take(_ count: Int) -> UnsafeRawPointer? {
        guard count >= 0, count <= remaining, let start = position else { return nil }
        position = start + count
        remaining -= count
        return start
    }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T? {
        take(MemoryLayout<T>.size).map { T(bigEndian: $0.loadUnaligned(as: T.self)) }
    }

    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer? {
        if count == 0 { return UnsafeRawBufferPointer(start: position, count: 0) }
        return take(count).map { UnsafeRawBufferPointer(start: $0, count: count) }
    }

    /// Text up to a zero byte; bytes that are not UTF-8 are replaced, since such text is only ever shown.
    mutating func string() -> String? {
        guard let start = position else { return nil }
        let bytes = UnsafeRawBufferPointer(start: start, count: remaining)
        guard let end = bytes.firstIndex(of: 0) else { return nil }
        _ = take(end + 1)
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: position, count: remaining) }
}
