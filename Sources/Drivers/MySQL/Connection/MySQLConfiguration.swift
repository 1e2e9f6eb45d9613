public import Roost
public import WireProtocol

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How to reach a MySQL or MariaDB server: a URL's parts and options, then the `MYSQL_*` variables.
public struct MySQLConfiguration: Sendable {
    /// How a connection is secured. The names are PostgreSQL's; MySQL's own (`VERIFY_IDENTITY`, …) are understood too.
    public enum TLSMode: String, Sendable, CaseIterable {
        /// Never.
        case disable
        /// Where the server has it, without checking whom one talks to; the default on this machine.
        case prefer
        /// Always, without checking whom one talks to.
        case require
        /// Always, with a server whose certificate comes from a trusted authority.
        case verifyCA = "verify-ca"
        /// Always, with the host that was meant; the default for other machines.
        case verifyFull = "verify-full"

        init?(_ text: String) {
            switch text.lowercased().replacing("_", with: "-") {
            case "disable", "disabled": self = .disable
            case "prefer", "preferred": self = .prefer
            case "require", "required": self = .require
            case "verify-ca": self = .verifyCA
            case "verify-full", "verify-identity": self = .verifyFull
            default: return nil
            }
        }
    }

    /// What every driver knows.
    public var common: ConnectionConfiguration
    /// Which server the URL names; what answers may be the other one.
    public var flavour: MySQLFlavour
    /// Where to connect, in order.
    public var endpoints: [WireEndpoint]
    /// The login.
    public var user: String
    /// The password.
    public var password: Secret?
    /// The database; empty for none.
    public var database: String
    /// `sslmode`; nil for the default of each host.
    public var tlsMode: TLSMode?
    /// The authorities trusted (`sslrootcert`): a PEM file, or `system`.
    public var rootCertificate: String?
    /// The client's certificate (`sslcert`).
    public var certificate: String?
    /// The client's key (`sslkey`).
    public var key: String?
    /// Whether a password may be sent in cleartext, over TLS, to a server that asks for it (`allow_cleartext_password`).
    public var allowsCleartextPassword: Bool
    /// Whether the server may be asked for the key a password is encrypted with where there is no TLS
    /// (`allow_public_key_retrieval`); an impostor would send its own.
    public var allowsPublicKeyRetrieval: Bool
    /// The server's public key, in PEM (`server_public_key`, a file).
    public var serverPublicKey: [UInt8]?
    /// How dates with a year, month or day of zero are read (`zero_dates`).
    public var zeroDates: ZeroDates
    /// How long a statement that is cancelled, or ran out of time, may take to end before the connection is given up; 5 s by default.
    public var cancelTimeout: Duration

    /// Whether a statement that raised warnings is followed by asking for them, so that its summary has them (`warnings`, true).
    public var fetchesWarnings: Bool
    /// What the server shall tell of as it changes, besides the default database and whether anything changed (`session_track`).
    public var tracked: Set<Tracked>

    /// How what is sent and received is compressed (`compression`).
    public var compression: Compression

    /// Ways to compress what is sent and received.
    public enum Compression: String, Sendable, CaseIterable {
        case none, zlib
        /// MySQL's alone, by the system's libzstd.
        case zstd
    }

    /// What a server can tell of as it changes.
    public enum Tracked: String, Sendable, CaseIterable {
        /// All variables, not a few alone.
        case variables
        /// Which statements would begin the open transaction anew, and what it did.
        case transactions
        /// The identities of committed transactions.
        case gtids
    }

    /// How dates with a year, month or day of zero are read.
    public enum ZeroDates: String, Sendable, CaseIterable {
        /// As an error; the default.
        case error
        /// As NULL.
        case null
        /// As text.
        case text
    }

    static let options: Set<String> = [
        "sslmode", "sslrootcert", "sslcert", "sslkey", "allow_cleartext_password", "allow_public_key_retrieval",
        "server_public_key", "zero_dates", "cancel_timeout", "socket", "warnings", "session_track",
        "compression",
    ]

    var dialect: Dialect { flavour.dialect }

