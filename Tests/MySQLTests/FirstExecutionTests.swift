import Roost
import RoostMySQL
import RoostTestSupport
import Testing

/// The first execution of a statement goes out with its preparation where the server is MariaDB: one round trip, not two.
@Suite(.timeLimit(.minutes(5))) struct FirstExecutionTests {
    /// A peer that answers a preparation only when the execution came with it.
    @Test func bothGoOutTogether() async throws {
        let peer = try await ScriptedPeer.start(greeting: .bytes(PeerPackets.greetingOfMariaDB())) { bytes in
            guard bytes.count > 4 else { return .bytes([]) }
            if bytes[3] != 0 { return .bytes(PeerPackets.packet(bytes[3] &+ 1, PeerPackets.ok())) }
            let text = String(decoding: bytes[5...], as: UTF8.self)
            switch bytes[4] {
            case 0x01: return .close
            case 0x16:
                let next = 4 + Int(bytes[0]) + Int(bytes[1]) << 8
                guard bytes.count > next + 8, bytes[next + 4] == 0x17,
                    bytes[(next + 5)..<(next + 9)].allSatisfy({ $0 == 0xFF })
                else { return .close }
                let row: [UInt8] = [0, 0, 42, 0, 0, 0]
                return .bytes(
                    PeerPackets.answer(PeerPackets.prepared([PeerPackets.column("a")]))
                        + PeerPackets.answer([[1], PeerPackets.column("a"), row, PeerPackets.end()])
                )
            case 0x03 where text.hasPrefix("SELECT @@"):
                let columns = text.split(separator: ",").count
                let definitions = [[UInt8]](repeating: PeerPackets.column("mode", type: 253), count: columns)
                let row = (0..<columns).flatMap { _ in PeerPackets.text("") }
                return .bytes(PeerPackets.answer([[UInt8(columns)]] + definitions + [row, PeerPackets.end()]))
            default: return .bytes(PeerPackets.answer([PeerPackets.ok()]))
            }
        }
        let connection = try await MySQLDriver().connect(
            ConnectionConfiguration("mariadb://u:p@127.0.0.1:\(peer.port)/d?sslmode=disable&connect_timeout=300s")
        )
        #expect(try await connection.query("select 42 as a").decode(Int.self).fetchOnly() == 42)
        await connection.close()
        await peer.stop()
    }

    /// What is refused leaves the connection in order: the error is the statement's own, and the next one is answered with its own rows.
    @Test(.enabled(if: !TestServer.running.isEmpty), arguments: TestServer.running)
    func refusedStatementsLeaveTheOthersInOrder(server: TestServer) async throws {
        try await server.withConnection {
            $0.set("statement_cache_size", "8")
        } _: { connection in
            for number in 0..<60 {
                let error = await #expect(throws: DatabaseError.self) {
                    try await connection.query("select \(number) from there_is_no_such_table_\(unsafe: "\(number)")")
                }
                #expect(error?.condition == .undefinedTable)
                let answer = try await connection.query("select \(number) + \(unsafe: "\(number)")").decode(Int.self)
                    .fetchOnly()
                #expect(answer == 2 * number)
            }
        }
    }

    /// Nothing the server counts as a parameter is missed, and nothing it does not is sent for one.
    @Test(.enabled(if: !TestServer.running.isEmpty), arguments: TestServer.running)
    func quotesAndCommentsAreCountedAlike(server: TestServer) async throws {
        try await server.withConnection { connection in
            let text = try await connection.query("select '?', \(1), \"?\", '\\'?', \(2) /* ? */ -- ?").decode(
                (String, Int, String, String, Int).self
            ).fetchOnly()
            #expect(text == ("?", 1, "?", "'?", 2))
            let executable = await #expect(throws: DatabaseError.self) {
                try await connection.query("select \(1) /*!50000 , ? */").fetchAll(limit: 10)
            }
            #expect(executable?.condition == .parameterMismatch)
            #expect(try await connection.query("select \(7)").decode(Int.self).fetchOnly() == 7)
        }
    }
}
