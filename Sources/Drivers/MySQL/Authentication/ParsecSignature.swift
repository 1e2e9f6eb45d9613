import Crypto
import CryptoExtras

/// What MariaDB's `parsec` plugin wants: a signature by a key derived from password and salt.
/// (MariaDB documentation, "Authentication Plugin - PARSEC".)
struct ParsecSignature {
    /// The salt and how often to hash, as the server sends them.
    struct Salt: Sendable, Hashable {
        let rounds: Int
        let bytes: [UInt8]

        /// The server's doublings of 1024 rounds that are done: a million rounds take about a second.
        static let maximumFactor = 10

        /// `P` for PBKDF2, the doublings, the salt; nil for anything else.
        init?(_ data: [UInt8]) {
            guard data.count >= 2, data[0] == UInt8(ascii: "P"), data[1] <= Self.maximumFactor,
                (8...64).contains(data.count - 2)
            else { return nil }
            rounds = 1024 << Int(data[1])
            bytes = Array(data[2...])
        }
    }

    /// How many random bytes of the client are signed with those of the server.
    static let nonceLength = 32

    /// The client's own random bytes, and the signature of both.
    ///
    /// - Returns: nil when the system's cryptography refuses.
    static func answer(_ password: [UInt8], salt: Salt, challenge: [UInt8], nonce: [UInt8]) -> [UInt8]? {
        let seed = try? KDF.Insecure.PBKDF2.deriveKey(
            from: password,
            salt: salt.bytes,
            using: .sha512,
            outputByteCount: 32,
            unsafeUncheckedRounds: salt.rounds
        )
        guard let seed, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
            let signature = try? key.signature(for: challenge + nonce)
        else { return nil }
        return nonce + Array(signature)
    }

    /// Bytes from the system's random source.
    static func makeNonce() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<nonceLength).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}
