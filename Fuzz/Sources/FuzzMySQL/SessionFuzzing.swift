import Roost

@testable import RoostMySQL

/// What a session does with its state machine, without a socket: requests of all kinds, each begun when its turn comes.
func fuzzMySQLSession(_ bytes: [UInt8], _ detail: UInt8, capabilities: UInt8) {
    var agreed: ClientCapabilities = []
    if capabilities & 1 == 0 { agreed.insert(.deprecateEOF) }
    if capabilities & 2 != 0 { agreed.insert(.extendedMetadata) }
    if capabilities & 4 != 0 { agreed.insert(.cachedMetadata) }
    var machine = MySQLStateMachine(capabilities: agreed)
    machine.engine = capabilities & 8 == 0 ? "mysql" : "mariadb"
    machine.zeroDates = [.error, .null, .text][Int(capabilities >> 4) % 3]
    var exchanges: [Exchange] = []
    for number in 0..<(1 + Int(detail >> 6)) {
        let exchange = request(detail >> (UInt8(number) * 2) & 3, number)
        exchange.passesOverRows = capabilities & 128 != 0
        exchanges.append(exchange)
        machine.enqueue(exchange)
    }
    send(&machine)
    // In pieces, as sockets deliver them.
    let piece = [1, 3, 17, 4_096][Int(detail & 3)]
    var unread: [UInt8] = []
    var taken = 0
    while taken < bytes.count {
        let next = min(taken + piece, bytes.count)
        unread += bytes[taken..<next]
        taken = next
        guard let used = try? unread.withUnsafeBytes({ try machine.receive($0) }) else { break }
        guard used >= 0, used <= unread.count else { fatalError("used more than there was") }
        unread.removeFirst(used)
        act(&machine)
        for exchange in exchanges { look(exchange) }
    }
    machine.failAll(MySQLErrors.closed)
    for exchange in exchanges where !exchange.isDone { fatalError("a request was left without an end") }
}

private func request(_ kind: UInt8, _ number: Int) -> Exchange {
    let source = Statement(unsafe: "select \(number)")
    let request: Exchange.Request =
        switch kind {
        case 0: .text(source.text)
        case 1: .statement(source)
        case 2: .batch(source, rows)
        default: .describe(source)
        }
    let exchange = Exchange(request, batchBytes: 1_024)
    if kind > 0 { exchange.statement = ServerStatement(key: StatementKey(source), text: source.text) }
    if kind == 2 { exchange.executionsLeft = rows.rowCount }
    return exchange
}

private let rows: RowBatch = {
    var builder = RowBatchBuilder(columnCount: 1)
    for number in 0..<3 {
        builder.append(Int64(number))
        try? builder.endRow()
    }
    return builder.finish()
}()

/// Begins the first request, if it has not begun.
private func send(_ machine: inout MySQLStateMachine) {
    guard let head = machine.head, head.stage == .queued else { return }
    machine.begin(head.statement?.state == .preparing ? .prepare : .response)
}

private func act(_ machine: inout MySQLStateMachine) {
    while !machine.events.isEmpty {
        let events = machine.events
        machine.events.removeAll()
        for event in events {
            if case .prepared(let exchange) = event, machine.head === exchange { machine.begin(.response) }
            send(&machine)
        }
    }
}

private func look(_ exchange: Exchange) {
    while let batch = exchange.takeBatch() {
        for row in 0..<min(batch.rowCount, 64) {
            for column in 0..<min(batch.columnCount, 64) { _ = batch.value(row: row, column: column)?.text }
        }
    }
    guard exchange.batchedBytes >= 0 else { fatalError("more was taken than came") }
    _ = exchange.summary
    _ = exchange.error?.debugDescription
    // On to the next result, as a consumer does.
    if let part = exchange.firstPart, part.isEnded { exchange.dropFirstPart() }
}
