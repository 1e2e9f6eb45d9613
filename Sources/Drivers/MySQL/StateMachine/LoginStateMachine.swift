import NIOCore
import Roost
import WireProtocol

/// The protocol's course up to the login ("Connection Phase"): bytes in, packets out. Pure.
struct LoginStateMachine {
    /// Whether TLS is used.
    enum Encryption: Sendable {
        case none
        /// Where the server has it.
        case preferred
        case required
    }

    /// Who logs in, and with what.
    struct Credentials: Sendable {
        var user: String
        var password: Secret?
        var database: String
        var attributes: [(String, String)]
        /// Whether nobody can listen: a socket of this machine.
        var isLocal: Bool
        var allowsCleartext: Bool
        var allowsPublicKeyRetrieval: Bool
        var serverPublicKey: [UInt8]?
    }

    /// What the session has to do.
    enum Action {
        case send(ByteBuffer)
        /// Send, and begin TLS.
        case startTLS(ByteBuffer)
        case ready
    }

    private enum State {
        case greeting, securing, authenticating, ready
    }

    private let encryption: Encryption
    private let credentials: Credentials
    private let wanted: ClientCapabilities
    private var state = State.greeting
    private var authentication: AuthenticationStateMachine?
    private var sequence: UInt8 = 0
    /// The greeting, once it has come.
    private(set) var greeting: ServerGreeting?
    private(set) var capabilities: ClientCapabilities = []
    private(set) var security: WireSecurity?

    init(encryption: Encryption, credentials: Credentials, wanted: ClientCapabilities = .wanted) {
        self.encryption = encryption
        self.credentials = credentials
        self.wanted = wanted
    }

