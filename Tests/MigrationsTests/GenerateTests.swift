import Roost
import RoostMigrations
import RoostSchema
import RoostTestSupport
import Testing

/// What should be, as a text that is edited.
struct DesiredChange: Sendable, CustomTestStringConvertible {
    let name: String
    /// Pairs of a part of the base's text and what stands there then; an empty part means the end.
    let edits: [(String, String)]
    var engines = Set(TestEngine.allCases)

    var testDescription: String { name }

    init(_ name: String, _ edits: (String, String)..., on engines: Set<TestEngine> = Set(TestEngine.allCases)) {
        self.name = name
        self.edits = edits
        self.engines = engines
    }

    static let base = """
        create table customer (id integer not null primary key, name varchar(100) not null, city varchar(40), born date,
          credit decimal(10,2) default 0 not null);
        create table orders (id integer not null primary key, customer_id integer not null, placed timestamp null, note varchar(200),
          total decimal(12,2));
        create index orders_customer on orders (customer_id);
        create table tag (word varchar(20) not null);

        """

    static let rows = """
        insert into customer values (1, 'Ana', 'Bern', '1990-01-31', 10), (2, 'Bo', 'Basel', null, 20.5);
        insert into orders values (1, 1, '2025-01-02 03:04:05', 'first', 9.5), (2, 2, null, null, null);
        insert into tag values ('red');
        """

    var desired: String {
        get throws {
            var text = Self.base
            for (old, new) in edits {
                if old.isEmpty {
                    text += new + ";\n"
                } else {
                    try #require(text.contains(old), "\(name): \(old)")
                    text = text.replacing(old, with: new)
                }
            }
            return text
        }
    }

    private static let servers: Set<TestEngine> = [.postgresql, .mysql, .mariadb]

