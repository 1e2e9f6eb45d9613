import Roost

extension JSONScanner {
    /// A JSON text in one form of the many that mean the same: members by name, the last of a name, numbers without needless zeros, strings
    /// with the fewest escapes, no white space; nil when it is no JSON.
    public static func canonical(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var scanner = JSONScanner(bytes)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        guard scanner.appendCanonical(to: &result, depth: 0), scanner.isAtEnd else { return nil }
        return result
    }

    private mutating func appendCanonical(to result: inout [UInt8], depth: Int) -> Bool {
        guard depth < Self.maximumDepth, let kind = nextKind else { return false }
        switch kind {
        case .string:
            var text: [UInt8] = []
            guard readString(into: &text) else { return false }
            JSON.appendQuoted(String(decoding: text, as: UTF8.self), to: &result)
        case .number:
            guard let range = skipValue(),
                let number = BigDecimal(utf8: UnsafeRawBufferPointer(rebasing: bytes[range]))
            else { return false }
            result.append(contentsOf: NumberText.canonical(number.description.utf8))
        case .bool, .null:
            guard let range = skipValue() else { return false }
            result.append(contentsOf: bytes[range])
        case .array:
            guard skip(0x5B) else { return false }
            result.append(0x5B)
            if skip(0x5D) {
                result.append(0x5D)
                return true
            }
            repeat {
                if result.last != 0x5B { result.append(0x2C) }
                guard appendCanonical(to: &result, depth: depth + 1) else { return false }
            } while skip(0x2C)
            guard skip(0x5D) else { return false }
            result.append(0x5D)
        case .object: return appendCanonicalObject(to: &result, depth: depth)
        }
        return true
    }

    private mutating func appendCanonicalObject(to result: inout [UInt8], depth: Int) -> Bool {
        guard skip(0x7B) else { return false }
        var members: [String: [UInt8]] = [:]
        if !skip(0x7D) {
            repeat {
                var name: [UInt8] = []
                guard readString(into: &name), skip(0x3A) else { return false }
                var value: [UInt8] = []
                guard appendCanonical(to: &value, depth: depth + 1) else { return false }
                members[String(decoding: name, as: UTF8.self)] = value
            } while skip(0x2C)
            guard skip(0x7D) else { return false }
        }
        result.append(0x7B)
        for (index, member) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }).enumerated() {
            if index > 0 { result.append(0x2C) }
            JSON.appendQuoted(member.key, to: &result)
            result.append(0x3A)
            result.append(contentsOf: member.value)
        }
        result.append(0x7D)
        return true
    }
}

/// Numbers as text in one form of the many that mean the same.
public enum NumberText {
    /// A plain decimal without leading zeros, without zeros at its end, and zero without a sign.
    public static func canonical(_ text: some Collection<UInt8>) -> [UInt8] {
        var digits = Array(text)
        let isNegative = digits.first == 0x2D
        if isNegative || digits.first == 0x2B { digits.removeFirst() }
        if digits.contains(0x2E) {
            while digits.last == 48 { digits.removeLast() }
            if digits.last == 0x2E { digits.removeLast() }
        }
        while digits.count > 1, digits[0] == 48, digits[1] != 0x2E { digits.removeFirst() }
        if digits == [48] || digits.isEmpty { return [48] }
        return isNegative ? [0x2D] + digits : digits
    }
}