    /// Reads a configuration.
    ///
    /// - Parameter environment: the `MYSQL_*` variables; the process's by default.
    /// - Throws: `interface.invalidConfiguration` naming the option, variable or file at fault.
    public init(
        _ common: ConnectionConfiguration,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(DatabaseError) {
        self.common = common
        let url = common.url
        for option in url.options {
            let name = option.name.lowercased()
            guard Self.options.contains(name) || ConnectionConfiguration.commonOptions.contains(name) else {
                throw url.unknownOption(option.name, known: Self.options, engine: MySQLErrors.engine)
            }
        }
        flavour = url.scheme == "mariadb" ? .mariadb : .mysql
        endpoints = try Self.endpoints(url, environment)
        user = url.user ?? environment["MYSQL_USER"] ?? environment["USER"] ?? "root"
        password = url.password ?? environment["MYSQL_PWD"].map { Secret($0) }
        database = url.database.isEmpty ? environment["MYSQL_DATABASE"] ?? "" : url.database
        if let text = url.option("sslmode") {
            guard let mode = TLSMode(text) else {
                throw Self.invalid(
                    "The option \"sslmode\" has a value that is not known.",
                    "Known are \(TLSMode.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            tlsMode = mode
        }
        rootCertificate = url.option("sslrootcert")
        certificate = url.option("sslcert")
        key = url.option("sslkey")
        allowsCleartextPassword = try Self.flag(url, "allow_cleartext_password")
        allowsPublicKeyRetrieval = try Self.flag(url, "allow_public_key_retrieval")
        if let path = url.option("server_public_key") {
            guard let data = try? Data(contentsOf: URL(filePath: path)), data.count < 1 << 16 else {
                throw Self.invalid("The file of server_public_key cannot be read.", "It must be a PEM file.")
            }
            serverPublicKey = Array(data)
        }
        guard let policy = ZeroDates(rawValue: url.option("zero_dates") ?? "error") else {
            throw Self.invalid(
                "The option \"zero_dates\" has a value that is not known.",
                "Known are error, null, text."
            )
        }
        zeroDates = policy
        fetchesWarnings = try Self.flag(url, "warnings", default: true)
        tracked = try Self.tracked(url)
        switch url.option("compression")?.lowercased() {
        case nil, "uncompressed": compression = .none
        case let name?:
            guard let known = Compression(rawValue: name) else {
                throw Self.invalid(
                    "The option \"compression\" has a value that is not known.",
                    "Known are \(Compression.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            compression = known
        }
        cancelTimeout = .seconds(5)
        if let text = url.option("cancel_timeout") {
            guard let value = ConnectionConfiguration.duration(from: text) else {
                throw Self.invalid("The option \"cancel_timeout\" is not a duration.", "Write 30s or 10m.")
            }
            cancelTimeout = value
        }
    }

    private static func tracked(_ url: DatabaseURL) throws(DatabaseError) -> Set<Tracked> {
        var tracked: Set<Tracked> = []
        for word in (url.option("session_track") ?? "").split(separator: ",") {
            guard let known = Tracked(rawValue: word.lowercased()) else {
                throw invalid(
                    "The option \"session_track\" has a word that is not known.",
                    "Known are \(Tracked.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            tracked.insert(known)
        }
        return tracked
    }

    private static func flag(
        _ url: DatabaseURL,
        _ name: String,
        default fallback: Bool = false
    ) throws(DatabaseError) -> Bool {
        switch url.option(name)?.lowercased() {
        case nil: return fallback
        case "false", "0", "no", "off": return false
        case "true", "1", "yes", "on": return true
        default: throw invalid("The option \"\(name)\" is neither true nor false.", "Write true or false.")
        }
    }

    private static func endpoints(
        _ url: DatabaseURL,
        _ environment: [String: String]
    ) throws(DatabaseError) -> [WireEndpoint] {
        if let path = url.option("socket") ?? (url.hosts.isEmpty ? environment["MYSQL_UNIX_SOCKET"] : nil) {
            return [.unixSocket(path: path)]
        }
        var port = 3_306
        if let text = environment["MYSQL_TCP_PORT"] ?? environment["MYSQL_PORT"] {
            guard let number = Int(text), (1...65_535).contains(number) else {
                throw invalid("A port is not a number from 1 to 65535.", "Check MYSQL_TCP_PORT.")
            }
            port = number
        }
        var hosts = url.hosts
        if hosts.isEmpty { hosts = [DatabaseURL.Host(name: environment["MYSQL_HOST"] ?? "localhost")] }
        return hosts.map { host in
            host.name.hasPrefix("/") ? .unixSocket(path: host.name) : .host(host.name, port: host.port ?? port)
        }
    }

    static func invalid(_ message: String, _ hint: String) -> DatabaseError {
        DatabaseError(.interface, .invalidConfiguration, message, hint: hint, engine: MySQLErrors.engine)
    }
}

extension MySQLConfiguration {
    /// How the connection to a host is secured: as asked for, or fully unless it stays on this machine.
    func tlsMode(for endpoint: WireEndpoint) -> TLSMode {
        if case .unixSocket = endpoint { return .disable }
        return tlsMode ?? (endpoint.isLocal ? .prefer : .verifyFull)
    }

    func encryption(for endpoint: WireEndpoint) -> LoginStateMachine.Encryption {
        switch tlsMode(for: endpoint) {
        case .disable: .none
        case .prefer: .preferred
        case .require, .verifyCA, .verifyFull: .required
        }
    }

    /// The TLS settings for a host; nil for a connection without.
    func tls(for endpoint: WireEndpoint) throws(DatabaseError) -> WireTLS? {
        let mode = tlsMode(for: endpoint)
        guard mode != .disable, case .host(let name, _) = endpoint else { return nil }
        let verification: WireTLS.Verification =
            switch mode {
            case .disable, .prefer: .none
            // As libpq: with an authority named, "require" checks it.
            case .require: rootCertificate == nil ? .none : .certificateAuthority
            case .verifyCA: .certificateAuthority
            case .verifyFull: .full
            }
        let roots: WireTLS.Roots = rootCertificate.flatMap { $0 == "system" ? nil : .file($0) } ?? .system
        return try WireTLS(
            verification: verification,
            roots: roots,
            serverName: name,
            certificateFile: certificate,
            keyFile: key,
            engine: MySQLErrors.engine
        )
    }

    func credentials(for endpoint: WireEndpoint) -> LoginStateMachine.Credentials {
        let isSocket = if case .unixSocket = endpoint { true } else { false }
        return LoginStateMachine.Credentials(
            user: user,
            password: password,
            database: database,
            attributes: [
                ("_client_name", "roost"), ("program_name", common.applicationName),
                ("_pid", String(ProcessInfo.processInfo.processIdentifier)),
            ],
            isLocal: isSocket,
            allowsCleartext: allowsCleartextPassword,
            allowsPublicKeyRetrieval: allowsPublicKeyRetrieval,
            serverPublicKey: serverPublicKey
        )
    }

    /// What a session is set to: instants in UTC, values that do not fit as errors, the quotes and escapes this driver knows, and
    /// how long to wait for locks.
    ///
    /// Recursive queries may go as deep as they like, as with every other engine: MariaDB ends them after a thousand rounds without a
    /// word.
    func sessionSettings(mode: String, _ flavour: MySQLFlavour, tracksSession: Bool) -> String {
        var modes = mode.split(separator: ",").map(String.init)
        modes.removeAll { ["ANSI", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES"].contains($0) || $0.isEmpty }
        if !modes.contains("STRICT_TRANS_TABLES") { modes.append("STRICT_TRANS_TABLES") }
        let known = modes.filter { $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }
        let seconds = max(1, min(31_536_000, (common.lockTimeout.wholeMilliseconds + 999) / 1_000))
        var text = "SET time_zone = '+00:00', sql_mode = '\(known.joined(separator: ","))'"
        text += ", innodb_lock_wait_timeout = \(seconds), lock_wait_timeout = \(seconds)"
        text += flavour == .mariadb ? ", max_recursive_iterations" : ", cte_max_recursion_depth"
        text += " = 4294967295"
        if tracksSession { text += trackingSettings(flavour) }
        if common.isReadOnly { text += flavour == .mariadb ? ", tx_read_only = 1" : ", transaction_read_only = 1" }
        return text
    }

    private func trackingSettings(_ flavour: MySQLFlavour) -> String {
        var text = ", session_track_state_change = 1, session_track_schema = 1"
        if tracked.contains(.variables) {
            text += ", session_track_system_variables = '*'"
        } else if tracked.contains(.gtids), flavour == .mariadb {
            text += ", session_track_system_variables = concat(@@session_track_system_variables, ',last_gtid')"
        }
        if tracked.contains(.transactions) { text += ", session_track_transaction_info = 'CHARACTERISTICS'" }
        if tracked.contains(.gtids), flavour == .mysql { text += ", session_track_gtids = OWN_GTID" }
        return text
    }
}
