import Foundation
import Roost
import RoostMySQL
import RoostTestSupport
import Testing

/// The contract's bulk path, which is `LOAD DATA LOCAL` here.
@Suite(.enabled(if: !TestServer.running.isEmpty), .timeLimit(.minutes(10))) struct BulkLoadTests {
    private static func batch(_ rows: [[Value]]) throws -> RowBatch {
        var builder = RowBatchBuilder(columnCount: rows.first?.count ?? 0, rowCapacity: rows.count)
        for row in rows {
            for value in row { builder.append(value) }
            try builder.endRow()
        }
        return builder.finish()
    }

    private static func load(_ rows: [[Value]], into table: String, _ columns: [String], _ connection: MySQLConnection)
        async throws -> Int
    {
        let load = try await connection.bulkLoad(into: [table], columns: columns)
        let batch = try batch(rows)
        do throws(DatabaseError) {
            try await load.write(batch)
            return try await load.finish()
        } catch {
            throw await load.abort(after: error)
        }
    }

    /// What would change on its way is an error, and nothing of the load stays.
    @Test(arguments: TestServer.running)
    func nothingChangesSilently(server: TestServer) async throws {
        let wrong: [(String, Value)] = [
            ("tinyint", .int(128)), ("int unsigned", .int(-1)), ("varchar(2)", .text("abc")),
            ("varbinary(2)", .bytes([1, 2, 3])),
            ("decimal(4,2)", .decimal(try #require(BigDecimal("1.005")))), ("decimal(4,2)", .int(100)),
            ("date", .text("2024-02-30")), ("date", .timestamp(try #require(LocalDateTime("2024-01-01T10:00:00")))),
            ("int", .text("1x")), ("int", .text("")), ("enum('a')", .text("b")), ("bit(3)", .uint(8)),
            ("int not null", .null),
            ("varchar(9) character set latin1", .text("Ω")), ("varchar(9) unique", .text("twice")),
            ("json", .text("{")),
        ]
        try await server.withConnection { connection in
            for (type, value) in wrong {
                try await connection.execute("drop table if exists bulk_wrong")
                try await connection.execute("create table bulk_wrong (id int, v \(unsafe: type)) engine=InnoDB")
                let error = await #expect(throws: DatabaseError.self, "\(type)") {
                    let rows: [[Value]] = [[.int(1), value], [.int(2), value]]
                    _ = try await Self.load(rows, into: "bulk_wrong", ["id", "v"], connection)
                }
                #expect(error?.category != .operational, "\(type): \(String(describing: error))")
                let left = try await connection.query("select count(*) from bulk_wrong").decode(Int.self).fetchOnly()
                #expect(left == 0, "\(type)")
            }
            try await connection.execute("drop table bulk_wrong")
        }
    }

    @Test(arguments: TestServer.running)
    func aLoadIsPartOfItsTransaction(server: TestServer) async throws {
        try await server.withConnection { connection in
            try await connection.execute("drop table if exists bulk_part")
            try await connection.execute("create table bulk_part (id int primary key) engine=InnoDB")
            try await connection.begin()
            #expect(try await Self.load([[.int(1)]], into: "bulk_part", ["id"], connection) == 1)
            try await connection.rollback()
            #expect(try await Self.load([[.int(2)]], into: "bulk_part", ["id"], connection) == 1)
            // Its own transaction is over, and what came before an abort is gone.
            try await connection.begin()
            try await connection.rollback()
            let load = try await connection.bulkLoad(into: ["bulk_part"], columns: ["id"])
            try await load.write(try Self.batch([[.int(3)]]))
            let reason = DatabaseError(.data, .other, "The source failed.")
            #expect(await load.abort(after: reason).message == reason.message)
            let rows = try await connection.query("select id from bulk_part").decode(Int.self).fetchAll(limit: 9)
            #expect(rows == [2])
            try await connection.execute("drop table bulk_part")
        }
    }
}
