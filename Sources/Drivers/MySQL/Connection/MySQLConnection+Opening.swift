import NIOCore
public import Roost
import WireProtocol

extension MySQLConnection {
    /// Connects to the first host that answers.
    ///
    /// - Throws: `operational.cannotConnect`, `operational.authenticationFailed`, `operational.tlsFailed`,
    ///   `operational.undefinedDatabase`, `operational.tooManyConnections`, …
    public static func connect(_ configuration: MySQLConfiguration) async throws(DatabaseError) -> MySQLConnection {
        var failures: [DatabaseError] = []
        for endpoint in configuration.endpoints {
            do throws(DatabaseError) {
                return try await open(endpoint, configuration)
            } catch {
                // A wrong password is wrong on every host; trying them all would only lock the account.
                if error.condition == .authenticationFailed || Task.isCancelled { throw error }
                failures.append(error)
            }
        }
        guard let first = failures.first else {
            throw MySQLConfiguration.invalid("No host was given.", "Name one in the URL or MYSQL_HOST.")
        }
        guard failures.count > 1 else { throw first }
        throw DatabaseError(
            .operational,
            .cannotConnect,
            "None of the hosts will do: " + failures.map(\.message).joined(separator: " "),
            sqlState: "08001",
            engine: MySQLErrors.engine,
            underlying: first
        )
    }

    private static func open(
        _ endpoint: WireEndpoint,
        _ configuration: MySQLConfiguration
    ) async throws(DatabaseError) -> MySQLConnection {
        let tls = try configuration.tls(for: endpoint)
        let wanted = try configuration.wantedCapabilities()
        let deadline = NIODeadline.now() + TimeAmount(configuration.common.connectTimeout)
        let makeLogin = { @Sendable in
            LoginStateMachine(
                encryption: configuration.encryption(for: endpoint),
                credentials: configuration.credentials(for: endpoint),
                wanted: wanted
            )
        }
        let connected = try await WireConnector.connect(
            to: endpoint,
            timeout: configuration.common.connectTimeout,
            engine: MySQLErrors.engine
        ) { transport in
            MySQLSession(transport: transport, login: makeLogin(), tls: tls, settings: configuration)
        }
        let bound = connected.session
        let outcome = await withTaskCancellationHandler {
            await withOrderedContinuation { (continuation: OrderedContinuation<Result<Facts, DatabaseError>>) in
                bound.eventLoop.execute {
                    let session = bound.value
                    session.sendKill = { id, completion in
                        kill(id, endpoint, configuration, tls, makeLogin, on: session.transport.eventLoop, completion)
                    }
                    session.open(deadline: deadline) { continuation.resume(returning: $0) }
                }
            }
        } onCancel: {
            bound.eventLoop.execute { bound.value.transport.fail(MySQLErrors.cancelled) }
        }
        return MySQLConnection(
            bound: bound,
            configuration: configuration,
            endpoint: endpoint,
            facts: try outcome.get()
        )
    }

    /// Has the server end what another connection runs. The server takes that from any connection of the same user.
    private static func kill(
        _ id: UInt32,
        _ endpoint: WireEndpoint,
        _ configuration: MySQLConfiguration,
        _ tls: WireTLS?,
        _ makeLogin: @escaping @Sendable () -> LoginStateMachine,
        on eventLoop: any EventLoop,
        _ completion: @escaping () -> Void
    ) {
        let completion = NIOLoopBound(completion, eventLoop: eventLoop)
        let limit = configuration.cancelTimeout
        WireConnector.open(endpoint, timeout: limit, engine: MySQLErrors.engine, on: eventLoop) { transport in
            MySQLSession(transport: transport, login: makeLogin(), tls: tls, settings: configuration)
        }.whenComplete { result in
            guard case .success(let side) = result else { return completion.value() }
            let session = side.value
            session.start(deadline: .now() + TimeAmount(limit)) { outcome in
                guard case .success = outcome else { return completion.value() }
                let exchange = Exchange(.text("KILL QUERY \(id)"))
                exchange.onChange = { exchange in
                    guard exchange.isDone else { return false }
                    session.quit()
                    completion.value()
                    return true
                }
                session.submit(exchange, timeout: limit)
            }
        }
    }
}

extension MySQLSession {
    /// Waits for the login and sets the session up.
    func open(deadline: NIODeadline, _ completion: @escaping (Result<MySQLConnection.Facts, DatabaseError>) -> Void) {
        func give(up error: DatabaseError) {
            transport.close()
            completion(.failure(error))
        }
        start(deadline: deadline) { outcome in
            if case .failure(let error) = outcome { return give(up: error) }
            self.runText("SELECT @@sql_mode") { outcome in
                switch outcome {
                case .failure(let error): give(up: error)
                case .success(let batch):
                    if case .text(let mode)? = batch?.value(row: 0, column: 0) { self.sqlMode = mode }
                    self.runText(self.sessionSettings) { outcome in
                        if case .failure(let error) = outcome { return give(up: error) }
                        completion(.success(self.facts))
                    }
                }
            }
        }
    }

    private func runText(_ text: String, _ completion: @escaping (Result<RowBatch?, DatabaseError>) -> Void) {
        let exchange = Exchange(.text(text))
        exchange.onChange = { exchange in
            guard exchange.isDone else { return false }
            completion(exchange.error.map { .failure($0) } ?? .success(exchange.takeBatch()))
            return true
        }
        submit(exchange, timeout: settings.common.connectTimeout)
    }

    private var facts: MySQLConnection.Facts {
        MySQLConnection.Facts(
            flavour: flavour,
            serverVersion: greeting?.shortVersion ?? "",
            tlsVersion: security?.version,
            connectionID: greeting?.connectionID ?? 0,
            liveness: transport.liveness
        )
    }

    /// What the session is set to when it begins, and after a reset.
    var sessionSettings: String {
        settings.sessionSettings(
            mode: sqlMode,
            flavour,
            tracksSession: machine.capabilities.contains(.sessionTracking)
        )
    }

    var flavour: MySQLFlavour { greeting?.isMariaDB == true ? .mariadb : .mysql }
}
