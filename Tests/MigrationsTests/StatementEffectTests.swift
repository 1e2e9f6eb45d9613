import Roost
import RoostMySQL
import RoostPostgreSQL
import Testing

@testable import RoostMigrations

@Suite struct StatementEffectTests {
    @Test(arguments: [
        ("create index concurrently i on s.t (a)", true),
        ("create unique index concurrently if not exists i on t (a)", true),
        ("CREATE INDEX i ON t (a)", false), ("vacuum t", true), ("drop index concurrently i", true),
        ("reindex table concurrently t", true), ("reindex table t", false), ("alter system set a = 1", true),
        ("create database d", true), ("alter type e add value 'x'", false), ("insert into t values ('vacuum')", false),
        ("/* vacuum */ update t set a = 1", false), ("refresh materialized view concurrently v", false),
    ])
    func postgreSQLKnowsWhatLeavesATransaction(text: String, leaves: Bool) {
        #expect(StatementEffect(text, dialect: .postgresql).leavesTransaction == leaves)
    }

    @Test func mySQLKnowsWhatStatementsChange() {
        func objects(_ text: String) -> [String]? {
            guard case .definitions(let objects) = StatementEffect(text, dialect: .mysql).recovery else { return nil }
            return objects.map { "\($0.kind) \($0.name.joined(separator: "."))" }
        }
        #expect(objects("create table if not exists `a b`.t (id int)") == ["table a b.t"])
        #expect(objects("alter table t add column c int, rename to u") == ["table t", "table u"])
        #expect(objects("alter table t rename column a to b") == ["table t"])
        #expect(objects("create unique index i on t (a)") == ["table t"])
        #expect(objects("drop index i on t") == ["table t"])
        #expect(objects("drop table if exists a, b") == ["table a", "table b"])
        #expect(objects("rename table a to b, c to d") == ["table a", "table b", "table c", "table d"])
        #expect(objects("create or replace definer=`u`@`h` view v as select 1") == ["view v"])
        #expect(objects("create trigger g before insert on t for each row set new.a = 1") == ["trigger g"])
        #expect(objects("update t set a = 1") == nil)
        #expect(StatementEffect("create user u", dialect: .mysql).recovery == .undecidable)
        #expect(StatementEffect("set @a = 1", dialect: .mysql).isSessionSetting)
    }

    @Test(arguments: [
        ("drop table t", "table t"), ("alter table t drop column c", "column c"), ("alter table t drop c", "column c"),
        ("alter table t add a int, drop column if exists c", "column c"), ("truncate table s.t", "rows of s.t"),
        ("delete from t", "rows of t"), ("drop schema s cascade", "schema s"),
        ("alter table t alter column c drop default", ""), ("alter table t drop constraint c", ""),
        ("alter table t alter c drop not null", ""), ("delete from t where id = 1", ""), ("drop index i", ""),
        ("drop view v", ""), ("insert into t values ('drop table t')", ""), ("drop temporary table t", ""),
        ("alter table t add check (a <> 'drop')", ""), ("alter table t drop primary key", ""),
    ])
    func whatLosesDataIsSeen(text: String, words: String) {
        let loss = DataLoss(text, dialect: .mysql)?.description
        #expect((loss == nil) == words.isEmpty, "\(loss ?? "nothing")")
        if !words.isEmpty { #expect(loss?.hasSuffix(words) == true, "\(loss ?? "nothing")") }
    }
}
