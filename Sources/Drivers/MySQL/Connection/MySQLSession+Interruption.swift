import NIOCore
import Roost
import WireProtocol

/// Ending requests before their time.
extension MySQLSession {
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
        if exchange.isPaused {
            machine.endPaused(exchange)
            return receiveCompleted()
        }
        exchange.passesOverRows = true
        exchange.decoder = nil
        exchange.dropRows()
        exchange.interruption = exchange.interruption ?? .abandoned
        transport.resume()
    }

    func killHead() {
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
        guard let id = greeting?.connectionID, let sendKill else { return transport.resume() }
        isKilling = true
        needsDraining = true
        sendKill(id) {
            self.isKilling = false
            self.sendNext()
            self.receiveCompleted()
            self.transport.resume()
        }
    }

    /// A request has ended: was it cut short?
    func settle(_ exchange: Exchange) {
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
}
