import NIOCore
import Roost
import WireProtocol

/// A connection's inside: drives the state machines with what the transport brings, and tells who waits. Confined to the event loop.
///
/// Requests are answered one after the other: the next one is sent when the one before it has ended.
final class MySQLSession: WireSession {
    let transport: WireTransport
    let settings: MySQLConfiguration
    var machine = MySQLStateMachine()
    var cache: StatementCache
    /// Statements that left the cache and are still on the server.
    private var idsToClose: [UInt32] = []
    private var login: LoginStateMachine?
    private let tls: WireTLS?
    private var onLogin: ((Result<Void, DatabaseError>) -> Void)?
    private(set) var greeting: ServerGreeting?
    private(set) var security: WireSecurity?
    /// Why the connection is gone; nil while it is there.
    private(set) var closeError: DatabaseError?
    /// Asks the server, over another connection, to end what runs here; calls back once that is done.
    var sendKill: ((UInt32, @escaping () -> Void) -> Void)?
    /// Whether a kill is on its way: nothing is sent meanwhile, lest it be hit.
    private var isKilling = false
    /// Whether a kill may still hit what runs next.
    private var needsDraining = false
    /// The server's `sql_mode`, as it was at the login.
    var sqlMode = ""
    /// Whether something may have been left behind in the session since it was last reset.
    var isDirty = false

    /// Bytes of an abandoned result that are read and dropped before the server is asked to stop.
    private static let abandonedBytes = 1 << 16

    init(transport: WireTransport, login: LoginStateMachine, tls: WireTLS?, settings: MySQLConfiguration) {
        self.transport = transport
        self.login = login
        self.tls = tls
        self.settings = settings
        cache = StatementCache(capacity: settings.common.statementCacheCapacity)
        machine.zeroDates = settings.zeroDates
    }

    // MARK: The login

    /// Calls back once the login is over.
    func start(deadline: NIODeadline, _ completion: @escaping (Result<Void, DatabaseError>) -> Void) {
        if let closeError { return completion(.failure(closeError)) }
        guard login != nil else { return completion(.success(())) }
        onLogin = completion
        transport.schedule(deadline)
    }

    private func finishLogin(_ outcome: Result<Void, DatabaseError>) {
        login = nil
        let completion = onLogin
        onLogin = nil
        completion?(outcome)
    }

    private func perform(_ action: LoginStateMachine.Action) throws(DatabaseError) {
        switch action {
        case .send(var bytes):
            transport.write { $0.writeBuffer(&bytes) }
            transport.flush()
        case .startTLS(var bytes):
            guard let tls else { throw MySQLErrors.violation("TLS without settings for it") }
            transport.write { $0.writeBuffer(&bytes) }
            transport.flush()
            try transport.startTLS(tls)
        case .ready:
            guard let login else { return }
            greeting = login.greeting
            security = login.security
            machine.capabilities = login.capabilities
            machine.engine = flavour.rawValue
            finishLogin(.success(()))
        }
    }

    func secured(_ security: WireSecurity) {
        do throws(DatabaseError) {
            if let action = try login?.secured(security) { try perform(action) }
        } catch {
            transport.fail(error)
        }
    }

    // MARK: Reading

    var isFull: Bool { machine.isFull }

    func receive(_ bytes: UnsafeRawBufferPointer) throws(DatabaseError) -> Int {
        var used = 0
        while login != nil {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            guard let (count, action) = try login?.receive(rest) else { return used }
            used += count
            guard let action else { continue }
            if case .startTLS = action {
                // What follows the greeting belongs to the handshake, never to us.
                guard used == bytes.count else { throw MySQLErrors.violation("data before the TLS handshake") }
                try perform(action)
                return used
            }
            try perform(action)
        }
        return used + (try machine.receive(UnsafeRawBufferPointer(rebasing: bytes[used...])))
    }

    func receiveCompleted() {
        if let head = machine.head, head.interruption == .abandoned { killHead() }
        while !machine.events.isEmpty {
            var events: [MySQLStateMachine.Event] = []
            swap(&events, &machine.events)
            for event in events { handle(event) }
            events.removeAll(keepingCapacity: true)
            if machine.events.isEmpty { swap(&events, &machine.events) }
        }
    }

