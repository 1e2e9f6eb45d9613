import CryptoExtras

/// A server's RSA key, by which passwords travel where there is no TLS (`caching_sha2_password`, `sha256_password`).
struct PasswordEncryption {
    private let key: _RSA.Encryption.PublicKey

    /// More is no key, and not worth parsing.
    private static let maximumLength = 16_384

    /// A key in PEM, or in DER.
    ///
    /// - Returns: nil for what is no RSA key of 2048 bits at least.
    init?(publicKey bytes: [UInt8]) {
        guard !bytes.isEmpty, bytes.count <= Self.maximumLength else { return nil }
        let parsed: _RSA.Encryption.PublicKey?
        if bytes.first == 0x30 {
            parsed = try? _RSA.Encryption.PublicKey(derRepresentation: bytes)
        } else {
            // The server may end its text with a NUL.
            guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else { return nil }
            parsed = try? _RSA.Encryption.PublicKey(pemRepresentation: text)
        }
        guard let parsed else { return nil }
        key = parsed
    }

    /// How many bytes a password may have.
    var maximumPasswordLength: Int {
        key.maximumEncryptSize(with: .PKCS1_OAEP) - 1
    }

    /// The password and a NUL, mixed with the challenge, by RSA-OAEP with SHA-1.
    ///
    /// - Returns: nil for a password that is too long for the key.
    func encrypt(_ password: [UInt8], challenge: [UInt8]) -> [UInt8]? {
        guard password.count <= maximumPasswordLength else { return nil }
        let mixed = PasswordScramble.exclusiveOr(password + [0], challenge)
        return (try? key.encrypt(mixed, padding: .PKCS1_OAEP)).map { Array($0) }
    }
}
