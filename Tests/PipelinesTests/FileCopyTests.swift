import Foundation
import Roost
import RoostPipelines
import Testing

@Suite struct FileCopyTests {
    private func withFolder<R>(_ body: (String) async throws -> R) async throws -> R {
        let folder = FileManager.default.temporaryDirectory.appending(path: "roost-copy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder.path)
    }

    private static let table = [
        "create table t (id integer primary key, name text, amount decimal_text(10,2), born date, data blob, ok boolean)",
        "insert into t values (1, '', '1.50', '2024-02-29', x'00ff', 1), (2, null, null, null, null, null), (3, 'a\"b,\nc', '-0.01', '0001-01-01', x'', 0)",
    ]

    @Test(arguments: ["t.csv", "t.tsv", "t.ndjson", "t.csv.gz", "t.ndjson.gz"])
    func aTableGoesThroughAFile(name: String) async throws {
        try await withFolder { folder in
            try await TestDatabase.sqlite.withDatabase { source in
                try await source.run(Self.table)
                let path = "\(folder)/\(name)"
                let form = try #require(FileForm(path: path))
                let rows = try await StatementSource.table("t", on: source)
                #expect(try await FileCopy.run(from: rows.source, to: FileSink(path, form: form)) == 3)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [name])
                try await TestDatabase.sqlite.withDatabase { target in
                    // A table that is there says what the texts are.
                    try await target.run([Self.table[0], "insert into t (id) values (9)"])
                    let copy = try await SourceCopy(into: "t", on: target, CopyOptions())
                    #expect(try await copy.run(from: FileSource(path, form: form, kinds: copy.kinds)) == 3)
                    let other = try await StatementSource.table("t", on: target)
                    let report = try await RowComparison(rows.source, other.source, key: rows.key).run()
                    #expect(report.isEqual, "\(report.differences)")
                    #expect(other.key == ["id"])
                }
            }
        }
    }

    @Test func filesOfAPatternAreOneSource() async throws {
        try await withFolder { folder in
            for number in 1...3 {
                try "id,v\n\(number),x\(number)\n".write(
                    toFile: "\(folder)/part-\(number).csv",
                    atomically: true,
                    encoding: .utf8
                )
            }
            try await TestDatabase.sqlite.withDatabase { target in
                let copy = try await SourceCopy(into: "part", on: target, CopyOptions())
                #expect(try await copy.run(from: FileSource("\(folder)/part-*.csv", form: FileForm(.csv))) == 3)
                #expect(
                    try await target.all("select v from part order by id") == [
                        [.text("x1")], [.text("x2")], [.text("x3")],
                    ]
                )
            }
        }
    }

    @Test func aBrokenFileLeavesNothingBehind() async throws {
        try await withFolder { folder in
            let path = "\(folder)/t.csv"
            let lines = (1...20_000).map { "\($0),\($0 == 15_000 ? "many" : "1.00")\n" }.joined()
            try ("id,amount\n" + lines).write(toFile: path, atomically: true, encoding: .utf8)
            try await TestDatabase.sqlite.withDatabase { target in
                try await target.run([Self.table[0], "insert into t (id) values (9)"])
                let copy = try await SourceCopy(into: "t", on: target, CopyOptions())
                let error = await #expect(throws: DatabaseError.self) {
                    try await copy.run(from: FileSource(path, form: FileForm(.csv), kinds: copy.kinds))
                }
                #expect(error?.message.contains("line 15001, column 7") == true)
                #expect(error?.message.contains("\"amount\" is not decimal") == true)
                #expect(error?.message.contains("many") == false)
                #expect(try await target.all("select id from t") == [[.int(9)]])
                #expect(try await target.all("select name from sqlite_schema where type = 'table'") == [[.text("t")]])
            }
        }
    }

    @Test func aColumnTheTableHasNotIsRefused() async throws {
        try await withFolder { folder in
            let path = "\(folder)/t.csv"
            try "id,nmae\n1,x\n".write(toFile: path, atomically: true, encoding: .utf8)
            try await TestDatabase.sqlite.withDatabase { target in
                try await target.run([Self.table[0]])
                let copy = try await SourceCopy(into: "t", on: target, CopyOptions())
                let error = await #expect(throws: DatabaseError.self) {
                    try await copy.run(from: FileSource(path, form: FileForm(.csv), kinds: copy.kinds))
                }
                #expect(error?.message.contains("nmae") == true)
            }
        }
    }
}