    /// Takes in one packet.
    ///
    /// - Returns: the bytes used and what to do; nil when the packet is incomplete.
    /// - Throws: what is wrong with the server or the login.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> (used: Int, Action?)? {
        guard bytes.count >= 4 else { return nil }
        let header = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        let length = Int(header & 0xFF_FFFF)
        guard length <= 1 << 16 else { throw MySQLErrors.violation("a packet of \(length) bytes during the login") }
        guard bytes.count >= 4 + length else { return nil }
        sequence = UInt8(header >> 24) &+ 1
        let payload = UnsafeRawBufferPointer(rebasing: bytes[4..<(4 + length)])
        return (4 + length, try handle(payload))
    }

    private mutating func handle(_ payload: UnsafeRawBufferPointer) throws(DatabaseError) -> Action? {
        guard let first = payload.first else { throw malformed }
        if first == 0xFF {
            guard let packet = ErrorPacket(payload) else { throw malformed }
            throw MySQLErrors.error(
                packet,
                engine: greeting?.isMariaDB == true ? MySQLFlavour.mariadb.rawValue : MySQLErrors.engine
            )
        }
        switch state {
        case .greeting:
            guard let greeting = ServerGreeting(payload) else { throw malformed }
            return try greeted(greeting)
        case .securing, .ready: throw MySQLErrors.violation("a packet out of turn")
        case .authenticating:
            switch first {
            case 0x00:
                guard OKPacket(payload) != nil else { throw malformed }
                state = .ready
                return .ready
            case 0xFE:
                var reader = PacketReader(payload)
                guard reader.skip(1), let plugin = reader.zeroTerminatedString() else {
                    throw MySQLErrors.violation("a login by a password hash older than MySQL 4.1")
                }
                return try perform(authentication?.switchTo(plugin: plugin, challenge: Array(reader.rest)))
            case 0x01:
                return try perform(authentication?.more(Array(payload.dropFirst())))
            default: throw malformed
            }
        }
    }

    private mutating func greeted(_ greeting: ServerGreeting) throws(DatabaseError) -> Action {
        guard greeting.capabilities.isSuperset(of: .required) else {
            throw MySQLErrors.violation("a server older than MySQL 5.5 and MariaDB 5.5")
        }
        self.greeting = greeting
        capabilities = greeting.capabilities.intersection(wanted)
        // MariaDB's own capabilities are understood by clients that do not set the bit that is MySQL's.
        if greeting.isMariaDB { capabilities.remove(.longPassword) } else { capabilities.insert(.longPassword) }
        if wanted.hasFrames, !capabilities.hasFrames {
            throw DatabaseError(
                .notSupported,
                .notSupported,
                "The server does not offer this compression.",
                hint:
                    "Leave compression out of the URL, or ask for zlib; MySQL offers zstd too (protocol_compression_algorithms).",
                sqlState: "0A000",
                engine: MySQLErrors.engine
            )
        }
        if credentials.database.isEmpty { capabilities.remove(.connectWithDatabase) }
        let hasTLS = greeting.capabilities.contains(.tls)
        switch encryption {
        case .none: return try answer()
        case .preferred where !hasTLS: return try answer()
        case .required where !hasTLS:
            throw DatabaseError(
                .operational,
                .tlsFailed,
                "The server does not offer TLS, which is required.",
                hint:
                    "Configure the server's ssl_cert and ssl_key, or ask for sslmode=disable if the network is to be trusted.",
                sqlState: "08001",
                engine: MySQLErrors.engine
            ).retryable(false)
        case .preferred, .required:
            capabilities.insert(.tls)
            state = .securing
            return .startTLS(packet { writeHead(to: &$0) })
        }
    }

    /// TLS is in place.
    mutating func secured(_ security: WireSecurity) throws(DatabaseError) -> Action {
        self.security = security
        // The request for TLS was a packet too.
        sequence &+= 1
        return try answer()
    }

    /// What `SSLRequest` and `HandshakeResponse41` begin with.
    private func writeHead(to buffer: inout ByteBuffer) {
        let flags = capabilities.rawValue
        buffer.writeInteger(UInt32(truncatingIfNeeded: flags), endianness: .little)
        buffer.writeInteger(UInt32(MySQLStateMachine.maximumPayload), endianness: .little)
        buffer.writeInteger(collation)
        buffer.writeRepeatingByte(0, count: 19)
        buffer.writeInteger(
            UInt32(truncatingIfNeeded: greeting?.isMariaDB == true ? flags >> 32 : 0),
            endianness: .little
        )
    }

    /// `utf8mb4`, with the server's own default order: `utf8mb4_0900_ai_ci` where it is known, else `utf8mb4_general_ci`.
    private var collation: UInt8 {
        guard let greeting, !greeting.isMariaDB, let major = Int(greeting.shortVersion.prefix { $0 != "." }) else {
            return 45
        }
        return major >= 8 ? 255 : 45
    }

    private mutating func answer() throws(DatabaseError) -> Action {
        guard let greeting else { throw malformed }
        state = .authenticating
        var authentication = AuthenticationStateMachine(
            user: credentials.user,
            password: credentials.password?.reveal(),
            isSecure: credentials.isLocal || security != nil,
            allowsCleartext: credentials.allowsCleartext,
            allowsPublicKeyRetrieval: credentials.allowsPublicKeyRetrieval,
            serverPublicKey: credentials.serverPublicKey,
            isLocalSocket: credentials.isLocal,
            engine: greeting.isMariaDB ? MySQLFlavour.mariadb.rawValue : MySQLErrors.engine
        )
        let (plugin, response) = try authentication.begin(plugin: greeting.plugin, challenge: greeting.challenge)
        self.authentication = authentication
        let buffer = packet { buffer in
            writeHead(to: &buffer)
            buffer.writeZeroTerminated(credentials.user)
            if capabilities.contains(.lengthEncodedAuthentication) {
                buffer.writeLengthEncoded(response.count)
            } else {
                buffer.writeInteger(UInt8(truncatingIfNeeded: response.count))
            }
            buffer.writeBytes(response)
            if capabilities.contains(.connectWithDatabase) { buffer.writeZeroTerminated(credentials.database) }
            buffer.writeZeroTerminated(plugin)
            if capabilities.contains(.connectionAttributes) { writeAttributes(to: &buffer) }
            if capabilities.contains(.compressZstd) { buffer.writeInteger(CompressionAlgorithm.zstdLevel) }
        }
        return .send(buffer)
    }

    private func writeAttributes(to buffer: inout ByteBuffer) {
        var attributes = ByteBuffer()
        for (name, value) in credentials.attributes {
            attributes.writeLengthEncoded(name)
            attributes.writeLengthEncoded(value)
        }
        buffer.writeLengthEncoded(attributes.readableBytes)
        buffer.writeBuffer(&attributes)
    }

    private mutating func perform(_ action: AuthenticationStateMachine.Action?) throws(DatabaseError) -> Action? {
        guard let action else { throw malformed }
        guard case .send(let payload) = action else { return nil }
        return .send(packet { $0.writeBytes(payload) })
    }

    /// The next packet. The sequence goes on with the server's next one.
    private func packet(_ body: (inout ByteBuffer) -> Void) -> ByteBuffer {
        var (buffer, sequence) = (ByteBuffer(), sequence)
        buffer.writePacket(sequence: &sequence, body)
        return buffer
    }

    private var malformed: DatabaseError { MySQLErrors.violation("a malformed packet during the login") }
}
