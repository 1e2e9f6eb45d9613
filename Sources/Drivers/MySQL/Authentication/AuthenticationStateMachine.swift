import Roost

/// One login: what to answer to the server's challenge, to a switch of the plugin, and to what plugins ask next (MySQL's "Connection
/// Phase", MariaDB's "Connecting"). Pure.
///
/// The server decides which plugin is used; this decides what it gets. The password itself is sent through TLS or a local socket
/// only, or encrypted by the server's RSA key where the configuration trusts that key.
struct AuthenticationStateMachine {
    /// What to do with what the server sent.
    enum Action: Sendable, Hashable {
        /// Send this as the payload of the next packet; it may be empty.
        case send([UInt8])
        /// Nothing: the server goes on by itself.
        case wait
    }

    private enum State: Sendable {
        case initial
        /// Everything is said: OK, an error or a switch of the plugin is all that may come.
        case answered
        /// `caching_sha2_password`: the server says whether it knows the password's hash.
        case scrambled(challenge: [UInt8])
        /// The server's RSA key was asked for.
        case waitingForKey(challenge: [UInt8])
        /// `parsec`: the salt was asked for.
        case waitingForSalt(challenge: [UInt8])
    }

    private let user: String
    private let password: Secret
    private let isSecure: Bool
    private let isLocalSocket: Bool
    private let allowsCleartext: Bool
    private let allowsPublicKeyRetrieval: Bool
    private let serverPublicKey: [UInt8]?
    private let engine: String
    private let nonce: [UInt8]?
    private var state = State.initial
    private var switches = 0

    /// How long the answer in `HandshakeResponse41` may be: its length is one byte there, unless a capability was agreed on.
    static let maximumFirstAnswer = 250

    /// How often a server may change its mind. Each time it learns the answer to another challenge.
    static let maximumSwitches = 8

    /// One login.
    ///
    /// - Parameters:
    ///   - password: nil is the same as an empty one.
    ///   - isSecure: whether nobody can listen: TLS, or a socket of this machine.
    ///   - allowsCleartext: whether `mysql_clear_password` may be used, over secure connections.
    ///   - allowsPublicKeyRetrieval: whether a key the server sends without TLS is trusted; who can change packets can send his own.
    ///   - serverPublicKey: the server's RSA key, in PEM or DER.
    ///   - isLocalSocket: whether it is secure for being a socket of this machine. `sha256_password` wants RSA there.
    ///   - nonce: the client's own random bytes, for tests.
    init(
        user: String,
        password: String?,
        isSecure: Bool,
        allowsCleartext: Bool,
        allowsPublicKeyRetrieval: Bool,
        serverPublicKey: [UInt8]?,
        isLocalSocket: Bool = false,
        engine: String = MySQLErrors.engine,
        nonce: [UInt8]? = nil
    ) {
        self.user = user
        self.password = Secret(password ?? "")
        self.isSecure = isSecure || isLocalSocket
        self.isLocalSocket = isLocalSocket
        self.allowsCleartext = allowsCleartext
        self.allowsPublicKeyRetrieval = allowsPublicKeyRetrieval
        self.serverPublicKey = serverPublicKey
        self.engine = engine
        self.nonce = nonce
    }

    /// The answer that goes into `HandshakeResponse41`, and the plugin to name there.
    ///
    /// The greeting names the server's default, which need not be the account's plugin. Where that default is unknown, or would show
    /// more than is allowed, or more than 250 bytes, `caching_sha2_password` is answered: the server switches to the account's plugin
    /// anyway.
    ///
    /// - Throws: `internal.protocolViolation` for a challenge that is none.
    mutating func begin(
        plugin name: String,
        challenge: [UInt8]
    ) throws(DatabaseError) -> (plugin: String, response: [UInt8]) {
        guard case .initial = state else { throw violation("a second greeting") }
        var plugin = AuthenticationPlugin(rawValue: name) ?? .cachingSHA2
        switch plugin {
        case .cleartext where !(allowsCleartext && isSecure): plugin = .cachingSHA2
        case .sha256 where !maySendPassword: plugin = .cachingSHA2
        // Their challenges have 32 bytes, those of greetings 20.
        case .ed25519, .parsec: if trimmed(challenge, to: 32) == nil { plugin = .cachingSHA2 }
        default: break
        }
        let response = try answer(plugin, challenge)
        if response.count <= Self.maximumFirstAnswer { return (plugin.rawValue, response) }
        return (AuthenticationPlugin.cachingSHA2.rawValue, try answer(.cachingSHA2, challenge))
    }