    private func handle(_ event: MySQLStateMachine.Event) {
        switch event {
        case .changed(let exchange):
            if exchange.isDone {
                settle(exchange)
                // First the next request, then whoever waits for this one: the server need not wait for them.
                sendNext()
            }
            exchange.wake()
        case .prepared(let exchange): execute(exchange)
        case .refused(let statement): cache.remove(statement)
        case .fileAskedFor:
            transport.fail(MySQLErrors.violation("a request for a file of this machine, which nobody offered"))
        }
    }

    func disconnected(_ error: DatabaseError) {
        closeError = closeError ?? error
        finishLogin(.failure(error))
        machine.failAll(error)
        receiveCompleted()
    }

    // MARK: Requests

    /// Puts a request into the queue.
    func submit(_ exchange: Exchange, timeout: Duration?) {
        if let timeout {
            let deadline = NIODeadline.now() + TimeAmount(timeout)
            exchange.deadline = deadline
            exchange.timeout = timeout
            transport.schedule(deadline)
        }
        machine.enqueue(exchange)
        if machine.count == 1 {
            sendNext()
            receiveCompleted()
        } else {
            // With others waiting, a result that nobody reads is read on.
            transport.resume()
        }
    }

    /// Sends the first request that waits, unless another one runs.
    private func sendNext() {
        while let head = machine.head, head.stage == .queued, !isKilling {
            if needsDraining {
                needsDraining = false
                let drain = Exchange(.text("DO 0"))
                drain.isShielded = true
                machine.prepend(drain)
                continue
            }
            if let closeError { return machine.failHead(closeError) }
            if let error = reasonAgainst(head) {
                machine.failHead(error)
                continue
            }
            do throws(DatabaseError) {
                try send(head)
                return
            } catch {
                machine.failHead(error)
            }
        }
    }

    /// Why a request must not run.
    private func reasonAgainst(_ exchange: Exchange) -> DatabaseError? {
        switch exchange.interruption {
        case .timeout: return MySQLErrors.timeout(exchange.timeout)
        case .cancelled, .abandoned: return MySQLErrors.cancelled
        case nil: break
        }
        guard machine.isTransactionLost, !exchange.isShielded else { return nil }
        if let text = exchange.text, StatementTraits.isRollback(text) { return nil }
        return DatabaseError(
            .operational,
            .transactionAborted,
            "The server rolled the transaction back after a deadlock; nothing runs before it is ended here too.",
            hint: "Roll back and run the whole transaction again; withTransaction(retry:) does both.",
            sqlState: "25P02",
            engine: MySQLErrors.engine
        )
    }

    private func send(_ exchange: Exchange) throws(DatabaseError) {
        writeClosings()
        switch exchange.request {
        case .ping: write(exchange, .response) { $0.writeInteger(Command.ping) }
        case .reset:
            cache.removeAll()
            write(exchange, .response) { $0.writeInteger(Command.resetConnection) }
        case .text(let text):
            try checkText(text)
            if StatementTraits(text).mayChangeSession { isDirty = true }
            writeQuery(text, exchange)
        case .statement(let statement):
            let traits = StatementTraits(statement.text)
            if traits.isEmpty { throw MySQLErrors.empty }
            if statement.parameters.isEmpty, statement.parameterCount == 0, !traits.isPreparable {
                if traits.mayChangeSession { isDirty = true }
                let text = try rendered(statement, parameters: 0).rendered(for: settings.dialect)
                try checkText(text)
                exchange.isTextual = true
                return writeQuery(text, exchange)
            }
            try prepare(statement, parameters: statement.parameters.count, exchange)
        case .batch(let template, let rows): try prepare(template, parameters: rows.columnCount, exchange)
        case .rows(let statement, let rows, let range):
            try prepare(statement, parameters: rows.columnCount * range.count, exchange)
        case .describe(let template): try prepare(template, parameters: nil, exchange)
        }
    }

    private func prepare(_ source: Statement, parameters: Int?, _ exchange: Exchange) throws(DatabaseError) {
        let key = StatementKey(source)
        if let known = cache.find(key) {
            exchange.statement = known
            machine.begin(.response)
            if case .describe = exchange.request { return machine.endHead() }
            return try writeExecution(exchange)
        }
        let text = try rendered(source, parameters: parameters).rendered(for: settings.dialect)
        try checkText(text)
        let statement = ServerStatement(key: key, text: text)
        exchange.statement = statement
        write(exchange, .prepare) { buffer in
            buffer.writeInteger(Command.prepare)
            buffer.writeString(text)
        }
    }

