import Foundation
import Roost
import RoostPostgreSQL
import Testing

/// The texts of PostgreSQL's own types, without a server.
@Suite struct ValueTests {
    private func survives<V: PostgreSQLTextValue & Hashable>(_ value: V) {
        let text = value.description
        #expect(V(text) == value, "\(text)")
        #expect(V(text)?.description == text)
        #expect(value.databaseValue == .text(text))
    }

    @Test(arguments: 1...20)
    func textsReadBackAsWhatWroteThem(seed: Int) {
        var samples = ValueSamples(seed: UInt64(seed))
        for _ in 0..<100 {
            survives(samples.range { $0.int(-5...5) })
            survives(samples.range { Int32($0.int(-5...5)) })
            survives(samples.range { Int64($0.int(.min ... .max)) })
            survives(samples.range { $0.decimal() })
            survives(samples.range { $0.double() })
            survives(samples.range { $0.date() })
            survives(samples.range { $0.timestamp() })
            survives(samples.range { $0.instant() })
            survives(samples.multirange { $0.int(-20...20) })
            survives(samples.multirange { $0.decimal() })
            survives(samples.multirange { $0.instant() })
            survives(samples.address())
            survives(samples.hardware(6))
            survives(samples.hardware(8))
            survives(samples.bits(0...70))
            survives(samples.point())
            survives(samples.line())
            survives(PostgreSQLLineSegment(start: samples.point(), end: samples.point()))
            survives(PostgreSQLBox(samples.point(), samples.point()))
            survives(PostgreSQLPath(samples.points(), isClosed: samples.bool()))
            survives(PostgreSQLPolygon(samples.points()))
            survives(samples.circle())
            survives(samples.composite())
            survives(
                PostgreSQLComposite(samples.composite(), [samples.text(), samples.text()], nil, samples.int(0...9))
            )
        }
    }

    private static let types: [any PostgreSQLTextValue.Type] = [
        PostgreSQLRange<Int>.self, PostgreSQLRange<BigDecimal>.self, PostgreSQLRange<LocalDate>.self,
        PostgreSQLRange<LocalDateTime>.self, PostgreSQLRange<Instant>.self, PostgreSQLRange<Double>.self,
        PostgreSQLMultirange<Int>.self, PostgreSQLMultirange<Instant>.self, PostgreSQLInternetAddress.self,
        PostgreSQLHardwareAddress.self, PostgreSQLBits.self, PostgreSQLPoint.self, PostgreSQLLine.self,
        PostgreSQLLineSegment.self, PostgreSQLBox.self, PostgreSQLPath.self, PostgreSQLPolygon.self,
        PostgreSQLCircle.self, PostgreSQLComposite.self,
    ]

    /// Whatever arrives is refused, or read as something whose text reads back.
    @Test(arguments: 1...10)
    func damagedTextsDoNoHarm(seed: Int) {
        var samples = ValueSamples(seed: UInt64(seed))
        for _ in 0..<2_000 {
            let texts: [String] = [
                samples.range { $0.instant() }.description, samples.multirange { $0.int(-9...9) }.description,
                samples.address().description, samples.hardware(6).description, samples.circle().description,
                PostgreSQLPath(samples.points(), isClosed: true).description, samples.composite().description,
            ]
            var bytes = Array(texts[samples.int(0...(texts.count - 1))].utf8)
            for _ in 0..<samples.int(1...4) {
                let place = samples.int(0...bytes.count)
                let byte = samples.bool() ? UInt8(samples.int(0...255)) : samples.mark()
                switch samples.int(0...3) {
                case 0: bytes.insert(byte, at: place)
                case 1 where place < bytes.count: bytes.remove(at: place)
                case 2: bytes.removeLast(bytes.count - place)
                default: if place < bytes.count { bytes[place] = byte }
                }
            }
            for type in Self.types {
                let value = bytes.withUnsafeBytes { type.init(postgreSQLText: $0) }
                guard let value else { continue }
                #expect(type.init(value.description)?.description == value.description, "\(type) \(bytes)")
            }
            _ = bytes.withUnsafeBytes { [PostgreSQLBox](postgreSQLText: $0) }
        }
    }

