public import Roost
public import WireProtocol

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How to reach a PostgreSQL server: a URL's parts and options, what `libpq` reads from the environment, `~/.pgpass` and service
/// files, in that order of precedence.
public struct PostgreSQLConfiguration: Sendable {
    /// How a connection is secured (libpq's `sslmode`).
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
    }

    /// Whether the login is bound to the TLS connection (libpq's `channel_binding`).
    public enum ChannelBinding: String, Sendable, CaseIterable {
        case disable, prefer, require
    }

    /// What kind of server is wanted where several hosts are given (libpq's `target_session_attrs`).
    public enum TargetSession: String, Sendable, CaseIterable {
        case any
        case readWrite = "read-write"
        case readOnly = "read-only"
        case primary
        case standby
        case preferStandby = "prefer-standby"
    }

    /// How statements are prepared.
    public enum PreparedStatements: String, Sendable, CaseIterable {
        /// Under names, unless a pooler that does not know them is found in between.
        case auto
        /// Under names, kept as long as the connection.
        case named
        /// Anew each time: what every pooler understands.
        case unnamed
    }

    /// What every driver knows.
    public var common: ConnectionConfiguration
    /// Where to connect, in order.
    public var endpoints: [WireEndpoint]
    /// The login.
    public var user: String
    /// The password, where there is one for all hosts.
    public var password: Secret?
    /// The database.
    public var database: String
    /// `sslmode`; nil for the default of each host.
    public var tlsMode: TLSMode?
    /// Whether TLS begins at once, without asking (`sslnegotiation=direct`, PostgreSQL 17).
    public var usesDirectTLS: Bool
    /// The authorities trusted (`sslrootcert`): a PEM file, or `system`.
    public var rootCertificate: String?
    /// The client's certificate (`sslcert`).
    public var certificate: String?
    /// The client's key (`sslkey`).
    public var key: String?
    /// `channel_binding`
    public var channelBinding: ChannelBinding
    /// `target_session_attrs`
    public var targetSession: TargetSession
    /// `prepared_statements`
    public var preparedStatements: PreparedStatements
    /// Settings for the session, as on the server's command line (`options`).
    public var serverOptions: String?
    /// Whether a password may be sent in cleartext without TLS (`allow_cleartext_password`).
    public var allowsCleartextPassword: Bool
    /// How long a transaction may stand idle before the server ends it; nil for ever.
    public var idleInTransactionTimeout: Duration?
    /// How long a statement that is cancelled, or ran out of time, may take to end before the connection is given up; 5 s by default.
    public var cancelTimeout: Duration
    /// Passwords by host, from the password file.
    let passwordFile: PasswordFile

    static let options: Set<String> = [
        "sslmode", "sslnegotiation", "sslrootcert", "sslcert", "sslkey", "channel_binding", "target_session_attrs",
        "prepared_statements", "options", "allow_cleartext_password", "idle_in_transaction_session_timeout", "service",
        "cancel_timeout", "passfile", "host", "port", "user", "dbname",
    ]

    /// Reads a configuration.
    ///
    /// - Parameters:
    ///   - environment: the `PG*` variables; the process's by default.
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
                throw url.unknownOption(option.name, known: Self.options, engine: PostgreSQLErrors.engine)
            }
        }
        let service = try ServiceFile.settings(
            of: url.option("service") ?? environment["PGSERVICE"],
            environment: environment
        )
        func setting(_ name: String, _ variable: String) -> String? {
            url.option(name) ?? service[name] ?? environment[variable]
        }
        func choice<T: RawRepresentable & CaseIterable>(_ name: String, _ variable: String) throws(DatabaseError) -> T?
        where T.RawValue == String {
            guard let text = setting(name, variable) else { return nil }
            guard let value = T(rawValue: text) else {
                throw Self.invalid(
                    "The option \"\(name)\" has a value that is not known.",
                    "Known are \(T.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            return value
        }
        endpoints = try Self.endpoints(
            url.hosts,
            names: setting("host", "PGHOST"),
            ports: setting("port", "PGPORT"),
            isSet: { FileManager.default.fileExists(atPath: $0) }
        )
        user =
            url.user ?? setting("user", "PGUSER") ?? environment["USER"] ?? environment["LOGNAME"] ?? "postgres"
        password = url.password ?? (service["password"] ?? environment["PGPASSWORD"]).map { Secret($0) }
        let name = url.database.isEmpty ? setting("dbname", "PGDATABASE") : url.database
        database = name ?? user
        tlsMode = try choice("sslmode", "PGSSLMODE")
        let negotiation = setting("sslnegotiation", "PGSSLNEGOTIATION") ?? "postgres"
        guard ["postgres", "direct"].contains(negotiation) else {
            throw Self.invalid(
                "The option \"sslnegotiation\" has a value that is not known.",
                "Known are postgres, direct."
            )
        }
        usesDirectTLS = negotiation == "direct"
        rootCertificate = setting("sslrootcert", "PGSSLROOTCERT")
        certificate = setting("sslcert", "PGSSLCERT")
        key = setting("sslkey", "PGSSLKEY")
        channelBinding = try choice("channel_binding", "PGCHANNELBINDING") ?? .prefer
        targetSession = try choice("target_session_attrs", "PGTARGETSESSIONATTRS") ?? .any
        preparedStatements = try choice("prepared_statements", "ROOST_PREPARED_STATEMENTS") ?? .auto
        if common.statementCacheCapacity == 0 { preparedStatements = .unnamed }
        serverOptions = setting("options", "PGOPTIONS")
        allowsCleartextPassword = url.option("allow_cleartext_password") == "true"
        let idleTimeout = try Self.duration(url, "idle_in_transaction_session_timeout") ?? .seconds(600)
        idleInTransactionTimeout = idleTimeout == .zero ? nil : idleTimeout
        cancelTimeout = try Self.duration(url, "cancel_timeout") ?? .seconds(5)
        passwordFile = PasswordFile.read(
            path: url.option("passfile") ?? environment["PGPASSFILE"] ?? environment["HOME"].map { $0 + "/.pgpass" }
        )
        if usesDirectTLS, ![.require, .verifyCA, .verifyFull, nil].contains(tlsMode) {
            throw Self.invalid("sslnegotiation=direct needs TLS.", "Ask for sslmode=require or better.")
        }
    }

    private static func endpoints(
        _ hosts: [DatabaseURL.Host],
        names: String?,
        ports: String?,
        isSet: (String) -> Bool
    ) throws(DatabaseError) -> [WireEndpoint] {
        var portNumbers: [Int] = []
        for text in (ports ?? "").split(separator: ",") {
            guard let number = Int(text), (1...65_535).contains(number) else {
                throw invalid("A port is not a number from 1 to 65535.", "Check PGPORT and the option port.")
            }
            portNumbers.append(number)
        }
        var wanted = hosts
        if wanted.isEmpty, let names {
            wanted = names.split(separator: ",").map { DatabaseURL.Host(name: String($0)) }
        }
        if wanted.isEmpty {
            // As libpq: the socket of a server on this machine, where there is one.
            let port = portNumbers.first ?? 5_432
            let directory = ["/var/run/postgresql", "/tmp"].first { isSet("\($0)/.s.PGSQL.\(port)") }
            wanted = [DatabaseURL.Host(name: directory ?? "localhost")]
        }
        return wanted.enumerated().map { index, host in
            let port =
                host.port ?? (portNumbers.indices.contains(index) ? portNumbers[index] : portNumbers.last) ?? 5_432
            return host.name.hasPrefix("/")
                ? .unixSocket(path: "\(host.name)/.s.PGSQL.\(port)") : .host(host.name, port: port)
        }
    }

    private static func duration(_ url: DatabaseURL, _ option: String) throws(DatabaseError) -> Duration? {
        guard let text = url.option(option) else { return nil }
        guard let value = ConnectionConfiguration.duration(from: text) else {
            throw invalid("The option \"\(option)\" is not a duration.", "Write 30s, 10m, or 0 for none.")
        }
        return value
    }

    static func invalid(_ message: String, _ hint: String) -> DatabaseError {
        DatabaseError(.interface, .invalidConfiguration, message, hint: hint, engine: PostgreSQLErrors.engine)
    }
}