    static let all: [DesiredChange] = [
        DesiredChange("a column", ("note varchar(200)", "note varchar(200), email varchar(80)")),
        DesiredChange(
            "a column that is filled",
            ("note varchar(200)", "note varchar(200), status varchar(10) default 'new' not null")
        ),
        DesiredChange("a column in the middle", ("city varchar(40)", "zip varchar(10), city varchar(40)")),
        DesiredChange("a column less", (", born date", "")),
        DesiredChange("two columns less", (", born date", ""), (", note varchar(200)", "")),
        DesiredChange("a longer text", ("city varchar(40)", "city varchar(80)")),
        DesiredChange("a shorter text", ("note varchar(200)", "note varchar(150)")),
        DesiredChange("a wider number", ("total decimal(12,2)", "total decimal(14,4)")),
        DesiredChange("an integer that gets longer", ("customer_id integer", "customer_id bigint")),
        DesiredChange("a number that becomes text", ("customer_id integer", "customer_id varchar(20)")),
        DesiredChange("NOT NULL", ("city varchar(40)", "city varchar(40) not null")),
        DesiredChange("no NOT NULL", ("name varchar(100) not null", "name varchar(100)")),
        DesiredChange("another default", ("default 0", "default 5")),
        DesiredChange("no default", ("default 0 ", "")),
        DesiredChange("a default", ("city varchar(40)", "city varchar(40) default 'Bern'")),
        DesiredChange("a default with a quote", ("city varchar(40)", "city varchar(40) default 'O''Brien; --'")),
        DesiredChange("a table", ("", "create table item (id integer not null primary key, price decimal(8,2))")),
        DesiredChange(
            "two tables that refer to each other's rows",
            ("", "create table region (id integer not null primary key)"),
            (
                "",
                "create table shop (id integer not null primary key, region_id integer, constraint shop_region foreign key (region_id) references region (id))"
            )
        ),
        DesiredChange("a table less", ("create table tag (word varchar(20) not null);\n", "")),
        DesiredChange(
            "a foreign key",
            (
                "total decimal(12,2)",
                "total decimal(12,2), constraint orders_fk foreign key (customer_id) references customer (id)"
            )
        ),
        DesiredChange(
            "a foreign key that cascades",
            (
                "total decimal(12,2)",
                "total decimal(12,2), constraint orders_fk foreign key (customer_id) references customer (id) on delete cascade"
            )
        ),
        DesiredChange("a unique key", ("default 0 not null", "default 0 not null, constraint name_key unique (name)")),
        DesiredChange(
            "a unique key of two columns",
            ("default 0 not null", "default 0 not null, constraint name_key unique (name, city)")
        ),
        DesiredChange(
            "a check",
            ("default 0 not null", "default 0 not null, constraint credit_check check (credit >= 0)")
        ),
        DesiredChange("a primary key", ("word varchar(20) not null", "word varchar(20) not null primary key")),
        DesiredChange("an index", ("", "create index orders_placed on orders (placed)")),
        DesiredChange("a unique index", ("", "create unique index customer_name on customer (name)")),
        DesiredChange("an index of two columns", ("", "create index customer_place on customer (city, name)")),
        DesiredChange("an index that falls", ("", "create index orders_placed on orders (placed desc)")),
        DesiredChange("an index less", ("create index orders_customer on orders (customer_id);\n", "")),
        DesiredChange("an index over other columns", ("on orders (customer_id)", "on orders (customer_id, placed)")),
        DesiredChange("an index of another name", ("index orders_customer", "index orders_by_customer")),
        DesiredChange("a view", ("", "create view rich as select id, name from customer where credit > 100")),
        DesiredChange(
            "a generated column",
            ("total decimal(12,2)", "total decimal(12,2), twice decimal(14,2) generated always as (total * 2) stored")
        ),
        DesiredChange(
            "much at once",
            ("city varchar(40)", "city varchar(60) default 'Bern' not null"),
            ("note varchar(200)", "note varchar(200), email varchar(80)"),
            ("", "create index orders_placed on orders (placed)"),
            ("", "create table item (id integer not null primary key, price decimal(8,2))"),
            ("create table tag (word varchar(20) not null);\n", "")
        ),
        DesiredChange(
            "a partial index",
            ("", "create index big on orders (total) where total > 100"),
            on: [.postgresql, .sqlite]
        ),
        DesiredChange(
            "an index over an expression",
            ("", "create index lower_name on customer (lower(name))"),
            on: [.postgresql, .sqlite]
        ),
        DesiredChange(
            "a trigger",
            (
                "",
                "create trigger t after insert on customer begin update customer set city = 'x' where id = new.id; end"
            ),
            on: [.sqlite]
        ),
        DesiredChange("a comment", ("", "comment on column customer.name is 'as they write it'"), on: [.postgresql]),
        DesiredChange("an enumeration", ("", "create type mood as enum ('sad', 'glad')"), on: [.postgresql]),
        DesiredChange("a sequence", ("", "create sequence numbers increment by 5"), on: [.postgresql]),
        DesiredChange(
            "an identity",
            ("total decimal(12,2)", "total decimal(12,2), serial bigint generated always as identity"),
            on: [.postgresql]
        ),
        DesiredChange(
            "a comment of MySQL's",
            ("city varchar(40)", "city varchar(40) comment 'where'"),
            on: [.mysql, .mariadb]
        ),
        DesiredChange("an enum of MySQL's", ("city varchar(40)", "city enum('Bern','Basel')"), on: [.mysql, .mariadb]),
        DesiredChange(
            "an unsigned number",
            ("customer_id integer", "customer_id int unsigned"),
            on: [.mysql, .mariadb]
        ),
        DesiredChange(
            "a collation",
            ("note varchar(200)", "note varchar(200) collate utf8mb4_bin"),
            on: [.mysql, .mariadb]
        ),
    ]

    static func cases() -> [(TestEngine, DesiredChange)] {
        TestEngine.running.flatMap { engine in all.filter { $0.engines.contains(engine) }.map { (engine, $0) } }
    }
}

