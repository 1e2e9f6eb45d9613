import Roost

/// A character set, by what both servers call it. The number in a column's definition is that of a collation, which has one.
///
/// The connection asks for `utf8mb4`, and the server converts; others are met where it cannot know that bytes are text.
struct Charset: Sendable, Hashable {
    /// The server's name for it, such as `utf8mb4`.
    let name: String
    /// How many bytes a character takes at most.
    let maximumBytesPerCharacter: Int

    /// Whether it is `binary`: bytes, not text.
    var isBinary: Bool { name == Self.binary.name }

    /// Whether its text is UTF-8 as it is.
    var isUTF8: Bool { [Self.utf8mb4, .utf8mb3, .ascii, .binary].contains(self) }

    /// How many characters fit into a column of so many bytes, which is how the protocol gives a column's width.
    func characters(inBytes count: Int) -> Int {
        count / maximumBytesPerCharacter
    }

    private init(_ name: String, _ maximumBytesPerCharacter: Int = 1) {
        self.name = name
        self.maximumBytesPerCharacter = maximumBytesPerCharacter
    }

    static let binary = Charset("binary")
    static let ascii = Charset("ascii")
    static let latin1 = Charset("latin1")
    static let utf8mb3 = Charset("utf8mb3", 3)
    static let utf8mb4 = Charset("utf8mb4", 4)
    static let ucs2 = Charset("ucs2", 2)
    static let utf16 = Charset("utf16", 4)
    static let utf16le = Charset("utf16le", 4)
    static let utf32 = Charset("utf32", 4)

    // MARK: By collation

    /// The character set of a collation (`information_schema.COLLATIONS` of MySQL 9 and MariaDB 12).
    ///
    /// - Returns: nil for a number that neither server knows.
    init?(collation: UInt16) {
        switch collation {
        case 0..<1024: self.init(base: collation)
        // MariaDB: the same without padding.
        case 1024..<2048: self.init(base: collation - 1024)
        // MariaDB's UCA 14.0.0: 256 numbers for each character set of Unicode.
        case 2048..<3328: self = Self.unicode[Int(collation - 2048) / 256]
        default: return nil
        }
    }

    private static let unicode = [utf8mb3, utf8mb4, ucs2, utf16, utf32]

    private init?(base collation: UInt16) {
        switch collation {
        case 1...100:
            guard let known = Self.numbered[collation] else { return nil }
            self = known
        case 101...124: self = .utf16
        case 128...151, 159: self = .ucs2
        case 160...183: self = .utf32
        case 192...215, 223, 254: self = .utf8mb3
        case 224...247: self = .utf8mb4
        case 248...250: self = Self("gb18030", 4)
        // MySQL 8: UCA 9.0.0.
        case 255...323: self = .utf8mb4
        // MariaDB's additions: 32 numbers for each character set of Unicode.
        case 576...578: self = .utf8mb3
        case 608...610: self = .utf8mb4
        case 640...642: self = .ucs2
        case 672...674: self = .utf16
        case 736...738: self = .utf32
        default: return nil
        }
    }

    /// The collations that came first, in no order.
    private static let numbered: [UInt16: Charset] = {
        let sets: [(Charset, [UInt16])] = [
            (.binary, [63]),
            (.ascii, [11, 65]),
            (.latin1, [5, 8, 15, 31, 47, 48, 49, 94]),
            (.utf8mb3, [33, 76, 83]),
            (.utf8mb4, [45, 46]),
            (.ucs2, [35, 90]),
            (.utf16, [54, 55]),
            (.utf16le, [56, 62]),
            (.utf32, [60, 61]),
            (Charset("armscii8"), [32, 64]),
            (Charset("big5", 2), [1, 84]),
            (Charset("cp1250"), [26, 34, 44, 66, 99]),
            (Charset("cp1251"), [14, 23, 50, 51, 52]),
            (Charset("cp1256"), [57, 67]),
            (Charset("cp1257"), [29, 58, 59]),
            (Charset("cp850"), [4, 80]),
            (Charset("cp852"), [40, 81]),
            (Charset("cp866"), [36, 68]),
            (Charset("cp932", 2), [95, 96]),
            (Charset("dec8"), [3, 69]),
            (Charset("eucjpms", 3), [97, 98]),
            (Charset("euckr", 2), [19, 85]),
            (Charset("filename", 5), [17]),
            (Charset("gb2312", 2), [24, 86]),
            (Charset("gbk", 2), [28, 87]),
            (Charset("geostd8"), [92, 93]),
            (Charset("greek"), [25, 70]),
            (Charset("hebrew"), [16, 71]),
            (Charset("hp8"), [6, 72]),
            (Charset("keybcs2"), [37, 73]),
            (Charset("koi8r"), [7, 74]),
            (Charset("koi8u"), [22, 75]),
            (Charset("latin2"), [2, 9, 21, 27, 77]),
            (Charset("latin5"), [30, 78]),
            (Charset("latin7"), [20, 41, 42, 79]),
            (Charset("macce"), [38, 43]),
            (Charset("macroman"), [39, 53]),
            (Charset("sjis", 2), [13, 88]),
            (Charset("swe7"), [10, 82]),
            (Charset("tis620"), [18, 89]),
            (Charset("ujis", 3), [12, 91]),
        ]
        return Dictionary(uniqueKeysWithValues: sets.flatMap { set, numbers in numbers.map { ($0, set) } })
    }()
}
