import Roost
import RoostTestSupport
import Testing

@Suite struct StatementTests {
    @Test func interpolationBinds() {
        let name = "x'; drop table t; --"
        let statement: Statement = "select * from t where name = \(name) and n > \(3)"
        #expect(statement.text == "select * from t where name = ? and n > ?")
        #expect(statement.parameters == [.text(name), .int(3)])
        #expect(!statement.description.contains("drop"))
        #expect(!String(reflecting: statement).contains("drop"))
        var dumped = ""
        dump(statement, to: &dumped)
        #expect(!dumped.contains("drop"))
    }

    @Test func listsIdentifiersAndFragments() {
        let none: [Int] = []
        let filter: Statement = "a = \(1)"
        let statement: Statement =
            "select \(identifier: "od\"d") from \(identifier: ["s", "t"]) where id in (\(list: [1, 2])) or x not in (\(list: none)) and \(filter)"
        #expect(
            statement.text
                == "select \"od\"\"d\" from \"s\".\"t\" where id in (?, ?) or x not in (select null where 1 = 0) and a = ?"
        )
        #expect(statement.parameters == [1, 2, 1])
        let postgres = Dialect(name: "postgresql", placeholder: .numbered(prefix: "$"))
        #expect(
            statement.rendered(for: postgres).hasSuffix("in ($1, $2) or x not in (select null where 1 = 0) and a = $3")
        )
        let mysql = Dialect(name: "mysql", identifierOpen: "`", identifierClose: "`")
        #expect(statement.rendered(for: mysql).hasPrefix("select `od\"d` from `s`.`t` where"))
        #expect(statement.rendered(for: .sqlite) == statement.text)
    }

    @Test(arguments: [
        ("select ? + ?", "select ? + ?"),
        ("select :1 + :2", "select ? + ?"),
        ("select %s + %s, '%%s', 5 %% 2", "select ? + ?, '%%s', 5 % 2"),
        ("select $1 + $2", "select ? + ?"),
        ("select '?', \"a?\", -- ?\n ?, /* ? */ ?", "select '?', \"a?\", -- ?\n ?, /* ? */ ?"),
        ("select 'it''s ?', ? ?? ?", "select 'it''s ?', ? ? ?"),
        ("select a::text, x[1:2], :1, :2", "select a::text, x[1:2], ?, ?"),
    ])
    func positionalStyles(text: String, expected: String) throws {
        let statement = try Statement(text, [1, 2])
        #expect(statement.text == expected)
        #expect(statement.parameters == [1, 2])
    }

    @Test(arguments: [
        "select :a, :b, :a", "select %(a)s, %(b)s, %(a)s", "select @a, @b, @a",
    ])
    func namedStyles(text: String) throws {
        let statement = try Statement(text, named: ["a": 1, "b": 2])
        #expect(statement.text == "select ?, ?, ?")
        #expect(statement.parameters == [1, 2, 1])
    }

    @Test func repeatedNumbers() throws {
        let statement = try Statement("select :2, :1, :2", [10, 20])
        #expect(statement.parameters == [20, 10, 20])
    }

    @Test func jsonOperatorsAreNotPlaceholders() throws {
        let postgres = Dialect(
            name: "postgresql",
            placeholder: .numbered(prefix: "$"),
            lexicon: [.dollarQuotes, .escapeStrings, .nestedComments]
        )
        let statement = try Statement(
            "select d ? 'k', d ?| array['a'], $x$ $1 ? $x$, e'\\' $1' where a = $1",
            [7],
            style: .dollar,
            dialect: postgres
        )

        #expect(statement.parameterCount == 1)
        #expect(statement.text.hasSuffix("where a = ?"))
    }

    @Test func mismatchesNameWhatIsMissing() {
        func failure(_ make: () throws(DatabaseError) -> Statement) -> DatabaseError? {
            do {
                _ = try make()
                return nil
            } catch { return error }
        }
        #expect(
            failure { () throws(DatabaseError) in try Statement("select ?, ?", [1]) }?.condition == .parameterMismatch
        )
        let missing = failure { () throws(DatabaseError) in try Statement("select :a, :b", named: ["a": 1]) }
        #expect(missing?.message.contains("b") == true)
        let unused = failure { () throws(DatabaseError) in
            try Statement("select :a", named: ["a": "s3cret", "c": "s3cret"])
        }
        #expect(unused?.message.contains("c") == true)
        #expect(unused?.debugDescription.contains("s3cret") == false)
        #expect(
            failure { () throws(DatabaseError) in try Statement("select ?, :a", [1]) }?.message.contains("mixes")
                == true
        )
    }

    @Test func splitsScriptsAtTheRightSemicolons() {
        let script = """
            -- first; comment
            create table t (a text default ';');
            create trigger g after insert on t begin
              update t set a = case when 1 then 'x' else 'y' end;
              delete from t where a = ';';
            end;
            /* ; */ insert into t values (1);;
            select 'open
            """
        let parts = StatementSplitter.split(script, dialect: .sqlite)
        #expect(parts.map(\.isComplete) == [true, true, true, false])
        #expect(parts.map(\.line) == [2, 3, 7, 8])
        #expect(parts[1].text.hasSuffix("end"))
        #expect(StatementSplitter.split(" ; -- nothing\n", dialect: .sqlite).isEmpty)
    }

    @Test func bodiesOfRoutinesStayWhole() {
        let mysql = Dialect(name: "mysql", lexicon: [.backtickIdentifiers, .compoundStatements])
        let procedure = """
            create procedure p(n int) begin
              if n > 0 then select case n when 1 then 'a' end case; end if;
              while n > 0 do set n = n - 1; end while;
              begin select 1; end;
            end
            """
        let function = """
            create function f(n int) returns int begin atomic
              select 1; select case when n > 0 then n end;
            end
            """
        let postgresql = Dialect(name: "postgresql", lexicon: [.dollarQuotes])
        for (text, dialect) in [(procedure, mysql), (function, postgresql)] {
            let parts = StatementSplitter.split(text + ";\nbegin; select 1;", dialect: dialect)
            #expect(parts.map(\.text) == [text, "begin", "select 1"])
        }
    }

    @Test func hostileTextNeverTraps() {
        var generator = SeededGenerator(seed: 42)
        let alphabet = Array("'\"`[]$?:@%/*-#eq;\\ \n(a1é".utf8)
        let lexicons: [Dialect.Lexicon] = [[], Dialect.sqlite.lexicon, Dialect.Lexicon(rawValue: .max)]
        for _ in 0..<20_000 {
            let bytes = (0..<Int(generator.next() % 24)).map { _ in
                alphabet[Int(generator.next() % UInt64(alphabet.count))]
            }
            let text = String(decoding: bytes, as: UTF8.self)
            for lexicon in lexicons {
                let dialect = Dialect(name: "any", lexicon: lexicon)
                _ = StatementSplitter.split(text, dialect: dialect)
                if let statement = try? Statement(template: text, style: .qmark, dialect: dialect) {
                    #expect(statement.marks.allSatisfy { $0.offset + $0.length <= statement.text.utf8.count })
                }
            }
        }
    }
}