    @Test(arguments: [
        ("", 0), ("(", 0), ("[1,2", 0), ("[1]", 0), ("[1,2)x", 0), ("[2,1)", 0), ("[a,b)", 0), ("empt", 0),
        ("[1,2,3)", 0),
        ("[\"1,2)", 0), ("[1,2\\", 0), ("[99999999999999999999,)", 0), ("{[1,2)", 1), ("{[1,2),}", 1), ("{,}", 1),
        ("[1,2)", 1), ("{[1,2)[3,4)}", 1), ("1.2.3", 2), ("1.2.3.256", 2), ("01.2.3.4", 2), ("1.2.3.4/33", 2),
        ("1.2.3.4/", 2),
        ("1:2", 2), (":::", 2), ("1::2::3", 2), ("1:2:3:4:5:6:7:8:9", 2), ("1:2:3:4:5:6:7:8::", 2), ("::12345", 2),
        ("::1/129", 2),
        ("1:2:3:4:5:6:7:", 2), ("::1.2.3", 2), ("::1.2.3.4:5", 2), ("08:00:2b:01:02", 3), ("08:00:2b:01:02:0g", 3),
        ("08:00:2b-01:02:03", 3), ("0:0:0:0:0:0", 3), ("::::::", 3), ("", 3), ("012", 4), ("1 0", 4), ("(1,2", 5),
        ("(1,2,3)", 5), ("(1,)", 5), ("(a,b)", 5), ("((1,2),(3,4)", 6), ("()", 6), ("((1,2),)", 6), ("1,2", 7),
        ("(1", 7),
        ("(\"1)", 7), ("(1)x", 7), ("(1\\", 7),
    ])
    func malformedTextsAreRefused(text: String, kind: Int) {
        let types: [any PostgreSQLTextValue.Type] = [
            PostgreSQLRange<Int>.self, PostgreSQLMultirange<Int>.self, PostgreSQLInternetAddress.self,
            PostgreSQLHardwareAddress.self, PostgreSQLBits.self, PostgreSQLPoint.self, PostgreSQLPolygon.self,
            PostgreSQLComposite.self,
        ]
        #expect(types[kind].init(text) == nil)
    }

    @Test func rangesContainWhatLiesBetweenTheirEndpoints() {
        #expect(PostgreSQLRange(1..<4).contains(1) && !PostgreSQLRange(1..<4).contains(4))
        #expect(PostgreSQLRange(1...4).contains(4) && !PostgreSQLRange(1...4).contains(5))
        #expect(PostgreSQLRange(1...).contains(.max) && !PostgreSQLRange(1...).contains(0))
        #expect(PostgreSQLRange(..<1).contains(.min) && !PostgreSQLRange(..<1).contains(1))
        #expect(PostgreSQLRange(...1).contains(1))
        #expect(PostgreSQLRange<Int>.unbounded.contains(0) && !PostgreSQLRange<Int>.empty.contains(0))
        #expect(PostgreSQLRange(1..<1).isEmpty && PostgreSQLRange(1..<1) == .empty)
        #expect(PostgreSQLRange<Int>(lower: .inclusive(2), upper: .inclusive(1)) == nil)
        #expect(PostgreSQLRange<Double>(lower: .inclusive(.nan), upper: .unbounded) == nil)
        #expect(PostgreSQLRange<LocalDate>("[2024-01-01,infinity)")?.upper == .exclusive(.infinity))
        #expect(PostgreSQLRange<LocalDate>("[2024-01-01,)")?.upper == .unbounded)
    }

