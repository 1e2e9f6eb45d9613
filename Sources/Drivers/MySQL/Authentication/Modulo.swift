/// Numbers of 256 bits in four words, the lowest first.
typealias Words = SIMD4<UInt64>

/// Arithmetic of whole numbers that Curve25519 needs and swift-crypto does not offer.
///
/// The steps taken do not depend on the numbers: no branch and no place in memory tells of a secret.
enum Modulo {
    /// The prime of the field, 2^255 - 19.
    static let prime = Words(0xFFFF_FFFF_FFFF_FFED, .max, .max, 0x7FFF_FFFF_FFFF_FFFF)
    /// How many points the base point generates, 2^252 + 27742317777372353535851937790883648493.
    static let order = Words(0x5812_631A_5CF5_D3ED, 0x14DE_F9DE_A2F7_9CD6, 0, 0x1000_0000_0000_0000)

    /// A number from its bytes, the lowest first; bytes that are missing are zero.
    static func words(_ bytes: some Collection<UInt8>) -> Words {
        var result = Words.zero
        for (index, byte) in bytes.prefix(32).enumerated() {
            result[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8)
        }
        return result
    }

    /// The 32 bytes of a number, the lowest first.
    static func bytes(_ words: Words) -> [UInt8] {
        (0..<32).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64($0 % 8 * 8)) }
    }

    // MARK: Modulo the order

    /// `number modulo order` of 512 bits, the lowest byte first.
    static func reduced(_ bytes: [UInt8]) -> Words {
        reduced(low: words(bytes.prefix(32)), high: words(bytes.dropFirst(32)))
    }

    /// `(left * right + term) modulo order`
    static func multiplyAdd(_ left: Words, _ right: Words, _ term: Words) -> Words {
        let (low, high) = product(reduced(low: left, high: .zero), reduced(low: right, high: .zero))
        let sum = added(reduced(low: low, high: high), reduced(low: term, high: .zero)).sum
        return reduced(low: sum, high: .zero)
    }

    /// `-number modulo order`
    static func negated(_ number: Words) -> Words {
        let difference = subtracted(order, reduced(low: number, high: .zero)).difference
        return reduced(low: difference, high: .zero)
    }

    /// Long division, bit by bit: slow, and the same for every number.
    private static func reduced(low: Words, high: Words) -> Words {
        var rest = Words.zero
        for index in (0..<512).reversed() {
            let source = index < 256 ? low : high
            let bit = source[index % 256 / 64] >> UInt64(index % 64) & 1
            // The rest is less than the order, so that a bit more stays below 2^254.
            rest = Words(
                rest[0] << 1 | bit,
                rest[1] << 1 | rest[0] >> 63,
                rest[2] << 1 | rest[1] >> 63,
                rest[3] << 1 | rest[2] >> 63
            )
            rest = subtractedWhereLarger(rest, order)
        }
        return rest
    }

    // MARK: Modulo the prime

    /// `(number - 1) / (number + 1) modulo prime`: the y of a point on Edwards' curve by its u on Montgomery's
    /// (RFC 7748 §4.1).
    static func edwardsY(montgomeryU number: Words) -> Words {
        let one = Words(1, 0, 0, 0)
        let numerator = fieldReduced(added(number, subtracted(prime, one).difference).sum)
        let denominator = fieldReduced(added(number, one).sum)
        return fieldReduced(fieldProduct(numerator, inverse(denominator)))
    }

    /// `1 / number modulo prime`, and 0 for 0: the power of `prime - 2` (Fermat).
    private static func inverse(_ number: Words) -> Words {
        var result = number
        // All bits of the exponent are set but two of the lowest five: 2^255 - 21 ends in 01011.
        for bit in (0..<254).reversed() {
            result = fieldProduct(result, result)
            if bit != 2, bit != 4 { result = fieldProduct(result, number) }
        }
        return result
    }

    /// A product below 2^256, which may be more than the prime.
    private static func fieldProduct(_ left: Words, _ right: Words) -> Words {
        let (low, high) = product(left, right)
        // 2^256 is 38 modulo the prime.
        let (folded, carry) = product(high, Words(38, 0, 0, 0))
        let (sum, first) = added(folded, low)
        let (again, second) = added(sum, Words((carry[0] + first) * 38, 0, 0, 0))
        return added(again, Words(second * 38, 0, 0, 0)).sum
    }

    private static func fieldReduced(_ number: Words) -> Words {
        subtractedWhereLarger(subtractedWhereLarger(number, prime), prime)
    }

    // MARK: Words

    private static func product(_ left: Words, _ right: Words) -> (low: Words, high: Words) {
        var result = (low: Words.zero, high: Words.zero)
        for row in 0..<4 {
            var carry: UInt64 = 0
            for column in 0..<4 {
                let place = row + column
                let (high, low) = left[row].multipliedFullWidth(by: right[column])
                let present = place < 4 ? result.low[place] : result.high[place - 4]
                let (once, first) = low.addingReportingOverflow(present)
                let (twice, second) = once.addingReportingOverflow(carry)
                carry = high &+ (first ? 1 : 0) &+ (second ? 1 : 0)
                if place < 4 { result.low[place] = twice } else { result.high[place - 4] = twice }
            }
            result.high[row] = carry
        }
        return result
    }

    private static func added(_ left: Words, _ right: Words) -> (sum: Words, carry: UInt64) {
        var result = Words.zero
        var carry: UInt64 = 0
        for index in 0..<4 {
            let (once, first) = left[index].addingReportingOverflow(right[index])
            let (twice, second) = once.addingReportingOverflow(carry)
            result[index] = twice
            carry = (first ? 1 : 0) | (second ? 1 : 0)
        }
        return (result, carry)
    }

    private static func subtracted(_ left: Words, _ right: Words) -> (difference: Words, borrow: UInt64) {
        var result = Words.zero
        var borrow: UInt64 = 0
        for index in 0..<4 {
            let (once, first) = left[index].subtractingReportingOverflow(right[index])
            let (twice, second) = once.subtractingReportingOverflow(borrow)
            result[index] = twice
            borrow = (first ? 1 : 0) | (second ? 1 : 0)
        }
        return (result, borrow)
    }

    private static func subtractedWhereLarger(_ number: Words, _ modulus: Words) -> Words {
        let (difference, borrow) = subtracted(number, modulus)
        let mask = Words(repeating: 0 &- borrow)
        return (number & mask) | (difference & ~mask)
    }
}
