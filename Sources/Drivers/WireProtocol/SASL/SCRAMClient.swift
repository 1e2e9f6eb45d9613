public import Roost

/// The client's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677): pure, three messages.
///
/// It proves that the client knows the password without showing it, and refuses a server that does not know it.
public struct SCRAMClient: Sendable {
    /// What the client knows of channel binding.
    public enum ChannelBinding: Sendable, Hashable {
        /// The connection has none (`n`).
        case unsupported
        /// The client could, but the server did not offer it (`y`): an attacker who hid the offer is found out.
        case notOffered
        /// Bound to the server's certificate (`p=tls-server-end-point`).
        case serverEndPoint([UInt8])
    }

    private enum State: Sendable {
        case initial
        case waitingForServerFirst
        case waitingForServerFinal(signature: [UInt8])
        case done
        case failed
    }

    private let user: String
    private let password: Secret
    private let binding: ChannelBinding
    private let nonce: String
    private let keys: SCRAMKeyCache
    private let engine: String
    private var state = State.initial

    /// The most rounds of hashing a server may ask for; each costs about a microsecond.
    public static let maximumIterations = 10_000_000

    /// A client.
    ///
    /// - Parameters:
    ///   - user: the login the message names; PostgreSQL ignores it and takes that of the start-up.
    ///   - nonce: printable ASCII without commas, never used twice.
    ///   - keys: remembers the salted password, which is what costs time.
    public init(
        user: String,
        password: Secret,
        binding: ChannelBinding,
        nonce: String = Self.makeNonce(),
        keys: SCRAMKeyCache,
        engine: String
    ) {
        self.user = user
        self.password = password
        self.binding = binding
        self.nonce = nonce
        self.keys = keys
        self.engine = engine
    }

    /// 24 characters from the system's random source.
    public static func makeNonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64.encode((0..<18).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    /// The mechanism's name.
    public var mechanism: String {
        if case .serverEndPoint = binding { "SCRAM-SHA-256-PLUS" } else { "SCRAM-SHA-256" }
    }

    private var header: String {
        switch binding {
        case .unsupported: "n,,"
        case .notOffered: "y,,"
        case .serverEndPoint: "p=tls-server-end-point,,"
        }
    }

    private var firstBare: String {
        // "," and "=" would be taken for syntax (RFC 5802 §5.1).
        let name = user.replacing("=", with: "=3D").replacing(",", with: "=2C")
        return "n=\(name),r=\(nonce)"
    }

    /// The first message.
    public mutating func start() -> [UInt8] {
        state = .waitingForServerFirst
        return Array((header + firstBare).utf8)
    }

    /// The answer to the server's first message: the proof.
    ///
    /// - Throws: `operational.authenticationFailed` when the server's message is not what the RFC asks for.
    public mutating func respond(to message: [UInt8]) throws(DatabaseError) -> [UInt8] {
        guard case .waitingForServerFirst = state else { throw fail("messages in the wrong order") }
        let fields = try Self.fields(message, engine: engine)
        guard fields.count >= 3, fields[0].name == "r", fields[1].name == "s", fields[2].name == "i",
            let salt = Base64.decode(fields[1].value), !salt.isEmpty, let iterations = Int(fields[2].value)
        else { throw fail("a first message that cannot be read") }
        let fullNonce = fields[0].value
        guard fullNonce.hasPrefix(nonce), fullNonce.utf8.count > nonce.utf8.count else {
            throw fail("a nonce that is not based on ours")
        }
        guard (1...Self.maximumIterations).contains(iterations) else { throw fail("an absurd iteration count") }
        var bindingData = Array(header.utf8)
        if case .serverEndPoint(let hash) = binding { bindingData += hash }
        let withoutProof = "c=\(Base64.encode(bindingData)),r=\(fullNonce)"
        let authMessage = Array(
            "\(firstBare),\(String(decoding: message, as: UTF8.self)),\(withoutProof)".utf8
        )
        let key = keys.key(password: password, salt: salt, iterations: iterations)
        let proof = key.proof(of: authMessage)
        state = .waitingForServerFinal(signature: key.serverSignature(of: authMessage))
        return Array("\(withoutProof),p=\(Base64.encode(proof))".utf8)
    }

    /// Checks the server's last message: it must know the password too.
    ///
    /// - Throws: `operational.authenticationFailed` when it does not.
    public mutating func finish(_ message: [UInt8]) throws(DatabaseError) {
        guard case .waitingForServerFinal(let expected) = state else { throw fail("messages in the wrong order") }
        let fields = try Self.fields(message, engine: engine)
        guard let first = fields.first, first.name == "v", let signature = Base64.decode(first.value),
            SCRAMKey.isEqual(signature, expected)
        else { throw fail("no proof that it knows the password; it may be an impostor") }
        state = .done
    }

    /// Whether the server proved itself.
    public var isDone: Bool {
        if case .done = state { true } else { false }
    }

    private mutating func fail(_ what: String) -> DatabaseError {
        state = .failed
        return Self.failure(what, engine: engine)
    }

    private static func failure(_ what: String, engine: String) -> DatabaseError {
        DatabaseError(
            .operational,
            .authenticationFailed,
            "Logging in failed: the server sent \(what).",
            sqlState: "28000",
            engine: engine
        )
    }

    private static func fields(
        _ message: [UInt8],
        engine: String
    ) throws(DatabaseError) -> [(name: String, value: String)] {
        guard message.count <= 16_384, let text = String(validating: message, as: UTF8.self) else {
            throw failure("a message that is not text", engine: engine)
        }
        var fields: [(name: String, value: String)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bytes = part.utf8
            guard bytes.count >= 2, bytes.dropFirst().first == UInt8(ascii: "=") else {
                throw failure("a message that is not SCRAM", engine: engine)
            }
            fields.append((String(part.prefix(1)), String(part.dropFirst(2))))
        }
        return fields
    }
}
