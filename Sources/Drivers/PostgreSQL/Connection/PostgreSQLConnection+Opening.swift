import Logging
import NIOCore
import NIOPosix
public import Roost
import WireProtocol

extension PostgreSQLConnection {
    /// Connects to the first host that answers and is of the kind wanted.
    ///
    /// - Throws: `operational.cannotConnect`, `operational.authenticationFailed`, `operational.tlsFailed`,
    ///   `operational.undefinedDatabase`, `operational.tooManyConnections`, …
    public static func connect(
        _ configuration: PostgreSQLConfiguration
    ) async throws(DatabaseError) -> PostgreSQLConnection {
        try await connect(configuration, keys: SCRAMKeyCache(), types: TypeCatalogue())
    }

    static func connect(
        _ configuration: PostgreSQLConfiguration,
        keys: SCRAMKeyCache,
        types: TypeCatalogue
    ) async throws(DatabaseError) -> PostgreSQLConnection {
        var failures: [DatabaseError] = []
        var wanted = [configuration.targetSession]
        if wanted == [.preferStandby] { wanted = [.standby, .any] }
        for target in wanted {
            for endpoint in configuration.endpoints {
                do throws(DatabaseError) {
                    let connection = try await open(endpoint, configuration, keys, types)
                    if let reason = try await connection.reasonAgainst(target) {
                        await connection.close()
                        failures.append(
                            DatabaseError(
                                .operational,
                                .cannotConnect,
                                "\(endpoint) \(reason).",
                                sqlState: "08001",
                                engine: PostgreSQLErrors.engine
                            )
                        )
                        continue
                    }
                    return connection
                } catch {
                    // A wrong password is wrong on every host; trying them all would only lock the account.
                    if error.condition == .authenticationFailed || Task.isCancelled { throw error }
                    failures.append(error)
                }
            }
        }
        guard let first = failures.first else {
            throw PostgreSQLConfiguration.invalid("No host was given.", "Name one in the URL or PGHOST.")
        }
        guard failures.count > 1 else { throw first }
        throw DatabaseError(
            .operational,
            .cannotConnect,
            "None of the hosts will do: " + failures.map(\.message).joined(separator: " "),
            sqlState: "08001",
            engine: PostgreSQLErrors.engine,
            underlying: first
        )
    }

    private static func open(
        _ endpoint: WireEndpoint,
        _ configuration: PostgreSQLConfiguration,
        _ keys: SCRAMKeyCache,
        _ types: TypeCatalogue
    ) async throws(DatabaseError) -> PostgreSQLConnection {
        let tls = try configuration.tls(for: endpoint)
        let encryption: StartupStateMachine.Encryption =
            tls == nil
            ? .none
            : configuration.usesDirectTLS
                ? .direct : configuration.tlsMode(for: endpoint) == .prefer ? .preferred : .required
        let isSocket = if case .unixSocket = endpoint { true } else { false }
        let login = StartupStateMachine.Login(
            user: configuration.user,
            password: configuration.password(for: endpoint),
            parameters: configuration.startupParameters,
            channelBinding: configuration.channelBinding,
            allowsCleartext: isSocket || configuration.allowsCleartextPassword,
            keys: keys
        )
        let deadline = NIODeadline.now() + TimeAmount(configuration.common.connectTimeout)
        let connected = try await WireConnector.connect(
            to: endpoint,
            timeout: configuration.common.connectTimeout,
            engine: PostgreSQLErrors.engine
        ) { transport in
            PostgreSQLSession(
                transport: transport,
                startup: StartupStateMachine(encryption: encryption, login: login),
                tls: tls,
                settings: configuration,
                types: types
            )
        }
        let bound = connected.session
        let starter = Starter(bound: bound)
        let outcome = await withTaskCancellationHandler { () async -> Result<Facts, DatabaseError> in
            do throws(DatabaseError) {
                var facts = try await starter.start(
                    deadline: deadline,
                    endpoint: endpoint,
                    tls: tls,
                    isDirectTLS: encryption == .direct,
                    logger: configuration.common.logger
                )
                facts.isPooled = try await starter.setUp(configuration)
                return .success(facts)
            } catch {
                return .failure(error)
            }
        } onCancel: {
            bound.eventLoop.execute { bound.value.transport.fail(PostgreSQLErrors.cancelled) }
        }
        let facts = try outcome.get()
        // Cancelled at the last moment, it is closed already, or about to be.
        if Task.isCancelled { throw PostgreSQLErrors.cancelled }
        return PostgreSQLConnection(bound: bound, configuration: configuration, endpoint: endpoint, facts: facts)
    }

