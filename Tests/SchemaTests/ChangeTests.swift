import Foundation
import Roost
import RoostSchema
import Testing

@Suite struct ChangeTests {
    /// Schemas made at random come back, and the changes from one to the next lead there and back again.
    @Test(arguments: TestEngine.running) func changesLeadFromOneSchemaToAnother(_ server: TestEngine) async throws {
        var random = RandomSchemas(seed: 20_261_125, server: server)
        let rounds = server == .sqlite ? 60 : 12
        try await server.withDatabase { connection in
            var current = try await Schema.read(from: connection)
            for round in 0..<rounds {
                let wanted = random.schema()
                let changes = current.changes(to: wanted)
                try await connection.run(try current.definitions(of: changes, to: wanted))
                let read = try await Schema.read(from: connection)
                let sorted = (read.withSortedColumns, wanted.withSortedColumns)
                // What the server adds to a view, its columns, is not wanted by name.
                #expect(sorted.0.tables == sorted.1.tables, "round \(round): \(difference(sorted.0, sorted.1))")
                #expect(read.changes(to: wanted).isEmpty, "round \(round): \(read.changes(to: wanted))")
                current = read
            }
        }
    }

    /// What a list of changes does, the inverse list in the opposite order undoes.
    @Test(arguments: TestEngine.running) func inverseChangesLeadBack(_ server: TestEngine) async throws {
        var random = RandomSchemas(seed: 7, server: server)
        try await server.withDatabase { connection in
            let first = random.schema()
            try await connection.run(try first.definitions())
            let before = try await Schema.read(from: connection)
            let second = random.schema()
            let changes = before.changes(to: second)
            try await connection.run(try before.definitions(of: changes, to: second))
            let between = try await Schema.read(from: connection)
            let back = changes.reversed().map(\.inverse)
            try await connection.run(try between.definitions(of: back, to: before))
            let after = try await Schema.read(from: connection).withSortedColumns
            #expect(after == before.withSortedColumns, "\(difference(after, before.withSortedColumns))")
        }
    }

