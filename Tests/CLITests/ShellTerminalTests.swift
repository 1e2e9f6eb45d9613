import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension CLITests {
    /// `roost shell` on a terminal.
    @Suite struct ShellTerminalTests {
        private typealias Key = TerminalSession.Key

        private static let libraries = ["libedit.so.2", "libedit.so.0", "libedit.so", "/usr/lib/libedit.3.dylib"]
        private static let canEdit = libraries.contains { (name: String) in dlopen(name, RTLD_NOW) != nil }

        private static let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select"

        private func withShell(width: UInt16 = 80, _ body: (RoostBinary, () throws -> TerminalSession) throws -> Void)
            throws
        {
            let roost = try RoostBinary()
            defer { roost.remove() }
            let setup =
                "create table warehouse (id integer, goods text); insert into warehouse values (1, 'salt'), (2, 'tea')"
            #expect(try roost.run(["query", "sqlite:a.db?mode=rwc", setup]).status == 0)
            try body(roost) {
                let session = try TerminalSession(
                    RoostBinary.executable,
                    ["shell", "sqlite:a.db"],
                    folder: roost.folder,
                    width: width
                )
                try session.wait(for: "=> ")
                return session
            }
        }

        @Test func statementsSpanLinesAndCommandsMayStandBetween() throws {
            try withShell { _, start in
                let shell = try start()
                try shell.enter("select 40 + 2")
                try shell.wait(for: "-> ")
                try shell.enter("\\dt")
                try shell.wait(for: "2 columns")
                try shell.wait(for: "-> ")
                try shell.enter("as answer;")
                try shell.wait(for: "42")
                try shell.wait(for: "(1 row)")
                try shell.wait(for: "=> ")
                try shell.enter("select '")
                try shell.wait(for: "-> ")
                try shell.enter("\\q' as text;")
                try shell.wait(for: "⏎\\q")
                try shell.wait(for: "=> ")
                try shell.enter("\\q")
                #expect(try shell.waitForEnd() == 0)
            }
        }

        @Test func commandsAnswer() throws {
            try withShell { roost, start in
                let shell = try start()
                for (command, answer) in [
                    ("\\?", "\\watch [SECONDS]"), ("\\d warehouse", "goods"), ("\\timing", "Timing is on"),
                    ("select 6 * 7;", "Time: "), ("\\x", "Expanded display is on"), ("select 41 + 1 as a;", "a | 42"),
                    ("\\copy warehouse to out.csv", "2 rows written"),
                    ("\\copy warehouse from out.csv", "2 rows loaded"),
                    ("\\nonsense", "There is no command"), ("\\o out.txt", "=> "), ("select 77;", "(1 row)"),
                    ("\\o", "=> "),
                ] {
                    try shell.enter(command)
                    try shell.wait(for: answer)
                    if answer != "=> " { try shell.wait(for: "=> ") }
                }
                let file = try String(contentsOf: roost.folder.appending(path: "out.txt"), encoding: .utf8)
                #expect(file.contains("77"))
                try shell.enter("\\watch 3600 select 40 + 5 as w;")
                try shell.wait(for: "w | 45")
                try shell.wait(for: "(1 row)")
                try shell.type(Key.control("c"))
                try shell.wait(for: "=> ")
                try shell.type(Key.control("d"))
                #expect(try shell.waitForEnd() == 0)
            }
        }

        @Test func interruptingEndsTheStatementAndNotTheShell() throws {
            try withShell { _, start in
                let shell = try start()
                // A result that is being printed, so that it is certain to run; then one that runs inside the engine only.
                try shell.enter("\(Self.endless) i from n;")
                try shell.wait(for: "1001")
                try shell.type(Key.control("c"))
                try shell.wait(for: "cancelled")
                try shell.wait(for: "=> ")
                try shell.enter("\\watch 1 \(Self.endless) i from n limit 100000000;")
                try shell.wait(for: "1001")
                try shell.type(Key.control("c"))
                try shell.wait(for: "cancelled")
                try shell.wait(for: "=> ")
                try shell.enter("select 40 + 2;")
                try shell.wait(for: "42")
                try shell.wait(for: "=> ")
                try shell.type(Key.control("d"))
                #expect(try shell.waitForEnd() == 0)
            }
        }

        @Test func interruptingAtThePromptThrowsTheLineAway() throws {
            try withShell { roost, start in
                let shell = try start()
                try shell.enter("delete from")
                try shell.wait(for: "-> ")
                try shell.type("warehouse;")
                try shell.wait(for: "warehouse;")
                try shell.type(Key.control("c"))
                try shell.wait(for: "=> ")
                try shell.type(Key.control("c"))
                try shell.wait(for: "=> ")
                try shell.enter("select count(*) + 40 from warehouse;")
                try shell.wait(for: "42")
                try shell.wait(for: "=> ")
                try shell.enter("delete from warehouse")
                try shell.wait(for: "-> ")
                try shell.type(Key.control("d"))
                try shell.wait(for: "was not run")
                #expect(try shell.waitForEnd() == 0)
                let count = try roost.run([
                    "query", "sqlite:a.db", "select count(*) from warehouse", "-o", "csv", "--no-header",
                ])
                #expect(count.output == "2\r\n")
            }
        }

        @Test(.enabled(if: canEdit, "libedit is not installed"))
        func linesAreEditedCompletedAndRemembered() throws {
            try withShell { _, start in
                let first = try start()
                // To the beginning, one letter in, to the end.
                try first.type(
                    "elect 'grüße 李' || 4" + Key.control("a") + "s" + Key.control("e") + "2 as g;" + Key.enter
                )
                try first.wait(for: "│ grüße 李42 │")
                try first.wait(for: "=> ")
                try first.type("select count(*) * 21 from wareh" + Key.tab + ";" + Key.enter)
                try first.wait(for: " 42 │")
                try first.wait(for: "=> ")
                try first.enter("select 1, -- one")
                try first.wait(for: "-> ")
                try first.enter("'password', 4 + 4;")
                try first.wait(for: "8 │")
                try first.wait(for: "=> ")
                try first.enter("\\q")
                #expect(try first.waitForEnd() == 0)

                let second = try start()
                try second.type(Key.up)
                try second.wait(for: "\\q")
                try second.type(Key.up)
                try second.wait(for: "wareh")
                try second.type(Key.enter)
                try second.wait(for: " 42 │")
                try second.wait(for: "=> ")
                try second.enter("\\q")
                #expect(try second.waitForEnd() == 0)
            }
        }

        @Test func tablesFitTheWindowAlsoAfterItsSizeChanged() throws {
            try withShell(width: 60) { _, start in
                let shell = try start()
                for width in [60, 100, 40] {
                    shell.resize(width: UInt16(width))
                    try shell.enter("select printf('%0500d', 1) as wide, 7 as n;")
                    let text = try shell.wait(for: "(1 row)")
                    let lines = text.split(whereSeparator: \.isNewline).filter { $0.contains("│") || $0.contains("─") }
                    #expect(lines.count == 5)
                    #expect(lines.allSatisfy { $0.count == width }, "\(lines)")
                    try shell.wait(for: "=> ")
                }
                try shell.enter("\\q")
                #expect(try shell.waitForEnd() == 0)
            }
        }
    }
}
