/// The ways to log in this driver knows, by the names of their client plugins.
enum AuthenticationPlugin: String, Sendable, CaseIterable {
    /// MySQL 4.1 and later, MariaDB's default: SHA-1 over a challenge.
    case native = "mysql_native_password"
    /// MySQL 8's default: SHA-256 over a challenge; the password itself where the server has not cached its hash.
    case cachingSHA2 = "caching_sha2_password"
    /// MySQL 5.6 and later: the password itself, through TLS or RSA.
    case sha256 = "sha256_password"
    /// The password in cleartext, for servers that hand it on: PAM, LDAP.
    case cleartext = "mysql_clear_password"
    /// MariaDB: an Ed25519 signature by a key that is the password's hash.
    case ed25519 = "client_ed25519"
    /// MariaDB 11.6 and later: an Ed25519 signature by a key derived from password and salt.
    case parsec

    /// How many bytes the challenge has; nil where none is needed.
    var challengeLength: Int? {
        switch self {
        case .native, .cachingSHA2, .sha256: 20
        case .ed25519, .parsec: 32
        case .cleartext: nil
        }
    }
}
