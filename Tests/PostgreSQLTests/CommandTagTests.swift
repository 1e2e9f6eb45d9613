import Testing

@testable import RoostPostgreSQL

struct CommandTagTests {
    private func tag(_ text: String, ended: Bool = true) -> CommandTag? {
        var bytes = Array(text.utf8)
        if ended { bytes.append(0) }
        return bytes.withUnsafeBytes { CommandTag($0) }
    }

    @Test(arguments: [
        ("INSERT 0 1", 1), ("INSERT 0 123456", 123_456), ("UPDATE 0", 0), ("DELETE 7", 7), ("MERGE 3", 3),
        ("COPY 1000000", 1_000_000), ("MOVE 5", 5),
    ])
    func changesAreCounted(text: String, count: Int) {
        #expect(tag(text) == .changed(count))
    }

    @Test(arguments: [
        "SELECT 3", "BEGIN", "CREATE TABLE", "FETCH 3", "INSERTED 1", "DISCARD TEMP", "", "UPDATE x",
        "COPY 99999999999999999999",
    ])
    func othersAreNot(text: String) {
        #expect(tag(text) == .other)
    }

    @Test func allStatementsMayBeGone() {
        #expect(tag("DISCARD ALL") == .discardedStatements)
        #expect(tag("DEALLOCATE ALL") == .discardedStatements)
    }

    @Test func aTextThatDoesNotEndIsMalformed() {
        #expect(tag("SELECT 1", ended: false) == nil)
        #expect(tag("SELECT\u{0}1") == nil)
    }
}
