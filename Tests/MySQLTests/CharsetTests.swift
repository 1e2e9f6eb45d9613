import Roost
import RoostTestSupport
import Testing

@testable import RoostMySQL

/// Character sets by collation. The lists are those of MySQL 8.0.30's connector and of MariaDB 10.11's charsets/Index.xml.
@Suite struct CharsetTests {
    @Test(
        arguments: [
            ("latin2", 1, [2, 9, 21, 27, 77, 1033, 1101]),
            ("latin1", 1, [5, 8, 15, 31, 47, 48, 49, 94, 1032, 1071]),
            ("big5", 2, [1, 84]),
            ("ascii", 1, [11, 65, 1035, 1089]),
            ("cp1250", 1, [26, 34, 44, 66, 99, 1050, 1090]),
            ("cp1251", 1, [14, 23, 50, 51, 52, 1074, 1075]),
            ("cp850", 1, [4, 80, 1028, 1104]),
            ("ujis", 3, [12, 91]),
            ("sjis", 2, [13, 88]),
            ("cp932", 2, [95, 96]),
            ("eucjpms", 3, [97, 98]),
            ("euckr", 2, [19, 85]),
            ("gbk", 2, [28, 87]),
            ("gb18030", 4, [248, 249, 250]),
            ("tis620", 1, [18, 89]),
            ("hebrew", 1, [16, 71, 1040, 1095]),
            ("greek", 1, [25, 70, 1049, 1094]),
            ("macroman", 1, [39, 53, 1063, 1077]),
            ("geostd8", 1, [92, 93, 1116, 1117]),
            ("binary", 1, [63]),
            ("utf8mb3", 3, [33, 76, 83, 192, 215, 223, 576, 577, 578, 1057, 1107, 1216, 2048, 2303]),
            ("utf8mb4", 4, [45, 46, 224, 247, 255, 278, 309, 323, 608, 610, 1069, 1070, 1248, 2304, 2559]),
            ("ucs2", 2, [35, 90, 128, 151, 159, 640, 642, 2560, 2815]),
            ("utf16", 4, [54, 55, 101, 124, 672, 674, 2816, 3071]),
            ("utf16le", 4, [56, 62]),
            ("utf32", 4, [60, 61, 160, 183, 736, 738, 3072, 3327]),
        ] as [(String, Int, [UInt16])]
    )
    func collationsHaveACharset(name: String, bytes: Int, collations: [UInt16]) {
        for collation in collations {
            let charset = Charset(collation: collation)
            #expect(charset?.name == name && charset?.maximumBytesPerCharacter == bytes, "\(collation)")
            #expect(charset?.isBinary == (name == "binary"))
            #expect(charset?.characters(inBytes: 40) == 40 / bytes)
        }
    }

    @Test func numbersNobodyKnowsAreNone() {
        for collation: UInt16 in [
            0, 100, 125, 127, 152, 184, 216, 251, 324, 500, 575, 700, 800, 1023, 1024, 1124, 3328, .max,
        ] {
            #expect(Charset(collation: collation) == nil, "\(collation)")
        }
        #expect((1...99).allSatisfy { Charset(collation: $0) != nil })
    }

    @Test func latin1IsWindows1252() throws {
        let text = try Charset.latin1.decode([0x41, 0x80, 0x81, 0x8D, 0x8F, 0x90, 0x9D, 0x9F, 0xA0, 0xE4, 0xFF])
        #expect(text == "A€\u{81}\u{8D}\u{8F}\u{90}\u{9D}Ÿ\u{A0}äÿ")
        // Every byte stands for a character of its own.
        let all = try Charset.latin1.decode(Array(0...255))
        #expect(Set(all.unicodeScalars).count == 256)
        let quotes = try Charset.latin1.decode([0x91, 0x92, 0x93, 0x94, 0x85, 0x99])
        #expect(quotes == "‘’“”…™")
    }

    @Test func unicodeIsDecodedByArithmetic() throws {
        #expect(try Charset.ucs2.decode([0x00, 0x41, 0x20, 0xAC]) == "A€")
        #expect(try Charset.utf16.decode([0x00, 0x41, 0xD8, 0x3D, 0xDE, 0x00]) == "A😀")
        #expect(try Charset.utf16le.decode([0x41, 0x00, 0x3D, 0xD8, 0x00, 0xDE]) == "A😀")
        #expect(try Charset.utf32.decode([0, 0, 0, 0x41, 0, 1, 0xF6, 0]) == "A😀")
        #expect(try Charset.utf8mb4.decode("A😀".utf8) == "A😀")
        #expect(try Charset.binary.decode("A😀".utf8) == "A😀")
        #expect(try Charset.ascii.decode(Array("abc".utf8)) == "abc")
        for charset in [Charset.ascii, .latin1, .ucs2, .utf16, .utf16le, .utf32, .utf8mb3, .utf8mb4, .binary] {
            #expect(try charset.decode([]) == "")
        }
    }

    @Test(
        arguments: [
            (Charset.ascii, [0x80]), (.utf8mb4, [0xC3]), (.binary, [0xFF]), (.ucs2, [0x00]), (.ucs2, [0xD8, 0x00]),
            (.utf16, [0xD8, 0x00]), (.utf16, [0xDC, 0x00, 0x00, 0x41]), (.utf16, [0x00, 0x41, 0x00]),
            (.utf16le, [0x00, 0xD8]),
            (.utf32, [0, 0x11, 0, 0]), (.utf32, [0, 0, 0xD8, 0]), (.utf32, [0xFF, 0xFF, 0xFF, 0xFF]),
            (.utf32, [0, 0, 0]),
        ] as [(Charset, [UInt8])]
    )
    func malformedTextIsAnError(charset: Charset, bytes: [UInt8]) {
        let error = #expect(throws: DatabaseError.self) { try charset.decode(bytes) }
        #expect(error?.condition == .malformedValue && error?.message.contains(charset.name) == true)
    }

    @Test func othersAreNamed() throws {
        let koi8r = try #require(Charset(collation: 7))
        let error = try #require(throws: DatabaseError.self) { try koi8r.decode([0xC1]) }
        #expect(error.condition == .notSupported && error.message.contains("koi8r"))
    }

    @Test func unicodeSurvivesARoundTrip() throws {
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<500 {
            let scalars = (0..<Int.random(in: 0...30, using: &generator)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator))
            }
            let text = String(String.UnicodeScalarView(scalars))
            let big = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
            let little = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
            let wide = scalars.flatMap { scalar in [24, 16, 8, 0].map { UInt8(scalar.value >> $0 & 0xFF) } }
            #expect(try Charset.utf16.decode(big).unicodeScalars.elementsEqual(scalars))
            #expect(try Charset.utf16le.decode(little).unicodeScalars.elementsEqual(scalars))
            #expect(try Charset.utf32.decode(wide).unicodeScalars.elementsEqual(scalars))
        }
    }

    @Test func randomBytesNeverTrap() {
        var generator = SeededGenerator(seed: 22)
        for collation in UInt16(0)...3_400 {
            guard let charset = Charset(collation: collation) else { continue }
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? charset.decode(bytes)
        }
    }
}
