import Roost
import WireProtocol

@testable import RoostPostgreSQL

/// Feeds bytes that a server may send to what reads them: the first byte chooses to what, the second how. Whatever they are, nothing
/// may trap, nothing may be believed that is not there, and what is read must be writable again.
func fuzzPostgreSQL(_ input: UnsafeRawBufferPointer) {
    guard input.count > 2, input.count <= 4_096 else { return }
    let (choice, detail) = (input[0], input[1])
    let rest = UnsafeRawBufferPointer(rebasing: input[2...])
    switch choice % 9 {
    case 0: fuzzSession(Array(rest), detail)
    case 1: fuzzSession(framed(rest), detail)
    case 2: fuzzStartup(choice & 8 == 0 ? Array(rest) : framed(rest), detail)
    case 3: fuzzCell(rest, detail, isBinary: true)
    case 4: fuzzCell(rest, detail, isBinary: false)
    case 5: fuzzError(rest)
    case 6: fuzzSCRAM(rest, detail)
    case 7: fuzzCopy(rest, detail)
    default: fuzzOwnType(rest, detail)
    }
}

/// Messages with true lengths: tag, size and body in turn, so that what the mutations change is what the messages say.
private func framed(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index + 1 < bytes.count {
        let size = min(Int(bytes[index + 1]), bytes.count - index - 2)
        result.append(bytes[index])
        withUnsafeBytes(of: Int32(size + 4).bigEndian) { result.append(contentsOf: $0) }
        result.append(contentsOf: bytes[(index + 2)..<(index + 2 + size)])
        index += 2 + size
    }
    return result
}

// MARK: The session

private func statement(_ number: UInt8) -> ServerStatement {
    ServerStatement(name: "s\(number)", source: Statement(unsafe: "select 1"), text: "select 1", parameterTypes: [])
}

private func fuzzSession(_ bytes: [UInt8], _ detail: UInt8) {
    var machine = PostgreSQLStateMachine()
    var exchanges: [Exchange] = []
    for number in 0..<(1 + detail >> 6) {
        let kind = detail >> (number * 2) & 3
        let exchange =
            switch kind {
            case 0: Exchange(script: .init(isSimple: true))
            case 1: Exchange(script: .init(parses: true, describes: true, executions: 1), statement: statement(number))
            case 2:
                Exchange(
                    script: .init(closes: 1, parses: true, describes: true, executions: 3),
                    statement: statement(number)
                )
            default: Exchange(script: .init(parses: true, describes: true), statement: statement(number))
            }
        exchange.batchBytes = 1_024
        exchange.copies = kind == 0 && detail & 32 != 0
        exchange.copied.isGathered = detail & 64 != 0
        if detail & 16 != 0 { exchange.codecs = [ColumnCodec(PostgreSQLType(1231).facts, isBinary: true)] }
        exchanges.append(exchange)
        machine.enqueue(exchange)
    }
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
        for exchange in exchanges { look(exchange) }
        machine.events.removeAll()
    }
    machine.failAll(PostgreSQLErrors.closed)
    for exchange in exchanges where !exchange.isDone { fatalError("a request was left without an end") }
}

private func look(_ exchange: Exchange) {
    guard exchange.notices.count <= 1_000 else { fatalError("more notices than are kept") }
    while let batch = exchange.takeBatch() { look(batch) }
    while exchange.copied.isDue, let piece = exchange.copied.next() {
        guard !piece.isEmpty else { fatalError("a piece without data was handed out") }
    }
    guard !exchange.copied.isFull else { fatalError("nobody is to be woken, and yet there is no room") }
    if exchange.isDone { exchange.copied.removeAll() }
    _ = exchange.summary
    _ = exchange.error?.debugDescription
}

private func look(_ batch: RowBatch) {
    for row in 0..<min(batch.rowCount, 64) {
        for column in 0..<min(batch.columnCount, 64) { _ = batch.value(row: row, column: column)?.text }
    }
}

private func fuzzStartup(_ bytes: [UInt8], _ detail: UInt8) {
    guard !asksForManyRounds(bytes) else { return }
    var machine = StartupStateMachine(
        encryption: detail & 1 == 0 ? .none : .preferred,
        login: .init(
            user: "user",
            password: detail & 2 == 0 ? Secret("pencil") : nil,
            parameters: [("user", "user")],
            channelBinding: detail & 4 == 0 ? .prefer : .require,
            allowsCleartext: detail & 8 == 0,
            keys: SCRAMKeyCache()
        )
    )
    _ = machine.connected()
    var rest = bytes[...]
    while !rest.isEmpty {
        guard let (used, action) = try? rest.withUnsafeBytes({ try machine.receive($0) }), used > 0 else { return }
        guard used <= rest.count else { fatalError("used more than there was") }
        rest = rest.dropFirst(used)
        switch action {
        case .startTLS:
            if case .send? = machine.secured(WireSecurity(version: "TLSv1.3", serverEndPoint: [1, 2, 3])) {}
        case .ready: return
        default: break
        }
    }
}

