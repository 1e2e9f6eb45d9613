import Foundation
import Testing

extension CLITests {
    /// Examples/consolidation on real servers.
    @Suite struct ConsolidationTests {
        private static let shop = ProcessInfo.processInfo.environment["ROOST_TEST_POSTGRESQL_15_URL"]
        private static let crm = ProcessInfo.processInfo.environment["ROOST_TEST_MYSQL_URL"]
        static var isPossible: Bool { shop != nil && crm != nil }

        private static var folder: URL {
            URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Examples/consolidation")
        }

        /// A project like the example, with databases of its own.
        private func withProject(_ body: (Project) throws -> Void) throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            for name in try FileManager.default.contentsOfDirectory(atPath: Self.folder.path) {
                try FileManager.default.copyItem(
                    at: Self.folder.appending(path: name),
                    to: roost.folder.appending(path: name)
                )
            }
            let suffix = String(UInt32.random(in: 0...(.max)))
            var urls: [String: String] = [:]
            let places = [("SHOP_URL", Self.shop), ("CRM_URL", Self.crm), ("WAREHOUSE_URL", Self.shop)]
            defer {
                for (variable, server) in places where urls[variable] != nil {
                    _ = try? roost.run(["query", server ?? "", "drop database \(variable.lowercased())_\(suffix)"])
                }
            }
            for (variable, server) in places {
                let server = try #require(server)
                let name = "\(variable.lowercased())_\(suffix)"
                let made = try roost.run(["query", server, "create database \(name)"])
                #expect(made.status == 0, "\(made.errors)")
                let path = try #require(server.firstRange(of: "/roost?"))
                urls[variable] = server.replacingCharacters(in: path, with: "/\(name)?")
            }
            urls["MASKING_KEY"] = "a key for tests alone"
            let project = Project(roost: roost, environment: urls)
            try project.run(["query", urls["SHOP_URL"] ?? "", "-f", "setup/shop.postgresql.sql"])
            try project.run(["query", urls["CRM_URL"] ?? "", "-f", "setup/crm.mysql.sql"])
            try project.run(["query", "sqlite:till.sqlite?mode=rwc", "-f", "setup/till.sqlite.sql"])
            try body(project)
        }

        private struct Project {
            let roost: RoostBinary
            let environment: [String: String]

            @discardableResult
            func run(_ arguments: [String], status: Int32 = 0) throws -> RoostBinary.Outcome {
                let outcome = try roost.run(arguments, environment: environment)
                #expect(outcome.status == status, "\(arguments.dropFirst(2)) \(outcome.errors)")
                return outcome
            }

            func warehouse(_ query: String) throws -> [String] {
                let output = try run(["query", "warehouse", query, "-o", "csv", "--no-header"]).output
                return output.split(separator: "\r\n").map(String.init)
            }

            /// What a run wrote, by `pipeline.step`.
            func load() throws -> [String: String] {
                let lines = try run(["pipeline", "run", "--all", "--resume", "-o", "csv"]).output.split(
                    separator: "\r\n"
                )
                return Dictionary(
                    lines.dropFirst().map { line in
                        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
                        return ("\(fields[0]).\(fields[2])", "\(fields[5])")
                    },
                    uniquingKeysWith: { first, _ in first }
                )
            }
        }

        @Test(.enabled(if: isPossible)) func theExampleRuns() throws {
            try withProject { project in
                let list = try project.run(["pipeline", "list", "-o", "csv"]).output
                #expect(list.contains("sales,3,\"customers, rates\",every 15m,"), "\(list)")
                #expect(
                    try project.load() == [
                        "customers.customer": "40", "rates.rate": "4", "sales.web": "400", "sales.town": "294",
                        "sales.daily": "\(try project.warehouse("select count(*) from daily_sales")[0])",
                    ]
                )
                let rejects = try String(
                    contentsOf: project.roost.folder.appending(path: "rejected-rates.ndjson"),
                    encoding: .utf8
                )
                #expect(rejects.contains("2026-01.csv, line 5") && !rejects.contains("n/a"))
                // 1 × 1.25 crowns at 11.715, and 2 × 1.25 euros.
                #expect(
                    try project.warehouse("select amount, channel from sale_web where id < 3 order by id") == [
                        "0.11,web", "2.50,web",
                    ]
                )
                let masked = try project.warehouse(
                    "select length(email_hash), phone, abs(birthday - date '1980-02-01') between 1 and 15 from customer where id = 1"
                )
                #expect(masked == ["64,*********101,true"])
                try project.run(["pipeline", "verify", "customers"])
                try project.run(["pipeline", "verify", "sales"])

                // What is new and changed comes with the next run, and nothing else.
                try project.run([
                    "query", project.environment["SHOP_URL"] ?? "",
                    "insert into orders values (401, 1, 'EUR', 100, '2026-01-03 20:00:00', '2026-01-03 20:00:00')",
                ])
                try project.run([
                    "query", project.environment["CRM_URL"] ?? "", "update customer set country = 'DK' where id = 7",
                ])
                try project.run([
                    "query", "sqlite:till.sqlite", "insert into sale values (301, '2026-01-03 21:00:00', 999, 0)",
                ])
                let second = try project.load()
                #expect(second["sales.web"] == "3" && second["sales.town"] == "2", "\(second)")
                #expect(
                    try project.warehouse("select country, is_current from customer where id = 7 order by valid_from")
                        == ["NO,false", "DK,true"]
                )
                try project.run(["pipeline", "verify", "sales"])

                // A check that fails holds the step back, and what depends on it.
                try project.run(["query", project.environment["CRM_URL"] ?? "", "delete from customer where id = 8"])
                try project.run(["query", "warehouse", "delete from customer where id = 8"])
                let before = try project.warehouse("select sum(cents) from daily_sales")
                let failed = try project.run(["pipeline", "run", "sales"], status: 6)
                #expect(failed.errors.contains("nothing is lost"), "\(failed.errors)")
                #expect(try project.warehouse("select sum(cents) from daily_sales") == before)
            }
        }
    }
}