extension PostgreSQLConfiguration {
    /// The password for a host: the one given, or that of the password file.
    func password(for endpoint: WireEndpoint) -> Secret? {
        if let password { return password }
        let (host, port) =
            switch endpoint {
            case .host(let name, let port): (name, String(port))
            case .unixSocket(let path): ("localhost", path.split(separator: ".").last.map(String.init) ?? "")
            }
        return passwordFile.password(host: host, port: port, database: database, user: user)
    }

    /// How the connection to a host is secured: as asked for, or fully unless it stays on this machine.
    func tlsMode(for endpoint: WireEndpoint) -> TLSMode {
        if case .unixSocket = endpoint { return .disable }
        if let tlsMode { return tlsMode }
        return endpoint.isLocal ? (usesDirectTLS ? .require : .prefer) : .verifyFull
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
            applicationProtocols: usesDirectTLS ? ["postgresql"] : [],
            engine: PostgreSQLErrors.engine
        )
    }

    /// The parameters of the start-up message. Only those that poolers let through; the rest is set once connected.
    var startupParameters: [(String, String)] {
        var parameters = [
            ("user", user), ("database", database), ("client_encoding", "UTF8"), ("DateStyle", "ISO"),
            ("application_name", common.applicationName),
        ]
        if let serverOptions { parameters.append(("options", serverOptions)) }
        return parameters
    }
}
