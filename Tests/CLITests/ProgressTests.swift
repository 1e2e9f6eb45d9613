import Foundation
import Testing

@testable import roost

extension CLITests {
    @Suite struct ProgressTests {
        private let start = ContinuousClock.now

        @Test func elsewhereALineComesEveryTenSeconds() {
            var meter = ProgressMeter("rows", total: 2_000_000, style: .lines, start: start)
            func text(after seconds: Int, _ count: Int) -> String? {
                meter.text(at: start + .seconds(seconds), count: count)
            }
            #expect(text(after: 9, 100) == nil)
            #expect(text(after: 10, 1_234_560) == "1,234,560 of 2,000,000 rows, 123,456/s, 7 s left\n")
            #expect(text(after: 19, 1_300_000) == nil)
            #expect(text(after: 20, 1_400_000) == "1,400,000 of 2,000,000 rows, 70,000/s, 9 s left\n")
            #expect(meter.ending() == "")
        }

        @Test(arguments: [20, 40, 80, 200])
        func aBarFitsItsLineAndGoesAway(width: Int) throws {
            var meter = ProgressMeter("rows", total: 1_000, style: .bar(width: width), start: start)
            do {
                let text = meter.text(at: start + .milliseconds(400), count: 1)
                #expect(text == nil)
            }
            #expect(meter.ending() == "", "short work leaves no trace")
            for (step, count) in [0, 1, 500, 1_000, 5_000].enumerated() {
                let written = meter.text(at: start + .milliseconds(500 + 100 * step), count: count)
                let text = try #require(written)
                #expect(text.hasPrefix("\r") && text.hasSuffix("\u{1B}[K") && !text.contains("\n"))
                #expect(text.dropFirst().dropLast(3).count < width)
                if width == 200 { #expect(text.filter { $0 == "█" }.count == min(count * 40 / 1_000, 40)) }
            }
            #expect(meter.ending() == "\r\u{1B}[K")
        }

        @Test func withoutATotalThereIsACount() {
            var meter = ProgressMeter("rows", style: .bar(width: 80), start: start)
            let text = meter.text(at: start + .seconds(1), count: 999)
            #expect(text == "\r999 rows, 999/s\u{1B}[K")
        }

        @Test func anEstimateIsCalledOne() {
            var meter = ProgressMeter("rows", style: .lines, start: start)
            func text(after seconds: Int, _ count: Int, of expected: Int) -> String? {
                meter.expect(expected)
                return meter.text(at: start + .seconds(seconds), count: count)
            }
            #expect(text(after: 10, 0, of: 1_000) == "0 of about 1,000 rows, 0/s\n")
            #expect(text(after: 20, 1_000, of: 61_000) == "1,000 of about 61,000 rows, 50/s, 20 min left\n")
            #expect(text(after: 30, 30, of: 30_030) == "30 of about 30,030 rows, 1/s, 8 h 20 min left\n")
            #expect(
                text(after: 40, 1, of: .max) == "1 of about 9,223,372,036,854,775,807 rows, 0/s, more than 99 h left\n"
            )
            #expect(text(after: 50, 5_000, of: 4_000) == "5,000 rows, 100/s\n")
        }
    }
}

extension CLITests {
    /// What happens to long work when its reader or its user leaves.
    @Suite struct LongWorkTests {
        private static let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"

        private func roost<R>(_ body: (RoostBinary) throws -> R) throws -> R {
            let roost = try RoostBinary()
            defer { roost.remove() }
            return try body(roost)
        }

        @Test func aBarIsShownWhileRowsGoToAFileAndCtrlCEndsIt() throws {
            try roost { roost in
                let session = try TerminalSession(
                    URL(filePath: "/bin/sh"),
                    [
                        "-c", "exec \"$0\" query sqlite::memory: \"$1\" -o csv > /dev/null", RoostBinary.path,
                        Self.endless,
                    ],
                    folder: roost.folder
                )
                try session.wait(for: " rows, ")
                try session.wait(for: "/s\u{1B}[K")
                try session.type(TerminalSession.Key.control("c"))
                try session.wait(for: "\r\u{1B}[K")
                try session.wait(for: "cancelled")
                #expect(try session.waitForEnd() == 130)
            }
        }

        @Test func aReaderThatLeavesEndsItQuietly() throws {
            try roost { roost in
                let script = "{ \"$0\" query sqlite::memory: \"$1\" -o csv; echo \"status $?\" >&2; } | head -n 3"
                let outcome = try roost.run(shell: script, [Self.endless])
                #expect(outcome.output == "i\r\n1\r\n2\r\n")
                #expect(outcome.errors == "status 0\n")
            }
        }

        @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full"))
        func aFullDiskIsAnError() throws {
            try roost { roost in
                let outcome = try roost.run(
                    shell: "\"$0\" query sqlite::memory: \"$1\" -o csv > /dev/full",
                    ["select 1"]
                )
                #expect(outcome.status == 1)
                #expect(outcome.errors.contains("cannot be written"))
            }
        }

        @Test func anInterruptedTransactionIsRolledBack() throws {
            try roost { roost in
                #expect(try roost.run(["query", "sqlite:a.db?mode=rwc", "create table t (n integer)"]).status == 0)
                // The first result shows that the work has begun.
                let script = "insert into t values (1); select 'begun'; select count(*) from (\(Self.endless))"
                let session = try TerminalSession(
                    RoostBinary.executable,
                    ["query", "sqlite:a.db", "-1", "-c", script],
                    folder: roost.folder
                )
                try session.wait(for: "(1 row)")
                try session.type(TerminalSession.Key.control("c"))
                try session.wait(for: "cancelled")
                #expect(try session.waitForEnd() == 130)
                let count = try roost.run([
                    "query", "sqlite:a.db", "select count(*) from t", "-o", "csv", "--no-header",
                ])
                #expect(count.output == "0\r\n")
            }
        }
    }
}
