import Roost
import RoostMigrations
import RoostMySQL
import RoostPostgreSQL
import RoostSQLite
import Testing

@Suite struct LintTests {
    private func lint(
        _ sql: String,
        _ driver: any Driver = PostgreSQLDriver(),
        header: String = ""
    ) throws -> [LintFinding] {
        let files = try MigrationFiles([
            "1.sql": MigrationFiles.file("a", "none", "create table old (id bigint primary key, a int, b text);"),
            "2.sql": MigrationFiles.file(
                "b",
                "a",
                sql + "\n-- migrate:down\nselect 1;",
                header: header + "-- x\n-- migrate:up"
            ),
        ])
        defer { files.remove() }
        return try MigrationLinter.findings(
            in: try files.graph(),
            dialect: driver.dialect,
            capabilities: driver.capabilities,
            only: ["b"]
        )
    }

    private static let onPostgreSQL: [(String, [String])] = [
        ("drop table old;", ["DS101"]), ("alter table old drop column a;", ["DS102"]), ("truncate old;", ["DS103"]),
        ("delete from old;", ["DS103"]), ("delete from old where id = 1;", []),
        ("alter table old add column c int not null;", ["DD101"]),
        ("alter table old add column c int not null default 0;", []), ("alter table old add column c int;", []),
        ("alter table old add column c uuid default gen_random_uuid();", ["LK104"]),
        ("alter table old add column c bigserial;", ["LK104"]),
        ("alter table old alter column a set not null;", ["DD102", "LK103"]),
        ("alter table old alter column a set default 3;", []),
        ("alter table old alter column a type bigint;", ["LK104"]),
        ("create index i on old (a);", ["LK101"]), ("create unique index i on old (a);", ["DD103", "LK101"]),
        ("create index concurrently i on old (a);", ["TX101"]), ("drop index i;", ["LK105"]),
        ("create table new (id bigint primary key); create index j on new (id);", []),
        ("alter table old add constraint c check (a > 0);", ["LK102"]),
        ("alter table old add constraint c check (a > 0) not valid;", []),
        ("alter table old validate constraint c;", []),
        ("alter table old add constraint f foreign key (a) references old (id);", ["FK101", "LK102"]),
        ("alter table old add constraint u unique (a);", ["DD103", "LK101"]),
        ("alter table old add constraint u unique using index i;", []),
        ("alter table old rename to other;", ["BC101"]), ("alter table old rename column a to c;", ["BC102"]),
        ("alter table old rename a to c;", ["BC102"]), ("create table old (id int);", ["NM101"]),
        ("create table if not exists old (id int);", []),
        ("create table n (id int primary key, o bigint references old);", ["FK101"]),
        ("create table n (id int primary key, o bigint references old); create index n_o on n (o, id);", []),
        ("create table n (o bigint references old, primary key (o));", []),
        ("vacuum full old;", ["LK106", "TX101"]), ("commit;", ["TX102"]), ("lock table old;", ["LK106"]),
        ("update old set b = 'drop table old; create index i on old (a)';", []),
    ]

    @Test(arguments: onPostgreSQL)
    func postgreSQL(sql: String, codes: [String]) throws {
        #expect(try lint(sql).map(\.code).sorted() == codes)
    }

    @Test func aRevisionOfItsOwnMayBuildIndexesConcurrently() throws {
        let header = "-- transactional: no\n"
        #expect(try lint("create index concurrently i on old (a);", header: header).isEmpty)
        #expect(try lint("create index concurrently on old (a);", header: header).map(\.code) == ["TX104"])
    }

    private static let onMySQL: [(String, [String])] = [
        ("alter table old add column c int not null;", ["LK107"]),
        ("alter table old modify a bigint;", ["LK104", "LK107"]),
        ("alter table old change a c int;", ["BC102", "LK104", "LK107"]),
        ("alter table old add column c int, algorithm=instant;", []),
        ("alter table old modify b varchar(60), algorithm = inplace, lock = none;", []),
        ("alter table old modify b text, lock=none;", []),
        ("alter table old modify b text, algorithm=inplace;", ["LK104"]),
        ("alter table old add column c int, lock=shared;", ["LK107"]),
        ("drop table old; create table old (id int);", ["DS101", "TX103"]), ("create index i on old (a);", []),
    ]

    @Test(arguments: onMySQL)
    func mySQL(sql: String, codes: [String]) throws {
        #expect(try lint(sql, MySQLDriver(.mysql)).map(\.code).sorted() == codes)
    }

    @Test func findingsSayWhereAndWhatIsSafer() throws {
        let finding = try #require(try lint("select 1;\ncreate index i\non old (a);").first)
        #expect(finding.line == 7 && finding.revision == "b" && finding.severity == .warning)
        #expect(finding.saferForm?.contains("concurrently") == true)
        #expect(LintCode.all.contains { $0.code == finding.code })
        let long = String(repeating: "n", count: 64)
        #expect(try lint("create table \(long) (id int);").map(\.code) == ["NM102"])
        #expect(try lint("create table \(long) (id int);", SQLiteDriver()).isEmpty)
    }
}
