import NIOCore
import Roost
import RoostTestSupport
import Testing

@testable import RoostMySQL

/// Packets in compressed frames.
@Suite(.timeLimit(.minutes(10))) struct CompressionTests {
    @Test(.enabled(if: !TestServer.running.isEmpty), arguments: TestServer.running, ["zlib", "zstd"])
    func everythingGoesThroughFrames(server: TestServer, algorithm: String) async throws {
        if server.flavour == .mariadb, algorithm == "zstd" { return try await isRefused(algorithm, server) }
        try await server.withConnection {
            $0.set("compression", algorithm)
        } _: { connection in
            if server.flavour == .mysql {
                let name = try await connection.query("show session status like 'Compression_algorithm'").decode(
                    (String, String).self
                ).fetchOnly()
                #expect(name.1 == algorithm)
            }
            let status = try await connection.query("show session status like 'Compression'").decode(
                (String, String).self
            )
            .fetchOnly()
            #expect(status.1 == "ON")
            var generator = SeededGenerator(seed: 7)
            for count in [0, 1, 149, 150, 5_000, 70_000, 3_000_000] {
                let piece = (0..<997).map { _ in UInt8.random(in: 0...255, using: &generator) }
                let noise = Array((0...(count / 997)).lazy.map { _ in piece }.joined().prefix(count))
                let text = String(repeating: "compressible ", count: count / 13)
                let row = try await connection.query("select cast(\(noise) as binary), \(text)").decode(
                    ([UInt8], String).self
                )
                .fetchOnly()
                #expect(row.0 == noise && row.1 == text)
            }
            try await connection.execute("create temporary table z (id int primary key, t varchar(100))")
            let rows = (0..<20_000).map { ($0, "row number \($0)") }
            try await connection.executeMany("insert into z values (?, ?)", rows)
            try await connection.load(into: "z", columns: ["id", "t"], rows: rows.map { ($0.0 + 20_000, $0.1) })
            // Read slowly, so that frames have to wait.
            let results = try await connection.query(
                "select id, t, concat(t, ' again') from z order by id"
            )
            var count = 0
            for try await row in results {
                #expect(try row.decode(0, as: Int.self) == count)
                count += 1
                if count % 5_000 == 0 { await Task.yield() }
            }
            #expect(count == 40_000)
        }
    }

    /// Nothing goes uncompressed because a server does not know the way.
    private func isRefused(_ algorithm: String, _ server: TestServer) async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await server.withConnection({ $0.set("compression", algorithm) }, _: { _ in })
        }
        #expect(error?.condition == .notSupported)
    }

    @Test func unknownWaysAreRefused() throws {
        #expect(throws: DatabaseError.self) {
            try MySQLConfiguration(ConnectionConfiguration("mysql://localhost/?compression=lzo"), environment: [:])
        }
    }

    private func read(_ codec: FrameCodec, _ bytes: [UInt8]) throws -> (used: Int, content: [UInt8]) {
        var content: [UInt8] = []
        let used = try bytes.withUnsafeBytes {
            try codec.receive($0, isFull: { false }) { (part) throws(DatabaseError) in
                content += part
                return part.count
            }
        }
        return (used, content)
    }

    static let algorithms = [CompressionAlgorithm.zlib] + [CompressionAlgorithm(.zstd)].compactMap(\.self)

    @Test(arguments: algorithms) func whatGoesInComesOut(algorithm: CompressionAlgorithm) throws {
        var generator = SeededGenerator(seed: 3)
        for count in [0, 1, 149, 150, 4_000, 100_000, 0xFF_FFFF, 0x100_0010] {
            // A random piece again and again: making millions of random bytes would take longer than the test.
            let piece = (0..<997).map { _ in UInt8.random(in: 0...3, using: &generator) }
            var bytes: [UInt8] = []
            while bytes.count + piece.count <= count { bytes += piece }
            bytes += piece.prefix(count - bytes.count)
            var buffer = ByteBuffer()
            bytes.withUnsafeBytes { FrameCodec(algorithm).write($0, isCommand: true, to: &buffer) }
            let (used, content) = try read(FrameCodec(algorithm), Array(buffer.readableBytesView))
            #expect(used == buffer.readableBytes && content == bytes)
        }
    }

    /// Lengths are compared with what is there before anything is reserved.
    @Test(arguments: algorithms) func framesThatLieAreRefused(algorithm: CompressionAlgorithm) throws {
        var buffer = ByteBuffer()
        [UInt8](repeating: 5, count: 1_000).withUnsafeBytes {
            FrameCodec(algorithm).write($0, isCommand: true, to: &buffer)
        }
        let frame = Array(buffer.readableBytesView)
        for stated in [1, 999, 1_001, 0xFF_FFFF] {
            var lie = frame
            for place in 0..<3 { lie[4 + place] = UInt8(truncatingIfNeeded: stated >> (place * 8)) }
            let error = #expect(throws: DatabaseError.self) { try read(FrameCodec(algorithm), lie) }
            #expect(error?.condition == .protocolViolation)
        }
        #expect(try read(FrameCodec(algorithm), Array(frame.dropLast())).used == 0)
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<5_000 {
            var noise = frame
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                noise[Int.random(in: noise.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? read(FrameCodec(algorithm), noise)
        }
    }

    /// A frame whose packets nobody takes yet waits, and is not read twice.
    @Test(arguments: algorithms) func aConsumerThatIsBehindLosesNothing(algorithm: CompressionAlgorithm) throws {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        var buffer = ByteBuffer()
        bytes.withUnsafeBytes { FrameCodec(algorithm).write($0, isCommand: true, to: &buffer) }
        var input = Array(buffer.readableBytesView)
        let codec = FrameCodec(algorithm)
        var content: [UInt8] = []
        while !input.isEmpty {
            let used = try input.withUnsafeBytes {
                try codec.receive($0, isFull: { true }) { (part) throws(DatabaseError) in
                    content += part.prefix(700)
                    return min(part.count, 700)
                }
            }
            input.removeFirst(used)
        }
        #expect(content == bytes)
    }
}
