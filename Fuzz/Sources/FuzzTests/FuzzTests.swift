import Foundation
import RoostTestSupport
import Testing

/// What `make fuzz` runs for ten million inputs runs here for some thousand, so that it is never broken unnoticed. libFuzzer finds its
/// way by coverage; this only puts words together, and the same ones each time.
@Suite struct FuzzTests {
    @Test func textsAreTakenApartWithoutHarm() throws {
        try feed("texts") { fuzzTexts($0) }
    }

    @Test func whatAPostgreSQLServerSendsIsReadWithoutHarm() throws {
        try feed("postgresql") { fuzzPostgreSQL($0) }
    }

    @Test func whatAMySQLServerSendsIsReadWithoutHarm() throws {
        try feed("mysql") { fuzzMySQL($0) }
    }

    private func feed(_ name: String, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        let words = try dictionary(name)
        #expect(words.count > 20)
        var generator = SeededGenerator(seed: 4_711)
        for _ in 0..<20_000 {
            var input = [UInt8.random(in: 0...255, using: &generator), .random(in: 0...255, using: &generator)]
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                input += words.randomElement(using: &generator) ?? []
                if Bool.random(using: &generator) { input.append(.random(in: 0...255, using: &generator)) }
            }
            let changed = Int.random(in: 0..<input.count * 2, using: &generator)
            if changed < input.count { input[changed] = .random(in: 0...255, using: &generator) }
            input.withUnsafeBytes(body)
        }
    }

    /// The words of a libFuzzer dictionary: one a line, in quotes, with `\\`, `\"` and `\xNN`.
    private func dictionary(_ name: String) throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let text = try String(contentsOf: folder.appending(path: name + ".dict"), encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("\"") }.map { line in
            var bytes: [UInt8] = []
            var rest = line.utf8.dropFirst().dropLast()
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                    bytes.append(byte)
                    continue
                }
                if escaped == UInt8(ascii: "x"), let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(escaped)
                }
            }
            return bytes
        }
    }
}
