import RoostTestSupport
import Testing

@testable import Roost

@Suite struct TextDecodingTests {
    private func decode(_ bytes: [UInt8]) async throws -> String {
        var builder = RowBatchBuilder(columnCount: 1)
        bytes.withUnsafeBytes { builder.append(.text, copying: $0) }
        try builder.endRow()
        let columns = ColumnList([ColumnDescription(name: "text")])
        return try await ResultSet(columns: columns, first: builder.takeBatch()).decode(String.self).fetchOnly()
    }

    @Test func bytesAreTextOnlyWhereTheyAreUTF8() async throws {
        var random = SeededGenerator(seed: 7)
        // Mostly ASCII, with starts and ends of longer characters in between: some of it is UTF-8, and some is not.
        let pieces: [[UInt8]] = [
            [0x61], [0x62, 0x63], [0], Array("über".utf8), Array("€".utf8), Array("😀".utf8), [0xEF, 0xBF, 0xBD],
            Array("0123456789abcdef".utf8), [0xC3], [0xA9], [0xF0, 0x9F], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xFF],
        ]
        for turn in 0..<4_000 {
            let kinds = turn.isMultiple(of: 2) ? 8 : pieces.count
            let bytes = (0..<Int.random(in: 0...12, using: &random)).flatMap { _ in
                pieces[Int.random(in: 0..<kinds, using: &random)]
            }
            if let expected = String(validating: bytes, as: UTF8.self) {
                #expect(try await Array(decode(bytes).utf8) == Array(expected.utf8))
            } else {
                await #expect(throws: DatabaseError.self) { try await decode(bytes) }
            }
        }
    }
}