    @Test func equalityIsThatOfTheValues() {
        #expect(PostgreSQLRange(1...3) == PostgreSQLRange(1..<4))
        #expect(PostgreSQLRange(1...3).hashValue == PostgreSQLRange(1..<4).hashValue)
        #expect(
            PostgreSQLRange(1...3).description == "[1,3]" && PostgreSQLRange(1...3).canonical.description == "[1,4)"
        )
        #expect(PostgreSQLRange<Int>("(1,2)") == .empty)
        #expect(PostgreSQLRange<BigDecimal>("[1,3]") != PostgreSQLRange<BigDecimal>("[1,4)"))
        #expect(PostgreSQLRange(Int.min ... .max).description == "[\(Int.min),\(Int.max)]")
        #expect(PostgreSQLRange(1..<Int.max).canonical == PostgreSQLRange(1...(Int.max - 1)))
        #expect(Range(PostgreSQLRange(1...3)) == 1..<4 && Range(PostgreSQLRange(1...)) == nil)
        let joined: PostgreSQLMultirange = [
            PostgreSQLRange(5..<7), PostgreSQLRange(1..<3), .empty, PostgreSQLRange(3...4),
        ]
        #expect(joined == [PostgreSQLRange(1..<7)] && joined.ranges.count == 2)
        #expect(joined.contains(4) && !joined.contains(7) && joined.canonical.description == "{[1,7)}")
    }

    @Test func addressesKnowTheirNetworks() throws {
        let address = try #require(PostgreSQLInternetAddress("192.168.7.9/20"))
        #expect(address.network.description == "192.168.0.0/20" && !address.isHost)
        #expect(address.contains(try #require(PostgreSQLInternetAddress("192.168.15.255"))))
        #expect(!address.contains(try #require(PostgreSQLInternetAddress("192.168.16.0"))))
        #expect(!address.contains(try #require(PostgreSQLInternetAddress("::1"))))
        #expect(PostgreSQLInternetAddress("0.0.0.0/0")?.network.description == "0.0.0.0/0")
        #expect(PostgreSQLInternetAddress("10.0.0.1/32")?.description == "10.0.0.1")
        #expect(PostgreSQLInternetAddress(bytes: [1, 2, 3]) == nil)
        #expect(PostgreSQLHardwareAddress("0800.2b01.0203")?.description == "08:00:2b:01:02:03")
        #expect(PostgreSQLHardwareAddress("08002B0102030405")?.bytes.count == 8)
        #expect(PostgreSQLBits(bytes: [0xFF, 0xFF], count: 9)?.description == "111111111")
        #expect(PostgreSQLBits([true, false])[1] == false && PostgreSQLBits([true, false])[2] == nil)
    }

    @Test func compositesGiveTheirFields() throws {
        let inner = PostgreSQLComposite("a \"b\"", Int?.none)
        let outer = PostgreSQLComposite(inner, 5, PostgreSQLRange(1..<3), [1, 2], true, LocalDate("2024-02-29"))
        let again = try #require(PostgreSQLComposite(outer.description))
        #expect(again == outer)
        #expect(try again.decode(0, as: PostgreSQLComposite.self).decode(0, as: String.self) == "a \"b\"")
        #expect(try again.decode(0, as: PostgreSQLComposite.self).decode(1, as: Int?.self) == nil)
        #expect(try again.decode(1) == 5)
        #expect(try again.decode(2, as: PostgreSQLRange<Int>.self) == PostgreSQLRange(1..<3))
        #expect(try again.decode(3, as: [Int].self) == [1, 2])
        #expect(try again.decode(4, as: Bool.self) && again.decode(5, as: LocalDate.self).day == 29)
        #expect(PostgreSQLComposite("()")?.fields == [nil])
        #expect(PostgreSQLComposite("(,\"\")")?.fields == [nil, ""])
    }

    @Test func compositesSayWhatIsWrongWithAField() {
        let row = PostgreSQLComposite(fields: ["secret", nil])
        func error(_ body: () throws -> Void) -> DatabaseError? {
            do { try body() } catch { return error as? DatabaseError }
            return nil
        }
        let malformed = error { _ = try row.decode(0, as: Int.self) }
        #expect(malformed?.condition == .malformedValue && malformed?.message.contains("Field 1") == true)
        #expect(malformed?.description.contains("secret") == false)
        #expect(error { _ = try row.decode(1, as: Int.self) }?.condition == .unexpectedNull)
        #expect(error { _ = try row.decode(2, as: Int?.self) }?.condition == .missingColumn)
        #expect(error { _ = try row.decode(-1, as: Int?.self) }?.condition == .missingColumn)
    }
}
