import Foundation
import Roost
import RoostMigrations
import RoostMySQL
import Testing

/// What a plan says about locks, beside what servers do.
@Suite struct PlanLockTests {
    // MARK: PostgreSQL

    private static let tables = """
        create table kind (id bigint primary key, name text);
        create table item (id bigint primary key, kind bigint, name varchar(20), price int, constraint positive check (price > 0) not valid);
        create index item_price on item (price);
        create unique index item_name on item (name);
        create table kept (id bigint not null, day date) partition by range (day);
        create table kept_old (id bigint not null, day date);
        create function nothing() returns trigger language plpgsql as 'begin return new; end';
        insert into kind select n, 'k' from generate_series(1, 20) n;
        insert into item select n, n, 'n' || n, n from generate_series(1, 20) n;
        """

    private static let onPostgreSQL = [
        "alter table item add column c int", "alter table item add column c int not null default 5",
        "alter table item add column c double precision default random()", "alter table item add column c bigserial",
        "alter table item add column c int generated always as identity",
        "alter table item add column c int generated always as (price + 1) stored",
        "alter table item add column c int unique", "alter table item add column c int check (c > 0)",
        "alter table item add column c bigint references kind", "alter table item drop column price",
        "alter table item alter column price type bigint", "alter table item alter column name type varchar(30)",
        "alter table item alter column price set not null", "alter table item alter column price set default 4",
        "alter table item alter column price set statistics 50", "alter table item alter price set (n_distinct = 5)",
        "alter table item alter column id drop default", "alter table item alter column name set storage external",
        "alter table item add constraint c check (price < 1000)",
        "alter table item add constraint c check (price < 1000) not valid",
        "alter table item validate constraint positive",
        "alter table item add constraint f foreign key (kind) references kind (id)",
        "alter table item add constraint f foreign key (kind) references kind (id) not valid",
        "alter table item add constraint u unique (kind)",
        "alter table item add constraint u unique using index item_name",
        "alter table item drop constraint positive", "alter table item rename to other",
        "alter table item rename column name to label", "alter table item rename constraint positive to above",
        "alter table item set unlogged", "alter table item set (fillfactor = 70)",
        "alter table item reset (fillfactor)",
        "alter table item disable trigger all", "alter table item enable row level security",
        "alter table item replica identity full", "alter table item add column a int, alter column price type bigint",
        "alter table item alter column price set statistics 50, validate constraint positive",
        "alter table kept attach partition kept_old for values from ('2020-01-01') to ('2021-01-01')",
        "create table kept_new partition of kept for values from ('2021-01-01') to ('2022-01-01')",
        "create index i on item (kind)", "create unique index i on item using btree (kind)", "drop index item_price",
        "drop table item", "truncate item", "create table new (id bigint primary key, k bigint references kind)",
        "create trigger t before insert on item for each row execute function nothing()",
        "create policy p on item using (price > 0)", "comment on table item is 'x'",
        "comment on column item.price is 'x'",
        "insert into item values (100)", "update item set price = 3", "delete from item where id = 3",
        "select * from item for update", "select count(*) from item join kind on true", "lock table item in share mode",
        "lock item", "cluster item using item_price", "reindex table item", "analyze item",
    ]

    private struct Seen: Hashable {
        var modes: [String: String] = [:]
        var files: [String: Int64] = [:]
        var scans: [String: Int64] = [:]
    }

    private static func look(_ connection: any Connection) async throws -> Seen {
        var seen = Seen()
        let order = [
            "AccessShareLock": 0, "RowShareLock": 1, "RowExclusiveLock": 2, "ShareUpdateExclusiveLock": 3,
            "ShareLock": 4,
            "ShareRowExclusiveLock": 5, "ExclusiveLock": 6, "AccessExclusiveLock": 7,
        ]
        let locks = try await connection.query(
            """
            select relation::bigint::text, mode from pg_locks where pid = pg_backend_pid() and relation is not null
            """
        ).decode((String, String).self).fetchAll(limit: 1_000)
        for (table, mode) in locks where order[mode] ?? 0 >= order[seen.modes[table] ?? ""] ?? -1 {
            seen.modes[table] = mode
        }
        let files = try await connection.query(
            """
            select oid::bigint::text, relfilenode::bigint, coalesce(pg_stat_get_xact_numscans(oid), 0) from pg_class \
            where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
            """
        ).decode((String, Int64, Int64).self).fetchAll(limit: 1_000)
        for (table, file, scans) in files { (seen.files[table], seen.scans[table]) = (file, scans) }
        return seen
    }

