/// 128 bits that stand for a value or a row. Sums of them do not depend on the order of the rows, and count repeated ones.
///
/// It finds accidents, not forgeries: whoever may choose both sides' rows can make two digests equal.
struct RowDigest: Hashable, Sendable {
    var first: UInt64 = 0x243F_6A88_85A3_08D3
    var second: UInt64 = 0x1319_8A2E_0370_7344

    @inline(__always)
    mutating func mix(_ word: UInt64) {
        let one = (first ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        let two = (second &+ word).multipliedFullWidth(by: 0xC2B2_AE3D_27D4_EB4F)
        first = (one.high ^ one.low) &+ 0x1656_67B1_9E37_79F9
        second = (two.high ^ two.low) ^ (first << 23 | first >> 41)
    }

    @inline(__always)
    mutating func mix(_ bytes: UnsafeRawBufferPointer) {
        mix(UInt64(truncatingIfNeeded: bytes.count))
        var index = 0
        while index + 8 <= bytes.count {
            mix(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        guard index < bytes.count else { return }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = rest << 8 | UInt64(bytes[index])
            index += 1
        }
        mix(rest)
    }

    mutating func mix(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { mix($0) }
    }
}
