import Foundation
import Roost
import RoostMigrations
import RoostMySQL
import RoostPostgreSQL
import RoostTestSupport
import Testing

@Suite struct FolderTests {
    @Test func everyMistakeInAFileIsNamedWithItsLine() throws {
        func expect(_ text: String, _ line: Int, _ words: String) throws {
            let error = try failure(["1.sql": text])
            #expect(error?.kind == .file, "\(text)")
            #expect(error?.line == line, "\(text)")
            #expect(error?.file?.hasSuffix("/1.sql") == true)
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "no error")")
        }
        try expect("create table t (id int);", 1, "no header -- revision")
        try expect("-- revision: a\ncreate table t (id int);", 1, "what the revision follows")
        try expect("-- revision: a\n-- parent: b\n", 2, "knows no \"parent\"")
        try expect("-- revision: a\n-- revision: b\n", 2, "twice")
        try expect("-- revision: a b\n-- parents: none\n", 1, "letters, digits")
        try expect("-- revision: head\n-- parents: none\n", 1, "none of head")
        try expect("-- revision: a\n-- parents: none\n-- transactional: maybe\n", 3, "yes or no")
        try expect("-- revision: a\n-- parents: none\n\nselect 1;\n-- migrate:up\n", 4, "before the first section")
        try expect("-- revision: a\n-- parents: none\n-- migrate:sideways\n", 3, "migrate:up or")
        try expect("-- revision: a\n-- parents: none\n-- migrate:up\n-- migrate:up\n", 4, "on line 3")
        try expect("-- revision: a\n-- parents: none\n-- migrate:up mysql\n-- migrate:up mysql\n", 4, "for mysql")
        try expect("-- revision: a\n-- parents: none\n-- migrate:down\nselect 1;\n", 1, "no section -- migrate:up")
    }

    @Test func sectionsAreChosenByEngine() throws {
        let text = """
            -- revision: a
            -- parents: none
            -- description: one for each

            -- migrate:up
            select 'all';
            -- migrate:up mysql, mariadb
            select 'mysql';

            select 'two';
            -- migrate:down
            select 'back';
            """
        for ending in ["\n", "\r\n"] {
            let files = try MigrationFiles(["a.sql": text.replacing("\n", with: ending)])
            defer { files.remove() }
            let revision = try #require(try files.graph()["a"])
            #expect(try revision.steps(.up, dialect: .sqlite).map(\.text) == ["select 'all'"])
            let mysql = try revision.steps(.up, dialect: .mariadb)
            #expect(mysql.map(\.text) == ["select 'mysql'", "select 'two'"])
            #expect(mysql.map(\.line) == [8, 10])
            #expect(try revision.steps(.down, dialect: .postgresql).map(\.line) == [12])
            #expect(revision.description == "one for each")
        }
    }

    @Test func whatIsNotClosedIsSaid() throws {
        let files = try MigrationFiles([
            "a.sql": MigrationFiles.file("a", "none", "select 1;\nselect 'open;\n"),
            "b.sql": MigrationFiles.file("b", "a", "select 1 -- the last needs no semicolon"),
        ])
        defer { files.remove() }
        let graph = try files.graph()
        let error = #expect(throws: MigrationError.self) { try graph["a"]?.steps(.up, dialect: .sqlite) }
        #expect(error?.line == 6)
        #expect(try graph["b"]?.steps(.up, dialect: .sqlite).count == 1)
    }

    @Test func checksumsFindEditedAndMissingFiles() throws {
        let files = try MigrationFiles([
            "1.sql": MigrationFiles.file("a", "none", "select 1;"), "2.sql": MigrationFiles.file("b", "a", "select 2;"),
        ])
        defer { files.remove() }
        var folder = try MigrationFolder(path: files.path)
        #expect(folder.differences().isEmpty, "without a list there is nothing to differ from")
        try folder.recordChecksums()
        try MigrationFolder(path: files.path).checkIntegrity()
        try files.write(MigrationFiles.file("b", "a", "select 2;").replacing("\n", with: "\r\n"), to: "2.sql")
        #expect(try MigrationFolder(path: files.path).differences().isEmpty, "line ends do not matter")
        try files.write(MigrationFiles.file("b", "a", "select 3;"), to: "2.sql")
        try files.write(MigrationFiles.file("c", "b", "select 3;"), to: "3.sql")
        try FileManager.default.removeItem(at: files.folder.appending(path: "1.sql"))
        let differences = try MigrationFolder(path: files.path).differences()
        #expect(differences.map(\.kind) == [.missing, .edited, .unrecorded])
        let error = #expect(throws: MigrationError.self) { try MigrationFolder(path: files.path).checkIntegrity() }
        #expect(error?.kind == .integrity)
    }

    @Test func templatesReadBack() throws {
        let files = try MigrationFiles()
        defer { files.remove() }
        var template = MigrationTemplate(
            revision: "20261125153000",
            parents: [],
            description: "Add\ncustomer's e-mail!"
        )
        template.isTransactional = false
        #expect(template.fileName == "20261125153000_add_customer_s_e_mail.sql")
        try template.write(into: files.path)
        #expect(throws: MigrationError.self) { try template.write(into: files.path) }
        let revision = try #require(try files.graph()["20261125153000"])
        #expect(revision.isTransactional == false)
        #expect(revision.description == "Add customer's e-mail!")
        #expect(MigrationTemplate.name(at: 1_795_620_600) == "20261125153000")
    }
}