    /// Drives a session on its event loop until it is a connection.
    private actor Starter {
        let bound: NIOLoopBound<PostgreSQLSession>
        private nonisolated let executor: any SerialExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(bound: NIOLoopBound<PostgreSQLSession>) {
            self.bound = bound
            executor = bound.eventLoop.executor
        }

        func start(
            deadline: NIODeadline,
            endpoint: WireEndpoint,
            tls: WireTLS?,
            isDirectTLS: Bool,
            logger: Logger
        ) async throws(DatabaseError) -> Facts {
            let session = bound.value
            do throws(DatabaseError) {
                try await session.start(deadline: deadline, isolation: self)
            } catch {
                session.transport.close()
                throw error
            }
            let usedTLS = session.security == nil ? nil : tls
            session.sendCancel = { session in
                Starter.cancel(session, endpoint: endpoint, tls: usedTLS, isDirectTLS: isDirectTLS)
            }
            session.onNotice = { notice in
                logger.debug(
                    "notice from the server",
                    metadata: ["severity": "\(notice.severity)", "code": "\(notice.code ?? "")"]
                )
            }
            let version = session.parameters["server_version"] ?? ""
            return Facts(
                serverVersion: String(version.prefix { $0 != " " }),
                security: session.security,
                processID: session.processID,
                isPooled: false,
                liveness: session.transport.liveness
            )
        }

        /// Sets the session's time-outs, and finds out whether the process that serves it is the one that was announced: where it
        /// is another, a pooler is in between, and its session belongs to others too, so that nothing may be set.
        func setUp(_ configuration: PostgreSQLConfiguration) async throws(DatabaseError) -> Bool {
            let session = bound.value
            var settings = [("lock_timeout", configuration.common.lockTimeout)]
            if let timeout = configuration.idleInTransactionTimeout {
                settings.append(("idle_in_transaction_session_timeout", timeout))
            }
            let calls = settings.map { name, value in
                "set_config('\(name)', '\(value.wholeMilliseconds)', false)"
            }
            var text =
                "select pg_backend_pid(), case when pg_backend_pid() = \(session.processID) then \(calls.joined(separator: " || ' ' || "))"
            if configuration.common.isReadOnly {
                text += " || set_config('default_transaction_read_only', 'on', false)"
            }
            text += " end"
            let exchange = Exchange(script: Exchange.Script(isSimple: true))
            session.transport.write { $0.writeQuery(text) }
            session.submit(exchange, timeout: configuration.common.connectTimeout)
            while !exchange.isDone { await exchange.wait(isolation: self) { $0.isDone } }
            if let error = exchange.error {
                session.transport.close()
                throw error
            }
            guard case .int(let process)? = exchange.takeBatch()?.value(row: 0, column: 0) else { return false }
            let isPooled = process != Int64(session.processID)
            session.usesUnnamedStatements =
                switch configuration.preparedStatements {
                case .unnamed: true
                case .named: false
                case .auto: isPooled
                }
            return isPooled
        }

        private static func cancel(
            _ session: PostgreSQLSession,
            endpoint: WireEndpoint,
            tls: WireTLS?,
            isDirectTLS: Bool
        ) {
            let eventLoop = session.transport.eventLoop
            let bound = NIOLoopBound(session, eventLoop: eventLoop)
            let (processID, secret) = (session.processID, session.secret)
            WireConnector.open(
                endpoint,
                timeout: .seconds(5),
                engine: PostgreSQLErrors.engine,
                on: eventLoop
            ) { transport in
                CancelSession(transport: transport, tls: tls, processID: processID, secret: secret) {
                    bound.value.cancelSettled()
                }
            }.whenComplete { result in
                switch result {
                case .success(let side): side.value.start(isDirectTLS: isDirectTLS)
                case .failure: bound.value.cancelSettled()
                }
            }
        }
    }

    /// Why this server is not of the kind wanted; nil when it is.
    private func reasonAgainst(
        _ target: PostgreSQLConfiguration.TargetSession
    ) async throws(DatabaseError) -> String? {
        switch target {
        case .any, .preferStandby: return nil
        case .primary, .standby:
            let isStandby = try await isOn("in_hot_standby", orElse: "select pg_is_in_recovery()")
            if target == .primary { return isStandby ? "is a standby" : nil }
            return isStandby ? nil : "is not a standby"
        case .readWrite, .readOnly:
            let isStandby = try await isOn("in_hot_standby", orElse: "select pg_is_in_recovery()")
            let isReadOnly = try await isOn(
                "default_transaction_read_only",
                orElse: "show default_transaction_read_only"
            )
            if target == .readWrite { return isStandby || isReadOnly ? "accepts no writes" : nil }
            return isStandby || isReadOnly ? nil : "accepts writes"
        }
    }

    private func isOn(_ parameter: String, orElse text: String) async throws(DatabaseError) -> Bool {
        if let known = session.parameters[parameter] { return known == "on" }
        let row = try await query(Statement(unsafe: text)).fetchOne()
        switch try row?.decode(0, as: Value.self) {
        case .bool(let flag): return flag
        case .text(let text): return text == "on"
        default: return false
        }
    }
}
