import Roost
import Testing

@testable import RoostMySQL

/// One row's `INSERT` is written for many only where that cannot change what it says.
@Suite struct MultiRowInsertTests {
    @Test(arguments: [
        "insert into t (a, b) values (?, ?)", "insert into `values` (a, b) values (?, coalesce(?, 1))",
        "replace into t values (?, ?)", "insert into t (`a`, `b``(`) values (?, ?) on duplicate key update a = 1",
    ])
    func aListOfValuesIsRepeated(text: String) throws {
        let template = try Statement(template: text, dialect: .mysql)
        var insert = try #require(MultiRowInsert(template, width: 2))
        let many = try Statement(template: insert.statement(rows: 16).text, dialect: .mysql)
        #expect(many.parameterCount == 32)
    }

    @Test(arguments: [
        "insert into t (a, b) values (?, 'x', ?)", "insert into t (a, b) values (?, ?) -- values (?, ?)",
        "insert into t values (?, `a`, ?)", "insert into `a values (` values (?, ?)",
        "insert into t values (?, ?), (1, 2)",
        "insert into t select ?, ?", "insert into t (a) values (?) on duplicate key update a = ?",
        "insert into t values (`?)`, ?, ?)",
    ])
    func whatWouldHaveToBeUnderstoodIsLeftAlone(text: String) throws {
        let template = try Statement(template: text, dialect: .mysql)
        #expect(MultiRowInsert(template, width: 2) == nil)
    }
}