@Suite struct GraphTests {
    private func file(_ id: String, _ parents: String) -> String { MigrationFiles.file(id, parents, "select 1;") }

    @Test func whatDoesNotFitTogetherIsNamed() throws {
        func expect(_ files: [String: String], _ line: Int?, _ words: String) throws {
            let error = try failure(files)
            #expect(error?.kind == .graph)
            #expect(error?.line == line)
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "no error")")
        }
        try expect(["1.sql": file("a", "none"), "2.sql": file("a", "none")], 1, "exists twice")
        try expect(["1.sql": file("a", "none"), "2.sql": file("b", "x")], 2, "follows x")
        try expect(
            ["1.sql": file("a", "none"), "2.sql": file("b", "d"), "3.sql": file("c", "b"), "4.sql": file("d", "c")],
            2,
            "b follows d follows c follows b"
        )
        try expect(["1.sql": file("a", "a")], 2, "a follows a")
    }

    @Test func branchesAndMergesHaveAnOrder() throws {
        let files = try MigrationFiles([
            "1.sql": file("a", "none"), "3.sql": file("b", "a"), "2.sql": file("c", "a"), "4.sql": file("d", "b, c"),
            "5.sql": file("e", "a"),
        ])
        defer { files.remove() }
        let graph = try files.graph()
        #expect(graph.revisions.map(\.id) == ["a", "c", "b", "d", "e"])
        #expect(graph.heads.map(\.id) == ["d", "e"])
        #expect(throws: MigrationError.self) { try graph.path(upTo: .head, applied: []) }
        #expect(try graph.path(upTo: .heads, applied: ["a"]).map(\.id) == ["c", "b", "d", "e"])
        #expect(try graph.path(upTo: .revision("b"), applied: []).map(\.id) == ["a", "b"])
        #expect(try graph.path(downTo: .revision("c"), applied: ["a", "b", "c", "d", "e"]).map(\.id) == ["d"])
        #expect(try graph.path(downTo: .base, applied: ["a", "c"]).map(\.id) == ["c", "a"])
        // The latest applied goes first, as long as nothing follows it.
        #expect(try graph.path(downTo: .relative(-2), applied: ["a", "c", "b", "e", "d"]).map(\.id) == ["d", "e"])
        #expect(throws: MigrationError.self) { try graph.path(downTo: .relative(-3), applied: ["a"]) }
    }

    /// However files are named and linked, parents come first, and going up and down covers the same.
    @Test(arguments: 0..<20)
    func randomGraphsKeepParentsFirst(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let names = (0..<60).map { "r\($0)" }
        var files: [String: String] = [:]
        for (index, name) in names.enumerated() {
            let parents = (0..<Int.random(in: 0...2, using: &random)).compactMap { _ in
                index > 0 ? names[Int.random(in: 0..<index, using: &random)] : nil
            }
            let list = Set(parents).sorted().joined(separator: ", ")
            files["\(UInt32.random(in: 0 ... .max, using: &random))_\(name).sql"] = file(
                name,
                list.isEmpty ? "none" : list
            )
        }
        let folder = try MigrationFiles(files)
        defer { folder.remove() }
        let graph = try folder.graph()
        var seen: Set<String> = []
        for revision in graph.revisions {
            #expect(revision.parents.allSatisfy(seen.contains))
            seen.insert(revision.id)
        }
        #expect(seen.count == names.count)
        let up = try graph.path(upTo: .heads, applied: []).map(\.id)
        #expect(try graph.path(downTo: .base, applied: up).map(\.id) == up.reversed())
        var left = Set(up)
        for revision in try graph.path(downTo: .relative(-30), applied: up) {
            #expect(graph.children(of: revision.id).allSatisfy { !left.contains($0) })
            left.remove(revision.id)
        }
        #expect(left.count == 30)
    }
}
