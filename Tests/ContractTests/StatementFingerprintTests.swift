import Roost
import Testing

struct StatementFingerprintTests {
    @Test(arguments: [
        ("select 1", "select ?", "SELECT"),
        (
            "  SELECT *\n from  Customer -- all of them\n where id = 42", "SELECT * from Customer where id = ?",
            "SELECT Customer"
        ),
        ("select a from t where b in (1, 2, 3)", "select a from t where b in (?)", "SELECT t"),
        ("select a from t where b in (?, ?)", "select a from t where b in (?)", "SELECT t"),
        ("select a from t where b in ($1, $2)", "select a from t where b in (?)", "SELECT t"),
        ("insert into t (a, b) values (1, 'x'), (2, 'y'), (3, 'z')", "insert into t(a, b) values (?)", "INSERT t"),
        ("update shop.t set a = 'it''s' where b = :b", "update shop.t set a = ? where b = ?", "UPDATE shop.t"),
        (
            "delete from only \"My Table\" where x = 1.5e3", "delete from only \"My Table\" where x = ?",
            "DELETE \"My Table\""
        ),
        ("create table if not exists t (a int)", "create table if not exists t(a int)", "CREATE t"),
        ("select count(*) from a join b on a.x = b.x", "select count(*) from a join b on a.x = b.x", "SELECT a b"),
        ("", "", ""),
    ])
    func texts(statement: String, text: String, summary: String) {
        let fingerprint = StatementFingerprint(statement, lexicon: [.dollarQuotes, .escapeStrings, .nestedComments])
        #expect(fingerprint.text == text)
        #expect(fingerprint.summary == summary)
    }

    @Test func theNumberIsTheSameForTheSameShape() {
        let lexicon: Dialect.Lexicon = [.backtickIdentifiers]
        let one = StatementFingerprint("select a from t where b = 1", lexicon: lexicon)
        let two = StatementFingerprint("select  a from t where b = 'other'", lexicon: lexicon)
        #expect(one.id == two.id)
        #expect(one.name.count == 16)
        #expect(one.id != StatementFingerprint("select b from t", lexicon: lexicon).id)
    }

    @Test func longTextsAreCutAndHostileOnesDoNotTrap() {
        let long = StatementFingerprint(
            "select " + (0..<10_000).map { "c\($0)" }.joined(separator: ", "),
            lexicon: [.dollarQuotes, .escapeStrings, .nestedComments]
        )
        #expect(long.text.utf8.count < 5_000)
        for text in ["'", "((((", "/*", "$$", "\u{0}", ",,,,", "?,?,?", "),("] {
            _ = StatementFingerprint(text, lexicon: [.dollarQuotes, .escapeStrings, .nestedComments])
        }
    }
}
