import Roost

extension Charset {
    /// The text of bytes in this character set, for those that need no tables but the one below.
    ///
    /// - Throws: `data.malformedValue` for bytes that are no such text; `notSupported.notSupported`, which names the character set,
    ///   for one that is not known here.
    func decode(_ bytes: some Collection<UInt8>) throws(DatabaseError) -> String {
        let decoded: String? =
            switch self {
            // Bytes are text where they happen to be UTF-8.
            case .utf8mb4, .utf8mb3, .binary: String(validating: bytes, as: UTF8.self)
            case .ascii: String(validating: bytes, as: Unicode.ASCII.self)
            case .latin1: Self.text(bytes.lazy.map { Self.latin1Scalar($0) })
            case .ucs2: Self.units(bytes, of: 2).flatMap { Self.text($0.lazy.map { Unicode.Scalar($0) }) }
            case .utf32: Self.units(bytes, of: 4).flatMap { Self.text($0.lazy.map { Unicode.Scalar($0) }) }
            case .utf16: Self.units(bytes, of: 2).flatMap(Self.utf16Text)
            case .utf16le: Self.units(bytes, of: 2, isLittleEndian: true).flatMap(Self.utf16Text)
            default:
                throw DatabaseError(
                    .notSupported,
                    .notSupported,
                    "Text in the character set \(name) is not decoded here.",
                    hint: "Let the server convert it: CONVERT(… USING utf8mb4); or read it as bytes.",
                    sqlState: "0A000",
                    engine: MySQLErrors.engine
                )
            }
        if let decoded { return decoded }
        throw DatabaseError(
            .data,
            .malformedValue,
            "A value is no text in the character set \(name).",
            hint: "Read it as bytes.",
            sqlState: "22021",
            engine: MySQLErrors.engine
        )
    }

    /// MySQL's `latin1` is Windows 1252, with the five bytes that leaves open as the control characters of ISO 8859-1.
    private static func latin1Scalar(_ byte: UInt8) -> Unicode.Scalar? {
        byte &- 0x80 < 0x20 ? Unicode.Scalar(windows1252[Int(byte - 0x80)]) : Unicode.Scalar(byte)
    }

    /// What 0x80 to 0x9F stand for.
    private static let windows1252: [UInt16] = [
        0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D,
        0x017D,
        0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153,
        0x009D,
        0x017E, 0x0178,
    ]

    /// nil as soon as something is no character.
    private static func text(_ scalars: some Sequence<Unicode.Scalar?>) -> String? {
        var text = String.UnicodeScalarView()
        for scalar in scalars {
            guard let scalar else { return nil }
            text.append(scalar)
        }
        return String(text)
    }

    private static func utf16Text(_ units: [UInt32]) -> String? {
        String(validating: units.lazy.map { UInt16(truncatingIfNeeded: $0) }, as: UTF16.self)
    }

    /// Numbers of two or four bytes; nil when bytes are left over.
    private static func units(
        _ bytes: some Collection<UInt8>,
        of size: Int,
        isLittleEndian: Bool = false
    ) -> [UInt32]? {
        guard bytes.count.isMultiple(of: size) else { return nil }
        var result: [UInt32] = []
        result.reserveCapacity(bytes.count / size)
        var rest = bytes[...]
        while !rest.isEmpty {
            let unit = rest.prefix(size)
            rest = rest.dropFirst(size)
            // The shift drops nothing: a unit has four bytes at most.
            result.append(
                isLittleEndian
                    ? unit.reversed().reduce(0) { $0 << 8 | UInt32($1) } : unit.reduce(0) { $0 << 8 | UInt32($1) }
            )
        }
        return result
    }
}
