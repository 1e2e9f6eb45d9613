import Crypto
import NIOCore
import Roost
import WireProtocol

/// From the first byte to the first `ReadyForQuery`: TLS, login, the server's settings (PostgreSQL documentation, "Start-up"). Pure.
struct StartupStateMachine {
    /// How TLS is negotiated.
    enum Encryption: Sendable {
        case none
        /// Asked for, and done without if the server has none.
        case preferred
        /// Asked for, and an error without.
        case required
        /// Begun at once, without asking (PostgreSQL 17).
        case direct
    }

    /// What the session shall do.
    enum Action {
        case send(ByteBuffer)
        case startTLS
        case ready
    }

    private enum State {
        case initial, waitingForTLSAnswer, handshaking, authenticating, sasl(SCRAMClient), starting, ready
    }

    /// What a login needs.
    struct Login: Sendable {
        var user: String
        var password: Secret?
        var parameters: [(String, String)]
        var channelBinding: PostgreSQLConfiguration.ChannelBinding
        var allowsCleartext: Bool
        var keys: SCRAMKeyCache
    }

    private let encryption: Encryption
    private let login: Login
    private var state = State.initial
    private var security: WireSecurity?
    private var isAuthenticated = false
    private var isChannelBound = false
    private var hasSentPassword = false
    private(set) var processID: Int32 = 0
    private(set) var secret: [UInt8] = []
    private(set) var parameters: [String: String] = [:]

    init(encryption: Encryption, login: Login) {
        self.encryption = encryption
        self.login = login
    }

    /// Whether the next byte is the answer to the question for TLS, which is no message.
    private var expectsTLSAnswer: Bool {
        if case .waitingForTLSAnswer = state { true } else { false }
    }

    var securityInUse: WireSecurity? { security }

    /// The connection is there.
    mutating func connected() -> Action {
        switch encryption {
        case .none: return startup()
        case .direct:
            state = .handshaking
            return .startTLS
        case .preferred, .required:
            state = .waitingForTLSAnswer
            var buffer = ByteBuffer()
            buffer.writeSSLRequest()
            return .send(buffer)
        }
    }

    /// The TLS handshake is done.
    mutating func secured(_ security: WireSecurity) -> Action? {
        guard case .handshaking = state else { return nil }
        self.security = security
        return startup()
    }

    private mutating func startup() -> Action {
        state = .authenticating
        var buffer = ByteBuffer()
        buffer.writeStartup(login.parameters)
        return .send(buffer)
    }