    @Test(arguments: TestEngine.running) func renamesKeepTheRows(_ server: TestEngine) async throws {
        try await server.withDatabase { connection in
            try await connection.run([
                "create table old_name (id int primary key, former varchar(20), c int, constraint positive check (c > 0))",
                "create table child (id int primary key, parent int, constraint up foreign key (parent) references old_name (id))",
                "create index by_former on old_name (former)",
                "insert into old_name values (1, 'kept', 5)",
                "insert into child values (1, 1)",
            ])
            let before = try await Schema.read(from: connection)
            let old = ObjectName("old_name")
            let renames = Schema.Renames(tables: [old: ObjectName("new_name")], columns: [old: ["former": "latter"]])
            let wanted = before.changed { table in
                if table.name == old {
                    table.name = ObjectName("new_name")
                    table.columns[1].name = "latter"
                    table.indexes[0].parts = [Schema.Index.Part(column: "latter")]
                } else {
                    table.foreignKeys[0].referencedTable = ObjectName("new_name")
                }
            }
            let changes = before.changes(to: wanted, renames: renames)
            #expect(
                changes == [
                    .renameTable(from: old, to: ObjectName("new_name")),
                    .renameColumn(table: ObjectName("new_name"), from: "former", to: "latter"),
                ]
            )
            // Without a word of it, nobody guesses.
            #expect(before.changes(to: wanted).contains { if case .dropTable = $0 { true } else { false } })
            try await connection.run(try before.definitions(of: changes, to: wanted))
            let after = try await Schema.read(from: connection)
            #expect(after == wanted, "\(difference(after, wanted))")
            let kept = try await connection.query("select latter from new_name").decode(String.self).fetchOnly()
            #expect(kept == "kept")
        }
    }

    @Test(arguments: TestEngine.postgresql) func enumerationsGrowInPlaceAndAreReplacedOtherwise(_ server: TestEngine)
        async throws
    {
        try await server.withDatabase { connection in
            try await connection.run([
                "create type mood as enum ('b', 'd')",
                "create table t (id int primary key, m mood default 'b', l mood[])",
                "insert into t values (1, 'd', '{b}')",
                "create view v as select m from t",
            ])
            let before = try await Schema.read(from: connection)
            var grown = before
            grown.enumerations[0].values = ["a", "b", "c", "d", "e"]
            let changes = before.changes(to: grown)
            #expect(changes.count == 3)
            try await connection.run(try before.definitions(of: changes, to: grown))
            let between = try await Schema.read(from: connection)
            #expect(between.enumerations[0].values == ["a", "b", "c", "d", "e"])
            var shrunk = between
            shrunk.enumerations[0].values = ["d", "b"]
            shrunk.views = []
            try await connection.run(try between.definitions(of: between.changes(to: shrunk), to: shrunk))
            let after = try await Schema.read(from: connection)
            #expect(after.changes(to: shrunk).isEmpty)
            #expect(try await connection.query("select m::text from t").decode(String.self).fetchOnly() == "d")
        }
    }

    /// A view that reads a column whose type changes is in its way.
    @Test(arguments: TestEngine.postgresql) func viewsMakeWayForTheirTables(_ server: TestEngine) async throws {
        let (before, wanted) = try await server.withDatabase { connection in
            try await connection.run([
                "create table t (id int, n varchar(10))", "create view v as select n from t",
                "create view w as select * from v",
                "create materialized view m as select * from w", "create unique index i on m (n)",
            ])
            let before = try await Schema.read(from: connection)
            try await connection.run([
                "drop view v cascade", "alter table t alter n type text", "create view v as select n from t",
                "create view w as select * from v", "create materialized view m as select * from w",
                "create unique index i on m (n)",
            ])
            return (before, try await Schema.read(from: connection))
        }
        try await server.withDatabase { connection in
            try await connection.run(try before.definitions())
            try await connection.run(try before.definitions(of: before.changes(to: wanted), to: wanted))
            #expect(try await Schema.read(from: connection) == wanted)
        }
    }

    @Test func rebuildingATableKeepsRowsIndexesAndTriggers() async throws {
        try await TestEngine.sqlite.withDatabase { connection in
            try await connection.run(
                script: """
                    create table parent (id integer primary key, name text);
                    create table child (id integer primary key, p int references parent (id) on delete cascade);
                    create index by_name on parent (name);
                    create view names as select name from parent;
                    create table log (t text);
                    create trigger logged after insert on parent begin insert into log values (new.name); end;
                    insert into parent values (1, 'a'), (2, 'b');
                    insert into child values (1, 1), (2, 2);
                    """
            )
            let before = try await Schema.read(from: connection)
            let wanted = before.changed { table in
                guard table.name == ObjectName("parent") else { return }
                table.columns[1].isNullable = false
                table.checks = [Schema.Check(name: "short", expression: "length(name) < 5")]
                table.columns.append(
                    Schema.Column(name: "added", type: Schema.ColumnType("INT", engine: .sqlite), defaultValue: "1 + 1")
                )
            }
            try await connection.run(try before.definitions(of: before.changes(to: wanted), to: wanted))
            let after = try await Schema.read(from: connection)
            #expect(after == wanted, "\(difference(after, wanted))")
            #expect(try await connection.query("select count(*) from child").decode(Int.self).fetchOnly() == 2)
            #expect(try await connection.query("select sum(added) from parent").decode(Int.self).fetchOnly() == 4)
            #expect(try await connection.query("select count(*) from log").decode(Int.self).fetchOnly() == 2)
        }
    }

    @Test func everyChangeHasAnInverseWhoseInverseItIs() {
        var random = RandomSchemas(seed: 3, server: .postgresql18)
        for _ in 0..<50 {
            let (first, second) = (random.schema(), random.schema())
            for change in first.changes(to: second) {
                #expect(change.inverse.inverse == change)
                #expect(!change.description.isEmpty)
            }
            #expect(first.changes(to: first).isEmpty)
        }
    }
}

extension Schema {
    /// A copy with its tables changed.
    func changed(_ change: (inout Table) -> Void) -> Schema {
        var schema = self
        for index in schema.tables.indices { change(&schema.tables[index]) }
        schema.sort()
        return schema
    }
}
