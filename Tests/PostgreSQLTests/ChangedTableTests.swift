import Roost
import RoostPostgreSQL
import Testing

/// Statements that were prepared when their table was another one.
@Suite(.enabled(if: !TestServer.direct.isEmpty)) struct ChangedTableTests {
    @Test(arguments: TestServer.direct)
    func valuesAreBoundToWhatTheColumnsAreNow(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temp table item (v int4range)")
            func insert(_ text: String) async throws(DatabaseError) {
                try await connection.execute("insert into item values (\(text))")
            }
            try await insert("[1,2)")
            try await connection.execute("alter table item alter v type numrange using null")
            try await insert("[1.5,2)")
            try await connection.execute("alter table item alter v type text using null")
            try await insert("[any text]")
            let found = try await connection.query("select v from item where v is not null").decode(String.self)
                .fetchAll(limit: 9)
            #expect(found == ["[any text]"])
        }
    }

    @Test(arguments: TestServer.direct)
    func batchesToo(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temp table item (v inet)")
            let template: Statement = "insert into item values ($1)"
            for (type, text) in [("inet", "::1/128"), ("int4range", "[1,2)"), ("text", "any")] {
                try await connection.execute("alter table item alter v type \(unsafe: type) using null")
                try await connection.executeMany(template, [text, text])
                let back = try await connection.query("select v::text from item where v is not null").decode(
                    String.self
                )
                .fetchAll(limit: 9)
                #expect(back == [text, text])
            }
        }
    }

    /// The statement in a transaction fails, since the server takes no other one there; the next transaction's does not.
    @Test(arguments: TestServer.direct)
    func aTransactionFailsOnce(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temp table item (v int4range)")
            func insert(_ text: String) async throws {
                try await connection.withTransaction { connection in
                    _ = try await connection.execute("insert into item values (\(text))")
                }
            }
            try await insert("[1,2)")
            try await connection.execute("alter table item alter v type numrange using null")
            await #expect(throws: DatabaseError.self) { try await insert("[1.5,2)") }
            try await insert("[1.5,2)")
        }
    }

    /// Wrong values stay errors, after one more attempt, and leave nothing behind on the server.
    @Test(arguments: TestServer.direct)
    func wrongValuesAreStillErrors(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temp table item (v int4range)")
            for text in ["[1,2)", "nonsense", "[3,4)", "[9,1]", "[5,6)"] {
                do throws(DatabaseError) {
                    try await connection.execute("insert into item values (\(text))")
                } catch { #expect(error.category == .data) }
            }
            #expect(try await connection.query("select count(*) from item").decode(Int.self).fetchOnly() == 3)
            let left = try await connection.query(
                "select count(*) from pg_prepared_statements where statement like 'insert into item%'"
            )
            .decode(Int.self).fetchOnly()
            #expect(left == 1)
        }
    }

    /// Both types are of four bytes: the bits of an integer would make a number of their own.
    @Test(arguments: TestServer.direct)
    func copiedDataIsOfTheTypesThatAre(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("create temp table item (n integer, v integer)")
            try await connection.copyIn(to: "item", columns: ["n", "v"], rows: [(1, 1), (2, 2)])
            try await connection.execute("alter table item alter v type real")
            try await connection.copyIn(to: "item", columns: ["n", "v"], rows: [(3, Float(3)), (4, 4)])
            let sum = try await connection.query("select sum(v) from item").decode(Double.self).fetchOnly()
            #expect(sum == 10)
        }
    }
}
