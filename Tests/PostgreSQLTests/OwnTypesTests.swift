import Roost
import RoostPostgreSQL
import Testing

/// Types that a database defines itself.
@Suite(.enabled(if: !TestServer.direct.isEmpty)) struct OwnTypesTests {
    private func withSchema(_ server: TestServer, _ body: (PostgreSQLConnection, Statement) async throws -> Void)
        async throws
    {
        try await server.withConnection { connection in
            let name = "types_\(UInt32.random(in: 0...UInt32.max))"
            let schema: Statement = "\(identifier: name)"
            try await connection.execute("create schema \(schema)")
            do {
                try await body(connection, schema)
            } catch {
                _ = try? await connection.execute("drop schema \(schema) cascade")
                throw error
            }
            try await connection.execute("drop schema \(schema) cascade")
        }
    }

    @Test(arguments: TestServer.direct)
    func enumsAndTheirArraysAreTexts(server: TestServer) async throws {
        try await withSchema(server) { connection, schema in
            try await connection.execute("create type \(schema).mood as enum ('sad', 'ok', 'happy')")
            try await connection.execute(
                "create table \(schema).person (name text, now \(schema).mood, past \(schema).mood[])"
            )
            try await connection.execute(
                "insert into \(schema).person values (\("Ada"), \("happy"), \(Value.array([.text("sad"), .null, .text("ok")])))"
            )
            // The first time in text, the second in binary: the same values.
            for _ in 0..<3 {
                let rows = try await connection.query("select now, past from \(schema).person")
                #expect(rows.columns[0].typeName?.hasSuffix("mood") == true)
                #expect(rows.columns[1].typeName?.hasSuffix("mood[]") == true)
                #expect(rows.columns[1].kind == .array)
                let row = try #require(try await rows.fetchOne())
                #expect(try row.decode(0, as: String.self) == "happy")
                #expect(try row.decode(1, as: [String?].self) == ["sad", nil, "ok"])
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func arraysOfDomainsAreArraysOfTheirBase(server: TestServer) async throws {
        try await withSchema(server) { connection, schema in
            try await connection.execute("create domain \(schema).positive as integer check (value > 0)")
            try await connection.execute("create domain \(schema).small as \(schema).positive check (value < 100)")
            for _ in 0..<3 {
                let row = try #require(
                    try await connection.query("select 5::\(schema).small as a, array[1, 2]::\(schema).small[] as b")
                        .fetchOne()
                )
                #expect(try row.decode(0, as: Int.self) == 5)
                #expect(try row.decode(1, as: [Int].self) == [1, 2])
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func compositesAndRangesAreNamedAndReadAsText(server: TestServer) async throws {
        try await withSchema(server) { connection, schema in
            try await connection.execute("create type \(schema).point3 as (x int, y int, label text)")
            try await connection.execute("create type \(schema).floats as range (subtype = float8)")
            for _ in 0..<3 {
                let rows = try await connection.query(
                    "select row(1, 2, 'a b')::\(schema).point3 as p, array[row(1, 2, 'x')::\(schema).point3] as ps, '[1,2)'::\(schema).floats as r"
                )
                #expect(rows.columns[0].typeName?.hasSuffix("point3") == true)
                #expect(rows.columns[2].typeName?.hasSuffix("floats") == true)
                let row = try #require(try await rows.fetchOne())
                #expect(try row.decode(0, as: String.self) == "(1,2,\"a b\")")
                #expect(try row.decode(1, as: [String].self) == ["(1,2,x)"])
                #expect(try row.decode(2, as: String.self) == "[1,2)")
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func hstoreIsJSON(server: TestServer) async throws {
        try await withSchema(server) { connection, schema in
            try await connection.execute("create extension if not exists hstore")
            for _ in 0..<3 {
                let row = try #require(
                    try await connection.query(
                        "select hstore(array['a', 'say \"hi\"', 'none', 'back\\slash'], array['1', 'é', null, E'line\\nend'])"
                    ).fetchOne()
                )
                let json = try row.decode(0, as: JSON.self)
                let same = try await connection.query(
                    "select \(json)::jsonb = \(JSON(#"{"a":"1","say \"hi\"":"é","none":null,"back\\slash":"line\nend"}"#))::jsonb"
                )
                .decode(Bool.self).fetchOnly()
                #expect(same)
            }
        }
    }

    @Test(arguments: TestServer.direct)
    func whatAnotherSessionMadeIsKnownTheNextTime(server: TestServer) async throws {
        try await withSchema(server) { connection, schema in
            _ = try await connection.query("select 1").fetchAll(limit: 1)
            try await server.withConnection { other in
                _ = try await other.execute("create type \(schema).late as enum ('x')")
            }
            let first = try await connection.query("select 'x'::\(schema).late as v")
            #expect(try await first.decode(String.self).fetchOnly() == "x")
            let second = try await connection.query("select 'x'::\(schema).late as w")
            #expect(second.columns[0].typeName?.hasSuffix("late") == true)
            #expect(try await second.decode(String.self).fetchOnly() == "x")
        }
    }
}