    /// The answer to an `AuthSwitchRequest`.
    ///
    /// - Throws: `operational.authenticationFailed` for a plugin that is unknown or not allowed here;
    ///   `internal.protocolViolation` for a malformed challenge or too many switches.
    mutating func switchTo(plugin name: String, challenge: [UInt8]) throws(DatabaseError) -> Action {
        if case .initial = state { throw violation("a switch of the login's plugin before the login") }
        switches += 1
        guard switches <= Self.maximumSwitches else {
            state = .answered
            throw violation("more than \(Self.maximumSwitches) switches of the login's plugin")
        }
        guard let plugin = AuthenticationPlugin(rawValue: name) else {
            state = .answered
            throw refusal(
                "The server asks for the login plugin \"\(Self.shown(name))\", which is not supported.",
                hint: "Let the account of \(user) use caching_sha2_password, or ed25519 with MariaDB."
            )
        }
        return .send(try answer(plugin, challenge))
    }

    /// The answer to `AuthMoreData`: what follows its first byte, which is 1.
    ///
    /// - Throws: `operational.authenticationFailed` when the password would have to be shown; `internal.protocolViolation` for data
    ///   that nobody asked for.
    mutating func more(_ data: [UInt8]) throws(DatabaseError) -> Action {
        let previous = state
        if case .initial = state { throw violation("data of a login before the login") }
        state = .answered
        switch previous {
        case .scrambled(let challenge):
            switch data {
            case [3]: return .wait
            case [4]: return .send(try shownPassword(challenge, keyRequest: 2))
            default: throw violation("an answer to the login that is not known")
            }
        case .waitingForKey(let challenge):
            guard let key = PasswordEncryption(publicKey: data) else {
                throw violation("something that is no RSA key of 2048 bits or more")
            }
            return .send(try encrypted(challenge, by: key))
        case .waitingForSalt(let challenge):
            guard let salt = ParsecSignature.Salt(data) else { throw violation("a malformed salt") }
            let answer = ParsecSignature.answer(
                secretBytes,
                salt: salt,
                challenge: challenge,
                nonce: nonce ?? ParsecSignature.makeNonce()
            )
            guard let answer else { throw cryptographyFailed }
            return .send(answer)
        case .initial, .answered: throw violation("data of a login that nobody asked for")
        }
    }

    // MARK: Plugins

    private var secretBytes: [UInt8] { Array(password.reveal().utf8) }
    private var hasPassword: Bool { !secretBytes.isEmpty }

    private mutating func answer(_ plugin: AuthenticationPlugin, _ data: [UInt8]) throws(DatabaseError) -> [UInt8] {
        state = .answered
        var challenge: [UInt8] = []
        if let length = plugin.challengeLength {
            guard let trimmed = trimmed(data, to: length) else {
                throw violation("a challenge of \(data.count) bytes for \(plugin.rawValue)")
            }
            challenge = trimmed
        }
        switch plugin {
        case .native: return hasPassword ? PasswordScramble.native(secretBytes, challenge: challenge) : []
        case .cachingSHA2:
            guard hasPassword else { return [] }
            state = .scrambled(challenge: challenge)
            return PasswordScramble.cachingSHA2(secretBytes, challenge: challenge)
        case .sha256:
            // An empty password is a NUL: servers of some versions read beyond an empty answer.
            return hasPassword ? try shownPassword(challenge, keyRequest: 1) : [0]
        case .cleartext:
            try checkCleartext()
            return secretBytes + [0]
        case .ed25519:
            // The empty password has a key as any other.
            guard let signature = PasswordSignature(password: secretBytes)?.sign(challenge) else {
                throw cryptographyFailed
            }
            return signature
        case .parsec:
            state = .waitingForSalt(challenge: challenge)
            return []
        }
    }