    /// A literal template holds bare placeholders, which only the lexer can tell from operators.
    private func rendered(_ source: Statement, parameters: Int?) throws(DatabaseError) -> Statement {
        guard source.marks.isEmpty, parameters != 0 || source.text.utf8.contains(UInt8(ascii: "?")) else {
            return source
        }
        let statement = try Statement(template: source.text, dialect: settings.dialect)
        if let parameters, statement.parameterCount != parameters {
            throw Self.parameterCount(expected: statement.parameterCount, given: parameters, text: source.text)
        }
        return statement
    }

    /// The server has the statement: it may be run.
    private func execute(_ exchange: Exchange) {
        guard machine.head === exchange, let statement = exchange.statement else { return }
        keep(statement)
        if exchange.interruption != nil, let error = reasonAgainst(exchange) { return machine.failHead(error) }
        do throws(DatabaseError) {
            try writeExecution(exchange)
        } catch {
            machine.failHead(error)
            sendNext()
        }
    }

    private func keep(_ statement: ServerStatement) {
        if cache.capacity == 0 { return idsToClose.append(statement.id) }
        if let evicted = cache.insert(statement) {
            evicted.state = .gone
            idsToClose.append(evicted.id)
        }
    }

    private func writeExecution(_ exchange: Exchange) throws(DatabaseError) {
        guard let statement = exchange.statement else { return }
        if statement.mayChangeSession { isDirty = true }
        switch exchange.request {
        case .statement(let source):
            try Self.checkCount(statement, given: source.parameters.count)
            exchange.definitions = []
            var sequence: UInt8 = 0
            try transport.write { (buffer) throws(DatabaseError) in
                try buffer.writePacket(sequence: &sequence) { (buffer) throws(DatabaseError) in
                    buffer.writeExecuteHead(statement.id)
                    try ParameterEncoding.write(source.parameters, to: &buffer)
                }
            }
        case .batch(_, let rows):
            try Self.checkCount(statement, given: rows.columnCount)
            try writeBatch(rows, statement, exchange)
        case .rows(_, let rows, let range):
            try Self.checkCount(statement, given: rows.columnCount * range.count)
            try writeRows(rows, range, statement)
        default: return
        }
        machine.begin(.response)
        transport.flush()
    }

    private func writeClosings() {
        guard !idsToClose.isEmpty else { return }
        for id in idsToClose {
            var sequence: UInt8 = 0
            transport.write { buffer in
                buffer.writePacket(sequence: &sequence) { buffer in
                    buffer.writeInteger(Command.closeStatement)
                    buffer.writeInteger(id, endianness: .little)
                }
            }
        }
        idsToClose.removeAll(keepingCapacity: true)
    }

    private func writeQuery(_ text: String, _ exchange: Exchange) {
        write(exchange, .response) { buffer in
            buffer.writeInteger(Command.query)
            buffer.writeString(text)
        }
    }

    private func write(_ exchange: Exchange, _ stage: Exchange.Stage, _ body: (inout ByteBuffer) -> Void) {
        var sequence: UInt8 = 0
        transport.write { $0.writePacket(sequence: &sequence, body) }
        machine.begin(stage)
        transport.flush()
    }

    private func checkText(_ text: String) throws(DatabaseError) {
        guard text.utf8.count < MySQLStateMachine.maximumPayload else {
            throw DatabaseError(
                .programming,
                .invalidStatement,
                "The statement's text is longer than 1 GiB.",
                engine: MySQLErrors.engine
            )
        }
    }

    private static func checkCount(_ statement: ServerStatement, given: Int) throws(DatabaseError) {
        guard given != statement.parameterCount else { return }
        throw parameterCount(expected: statement.parameterCount, given: given, text: statement.text)
    }

    private static func parameterCount(expected: Int, given: Int, text: String) -> DatabaseError {
        DatabaseError(
            .programming,
            .parameterMismatch,
            "The statement has \(expected) parameters, but \(given) values were given.",
            hint: "Give one value per placeholder.",
            sqlState: "07001",
            engine: MySQLErrors.engine
        ).inStatement(text)
    }

    // MARK: Ending statements

