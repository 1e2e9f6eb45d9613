import Foundation
import Testing

/// What the documents show compiles: every Swift block, and every code file of the tutorial, stands in this folder's files too, or in those
/// of the macros' tests.
@Suite struct DocumentationTests {
    private struct Block {
        let document: String
        let line: Int
        let lines: [String]
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let root = folder.deletingLastPathComponent().deletingLastPathComponent()

    private static func documents() throws -> [URL] {
        let files = FileManager.default.enumerator(
            at: root.appending(path: "Documentation"),
            includingPropertiesForKeys: nil
        )
        let paths = (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "md" }
        return [root.appending(path: "README.md")] + paths
    }

    private static func lines(of file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    private static func blocks(in document: URL) throws -> [Block] {
        var blocks: [Block] = []
        var current: [String]?
        for (index, line) in try lines(of: document).enumerated() {
            if let lines = current {
                if line.hasPrefix("```") {
                    let begin = index - lines.count + 1
                    blocks.append(Block(document: document.lastPathComponent, line: begin, lines: lines))
                    current = nil
                } else {
                    current = lines + [line]
                }
            } else if line.hasPrefix("```swift") {
                current = []
            }
        }
        return blocks
    }

    /// Files that steps of the tutorial show.
    private static func codeFiles() throws -> [URL] {
        let files = FileManager.default.enumerator(
            at: root.appending(path: "Sources"),
            includingPropertiesForKeys: nil
        )
        return (files?.allObjects as? [URL] ?? []).filter {
            $0.deletingLastPathComponent().path.hasSuffix(".docc/Resources") && !$0.hasDirectoryPath
        }
    }

    /// The code without what the place decides: imports, which a file has once, blank lines at the ends, and indentation in common.
    private static func normalized(_ lines: some Sequence<String>) -> [String] {
        var lines = lines.filter { !$0.hasPrefix("import ") }
        while lines.first?.allSatisfy(\.isWhitespace) == true { lines.removeFirst() }
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        let indents = lines.filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " }.count }
        return lines.map { String($0.dropFirst(min(indents.min() ?? 0, $0.prefix { $0 == " " }.count))) }
    }

    private static func contains(_ block: [String], in file: [String]) -> Bool {
        guard let first = block.first, file.count >= block.count else { return block.isEmpty }
        return (0...(file.count - block.count)).contains { start in
            file[start].hasSuffix(first) && normalized(file[start..<(start + block.count)]) == block
        }
    }

    @Test func everySwiftBlockIsCompiled() throws {
        let macros = Self.root.appending(path: "Tests/ModelMacrosTests")
        let sources = try [Self.folder, macros].flatMap { folder in
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "swift" }.map(Self.lines)
        }
        let steps = try Self.codeFiles().filter { $0.pathExtension == "swift" }.map {
            Block(document: $0.lastPathComponent, line: 1, lines: try Self.lines(of: $0))
        }
        #expect(steps.count >= 10)
        let blocks = try Self.documents().flatMap(Self.blocks) + steps
        #expect(blocks.count >= 20)
        for block in blocks {
            let code = Self.normalized(block.lines)
            let imports = block.lines.filter { $0.hasPrefix("import ") }
            let isCompiled = sources.contains { file in
                imports.allSatisfy(file.contains) && Self.contains(code, in: file)
            }
            #expect(isCompiled, "\(block.document):\(block.line) is in no file of Tests/DocumentationTests")
        }
    }

    /// `docc` finds files that are missing (scripts/lint runs it), but not those that nothing shows.
    @Test func everyCodeFileIsShown() throws {
        let catalogue = Self.root.appending(path: "Sources/ORM/RoostORM.docc")
        let tutorials = try FileManager.default.contentsOfDirectory(at: catalogue, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "tutorial" }.map { try String(contentsOf: $0, encoding: .utf8) }
        for file in try Self.codeFiles() {
            let isShown = tutorials.contains { $0.contains("\"\(file.lastPathComponent)\"") }
            #expect(isShown, "\(file.lastPathComponent)")
        }
    }

    /// A check that cannot fail proves nothing.
    @Test func aChangedBlockIsFoundOut() {
        let file = ["func f() {", "    let a = 1", "    if a > 0 {", "        print(a)", "    }", "}"]
        #expect(Self.contains(["let a = 1", "if a > 0 {", "    print(a)", "}"], in: file))
        #expect(!Self.contains(["let a = 2", "if a > 0 {", "    print(a)", "}"], in: file))
        #expect(!Self.contains(["let a = 1", "if a > 0 {", "print(a)", "}"], in: file))
    }
}