    /// The challenge without the NUL that most servers append; nil when its length is wrong.
    private func trimmed(_ challenge: [UInt8], to length: Int) -> [UInt8]? {
        if challenge.count == length { return challenge }
        return challenge.count == length + 1 && challenge.last == 0 ? Array(challenge.dropLast()) : nil
    }

    /// Whether there is a way to send the password itself.
    private var maySendPassword: Bool { isSecure || serverPublicKey != nil || allowsPublicKeyRetrieval || !hasPassword }

    /// The password itself, or the question for the key that hides it.
    private mutating func shownPassword(
        _ challenge: [UInt8],
        keyRequest: UInt8
    ) throws(DatabaseError) -> [UInt8] {
        // Of the two plugins, only caching_sha2_password takes a local socket for as good as TLS.
        let needsKey = !isSecure || (isLocalSocket && keyRequest == 1)
        guard needsKey else { return secretBytes + [0] }
        if let serverPublicKey {
            guard let key = PasswordEncryption(publicKey: serverPublicKey) else {
                throw DatabaseError(
                    .interface,
                    .invalidConfiguration,
                    "The server's public key that was given is no RSA key of 2048 bits or more in PEM or DER.",
                    hint: "It is the file public_key.pem of the server's data directory.",
                    engine: engine
                )
            }
            return try encrypted(challenge, by: key)
        }
        guard allowsPublicKeyRetrieval || isLocalSocket else {
            throw refusal(
                "The server asks for the password itself, over a connection without TLS and without a key it trusts.",
                hint:
                    "Use TLS (sslmode=require), name the server's key (server_public_key=FILE), or, where nobody can come "
                    + "between, let the server send it (allow_public_key_retrieval=true)."
            )
        }
        state = .waitingForKey(challenge: challenge)
        return [keyRequest]
    }

    private func encrypted(_ challenge: [UInt8], by key: PasswordEncryption) throws(DatabaseError) -> [UInt8] {
        if let encrypted = key.encrypt(secretBytes, challenge: challenge) { return encrypted }
        throw refusal(
            "The password is too long for the server's RSA key, which takes \(key.maximumPasswordLength) bytes.",
            hint: "Use TLS, a shorter password, or a longer key."
        )
    }

    private func checkCleartext() throws(DatabaseError) {
        guard isSecure else {
            throw refusal(
                "The server asks for the password in cleartext over a connection without TLS.",
                hint: "Use TLS (sslmode=require), or another plugin for this account."
            )
        }
        guard allowsCleartext else {
            throw refusal(
                "The server asks for the password in cleartext.",
                hint: "Set allow_cleartext_password=true if this server may see the password; TLS hides it from others."
            )
        }
    }

    // MARK: Errors

    private func refusal(_ message: String, hint: String) -> DatabaseError {
        DatabaseError(
            .operational,
            .authenticationFailed,
            message,
            hint: hint,
            sqlState: "28000",
            engine: engine
        )
    }

    private var cryptographyFailed: DatabaseError {
        DatabaseError(.internal, .other, "The system's cryptography failed to sign the login.", engine: engine)
    }

    private func violation(_ what: String) -> DatabaseError {
        MySQLErrors.violation(what, engine: engine)
    }

    /// A name that came from the server, made fit for a message.
    private static func shown(_ name: String) -> String {
        String(
            String.UnicodeScalarView(name.unicodeScalars.lazy.filter { (0x21..<0x7F).contains($0.value) }.prefix(64))
        )
    }
}
