import Foundation
import Testing

extension CLITests {
    /// Documentation/Pipelines.md, done word for word: blocks with a name are files, the lines of `sh` are run.
    @Suite struct PipelineDocumentTests {
        private struct Block {
            var kind: String
            var name: String?
            var text: String
        }

        private static func blocks() throws -> [Block] {
            let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
                path: "../../Documentation/Pipelines.md"
            )
            var blocks: [Block] = []
            var current: Block?
            for line in try String(contentsOf: file, encoding: .utf8).split(
                separator: "\n",
                omittingEmptySubsequences: false
            ) {
                if line.hasPrefix("```") {
                    if let block = current {
                        blocks.append(block)
                        current = nil
                    } else {
                        let words = line.dropFirst(3).split(separator: " ").map(String.init)
                        current = Block(kind: words.first ?? "", name: words.dropFirst().first, text: "")
                    }
                } else {
                    current?.text += line + "\n"
                }
            }
            return blocks
        }

        @Test func everythingShownRuns() throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            var output = ""
            var commands = 0
            for block in try Self.blocks() {
                if let name = block.name {
                    let file = roost.folder.appending(path: name)
                    try FileManager.default.createDirectory(
                        at: file.deletingLastPathComponent(),
                        withIntermediateDirectories: true
                    )
                    try block.text.write(to: file, atomically: true, encoding: .utf8)
                }
                guard block.kind == "sh" else { continue }
                for line in block.text.split(separator: "\n") {
                    let outcome = try roost.run(
                        ["-c", "roost() { \"\(RoostBinary.path)\" \"$@\"; }\n\(line)"],
                        program: URL(filePath: "/bin/bash"),
                        environment: ["MASKING_KEY": "a key for tests alone"]
                    )
                    #expect(outcome.status == 0, "\(line): \(outcome.errors)")
                    output = outcome.output
                    commands += 1
                }
            }
            #expect(commands == 10)
            #expect(output.contains("2026-01-01 │     2") && output.contains("2026-01-02 │     1"), "\(output)")
            let rejected = try String(contentsOf: roost.folder.appending(path: "rejected.ndjson"), encoding: .utf8)
            #expect(rejected.contains("rates.csv, line 4"))
        }
    }
}