/// Migrations that are written from two structures.
@Suite(.timeLimit(.minutes(20))) struct GenerateTests {
    private static func execute(_ script: String, on connection: any Connection) async throws {
        for part in StatementSplitter.split(script + "\n;", dialect: connection.dialect) {
            try await connection.execute(Statement(unsafe: part.text))
        }
    }

    private static func generator(_ current: any Connection, _ desired: Schema) async throws -> MigrationGenerator {
        MigrationGenerator(
            from: try await Schema.read(from: current),
            to: desired,
            historyTable: MigrationConfiguration().historyTable
        )
    }

    private static func counts(_ connection: any Connection) async throws -> [Int] {
        var counts: [Int] = []
        for table in ["customer", "orders"] {
            counts.append(
                try await connection.query("select count(*) from \(identifier: table)").decode(Int.self).fetchOnly()
            )
        }
        return counts
    }

    /// There and back: what is generated makes what was wanted and nothing else, keeps the rows, and its way down undoes it.
    @Test(.serialized, arguments: DesiredChange.cases())
    func whatIsGeneratedMakesWhatWasWanted(engine: TestEngine, change: DesiredChange) async throws {
        let desired = try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                try await Self.execute(try change.desired, on: connection)
                return try await Schema.read(from: connection)
            }
        }
        let files = try MigrationFiles(["0_base.sql": MigrationFiles.file("start", "none", DesiredChange.base)])
        defer { files.remove() }
        try await engine.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                var configuration = MigrationConfiguration()
                configuration.allowsDestructive = true
                try await Migrator(connection: connection, graph: try files.graph(), configuration: configuration)
                    .apply()
                try await Self.execute(DesiredChange.rows, on: connection)
                let before = try await Schema.read(from: connection)

                let generator = try await Self.generator(connection, desired)
                #expect(generator.questions.isEmpty)
                #expect(!generator.changes.isEmpty)
                var number = 0
                let templates = try generator.templates(parents: ["start"], description: change.name) {
                    number += 1
                    return "g\(number)"
                }
                for template in templates { try template.write(into: files.path) }
                let migrator = Migrator(connection: connection, graph: try files.graph(), configuration: configuration)
                try await migrator.apply()
                let again = try await Self.generator(connection, desired)
                #expect(again.changes.isEmpty, "\(again.changes.map(\.description)) after \(templates.map(\.text))")
                #expect(try await Self.counts(connection) == [2, 2])

                try await migrator.rollback(downTo: .revision("start"))
                let back = try await Self.generator(connection, before)
                #expect(back.changes.isEmpty, "\(back.changes.map(\.description)) after \(templates.map(\.text))")
                #expect(try await Self.counts(connection) == [2, 2])
            }
        }
    }

    /// One name of a hundred changes: never without a question, and with the answer what is in it is kept.
    @Test(arguments: 0..<100) func noRenameBecomesADrop(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let names = ["name", "city", "born", "credit", "note", "total", "placed", "customer_id"]
        let words = ["full_name", "label", "place", "since", "x", "amount", "remark", "client", "Name2"]
        let isTable = seed % 4 == 0
        let old = try #require(
            isTable ? ["customer", "orders", "tag"].randomElement(using: &random) : names.randomElement(using: &random)
        )
        let new = try #require(words.randomElement(using: &random)) + "_\(seed)"
        let text = DesiredChange.base.replacing(
            try Regex(isTable ? "table \(old) |on \(old) " : "\\b\(old)\\b"),
            with: { $0.output[0].substring.map { $0.replacing(old, with: new) } ?? "" }
        )
        let connection = try await TestEngine.drivers.connect(try ConnectionConfiguration("sqlite::memory:"))
        try await Self.execute(text, on: connection)
        let desired = try await Schema.read(from: connection)
        let other = try await TestEngine.drivers.connect(try ConnectionConfiguration("sqlite::memory:"))
        try await Self.execute(DesiredChange.base + DesiredChange.rows, on: other)
        var generator = try await Self.generator(other, desired)
        let question = try #require(generator.questions.first)
        #expect(question.from.name == old && question.to.name == new)
        let error = #expect(throws: MigrationError.self) {
            try generator.templates(parents: [], description: "rename") { "r" }
        }
        #expect(error?.hint?.contains("--rename \(question.path)=\(new)") == true)
        generator.renames.add(question)
        #expect(generator.questions.isEmpty)
        let statements = try generator.current.definitions(of: generator.changes, to: desired)
        #expect(!statements.contains { $0.uppercased().contains("DROP ") }, "\(statements)")
        for statement in statements { try await other.execute(Statement(unsafe: statement)) }
        #expect(try await Self.generator(other, desired).changes.isEmpty)
        await connection.close()
        await other.close()
    }

    /// An enumeration that grows is not rewritten: its table keeps its file.
    @Test(.enabled(if: TestEngine.running.contains(.postgresql))) func aValueMoreRewritesNothing() async throws {
        let base = "create type mood as enum ('sad', 'glad'); create table person (id int primary key, m mood);"
        let desired = try await TestEngine.postgresql.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                try await Self.execute(base.replacing("'sad', 'glad'", with: "'sad', 'so so', 'glad'"), on: connection)
                return try await Schema.read(from: connection)
            }
        }
        try await TestEngine.postgresql.withDatabase { database in
            try await TestEngine.withConnection(database) { connection in
                try await Self.execute(base + "insert into person values (1, 'sad')", on: connection)
                let file: Statement = "select pg_relation_filenode('person')::bigint"
                let before = try await connection.query(file).decode(Int64.self).fetchOnly()
                let files = try MigrationFiles()
                defer { files.remove() }
                for template in try await Self.generator(connection, desired).templates(
                    parents: [],
                    description: "mood",
                    names: { "g" }
                ) {
                    try template.write(into: files.path)
                }
                try await Migrator(connection: connection, graph: try files.graph()).apply()
                #expect(try await connection.query(file).decode(Int64.self).fetchOnly() == before)
                #expect(try await Self.generator(connection, desired).changes.isEmpty)
            }
        }
    }
}
