import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Roost
import RoostTestSupport
import Synchronization
import Testing

@testable import RoostPostgreSQL

/// A server that lies, floods or falls silent, over real sockets: each time an error that says so, soon, and in bounded memory.
///
/// One after the other: a flood leaves little of its event loop to anybody else.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HostileServerTests {
    typealias Server = StateMachineTests.Server

    private static let welcome: [UInt8] =
        authentication(0) + Server.message("S", Server.text("server_version") + Server.text("18.0"))
        + Server.message("K", Server.integer(Int32(7)) + [1, 2, 3, 4]) + Server.ready()

    private static func authentication(_ code: Int32, _ rest: [UInt8] = []) -> [UInt8] {
        Server.message("R", Server.integer(code) + rest)
    }

    /// The answer to the first question of a new connection.
    private static let firstAnswer: [UInt8] =
        Server.row(("pg_backend_pid", 23), ("case", 25)) + Server.data("7", "") + Server.complete("SELECT 1")
        + Server.ready()

    /// The answer to the question for the database's own types, which comes along with the first statement: there are none.
    private static let noTypes: [UInt8] =
        Server.row(
            ("oid", 26),
            ("format_type", 25),
            ("typname", 19),
            ("typtype", 25),
            ("typelem", 26),
            ("typbasetype", 26),
            ("typlen", 21),
            ("typdelim", 18)
        ) + Server.complete("SELECT 0") + Server.ready()

    /// A server that is well-behaved until it is asked to prepare or run a statement.
    private static func peer(_ hostile: ScriptedPeer.Reply) async throws -> ScriptedPeer {
        let isAsked = NIOLockedValueBox(false)
        return try await ScriptedPeer.start { bytes in
            switch bytes.first {
            case 0 where bytes.count > 16: .bytes(welcome)
            // A cancellation: the real ones close without a word too.
            case 0: .close
            case UInt8(ascii: "Q")
            where !isAsked.withLockedValue({ was in
                defer { was = true }; return was
            }):
                .bytes(firstAnswer)
            case UInt8(ascii: "X"): .close
            case UInt8(ascii: "Q"): hostile.after(noTypes)
            default: hostile
            }
        }
    }

    private static func url(_ port: Int, _ options: String = "") -> String {
        "postgresql://u:p@127.0.0.1:\(port)/d?sslmode=disable&connect_timeout=300s" + options
    }

    /// What a statement on such a server ends with.
    private func outcome(
        of hostile: ScriptedPeer.Reply,
        timeout: Duration? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> DatabaseError? {
        let peer = try await Self.peer(hostile)
        let connection = try await PostgreSQLDriver().connect(ConnectionConfiguration(Self.url(peer.port)))
        let error = await #expect(throws: DatabaseError.self, sourceLocation: sourceLocation) {
            let rows = try await connection.query("select 1", options: ExecutionOptions(timeout: timeout))
            _ = try await rows.fetchAll(limit: .unbounded)
        }
        #expect(await connection.isClosed, sourceLocation: sourceLocation)
        await connection.close()
        await peer.stop()
        return error
    }

    /// The error of connecting to such a server.
    private func loginOutcome(
        _ options: String = "",
        sourceLocation: SourceLocation = #_sourceLocation,
        _ answer: @escaping @Sendable ([UInt8]) -> ScriptedPeer.Reply
    ) async throws -> DatabaseError? {
        let peer = try await ScriptedPeer.start(replying: answer)
        let error = await #expect(throws: DatabaseError.self, sourceLocation: sourceLocation) {
            _ = try await PostgreSQLDriver().connect(ConnectionConfiguration(Self.url(peer.port, options)))
        }
        await peer.stop()
        return error
    }

    // MARK: Lengths and order

    /// The start of a good answer, up to its rows.
    private static let described: [UInt8] =
        Server.parseComplete + Server.parameters() + Server.row(("a", 23), ("b", 25)) + Server.bindComplete

    static let lies: [NamedBytes] = NamedBytes.list([
        ("a length beyond reason", Array("D".utf8) + [0x7F, 0xFF, 0xFF, 0xFF]),
        ("a long ReadyForQuery", Array("Z".utf8) + [0x40, 0, 0, 0]),
        ("a negative length", Array("1".utf8) + [0xFF, 0xFF, 0xFF, 0xFF]),
        ("a length shorter than itself", Array("1".utf8) + [0, 0, 0, 3]),
        ("an unknown message", Server.message("?", [1, 2, 3])),
        ("rows before their description", Server.data("1")),
        ("an answer to something not asked", Server.parseComplete + Server.parseComplete),
        ("the end before the beginning", Server.ready()),
        ("a login in the middle", authentication(0)),
        ("data to copy", described + Server.message("d", [1, 2, 3])),
        ("a state nobody knows", described + Server.complete("SELECT 0") + Server.ready("X")),
        ("too few columns", described + Server.data("1")),
        ("too many columns", described + Server.data("1", "2", "3")),
        ("a cell longer than its row", described + Server.message("D", [0, 2, 0, 0, 0, 99, 1])),
        ("a cell longer than memory", described + Server.message("D", [0, 2, 0x7F, 0xFF, 0xFF, 0xFF, 1])),
        (
            "a row with more than its cells",
            described + Server.message("D", [0, 2] + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 9])
        ),
        ("a row without cells", described + Server.message("D", [0, 2])),
        ("a description cut short", Server.parseComplete + Server.parameters() + Server.message("T", [0, 9, 0x61, 0])),
        ("more parameters than there are", Server.parseComplete + Server.message("t", [0xFF, 0xFF, 0, 0, 0, 1])),
        ("an error without an end", Server.message("E", Array("SERROR".utf8))),
        ("an integer that is none", described + Server.data("one", "x")),
    ])

    @Test(arguments: lies) func aLieIsFoundOut(lie: NamedBytes) async throws {
        let error = try await outcome(of: .bytes(lie.bytes))
        #expect(error?.condition == .protocolViolation, "\(lie.name): \(String(describing: error))")
    }

    @Test func aRowThatNeverEndsIsGivenUp() async throws {
        let peer = try await Self.peer(.bytes(Self.described + [UInt8(ascii: "D"), 0, 0, 1, 0, 0, 2]))
        let connection = try await PostgreSQLDriver().connect(ConnectionConfiguration(Self.url(peer.port)))
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.execute("select 1", options: ExecutionOptions(timeout: .milliseconds(50)))
        }
        #expect(error?.condition == .connectionLost || error?.condition == .timeout)
        await connection.close()
        await peer.stop()
    }

    // MARK: Floods

    static let floods: [NamedBytes] = NamedBytes.list([
        ("short notices", (0..<200).flatMap { _ in Server.notice("again and again") }),
        ("long notices", Server.notice(String(repeating: "long ", count: 1 << 16))),
        ("the same setting", (0..<200).flatMap { _ in Server.message("S", Server.text("a") + Server.text("b")) }),
        (
            "ever new settings",
            (0..<200).flatMap { Server.message("S", Server.text("name \($0)") + Server.text("value")) }
        ),
        (
            "long settings",
            (0..<16).flatMap {
                Server.message("S", Server.text("long \($0)") + Server.text(String(repeating: "v", count: 1 << 15)))
            }
        ),
        (
            "notifications for nobody",
            (0..<200).flatMap { _ in
                Server.message("A", Server.integer(Int32(1)) + Server.text("channel") + Server.text("payload"))
            }
        ),
    ])

    /// Other tests of this process take memory at the same time, so the bound is wide; without limits it would be passed a hundred
    /// times over.
    @Test(arguments: floods) func aFloodBeforeTheAnswerTakesBoundedMemory(flood: NamedBytes) async throws {
        let before = processMemory
        let peer = try await Self.peer(.endless([], then: flood.bytes))
        let connection = try await PostgreSQLDriver().connect(ConnectionConfiguration(Self.url(peer.port)))
        let error = await #expect(throws: DatabaseError.self) {
            try await connection.execute("select 1", options: ExecutionOptions(timeout: .milliseconds(500)))
        }
        #expect(error?.condition == .connectionLost, "\(flood.name): \(String(describing: error))")
        #expect(processMemory - before < 768 << 20, "\(flood.name) after \(peer.bytesSent) bytes")
        #expect(await connection.serverParameters.count <= 256)
        #expect(await connection.isClosed)
        await connection.close()
        await peer.stop()
    }

    @Test(arguments: floods) func aFloodDuringTheLoginEnds(flood: NamedBytes) async throws {
        let before = processMemory
        let welcome = Self.authentication(0)
        let error = try await loginOutcome("&connect_timeout=1s") { _ in .endless(welcome, then: flood.bytes) }
        #expect(
            [.cannotConnect, .protocolViolation].contains(error?.condition),
            "\(flood.name): \(String(describing: error))"
        )
        #expect(processMemory - before < 768 << 20, "\(flood.name)")
    }

    // MARK: Logins

    @Test(
        arguments: NamedBytes.list([
            ("md5", authentication(5, [1, 2, 3, 4])),
            ("SASL", authentication(10, Server.text("SCRAM-SHA-256") + [0])),
            ("SASL that goes on", authentication(11, Array("r=x,s=AAAA,i=1".utf8))),
            ("a proof", authentication(12, Array("v=AAAA".utf8))),
        ])
    ) func aLoginWithoutEndIsGivenUp(message: NamedBytes) async throws {
        let error = try await loginOutcome { _ in .bytes(message.bytes) }
        #expect(
            [.protocolViolation, .authenticationFailed].contains(error?.condition),
            "\(message.name): \(String(describing: error))"
        )
        #expect(error?.isRetryable == false)
    }

    /// Cancels the task that connects to this port once `isUnderWay`, and gives back its error.
    private func cancelConnecting(to port: Int, when isUnderWay: () async throws -> Void) async throws -> DatabaseError?
    {
        let url = Self.url(port, "&connect_timeout=3600s")
        let task = Task { () async -> DatabaseError? in
            await #expect(throws: DatabaseError.self) {
                _ = try await PostgreSQLDriver().connect(ConnectionConfiguration(url))
            }
        }
        try await isUnderWay()
        task.cancel()
        return await task.value
    }

    @Test func cancellingEndsALogin() async throws {
        let (asked, heard) = AsyncStream.makeStream(of: Void.self)
        let peer = try await ScriptedPeer.start(replying: { _ in
            heard.yield()
            return .bytes([])
        })
        let error = try await cancelConnecting(to: peer.port) { for await _ in asked { break } }
        #expect(error?.condition == .cancelled)
        await peer.stop()
    }

    /// A server whose queue of connections is full drops what comes, and the system tries for minutes.
    @Test func cancellingEndsAnAttemptToConnect() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        var waiting: [any Channel] = []
        for _ in 0..<16 {
            let attempt = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(
                .milliseconds(300)
            )
            guard let channel = try? await attempt.connect(host: "127.0.0.1", port: port).get() else { break }
            waiting.append(channel)
        }
        #expect(waiting.count < 16, "The queue is never full here; the test shows nothing.")
        let error = try await cancelConnecting(to: port) {}
        #expect(error?.condition == .cancelled)
        for channel in waiting { try? await channel.close() }
        try await listener.close()
    }

    @Test func aServerThatSaysNothingIsGivenUp() async throws {
        let error = try await loginOutcome("&connect_timeout=1s") { _ in .bytes([]) }
        #expect(error?.condition == .cannotConnect)
    }

    @Test(
        arguments: NamedBytes.list([
            ("a length beyond reason", Array("R".utf8) + [0x7F, 0xFF, 0xFF, 0xFF]),
            ("a negative length", Array("R".utf8) + [0xFF, 0xFF, 0xFF, 0xFF]),
            ("a length shorter than itself", Array("R".utf8) + [0, 0, 0, 3]),
            ("an error cut short", Array("E".utf8) + [0, 1, 0, 1]),
            ("a request without a kind", Server.message("R", [0, 0])),
            ("an error without an end", Server.message("E", Array("SERROR".utf8))),
            ("ready before the login", Server.ready()),
            ("an unknown request", authentication(99)),
            ("two welcomes", authentication(0) + authentication(0)),
            ("a key too short", authentication(0) + Server.message("K", [1])),
            ("a key too long", authentication(0) + Server.message("K", [UInt8](repeating: 1, count: 1_000))),
        ])
    ) func nonsenseDuringTheLoginIsRefused(nonsense: NamedBytes) async throws {
        let error = try await loginOutcome { _ in .bytes(nonsense.bytes) }
        #expect(
            [.protocolViolation, .authenticationFailed].contains(error?.condition),
            "\(nonsense.name): \(String(describing: error))"
        )
    }

    // MARK: TLS

    /// CVE-2021-23222: what came with the agreement to TLS came unprotected, and must not pass for what the secured server says.
    @Test(arguments: ["require", "verify-ca", "verify-full"])
    func dataSentAheadOfTLSIsRefused(mode: String) async throws {
        let injected = Array("S".utf8) + Self.welcome + Self.firstAnswer
        let peer = try await ScriptedPeer.start { _ in injected }
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await PostgreSQLDriver().connect(
                ConnectionConfiguration("postgresql://u:p@127.0.0.1:\(peer.port)/d?sslmode=\(mode)")
            )
        }
        #expect(error?.condition == .protocolViolation)
        #expect(error?.message.contains("before the TLS handshake") == true)
        await peer.stop()
    }

    @Test func anErrorInsteadOfAnAnswerAboutTLSIsNotBelieved() async throws {
        // It may come from anybody, so its words are not shown (CVE-2024-10977).
        let peer = try await ScriptedPeer.start { _ in Server.error("28000", "send your password to example.com") }
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await PostgreSQLDriver().connect(
                ConnectionConfiguration("postgresql://u:p@127.0.0.1:\(peer.port)/d?sslmode=require")
            )
        }
        #expect(error?.condition == .protocolViolation)
        #expect(error?.message.contains("example.com") == false)
        await peer.stop()
    }

    @Test func aHandshakeOfGarbageFails() async throws {
        let count = Atomic(0)
        let peer = try await ScriptedPeer.start { _ in
            count.add(1, ordering: .relaxed).oldValue == 0
                ? Array("S".utf8) : [UInt8](repeating: 0x5A, count: 4_096)
        }
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await PostgreSQLDriver().connect(
                ConnectionConfiguration("postgresql://u:p@127.0.0.1:\(peer.port)/d?sslmode=require")
            )
        }
        #expect(error?.condition == .tlsFailed)
        await peer.stop()
    }
}