    func deadlineReached(_ now: NIODeadline) {
        if login != nil {
            let error = DatabaseError(
                .operational,
                .cannotConnect,
                "The server did not finish the login in time.",
                hint: "It may be overloaded; connect_timeout sets how long to wait.",
                sqlState: "08001",
                engine: MySQLErrors.engine
            )
            return transport.fail(error)
        }
        var next: NIODeadline?
        var isStuck = false
        var expired: [Exchange] = []
        machine.forEach { exchange in
            guard let deadline = exchange.deadline else { return }
            if deadline > now {
                next = min(next ?? deadline, deadline)
            } else if exchange.isShielded || exchange.interruption != nil {
                // Its time begins when its turn comes.
                if exchange.stage == .queued, let timeout = exchange.timeout {
                    exchange.deadline = now + TimeAmount(timeout)
                    next = min(next ?? now + TimeAmount(timeout), now + TimeAmount(timeout))
                } else {
                    isStuck = true
                }
            } else {
                expired.append(exchange)
            }
        }
        if isStuck {
            return transport.fail(
                DatabaseError(
                    .operational,
                    .connectionLost,
                    "The server did not react in time; the connection was given up.",
                    hint: "The server or the network may be down.",
                    sqlState: "08006",
                    engine: MySQLErrors.engine
                )
            )
        }
        for exchange in expired { interrupt(exchange, .timeout) }
        receiveCompleted()
        if let next { transport.schedule(next) }
    }

    /// Ends a request: the server is asked to if it runs, otherwise it does not begin.
    func interrupt(_ exchange: Exchange, _ reason: Exchange.Interruption) {
        guard !exchange.isDone, !exchange.isShielded, exchange.interruption == nil else { return }
        exchange.interruption = reason
        guard exchange.stage == .queued else { return killHead() }
        guard let error = reasonAgainst(exchange) else { return }
        machine.fail(exchange, error)
        receiveCompleted()
    }

    /// Ends whatever runs now.
    func interruptCurrent() {
        if let head = machine.head { interrupt(head, .cancelled) }
    }

    /// The consumer of a result will not read further.
    func abandon(_ exchange: Exchange) {
        guard !exchange.isDone else { return }
        exchange.passesOverRows = true
        exchange.decoder = nil
        exchange.dropRows()
        exchange.interruption = exchange.interruption ?? .abandoned
        transport.resume()
    }

    private func killHead() {
        guard let head = machine.head, head.interruption != nil, !head.cancelWasSent, head.stage != .queued else {
            return
        }
        if head.interruption == .abandoned, head.passedOverBytes < Self.abandonedBytes { return }
        head.cancelWasSent = true
        let deadline = NIODeadline.now() + TimeAmount(settings.cancelTimeout)
        head.deadline = deadline
        transport.schedule(deadline)
        // Rows nobody fetches must not keep the answer from being read.
        if !head.passesOverRows, head.decoder != nil { head.isCutShort = true }
        head.passesOverRows = true
        head.decoder = nil
        guard let id = greeting?.connectionID, let sendKill else { return }
        isKilling = true
        needsDraining = true
        sendKill(id) {
            self.isKilling = false
            self.sendNext()
            self.receiveCompleted()
        }
        transport.resume()
    }

    /// A request has ended: was it cut short?
    private func settle(_ exchange: Exchange) {
        guard exchange.error == nil, exchange.isCutShort else { return }
        exchange.error =
            exchange.interruption == .timeout ? MySQLErrors.timeout(exchange.timeout) : MySQLErrors.cancelled
    }

    /// What the caller is told.
    func outcome(_ error: DatabaseError, _ exchange: Exchange) -> DatabaseError {
        var result = error
        if error.condition == .cancelled {
            switch exchange.interruption {
            case .timeout: result = MySQLErrors.timeout(exchange.timeout)
            case .cancelled, .abandoned: result = MySQLErrors.cancelled
            case nil: break
            }
        }
        result = result.reported(by: flavour.rawValue)
        return result.statement == nil ? exchange.text.map { result.inStatement($0) } ?? result : result
    }

    func checkOpen() throws(DatabaseError) {
        guard let error = closeError else { return }
        throw error.condition == .connectionClosed
            ? error
            : DatabaseError(
                .operational,
                .connectionLost,
                "The connection was lost earlier: \(error.message)",
                hint: "Open a new connection to go on.",
                sqlState: "08003",
                engine: MySQLErrors.engine
            )
    }
}
