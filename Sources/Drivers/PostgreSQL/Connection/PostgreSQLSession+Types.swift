import NIOCore
import Roost
import WireProtocol

extension PostgreSQLSession {
    /// Asks for the database's own types if they are not known, ahead of a statement that is about to be prepared and in the same
    /// packet. The server answers in order, so that they are known when the statement's columns are described.
    ///
    /// A statement's `timeout` cannot end before what was sent ahead of it; so this does not take much longer than that.
    func loadTypes(ahead timeout: Duration?) {
        let types = machine.types
        guard !types.isCurrent, !isLoadingTypes, machine.transactionStatus != UInt8(ascii: "E") else { return }
        isLoadingTypes = true
        let exchange = Exchange(script: Exchange.Script(isSimple: true), batchBytes: 1 << 26)
        // A cancellation is meant for a statement of the user's.
        exchange.isShielded = true
        transport.write { $0.writeQuery(TypeCatalogue.query) }
        exchange.loadsTypes = true
        exchange.onChange = { [weak self] exchange in
            if exchange.isDone { self?.isLoadingTypes = false }
            return exchange.isDone
        }
        let limit = min(
            settings.common.connectTimeout,
            (timeout ?? .seconds(3_600)) + PostgreSQLConnection.tidyingLimit
        )
        exchange.timeout = limit
        exchange.deadline = NIODeadline.now() + TimeAmount(limit)
        machine.enqueue(exchange)
        if let deadline = exchange.deadline { transport.schedule(deadline) }
    }
}
