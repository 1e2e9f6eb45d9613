import Testing

/// What should be, as a text that is edited.
struct DesiredChange: Sendable {
    let name: String
    /// What is there beside the base.
    let given: String
    /// Rows beside those of the base.
    let rows: String
    /// A question whose answer has to stay the same.
    let keeps: String
    /// A statement that has to work once the change is made; it is taken back.
    let works: String?
    /// Pairs of a part of the text and what stands there then; an empty part means the end.
    let edits: [(String, String)]
    let engines: Set<TestEngine>

    init(
        _ name: String,
        given: String = "",
        rows: String = "",
        keeps: String = "select name from customer order by id",
        works: String? = nil,
        _ edits: (String, String)...,
        on engines: Set<TestEngine> = Set(TestEngine.allCases)
    ) {
        self.name = name
        self.given = given
        self.rows = rows
        self.keeps = keeps
        self.works = works
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

    static let baseRows = """
        insert into customer values (1, 'Ana', 'Bern', '1990-01-31', 10), (2, 'Bo', 'Basel', null, 20.5);
        insert into orders values (1, 1, '2025-01-02 03:04:05', 'first', 9.5), (2, 2, null, null, null);
        insert into tag values ('red');

        """

    /// What is there before.
    var start: String { Self.base + given + (given.isEmpty ? "" : ";\n") }

    var desired: String {
        get throws {
            var text = start
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

    static let mysqls: Set<TestEngine> = [.mysql, .mariadb]
    static let postgresqls: Set<TestEngine> = [.postgresql, .postgresql18]
    static let servers: Set<TestEngine> = [.mysql, .mariadb, .postgresql, .postgresql18]
    static let notMySQL: Set<TestEngine> = [.sqlite, .postgresql, .postgresql18]

    /// What is tried in one database after the other: a new database for each change would take longer than the change.
    enum Group: String, CaseIterable, Sendable {
        case columns, keys, indexes, views, postgresqlTypes, postgresqlTables, postgresqlCode, mysql, sqlite

        var changes: [DesiredChange] {
            switch self {
            case .columns: DesiredChange.columns
            case .keys: DesiredChange.keys
            case .indexes: DesiredChange.indexes
            case .views: DesiredChange.views
            case .postgresqlTypes: DesiredChange.postgresqlTypes
            case .postgresqlTables: DesiredChange.postgresqlTables
            case .postgresqlCode: DesiredChange.postgresqlCode
            case .mysql: DesiredChange.mysql
            case .sqlite: DesiredChange.sqlite
            }
        }
    }

    static func groups() -> [(TestEngine, Group)] {
        TestEngine.running.flatMap { engine in
            Group.allCases.filter { $0.changes.contains { $0.engines.contains(engine) } }.map { (engine, $0) }
        }
    }
}