    @Test(.enabled(if: TestEngine.running.contains(.postgresql)))
    func postgreSQLTakesTheLocksThatPlansShow() async throws {
        try await TestEngine.postgresql.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                for part in StatementSplitter.split(Self.tables, dialect: connection.dialect) {
                    try await connection.execute(Statement(unsafe: part.text))
                }
                // That it is read shows by what it finds.
                try await connection.begin(.readWrite)
                try await connection.execute("alter table item drop constraint positive")
                try await connection.execute("insert into item values (21, 1, 'x', -1)")
                try await connection.execute("alter table item add constraint positive check (price > 0) not valid")
                await #expect(throws: DatabaseError.self) {
                    try await connection.execute("alter table item validate constraint positive")
                }
                try await connection.rollback()
                let names = Dictionary(
                    try await connection.query(
                        "select relname::text, oid::bigint::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
                    ).decode((String, String).self).fetchAll(limit: 1_000)
                ) { $1 }
                let present = Set(names.values)
                for sql in Self.onPostgreSQL {
                    let impact = StatementImpact(of: sql, dialect: connection.dialect)
                    try await connection.begin(.readWrite)
                    let before = try await Self.look(connection)
                    try await connection.execute(Statement(unsafe: sql))
                    let after = try await Self.look(connection)
                    try await connection.rollback()
                    var expected: [String: String] = [:]
                    for lock in impact.locks {
                        let table = lock.table.hasPrefix("table of ") ? "item" : lock.table
                        guard let number = names[table] else {
                            Issue.record("\(sql): no table \(table)")
                            continue
                        }
                        let mode = lock.mode.split(separator: " ").map { $0.capitalized }.joined() + "Lock"
                        expected[number] = mode
                        let isRewritten = after.files[number] != nil && after.files[number] != before.files[number]
                        let isScanned = (after.scans[number] ?? 0) > (before.scans[number] ?? 0)
                        // Emptying a table gives it a new file, and writes nothing.
                        switch lock.work {
                        case .instant where !sql.hasPrefix("truncate"): #expect(!isRewritten && !isScanned, "\(sql)")
                        case .instant, .rows: break
                        // Validating a check reads the table, and the statistics do not count it.
                        case .scan:
                            #expect(!isRewritten && (isScanned || lock.isAtMost || sql.contains("validate")), "\(sql)")
                        case .rewrite: #expect(isRewritten || lock.isAtMost, "\(sql)")
                        }
                    }
                    #expect(after.modes.filter { present.contains($0.key) } == expected, "\(sql)")
                }
            }
        }
    }

    // MARK: MySQL and MariaDB

    private static let onMySQL = [
        "add column c int", "add column c int not null default 3", "add column c int as (n + 2) stored",
        "add column c int as (n + 2) virtual", "add column c int unique", "add column c int check (c > 0)",
        "drop column n", "drop column b", "rename column b to b2", "alter column n set default 4",
        "alter column n drop default", "modify a bigint", "modify b varchar(30)", "modify b varchar(10)",
        "modify e enum('x','y','z')", "modify a int not null", "add index i (a)", "add unique index i (a)",
        "add fulltext index i (b)", "drop index b_i", "rename index b_i to b_j", "drop foreign key fk",
        "add constraint g foreign key (p) references parent (id)", "add constraint k2 check (n > 0)",
        "drop constraint ck",
        "drop primary key", "rename to other", "force", "add column c int, add index i (a)", "comment 'x'",
        "add constraint u unique (a)", "add index i (a), modify n bigint",
    ]
    private static let ways = [
        "algorithm=instant", "algorithm=inplace, lock=none", "algorithm=inplace, lock=shared",
        "algorithm=copy, lock=shared",
    ]

    /// The server does what the statement allows, or refuses.
    @Test(arguments: [
        ("modify a bigint", "ALGORITHM=COPY, LOCK=SHARED", true),
        ("modify a bigint, algorithm=instant", "ALGORITHM=INSTANT", false),
        ("modify a bigint, algorithm = inplace, lock = none", "ALGORITHM=INPLACE, LOCK=NONE", true),
        ("modify a bigint, lock=none", "ALGORITHM=INPLACE, LOCK=NONE", true),
        ("modify a bigint, algorithm inplace", "ALGORITHM=INPLACE, LOCK=SHARED", true),
        ("add index i (a), algorithm=inplace, lock=none", "ALGORITHM=INPLACE, LOCK=NONE", false),
        ("add column c int, lock=none", "ALGORITHM=INSTANT", false),
    ])
    func whatAStatementAsksForBoundsItsLock(action: String, mode: String, isAtMost: Bool) {
        for dialect in [MySQLDriver(.mysql).dialect, MySQLDriver(.mariadb).dialect] {
            let lock = StatementImpact(of: "alter table item \(action)", dialect: dialect).locks.first
            #expect(lock?.mode == mode && lock?.isAtMost == isAtMost, "\(String(describing: lock))")
        }
    }

    @Test(arguments: TestEngine.running.filter { $0 == .mysql || $0 == .mariadb })
    func mySQLTakesTheAlgorithmsThatPlansShow(engine: TestEngine) async throws {
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                try await connection.execute("create table parent (id bigint primary key)")
                try await connection.execute("insert into parent values (1)")
                func make() async throws {
                    try await connection.execute("drop table if exists item, other")
                    try await connection.execute(
                        """
                        create table item (id int primary key, a int, b varchar(20), n int not null default 1, e enum('x','y'), p bigint, \
                        c2 int, constraint ck check (c2 > 0), key b_i (b), constraint fk foreign key (p) references parent (id))
                        """
                    )
                    try await connection.execute("insert into item values (1, 1, 'a', 1, 'x', 1, 1)")
                }
                func isAccepted(_ action: String, _ way: String) async throws -> Bool {
                    do {
                        try await connection.execute("alter table item \(unsafe: action), \(unsafe: way)")
                        return true
                    } catch {
                        // "… is not supported": anything else is a mistake of the test.
                        #expect([1845, 1846].contains(error.nativeCode), "\(action), \(way): \(error)")
                        return false
                    }
                }
                try await make()
                for action in Self.onMySQL {
                    let impact = StatementImpact(of: "alter table item \(action)", dialect: connection.dialect)
                    let lock = try #require(impact.locks.first)
                    let index = try #require(Self.ways.firstIndex(of: lock.mode.lowercased()), "\(lock.mode)")
                    if index > 0, !lock.isAtMost {
                        let isBetter = try await isAccepted(action, Self.ways[index - 1])
                        #expect(!isBetter, "\(action) does with \(Self.ways[index - 1])")
                        if isBetter { try await make() }
                    }
                    let isTrue = try await isAccepted(action, Self.ways[index])
                    #expect(isTrue, "\(action) needs more than \(Self.ways[index])")
                    if isTrue { try await make() }
                }
            }
        }
    }
}