// MARK: Cells

private let types: [UInt32] = [
    16, 17, 20, 21, 23, 25, 26, 114, 700, 701, 1042, 1082, 1083, 1114, 1184, 1186, 1266, 1700, 2950, 3802, 600, 3904,
    1000, 1001, 1005, 1007, 1009, 1016, 1021, 1022, 1115, 1182, 1183, 1185, 1187, 1231, 1270, 199, 2951, 3807, 1017,
    3905,
]

private func decode(_ bytes: UnsafeRawBufferPointer, _ codec: ColumnCodec) -> Value? {
    var builder = RowBatchBuilder(columnCount: 1)
    do {
        if codec.isBinary {
            try RowDecoder.appendBinary(bytes, codec, to: &builder)
        } else {
            try RowDecoder.appendText(bytes, codec, to: &builder)
        }
        try builder.endRow()
    } catch {
        return nil
    }
    return builder.takeBatch().value(row: 0, column: 0)
}

private func fuzzCell(_ bytes: UnsafeRawBufferPointer, _ detail: UInt8, isBinary: Bool) {
    let type = PostgreSQLType(types[Int(detail) % types.count])
    guard let value = decode(bytes, ColumnCodec(type.facts, isBinary: isBinary)) else { return }
    _ = value.text
    writeAgain(value, type)
}

/// What was read is bound and copied again without harm; where both sides are binary, it comes back the same.
private func writeAgain(_ value: Value, _ type: PostgreSQLType) {
    let own = ParameterEncoding.type(of: value)
    var buffer = BindBuffer()
    guard (try? ParameterEncoding.write(value, as: own, to: &buffer.bytes)) != nil else { return }
    guard own == type, ParameterEncoding.isBinary(own),
        let again = buffer.value(ColumnCodec(type.facts, isBinary: true))
    else { return }
    if again != value, "\(again)" != "\(value)" {
        fatalError("a value of type \(type.rawValue) changed on its way back")
    }
}

// MARK: Errors, logins, copies

private func fuzzError(_ bytes: UnsafeRawBufferPointer) {
    guard let message = ServerMessage(bytes) else { return }
    let error = PostgreSQLErrors.error(message)
    _ = error.debugDescription
    _ = error.isRetryable
    _ = PostgreSQLErrors.notice(message)
}

/// Hashing thousands of rounds would leave no time for anything else.
private func asksForManyRounds(_ bytes: [UInt8]) -> Bool {
    var digits = 0
    for byte in bytes {
        digits = byte &- 48 < 10 ? digits + 1 : 0
        if digits > 2 { return true }
    }
    return false
}

private func fuzzSCRAM(_ bytes: UnsafeRawBufferPointer, _ detail: UInt8) {
    let message = Array(bytes)
    guard !asksForManyRounds(message) else { return }
    var client = SCRAMClient(
        user: "u,s=r",
        password: Secret("pencil"),
        binding: detail & 1 == 0 ? .unsupported : .serverEndPoint([1, 2, 3]),
        nonce: "n",
        keys: SCRAMKeyCache(),
        engine: "fuzz"
    )
    if detail & 2 == 0 { _ = client.start() }
    let halves = message.split(separator: 0, maxSplits: 1)
    for half in halves {
        if (try? client.respond(to: Array(half))) == nil { _ = try? client.finish(Array(half)) }
    }
    if client.isDone { fatalError("a server that does not know the password was believed") }
}

private func fuzzCopy(_ bytes: UnsafeRawBufferPointer, _ detail: UInt8) {
    let text = String(decoding: bytes, as: UTF8.self)
    if detail & 1 == 0, let number = BigDecimal(text), number.description.utf8.count < 3_000 {
        var buffer = BindBuffer()
        CopyEncoding.writeNumeric(number, to: &buffer.bytes)
        guard let again = buffer.value(ColumnCodec(PostgreSQLType.numeric.facts, isBinary: true)) else {
            fatalError("a copied number cannot be read")
        }
        guard again == .decimal(number) || number.isFinite == false else { fatalError("a copied number changed") }
        return
    }
    // Any value into any column: refused, or written.
    let source = PostgreSQLType(types[Int(detail >> 1) % types.count])
    guard let first = bytes.first else { return }
    let target = PostgreSQLType(types[Int(first) % types.count])
    let value = decode(UnsafeRawBufferPointer(rebasing: bytes.dropFirst()), ColumnCodec(source.facts, isBinary: true))
    guard let value, CopyEncoding.supports([target]) else { return }
    var builder = RowBatchBuilder(columnCount: 1)
    builder.append(value)
    guard (try? builder.endRow()) != nil else { return }
    var buffer = BindBuffer()
    try? CopyEncoding(types: [target]).write(builder.takeBatch(), to: &buffer.bytes)
}
