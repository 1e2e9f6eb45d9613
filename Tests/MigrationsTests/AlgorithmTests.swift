import Roost
import RoostMigrations
import RoostSchema
import Testing

/// What generated migrations ask MySQL and MariaDB for, and that the servers grant it.
@Suite struct AlgorithmTests {
    static let engines = TestEngine.running.filter(\.isMySQL)

    private static let table = """
        create table item (id int primary key, a int, b varchar(20), c varchar(63) not null, e enum('x','y'), n int not null default 1, \
        key a_i (a), key b_i (b), constraint n_check check (n > 0), constraint own foreign key (a) references item (id)) \
        character set utf8mb4 collate utf8mb4_general_ci
        """

    private static let instant = ", ALGORITHM=INSTANT"
    private static let inplace = ", ALGORITHM=INPLACE, LOCK=NONE"
    private static let beside = ", LOCK=NONE"

    /// A part of the table, what stands there then, and what is asked of MySQL and of MariaDB.
    private static let changes: [(old: String, new: String, mysql: String, mariadb: String)] = [
        ("default 1", "default 1, z int", instant, instant),
        ("default 1", "default 1, z varchar(9) not null default 'z'", instant, instant),
        ("default 1", "default 1, z int as (n + 1) virtual", instant, instant),
        ("default 1", "default 1, z int as (n + 1) stored", "", ""),
        ("default 1", "default 1, z varchar(40) default (concat('z', 1 + 1))", "", ""),
        ("default 1", "default 1, z timestamp not null default current_timestamp", "", ""),
        (" a int,", " z int, a int,", beside, instant), ("(id int", "(z int, id int", beside, instant),
        (", e enum('x','y')", "", beside, inplace), ("b varchar(20)", "b varchar(60)", inplace, inplace),
        ("b varchar(20)", "b varchar(80)", "", ""), ("c varchar(63)", "c varchar(64)", "", ""),
        ("b varchar(20)", "b varchar(10)", "", ""), ("n int not", "n bigint not", "", ""),
        ("'x','y'", "'x','y','z'", instant, instant), ("'x','y'", "'y'", "", ""), ("'x','y'", "'z','x','y'", "", ""),
        ("default 1", "default 2", instant, instant), (" default 1", "", instant, instant),
        ("n int not null default 1", "n int default 1", inplace, inplace),
        ("b varchar(20)", "b varchar(20) not null", inplace, inplace),
        ("b varchar(20)", "b varchar(30) not null default 'x' comment 'y'", inplace, inplace),
        ("b varchar(20)", "b varchar(20) comment 'what'", instant, instant),
        ("b varchar(20)", "b varchar(20) collate utf8mb4_bin", "", ""),
        ("key b_i (b)", "key b_i (b), key c_i (c desc)", inplace, inplace),
        ("key b_i (b)", "key b_i (b), unique key c_i (c(5))", inplace, inplace),
        ("key b_i (b)", "key b_i (b), fulltext key c_i (c)", "", ""), (", key b_i (b)", "", inplace, inplace),
        ("key b_i", "key other", inplace, inplace), (", constraint n_check check (n > 0)", "", inplace, inplace),
        ("constraint n_check", "constraint m_check check (n < 9), constraint n_check", "", ""),
        (", constraint own foreign key (a) references item (id)", "", inplace, inplace),
        ("constraint own", "constraint up foreign key (n) references item (id), constraint own", "", ""),
        ("collate utf8mb4_general_ci", "collate utf8mb4_general_ci comment 'what'", inplace, inplace),
    ]

    private static func clause(_ statement: String) -> String {
        ["ALGORITHM=", "LOCK="].compactMap { statement.firstRange(of: ", " + $0) }.map(\.lowerBound).min().map {
            String(statement[$0...])
        } ?? ""
    }

    @Test(arguments: engines) func whatIsAskedForIsGranted(engine: TestEngine) async throws {
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                for change in Self.changes {
                    try #require(Self.table.contains(change.old), "\(change.old)")
                    try await connection.execute(
                        Statement(unsafe: Self.table.replacing(change.old, with: change.new))
                    )
                    let desired = try await Schema.read(from: connection)
                    try await connection.execute("drop table item")
                    try await connection.execute(Statement(unsafe: Self.table))
                    try await connection.execute("insert into item values (1, 1, 'b', 'c', 'y', 1)")
                    let generator = try await MigrationGenerator.from(connection, to: desired)
                    let template = try #require(try generator.templates(parents: [], description: "") { "g" }.first)
                    let up = try #require(template.sections.first { $0.direction == .up })
                    let statements = StatementSplitter.split(up.text, dialect: connection.dialect).map(\.text)
                    let expected = engine == .mysql ? change.mysql : change.mariadb
                    // A foreign key brings an index with it, before itself.
                    #expect(statements.last.map(Self.clause) == expected, "\(change.new): \(statements)")
                    for statement in statements { try await connection.execute(Statement(unsafe: statement)) }
                    #expect(try await MigrationGenerator.from(connection, to: desired).changes.isEmpty, "\(change.new)")
                    try await connection.execute("drop table item")
                }
            }
        }
    }

    /// A table that is not what it was: the server would copy it, and says so at once instead.
    @Test(arguments: engines) func whatIsNotGrantedFailsAtOnce(engine: TestEngine) async throws {
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                try await connection.run(
                    "create table word (id int primary key, body text); insert into word values (1, 'a')"
                )
                var desired = try await Schema.read(from: connection)
                desired.tables[0].columns.append(
                    Schema.Column(name: "n", type: Schema.ColumnType("int", engine: desired.engine))
                )
                let files = try MigrationFiles()
                defer { files.remove() }
                try await MigrationGenerator.from(connection, to: desired).write(into: files)
                try await connection.execute("create fulltext index word_body on word (body)")
                let migrator = Migrator(connection: connection, graph: try files.graph())
                let error = await #expect(throws: MigrationError.self) { try await migrator.apply() }
                #expect(error?.cause?.condition == .notSupported, "\(String(describing: error))")
                #expect(
                    try await Schema.read(from: connection).tables.first { $0.name.name == "word" }?.column("n") == nil
                )
                // Nothing is done, and it can be made as the server does it.
                var offline = try await MigrationGenerator.from(connection, to: desired)
                offline.isOnline = false
                let text = try offline.templates(parents: [], description: "") { "h" }.map(\.text).joined()
                #expect(text.contains("ADD COLUMN") && Self.clause(text).isEmpty, "\(text)")
            }
        }
    }
}
