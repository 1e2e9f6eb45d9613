import Foundation
import Testing

extension CLITests {
    /// `roost migrate check` over many databases.
    @Suite struct FleetCheckTests {
        private static let yaml = """
            connections:
              berlin: {url: "sqlite:berlin.db?mode=rwc", labels: [shop, eu]}
              oslo: {url: "sqlite:oslo.db?mode=rwc", label: shop}
              # Nobody listens at port 1.
              paris: {url: "postgresql://roost@127.0.0.1:1/paris?sslmode=disable", labels: [eu]}
              stock: {url: "sqlite:stock.db?mode=rwc"}
            """

        private static let migration = """
            -- revision: 1
            -- parents: none
            -- description: create customer
            create table customer (id integer primary key, name varchar(40) not null);
            """

        private func withFleet(_ body: (RoostBinary) throws -> Void) throws {
            let roost = try RoostBinary()
            defer { roost.remove() }
            let folder = roost.folder.appending(path: "migrations")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Self.migration.write(to: folder.appending(path: "1.sql"), atomically: true, encoding: .utf8)
            try Self.yaml.write(to: roost.folder.appending(path: "roost.yaml"), atomically: true, encoding: .utf8)
            for name in ["berlin", "oslo"] {
                let applied = try roost.run(["migrate", "apply", name, "--yes"])
                #expect(applied.status == 0, "\(applied.errors)")
            }
            try body(roost)
        }

        private struct Report: Decodable {
            struct Finding: Decodable { let kind, what: String }
            let database, state: String
            let findings: [Finding]
            let message: String?
        }

        @Test func oneThatIsGoneHidesNoOther() throws {
            try withFleet { (roost: RoostBinary) throws in
                let same = try roost.run(["migrate", "check", "--label", "shop"])
                #expect(same.status == 0 && same.errors.contains("2 databases: 2 same"), "\(same.errors)")
                let gone = try roost.run(["migrate", "check", "label:eu", "-o", "csv"])
                #expect(gone.status == 4 && gone.errors.contains("1 same, 1 unreachable"), "\(gone.errors)")
                #expect(gone.output.contains("berlin,same"), "\(gone.output)")
                #expect(gone.output.contains("paris,unreachable"), "\(gone.output)")

                _ = try roost.run(["query", "oslo", "alter table customer add column fax text"])
                let all = try roost.run(["migrate", "check", "--all", "--jobs", "2", "-o", "json"])
                #expect(all.status == 3, "\(all.errors)")
                #expect(all.errors.contains("4 databases: 1 same, 2 differs, 1 unreachable"), "\(all.errors)")
                let reports = try JSONDecoder().decode([Report].self, from: Data(all.output.utf8))
                #expect(reports.map(\.database) == ["berlin", "oslo", "paris", "stock"])
                #expect(reports.map(\.state) == ["same", "differs", "unreachable", "differs"])
                #expect(reports[1].findings.map(\.kind) == ["differs"])
                #expect(reports[1].findings.first?.what.contains("fax") == true)
                #expect(reports[2].message?.isEmpty == false)
                #expect(reports[3].findings.map(\.kind) == ["pending"])
                let text = try roost.run(["migrate", "check", "--all"])
                #expect(text.status == 3 && text.output.contains("fax") && text.output.contains("unreachable"))
            }
        }

        @Test func mistakesAreNamed() throws {
            try withFleet { (roost: RoostBinary) throws in
                let label = try roost.run(["migrate", "check", "--label", "us"])
                #expect(label.status == 2 && label.errors.contains("There are: eu, shop."), "\(label.errors)")
                #expect(try roost.run(["migrate", "check", "oslo", "--all"]).status == 2)
                #expect(try roost.run(["migrate", "check", "--all", "--jobs", "0"]).status == 2)
                #expect(try roost.run(["migrate", "check", "--all", "--scratch", "stock"]).status == 2)
            }
        }
    }
}
