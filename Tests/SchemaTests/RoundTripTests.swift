import Foundation
import Roost
import RoostSchema
import Testing

@Suite struct RoundTripTests {
    /// What is read is written as DDL, and what that makes is read as the same.
    @Test(arguments: TestEngine.running) func awkwardSchemasComeBack(_ server: TestEngine) async throws {
        let first = try await server.withDatabase { connection in
            try await connection.run(script: AwkwardSchemas.script(server.engine))
            return try await Schema.read(from: connection)
        }
        #expect(first.tables.count > 4)
        let definitions = try first.definitions()
        let second = try await server.withDatabase { connection in
            try await connection.run(definitions)
            return try await Schema.read(from: connection)
        }
        #expect(second == first, "\(difference(first, second))")
        #expect(first.changes(to: second).isEmpty)
        #expect(try second.definitions() == definitions)
        // And through JSON.
        let copy = try JSONDecoder().decode(Schema.self, from: JSONEncoder().encode(first))
        #expect(copy == first)
    }

    /// The same of schemas that chance makes.
    @Test(arguments: TestEngine.running) func randomSchemasComeBack(_ server: TestEngine) async throws {
        var random = RandomSchemas(seed: 5_150, server: server)
        for round in 0..<(server == .sqlite ? 60 : 10) {
            let made = random.richSchema()
            let first = try await server.withDatabase { connection in
                try await connection.run(try made.definitions())
                return try await Schema.read(from: connection)
            }
            #expect(Outline(first) == Outline(made), "round \(round)")
            let definitions = try first.definitions()
            let second = try await server.withDatabase { connection in
                try await connection.run(definitions)
                return try await Schema.read(from: connection)
            }
            #expect(second == first, "round \(round): \(difference(first, second))")
            #expect(first.changes(to: second).isEmpty, "round \(round)")
            #expect(try second.definitions() == definitions, "round \(round)")
        }
    }

    /// What of a schema is the same in everybody's words.
    private struct Outline: Equatable {
        var objects: [[String]] = []
        var tables: [[String]] = []

        init(_ schema: Schema) {
            objects = [
                schema.enumerations.map { "\($0.name) \($0.values)" }, schema.domains.map { "\($0.name) \($0.type)" },
                schema.composites.map { "\($0.name) \($0.fields.map(\.name))" }, schema.ranges.map { "\($0.name)" },
                schema.sequences.map { "\($0.name) \($0.numbers) \(String(describing: $0.owner))" },
                schema.views.map { "\($0.name)" }, schema.routines.map { "\($0.name)" },
                schema.triggers.map { "\($0.name) \($0.table)" },
            ]
            for table in schema.tables {
                var facts = [table.name.description, table.comment ?? "", "\(table.primaryKey?.columns ?? [])"]
                facts += table.columns.map { column in
                    "\(column.name) \(column.type) \(column.isNullable) \(column.identity != nil) \(column.isInvisible) "
                        + "\(column.generation?.isStored as Any) \(column.collation ?? "") \(column.options.sorted { $0.key < $1.key })"
                }
                facts += table.uniqueKeys.map { "\($0)" }
                facts += table.foreignKeys.map { "\($0)" }
                facts += table.checks.map { "\($0.name ?? "") \($0.isEnforced) \($0.isValidated) \($0.comment ?? "")" }
                facts += table.indexes.map { index in
                    "\(index.name) \(index.isUnique) \(index.isVisible) \(index.included) \(index.options.sorted { $0.key < $1.key }) \(index.comment ?? "") "
                        + index.parts.map { "\($0.column ?? "…") \($0.isDescending) \($0.length ?? 0)" }.joined()
                }
                tables.append(facts)
            }
        }
    }

