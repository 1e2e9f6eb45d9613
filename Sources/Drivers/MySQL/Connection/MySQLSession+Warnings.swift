import NIOCore
public import Roost
import WireProtocol

/// What statements have the server warn of.
extension MySQLSession {
    /// As many as MySQL keeps; each has 512 bytes at most.
    static let maximumWarnings = 1_024
    /// How long asking may take.
    private static let limit = Duration.seconds(10)

    /// Asks for the warnings of a statement that has ended, before anything else is sent; whoever waits for the statement is told
    /// afterwards. False when there is nothing to ask for.
    func askForWarnings(_ exchange: Exchange) -> Bool {
        guard exchange.warningCount > 0, exchange.error == nil, exchange.interruption == nil,
            !exchange.hasAskedWarnings,
            closeError == nil, !needsDraining, !isKilling
        else { return false }
        // Whether a load was done as it was meant, its warnings alone tell.
        if case .load = exchange.request {} else if !settings.fetchesWarnings || exchange.isOwn { return false }
        exchange.hasAskedWarnings = true
        exchange.awaitsWarnings = true
        let question = Self.makeQuestion()
        question.onChange = { question in
            guard question.isDone else { return false }
            exchange.warnings = self.notices(question)
            exchange.awaitsWarnings = false
            exchange.wake()
            return true
        }
        let deadline = NIODeadline.now() + TimeAmount(Self.limit)
        question.deadline = deadline
        question.timeout = Self.limit
        transport.schedule(deadline)
        machine.prepend(question)
        sendNext()
        return true
    }

    /// The question, with room for the whole answer: nobody takes its rows before they are all there.
    static func makeQuestion() -> Exchange {
        let question = Exchange(.diagnostics, batchBytes: 16 << 20)
        question.isShielded = true
        return question
    }

    /// The warnings in the answer. Values are left out, as they are of errors.
    func notices(_ question: Exchange) -> [Notice] {
        var notices: [Notice] = []
        while let batch = question.takeBatch() {
            for row in 0..<batch.rowCount where batch.columnCount >= 3 {
                guard case .text(let level)? = batch.value(row: row, column: 0),
                    case .text(let message)? = batch.value(row: row, column: 2)
                else { continue }
                var code: UInt16 = 0
                switch batch.value(row: row, column: 1) {
                case .int(let number)?: code = UInt16(clamping: number)
                case .uint(let number)?: code = UInt16(clamping: number)
                default: break
                }
                notices.append(Notice(severity: level, code: String(code), message: safe(message, code)))
            }
        }
        return notices
    }

    private func safe(_ message: String, _ code: UInt16) -> String {
        MySQLErrors.error(code: code, sqlState: nil, message: message, engine: flavour.rawValue).message
    }
}

extension MySQLConnection {
    /// What the server has to say of the statement before: all of it, notes too. For a connection that does not ask by itself
    /// (`warnings=false`); the servers forget it with the next statement.
    ///
    /// - Throws: `operational.connectionLost` and what else the server says.
    public func lastWarnings() async throws(DatabaseError) -> [Notice] {
        try checkOpen()
        let question = MySQLSession.makeQuestion()
        session.submit(question, timeout: .seconds(10))
        await question.wait(isolation: self) { $0.isDone }
        if let error = question.error { throw session.outcome(error, question) }
        return session.notices(question)
    }

    /// What the server told of the session's state: the default database, variables, the open transaction.
    public var sessionState: MySQLSessionState { session.machine.sessionState }
}
