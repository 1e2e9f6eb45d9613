import NIOConcurrencyHelpers
import Roost
import RoostMySQL
import RoostTestSupport
import Testing

/// A server that lies, floods or falls silent, over real sockets: each time an error that says so, soon, and in bounded memory.
///
/// One after the other: a flood leaves little of its event loop to anybody else.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HostileServerTests {
    private typealias Packets = PeerPackets

    /// A server that is well-behaved until it is asked to run something of the caller's.
    private static func peer(
        prepare: ScriptedPeer.Reply = .bytes(PeerPackets.answer(PeerPackets.prepared([PeerPackets.column("a")]))),
        _ hostile: ScriptedPeer.Reply
    ) async throws -> ScriptedPeer {
        try await ScriptedPeer.start(greeting: .bytes(Packets.greeting())) { bytes in
            guard bytes.count > 4 else { return .bytes([]) }
            // The login's answer follows the greeting.
            if bytes[3] != 0 { return .bytes(Packets.packet(bytes[3] &+ 1, Packets.ok())) }
            let text = String(decoding: bytes[5...], as: UTF8.self)
            switch bytes[4] {
            case 0x01: return .close
            case 0x16: return prepare
            case 0x03 where text.hasPrefix("SELECT @@"):
                let columns = text.split(separator: ",").count
                return .bytes(
                    Packets.answer(
                        [[UInt8(columns)]]
                            + [[UInt8]](repeating: Packets.column("mode", type: 253), count: columns)
                            + [(0..<columns).flatMap { _ in Packets.text("") }, Packets.end()]
                    )
                )
            case 0x03 where !text.hasPrefix("show"): return .bytes(Packets.answer([Packets.ok()]))
            default: return hostile
            }
        }
    }

    private static func url(_ port: Int, _ options: String = "") -> String {
        "mysql://u:p@127.0.0.1:\(port)/d?sslmode=disable&connect_timeout=300s&cancel_timeout=1s" + options
    }

    /// What a statement on such a server ends with.
    private func outcome(
        of statement: Statement,
        _ peer: ScriptedPeer,
        timeout: Duration? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> DatabaseError? {
        let connection = try await MySQLDriver().connect(ConnectionConfiguration(Self.url(peer.port)))
        let error = await #expect(throws: DatabaseError.self, sourceLocation: sourceLocation) {
            let rows = try await connection.query(statement, options: ExecutionOptions(timeout: timeout))
            _ = try await rows.fetchAll(limit: .unbounded)
        }
        await connection.close()
        await peer.stop()
        return error
    }

    // MARK: Lengths and order

    /// A good answer up to its rows: one column, a number.
    private static let described: [[UInt8]] = [[1], PeerPackets.column("a")]

    static let lies: [NamedBytes] = NamedBytes.list([
        ("packets out of order", Packets.packet(1, [1]) + Packets.packet(3, Packets.column("a"))),
        ("16 MiB that are no row", [0xFF, 0xFF, 0xFF, 1] + [UInt8](repeating: 0, count: 0xFF_FFFF)),
        ("an empty packet", Packets.packet(1, [])),
        ("no columns", Packets.packet(1, [0xFC, 0, 0])),
        ("more columns than there are", Packets.packet(1, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])),
        ("a column cut short", Packets.answer([[1], Array(Packets.column("a").dropLast(4))])),
        ("a column longer than its packet", Packets.answer([[1], [3, 0x64, 0x65, 0x66, 0xFD, 0xFF, 0xFF, 0xFF]])),
        ("an OK cut short", Packets.packet(1, [0, 0])),
        ("an error cut short", Packets.packet(1, [0xFF, 1])),
        ("an end cut short", Packets.answer(described + [[0xFE]])),
        ("a cell longer than its row", Packets.answer(described + [[9, 0x31]])),
        (
            "a cell longer than memory",
            Packets.answer(described + [[0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1]])
        ),
        ("a row with more than its cells", Packets.answer(described + [[1, 0x31, 1, 0x32]])),
        ("an integer that is none", Packets.answer(described + [Packets.text("one")])),
        ("rows after the end", Packets.answer(described + [Packets.text("1"), Packets.end(), Packets.text("2")])),
    ])

    @Test(arguments: lies) func aLieIsFoundOut(lie: NamedBytes) async throws {
        // What follows a good answer is found out by the next statement.
        let peer = try await Self.peer(.bytes(lie.bytes))
        let connection = try await MySQLDriver().connect(ConnectionConfiguration(Self.url(peer.port)))
        let error = await #expect(throws: DatabaseError.self) {
            for _ in 0..<2 { _ = try await connection.query("show x").fetchAll(limit: .unbounded) }
        }
        #expect(
            [.protocolViolation, .connectionLost].contains(error?.condition),
            "\(lie.name): \(String(describing: error))"
        )
        #expect(await connection.isClosed)
        await connection.close()
        await peer.stop()
    }

    static let binaryLies: [NamedBytes] = NamedBytes.list([
        ("a row shorter than its columns", Packets.answer(described + [[0, 0, 7, 0]])),
        ("a row without a bitmap", Packets.answer(described + [[0]])),
        ("a row with more than its cells", Packets.answer(described + [[0, 0, 7, 0, 0, 0, 0]])),
        (
            "a date of nine bytes",
            Packets.answer([[1], Packets.column("a", type: 10), [0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9]])
        ),
        (
            "a text longer than memory",
            Packets.answer([
                [1], Packets.column("a", type: 253), [0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            ])
        ),
    ])

    @Test(arguments: binaryLies) func aLieInARowIsFoundOut(lie: NamedBytes) async throws {
        let error = try await outcome(of: "select 1", try await Self.peer(.bytes(lie.bytes)))
        #expect(error?.condition == .protocolViolation, "\(lie.name): \(String(describing: error))")
    }

    static let preparations: [NamedBytes] = NamedBytes.list([
        ("cut short", Packets.packet(1, [0, 1, 0, 0, 0, 1])),
        ("something else", Packets.packet(1, [1])),
        ("a malformed column", Packets.answer(Packets.prepared([[1, 2, 3]]))),
        ("out of order", Packets.packet(1, Packets.prepared([[]])[0]) + Packets.packet(9, Packets.column("a"))),
    ])

    @Test(arguments: preparations) func aMalformedPreparationIsFoundOut(lie: NamedBytes) async throws {
        let error = try await outcome(of: "select 1", try await Self.peer(prepare: .bytes(lie.bytes), .bytes([])))
        #expect(error?.condition == .protocolViolation, "\(lie.name): \(String(describing: error))")
    }

    /// No statement asked for a file; whatever name the server gives, it gets nothing of this machine.
    @Test func aFileNobodyOfferedIsNotSent() async throws {
        let received = NIOLockedValueBox<[UInt8]>([])
        let isAsked = NIOLockedValueBox(false)
        let peer = try await ScriptedPeer.start(greeting: .bytes(Packets.greeting())) { bytes in
            if isAsked.withLockedValue({ $0 }) {
                received.withLockedValue { $0 += bytes }
                // An empty packet says that there is no file.
                return .bytes(
                    Packets.packet((bytes.count > 3 ? bytes[3] : 0) &+ 1, Packets.error(1_148, "42000", "none"))
                )
            }
            guard bytes.count > 4, bytes[3] == 0 else { return .bytes(Packets.packet(2, Packets.ok())) }
            let text = String(decoding: bytes[5...], as: UTF8.self)
            if text.hasPrefix("SELECT @@") {
                return .bytes(
                    Packets.answer([[1], Packets.column("mode", type: 253), Packets.text(""), Packets.end()])
                )
            }
            guard text.hasPrefix("show") else { return .bytes(Packets.answer([Packets.ok()])) }
            isAsked.withLockedValue { $0 = true }
            return .bytes(Packets.packet(1, [0xFB] + Array("/etc/passwd".utf8)))
        }
        let error = try await outcome(of: "show x", peer)
        #expect(error != nil && error?.isRetryable == false)
        let sent = received.withLockedValue { $0 }
        #expect(
            sent.isEmpty || sent.starts(with: [0, 0, 0]) || sent.starts(with: [1, 0, 0, 0, 1]),
            "\(sent.count) bytes"
        )
        #expect(sent.count <= 16)
    }

    // MARK: Floods

    /// 256 packets after another, or a multiple: their numbers go round.
    private static func round(_ packets: [[UInt8]], from first: UInt8) -> [UInt8] {
        Packets.answer((0..<256).flatMap { _ in packets }, from: first)
    }

    static let floods: [NamedBytes] = NamedBytes.list([
        ("endless OK packets", round([Packets.ok(moreResults: true)], from: 1)),
        ("endless empty results", round([[1], Packets.column("a"), Packets.end(moreResults: true)], from: 1)),
        ("endless short results", round(described + [Packets.text("1"), Packets.end(moreResults: true)], from: 1)),
    ])

    /// Other tests of this process take memory at the same time, so the bound is wide; without limits it would be passed soon.
    @Test(arguments: floods, [false, true])
    func aFloodOfResultsTakesBoundedMemory(flood: NamedBytes, isRead: Bool) async throws {
        let before = processMemory
        let peer = try await Self.peer(.endless([], then: flood.bytes))
        let connection = try await MySQLDriver().connect(ConnectionConfiguration(Self.url(peer.port)))
        let options = ExecutionOptions(timeout: .milliseconds(500))
        let error = await #expect(throws: DatabaseError.self) {
            guard isRead else {
                _ = try await connection.execute("show x", options: options)
                return
            }
            let rows = try await connection.query("show x", options: options)
            repeat { _ = try await rows.fetchAll(limit: .unbounded) } while try await rows.nextResultSet()
        }
        #expect(
            [.connectionLost, .timeout].contains(error?.condition),
            "\(flood.name): \(String(describing: error))"
        )
        #expect(processMemory - before < 768 << 20, "\(flood.name) after \(peer.bytesSent) bytes")
        await connection.close()
        await peer.stop()
    }

    @Test func endlessColumnsAreGivenUp() async throws {
        // Names of 64 KiB each, of as many columns as the protocol can count.
        let name: [UInt8] = [0xFD, 0, 0, 1] + [UInt8](repeating: 0x6E, count: 1 << 16)
        let definition =
            Packets.text("def") + Packets.text("d") + Packets.text("t") + Packets.text("t") + name + name
            + Packets.column("a").suffix(13)
        let flood = (0..<256).flatMap { Packets.packet(UInt8(($0 + 2) & 0xFF), definition) }
        let peer = try await Self.peer(.endless(Packets.packet(1, [0xFC, 0xFF, 0xFF]), then: flood))
        let before = processMemory
        let error = try await outcome(of: "show x", peer)
        #expect(error?.condition == .protocolViolation)
        #expect(processMemory - before < 768 << 20)
    }

    @Test func endlessRowsNobodyReadsDoNotPileUp() async throws {
        let rows = Self.round([Packets.text("1")], from: 3)
        let before = processMemory
        let peer = try await Self.peer(.endless(Packets.answer(Self.described), then: rows))
        let connection = try await MySQLDriver().connect(ConnectionConfiguration(Self.url(peer.port)))
        let unread = try await connection.query("show x")
        // The next statement waits for the rows nobody reads, until its time is over.
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.execute("show y", options: ExecutionOptions(timeout: .milliseconds(500)))
        }
        #expect([.connectionLost, .timeout].contains(error?.condition), "\(String(describing: error))")
        #expect(processMemory - before < 1_024 << 20)
        _ = unread
        await connection.close()
        await peer.stop()
    }

    // MARK: Logins

    private func loginOutcome(
        _ options: String = "",
        greeting: ScriptedPeer.Reply = .bytes(PeerPackets.greeting()),
        sourceLocation: SourceLocation = #_sourceLocation,
        _ answer: @escaping @Sendable ([UInt8]) -> ScriptedPeer.Reply = { _ in .bytes([]) }
    ) async throws -> DatabaseError? {
        let peer = try await ScriptedPeer.start(greeting: greeting, replying: answer)
        let error = await #expect(throws: DatabaseError.self, sourceLocation: sourceLocation) {
            _ = try await MySQLDriver().connect(ConnectionConfiguration(Self.url(peer.port, options)))
        }
        await peer.stop()
        return error
    }

    @Test(
        arguments: NamedBytes.list([
            ("another protocol", Packets.packet(0, [9] + Array("3.23".utf8) + [0, 1, 0, 0, 0])),
            ("a greeting cut short", Packets.packet(0, [10] + Array("9.7.0".utf8))),
            ("a version without an end", Packets.packet(0, [10] + [UInt8](repeating: 0x39, count: 60_000))),
            ("a greeting beyond reason", [0xFF, 0xFF, 0xFF, 0, 10]),
            ("an old server", Packets.packet(0, [10, 0x35, 0] + [UInt8](repeating: 0, count: 40))),
            ("ready before the login", Packets.packet(0, Packets.ok())),
            ("an empty packet", Packets.packet(0, [])),
            ("another service", Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)),
        ])
    ) func aGreetingThatIsNoneIsRefused(greeting: NamedBytes) async throws {
        let error = try await loginOutcome("&connect_timeout=5s", greeting: .bytes(greeting.bytes))
        #expect(
            [.protocolViolation, .cannotConnect].contains(error?.condition),
            "\(greeting.name): \(String(describing: error))"
        )
    }

    @Test(
        arguments: NamedBytes.list([
            ("a switch", [0xFE] + Array("mysql_native_password".utf8) + [0] + Array("abcdefghijklmnopqrst".utf8) + [0]),
            ("more data", [1, 4]),
            ("a success that is none", [1, 3]),
            ("an unknown packet", [7]),
            ("the old password", [0xFE]),
        ])
    ) func aLoginWithoutEndIsGivenUp(message: NamedBytes) async throws {
        let error = try await loginOutcome { .bytes(Packets.packet(($0.count > 3 ? $0[3] : 0) &+ 1, message.bytes)) }
        #expect(
            [.protocolViolation, .authenticationFailed].contains(error?.condition),
            "\(message.name): \(String(describing: error))"
        )
        #expect(error?.isRetryable == false)
    }

    @Test func aServerThatSaysNothingIsGivenUp() async throws {
        let before = try await loginOutcome("&connect_timeout=1s", greeting: .bytes([]))
        #expect(before?.condition == .cannotConnect)
        let after = try await loginOutcome("&connect_timeout=1s")
        #expect(after?.condition == .cannotConnect)
    }

    @Test(arguments: ["require", "verify-ca", "verify-full"])
    func aServerWithoutTLSGetsNoPassword(mode: String) async throws {
        let received = NIOLockedValueBox(0)
        let error = try await loginOutcome("&sslmode=\(mode)") { bytes in
            received.withLockedValue { $0 += bytes.count }
            return .close
        }
        #expect(error?.condition == .tlsFailed)
        #expect(received.withLockedValue { $0 } == 0)
    }

    /// What came with the greeting came unprotected, and must not pass for what the secured server says.
    @Test(arguments: ["require", "verify-ca", "verify-full"])
    func dataSentAheadOfTLSIsRefused(mode: String) async throws {
        let injected = Packets.greeting(offersTLS: true) + Packets.packet(2, Packets.ok())
        let error = try await loginOutcome("&sslmode=\(mode)", greeting: .bytes(injected))
        #expect(error?.condition == .protocolViolation)
        #expect(error?.message.contains("before the TLS handshake") == true)
    }

    @Test func aHandshakeOfGarbageFails() async throws {
        let garbage = [UInt8](repeating: 0x5A, count: 4_096)
        let error = try await loginOutcome(
            "&sslmode=require",
            greeting: .bytes(Packets.greeting(offersTLS: true))
        ) { _ in .bytes(garbage) }
        #expect(error?.condition == .tlsFailed)
    }
}