    /// A thousand tables cost as many statements as one does.
    @Test(arguments: TestEngine.postgresql) func aThousandTablesAreReadByNineStatements(_ server: TestEngine)
        async throws
    {
        let counter = StatementCounter()
        try await server.withDatabase(observer: counter) { connection in
            // A hundred at a time: a transaction may hold so many locks and no more.
            for start in stride(from: 1, to: 1_000, by: 100) {
                let loop = "for i in \(start)..\(start + 99) loop"
                try await connection.run([
                    """
                    do $$ begin \(loop)
                        execute format('create table wide_%1$s (
                            id bigint primary key, code varchar(20) not null unique, name text not null,
                            parent bigint references wide_%2$s (id) on delete cascade, amount numeric(12, 2) not null default 0,
                            quantity integer, price double precision, flag boolean default false, created timestamptz not null default now(),
                            changed timestamp(3), data jsonb, note text constraint note check (note <> %3$L))', i, greatest(i - 1, 1), '');
                        execute format('create index wide_%1$s_parent on wide_%1$s (parent)', i);
                        execute format('create index wide_%1$s_created on wide_%1$s (created desc, amount)', i);
                    end loop; end $$
                    """
                ])
            }
            counter.reset()
            let schema = try await Schema.read(from: connection)
            #expect(counter.count == 9)
            #expect(schema.tables.count == 1_000)
            for table in schema.tables {
                #expect(table.columns.count == 12 && table.columns.filter { $0.defaultValue != nil }.count == 3)
                #expect(table.primaryKey?.columns == ["id"] && table.uniqueKeys.map(\.columns) == [["code"]])
                #expect(table.foreignKeys.count == 1 && table.foreignKeys[0].onDelete == .cascade)
                #expect(table.indexes.count == 2 && table.checks.count == 1)
            }
        }
    }

    /// Everything goes away again, in an order that the engine accepts.
    @Test(arguments: TestEngine.running) func awkwardSchemasGo(_ server: TestEngine) async throws {
        try await server.withDatabase { connection in
            try await connection.run(script: AwkwardSchemas.script(server.engine))
            let full = try await Schema.read(from: connection)
            let empty = Schema(engine: server.engine)
            try await connection.run(try full.definitions(of: full.changes(to: empty), to: empty))
            #expect(try await Schema.read(from: connection) == empty)
        }
    }

    /// The number of statements does not depend on the number of tables.
    @Test(arguments: TestEngine.running) func theNumberOfStatementsIsConstant(_ server: TestEngine) async throws {
        let counter = StatementCounter()
        try await server.withDatabase(observer: counter) { connection in
            var counts: [Int] = []
            for round in 0..<3 {
                for table in 0..<(round * 10 + 1) {
                    try await connection.run([
                        "create table t\(round)_\(table) (id int primary key, a int unique, b varchar(10))",
                        "create index i\(round)_\(table) on t\(round)_\(table) (b)",
                        "create view v\(round)_\(table) as select a from t\(round)_\(table)",
                    ])
                }
                counter.reset()
                let schema = try await Schema.read(from: connection)
                counts.append(counter.count)
                #expect(schema.tables.count == [1, 12, 33][round])
            }
            #expect(Set(counts).count == 1)
            #expect(counts[0] == (server == .sqlite ? 4 : server.engine == .postgresql ? 9 : 11))
        }
    }
}

/// What only one engine's catalogue does.
@Suite struct ReaderTests {
    /// SQLite takes names in any case; the schema has each as it was declared.
    @Test func namesAreThoseThatWereDeclared() async throws {
        let schema = try await TestEngine.sqlite.withDatabase { connection in
            try await connection.run([
                "create table Customer (ID integer, Name text, primary key (id), unique (NAME))",
                "create table Orders (id int primary key, Customer_ID int, foreign key (customer_id) references CUSTOMER (Id))",
                "create index by_customer on ORDERS (CUSTOMER_id desc, lower(id))",
            ])
            return try await Schema.read(from: connection)
        }
        let customer = try #require(schema.table("Customer"))
        #expect(customer.primaryKey?.columns == ["ID"])
        #expect(customer.uniqueKeys.map(\.columns) == [["Name"]])
        let orders = try #require(schema.table("Orders"))
        #expect(orders.foreignKeys[0].columns == ["Customer_ID"])
        #expect(orders.foreignKeys[0].referencedTable == ObjectName("Customer"))
        #expect(orders.foreignKeys[0].referencedColumns == ["ID"])
        #expect(orders.indexes[0].parts.map(\.column) == ["Customer_ID", nil])
    }

    /// One view that is broken hides none of the others' columns.
    @Test func aBrokenViewHasNoColumnsAndHidesNone() async throws {
        let schema = try await TestEngine.sqlite.withDatabase { connection in
            try await connection.run([
                "create table t (a int, b text)", "create view whole as select a, b from t",
                "create view broken as select x from gone",
            ])
            return try await Schema.read(from: connection)
        }
        #expect(schema.view("whole")?.columns.map(\.name) == ["a", "b"])
        #expect(schema.view("broken")?.columns.isEmpty == true)
    }
}