    /// Takes in what arrived; returns the bytes used and what to do.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> (used: Int, action: Action?) {
        guard let first = bytes.first else { return (0, nil) }
        if expectsTLSAnswer { return (1, try answer(first)) }
        guard bytes.count >= 5 else { return (0, nil) }
        let tag = BackendTag(rawValue: first)
        let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: Int32.self)))
        // Nothing before the login is long; whoever listens there may be anybody.
        guard length >= 4, length <= 65_536 else {
            throw PostgreSQLErrors.violation("a message \(tag) of \(length) bytes during start-up")
        }
        guard bytes.count > length else { return (0, nil) }
        let body = UnsafeRawBufferPointer(rebasing: bytes[5..<(length + 1)])
        return (length + 1, try handle(tag, body))
    }

    private mutating func answer(_ byte: UInt8) throws(DatabaseError) -> Action {
        switch byte {
        case UInt8(ascii: "S"):
            state = .handshaking
            return .startTLS
        case UInt8(ascii: "N"):
            if case .preferred = encryption { return startup() }
            throw DatabaseError(
                .operational,
                .tlsFailed,
                "The server offers no TLS, and the connection asks for it.",
                hint:
                    "Switch it on in the server (ssl = on), or ask for sslmode=disable if the network can be trusted.",
                sqlState: "08001",
                engine: PostgreSQLErrors.engine
            ).retryable(false)
        default:
            throw PostgreSQLErrors.violation("the question for TLS was not answered")
        }
    }

    private mutating func handle(_ tag: BackendTag, _ body: UnsafeRawBufferPointer) throws(DatabaseError) -> Action? {
        switch tag {
        case .authentication: return try authenticate(body)
        case .errorResponse:
            guard let message = ServerMessage(body) else { throw PostgreSQLErrors.violation("a malformed error") }
            throw refusal(PostgreSQLErrors.error(message))
        case .noticeResponse, .negotiateProtocolVersion: return nil
        case .parameterStatus where isAuthenticated:
            var reader = MessageReader(body)
            guard let name = reader.string(), let value = reader.string(), parameters.count < 256 else {
                throw PostgreSQLErrors.violation("a malformed setting")
            }
            parameters[name] = value
            return nil
        case .backendKeyData where isAuthenticated:
            var reader = MessageReader(body)
            guard let id = reader.integer(Int32.self), (4...256).contains(reader.remaining) else {
                throw PostgreSQLErrors.violation("a malformed cancellation key")
            }
            processID = id
            secret = Array(reader.rest)
            return nil
        case .readyForQuery where isAuthenticated:
            state = .ready
            return .ready
        default:
            throw PostgreSQLErrors.violation("a message \(tag) during start-up")
        }
    }

    private func refusal(_ error: DatabaseError) -> DatabaseError {
        switch error.condition {
        // A server that starts, stops or is full may take the same login later.
        case .tooManyConnections, .cannotConnect: error
        // PgBouncer reports a login that failed as a violation of the protocol.
        case .protocolViolation where !isAuthenticated: Self.loginFailed(error.message)
        default: error.retryable(false)
        }
    }

    private mutating func authenticate(_ body: UnsafeRawBufferPointer) throws(DatabaseError) -> Action? {
        var reader = MessageReader(body)
        guard let code = reader.integer(Int32.self), !isAuthenticated else {
            throw PostgreSQLErrors.violation("a malformed request for authentication")
        }
        if case .sasl(var client) = state {
            switch code {
            case 11:
                let response = try client.respond(to: Array(reader.rest))
                state = .sasl(client)
                var buffer = ByteBuffer()
                buffer.writeSASLResponse(response)
                return .send(buffer)
            case 12:
                try client.finish(Array(reader.rest))
                isChannelBound = client.mechanism.hasSuffix("-PLUS")
                state = .sasl(client)
                return nil
            case 0 where client.isDone: break
            default: throw PostgreSQLErrors.violation("the login was cut short")
            }
        }
        switch code {
        case 0:
            if login.channelBinding == .require, !isChannelBound {
                throw Self.loginFailed(
                    "The server did not bind the login to the TLS connection, as channel_binding=require asks."
                )
            }
            isAuthenticated = true
            state = .starting
            return nil
        case 3:
            guard security != nil || login.allowsCleartext else {
                throw Self.loginFailed(
                    "The server asks for the password in cleartext over a connection without TLS.",
                    hint: "Use TLS, or scram-sha-256 in the server's pg_hba.conf."
                )
            }
            return try send(try password().reveal())
        case 5:
            guard let salt = reader.bytes(4) else { throw PostgreSQLErrors.violation("a salt is missing") }
            let inner = Self.md5(Array((try password().reveal() + login.user).utf8))
            return try send("md5" + Self.md5(Array(inner.utf8) + Array(salt)))
        case 10: return try startSASL(&reader)
        case 2, 7, 8, 9:
            throw Self.loginFailed(
                "The server asks for Kerberos, GSSAPI or SSPI, which are not supported.",
                hint: "Let it accept scram-sha-256 for this user in pg_hba.conf."
            )
        default:
            throw Self.loginFailed("The server asks for a way to log in that is not known (\(code)).")
        }
    }

    private mutating func send(_ password: String) throws(DatabaseError) -> Action {
        // Every answer to another salt helps whoever asks to guess the password, and nobody else asks twice.
        guard !hasSentPassword else { throw Self.loginFailed("The server asks for the password again and again.") }
        hasSentPassword = true
        var buffer = ByteBuffer()
        buffer.writePassword(password)
        return .send(buffer)
    }

    private mutating func startSASL(_ reader: inout MessageReader) throws(DatabaseError) -> Action {
        var offered: Set<String> = []
        while reader.remaining > 1, let name = reader.string(), !name.isEmpty { offered.insert(name) }
        let binding: SCRAMClient.ChannelBinding
        switch (login.channelBinding, security?.serverEndPoint, offered.contains("SCRAM-SHA-256-PLUS")) {
        case (.prefer, let hash?, true), (.require, let hash?, true): binding = .serverEndPoint(hash)
        case (.require, _, _):
            throw Self.loginFailed(
                "channel_binding=require asks for a login bound to TLS, which the server does not offer here.",
                hint: "It needs TLS and SCRAM-SHA-256."
            )
        case (.prefer, _?, false): binding = .notOffered
        default: binding = .unsupported
        }
        var client = SCRAMClient(
            user: "",
            password: try password(),
            binding: binding,
            keys: login.keys,
            engine: PostgreSQLErrors.engine
        )
        guard offered.contains(client.mechanism) else {
            throw Self.loginFailed(
                "The server offers no way to log in that is known: \(offered.sorted().joined(separator: ", "))."
            )
        }
        var buffer = ByteBuffer()
        buffer.writeSASLInitial(mechanism: client.mechanism, response: client.start())
        state = .sasl(client)
        return .send(buffer)
    }

    private func password() throws(DatabaseError) -> Secret {
        guard let password = login.password else {
            throw Self.loginFailed(
                "The server asks for a password and none was given.",
                hint: "Give one in the URL, PGPASSWORD, ~/.pgpass, or by a secret reference in roost.yaml."
            )
        }
        return password
    }

    private static func loginFailed(_ message: String, hint: String? = nil) -> DatabaseError {
        DatabaseError(
            .operational,
            .authenticationFailed,
            message,
            hint: hint,
            sqlState: "28000",
            engine: PostgreSQLErrors.engine
        )
    }

    private static func md5(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = Insecure.MD5.hash(data: bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
