import Crypto
import NIOCore
import NIOSSL
public import Roost

/// How a connection is secured, ready to be used by many connections.
public struct WireTLS: Sendable {
    /// How far the server's certificate is checked.
    public enum Verification: Sendable, Hashable {
        /// Not at all: safe from listeners, not from impostors.
        case none
        /// It must come from a trusted authority; any host will do.
        case certificateAuthority
        /// It must come from a trusted authority and name the host connected to.
        case full
    }

    /// The authorities that are trusted.
    public enum Roots: Sendable, Hashable {
        /// The system's.
        case system
        /// Those of a PEM file.
        case file(String)
    }

    let context: NIOSSLContext
    let serverHostname: String?

    /// Reads certificates and keys. Costs milliseconds: make one per database, not per connection.
    ///
    /// - Parameters:
    ///   - serverName: the host connected to; what the certificate must name, and the SNI sent (RFC 6066), unless it is an address.
    ///   - certificateFile: a PEM file with the client's certificate and what leads to its authority.
    ///   - keyFile: a PEM file with the client's key.
    ///   - applicationProtocols: what is offered by ALPN (RFC 7301).
    /// - Throws: `interface.invalidConfiguration` naming the file that cannot be read.
    public init(
        verification: Verification,
        roots: Roots = .system,
        serverName: String?,
        certificateFile: String? = nil,
        keyFile: String? = nil,
        applicationProtocols: [String] = [],
        engine: String
    ) throws(DatabaseError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification =
            switch verification {
            case .none: .none
            case .certificateAuthority: .noHostnameVerification
            case .full: .fullVerification
            }
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = applicationProtocols
        if case .file(let path) = roots {
            guard (try? NIOSSLCertificate.fromPEMFile(path))?.isEmpty == false else {
                throw Self.unreadable(path, "the trusted authorities' certificates", engine)
            }
            configuration.trustRoots = .file(path)
        }
        if let certificateFile {
            guard let chain = try? NIOSSLCertificate.fromPEMFile(certificateFile), !chain.isEmpty else {
                throw Self.unreadable(certificateFile, "the client's certificate", engine)
            }
            configuration.certificateChain = chain.map { .certificate($0) }
        }
        if let keyFile {
            guard let key = try? NIOSSLPrivateKey(file: keyFile, format: .pem) else {
                throw Self.unreadable(keyFile, "the client's key", engine)
            }
            configuration.privateKey = .privateKey(key)
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw DatabaseError(
                .interface,
                .invalidConfiguration,
                "The TLS settings cannot be used: \(error).",
                hint: "Do the client's certificate and key belong together?",
                engine: engine
            )
        }
        // SNI has no place for addresses; NIOSSL checks an address against the certificate by the socket's peer.
        serverHostname = serverName.flatMap { Self.isAddress($0) ? nil : $0 }
    }

    private static func isAddress(_ name: String) -> Bool {
        (try? SocketAddress(ipAddress: name, port: 0)) != nil
    }

    private static func unreadable(_ path: String, _ what: String, _ engine: String) -> DatabaseError {
        DatabaseError(
            .interface,
            .invalidConfiguration,
            "The file \"\(path)\" cannot be read as \(what).",
            hint: "It must be a PEM file that this user may read.",
            engine: engine
        )
    }
}

extension WireTLS {
    static func isTLS(_ error: any Error) -> Bool {
        error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError
    }

    static func isUncleanShutdown(_ error: any Error) -> Bool {
        if case .uncleanShutdown? = error as? NIOSSLError { true } else { false }
    }

    /// A handshake that failed.
    static func failure(_ error: any Error, engine: String) -> DatabaseError {
        var reason = "\(error)"
        var hint = "Check sslmode, and that client and server share a TLS version."
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            reason = "its certificate is for another host"
            hint = "Connect by a name the certificate holds, or ask for sslmode=verify-ca if any host will do."
        } else if reason.contains("CERTIFICATE_VERIFY_FAILED") {
            reason = "its certificate does not come from a trusted authority"
            hint = "Name the authority's certificate with sslrootcert."
        } else if reason.contains("UNKNOWN_CA") || reason.contains("CERTIFICATE_REQUIRED")
            || reason.contains("BAD_CERTIFICATE")
        {
            reason = "the server refused the client's certificate"
            hint = "Name a certificate and key the server trusts with sslcert and sslkey."
        }
        return DatabaseError(
            .operational,
            .tlsFailed,
            "The connection could not be secured: \(reason).",
            hint: hint,
            sqlState: "08001",
            engine: engine,
            underlying: error
        ).retryable(false)
    }

    static func security(of channel: any Channel) -> WireSecurity {
        let operations = channel.pipeline.syncOperations
        let version =
            switch try? operations.nioSSL_tlsVersion() {
            case .tlsv1: "TLSv1"
            case .tlsv11: "TLSv1.1"
            case .tlsv12: "TLSv1.2"
            case .tlsv13: "TLSv1.3"
            default: nil as String?
            }
        let certificate = try? operations.nioSSL_peerCertificate()?.toDERBytes()
        return WireSecurity(version: version, serverEndPoint: certificate.flatMap { ChannelBinding.serverEndPoint($0) })
    }
}
