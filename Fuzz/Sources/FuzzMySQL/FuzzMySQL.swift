import NIOCore
import Roost
import WireProtocol

@testable import RoostMySQL

/// Feeds bytes that a server may send to what reads them: the first byte chooses to what, the second how. Whatever they are, nothing
/// may trap, nothing may be believed that is not there, and what is read must be writable again.
func fuzzMySQL(_ input: UnsafeRawBufferPointer) {
    guard input.count > 3, input.count <= 4_096 else { return }
    let (choice, detail) = (input[0], input[1])
    let rest = UnsafeRawBufferPointer(rebasing: input[2...])
    switch choice % 8 {
    case 0: fuzzMySQLSession(Array(rest.dropFirst()), detail, capabilities: rest[0])
    case 1: fuzzMySQLSession(packets(UnsafeRawBufferPointer(rebasing: rest[1...])), detail, capabilities: rest[0])
    case 2: fuzzLogin(choice & 8 == 0 ? Array(rest) : packets(rest), detail)
    case 3: fuzzDefinition(rest, detail)
    case 4: fuzzValue(rest, detail, isBinary: true)
    case 5: fuzzValue(rest, detail, isBinary: false)
    case 6: fuzzSmallPackets(rest, detail)
    default: fuzzTemplate(rest, detail)
    }
}

/// Packets with true lengths and numbers: a size and a payload in turn, so that what the mutations change is what the packets say.
private func packets(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    var sequence: UInt8 = 1
    while index < bytes.count {
        let size = min(Int(bytes[index]), bytes.count - index - 1)
        result += [UInt8(size), 0, 0, sequence]
        result.append(contentsOf: bytes[(index + 1)..<(index + 1 + size)])
        sequence &+= 1
        index += 1 + size
    }
    return result
}

// MARK: The login

private func fuzzLogin(_ bytes: [UInt8], _ detail: UInt8) {
    var machine = LoginStateMachine(
        encryption: detail & 1 == 0 ? .none : .preferred,
        credentials: .init(
            user: "user",
            password: detail & 2 == 0 ? Secret("pencil") : nil,
            database: detail & 4 == 0 ? "" : "database",
            attributes: [("_client_name", "fuzz")],
            isLocal: detail & 8 != 0,
            allowsCleartext: detail & 16 != 0,
            allowsPublicKeyRetrieval: detail & 32 != 0,
            serverPublicKey: nil
        )
    )
    var rest = bytes[...]
    while !rest.isEmpty {
        guard let (used, action) = try? rest.withUnsafeBytes({ try machine.receive($0) }) else { return }
        guard used > 0, used <= rest.count else { fatalError("used more than there was") }
        rest = rest.dropFirst(used)
        switch action {
        case .send(let answer): checkSecret(answer, detail)
        case .startTLS(let answer):
            checkSecret(answer, detail)
            let security = WireSecurity(version: "TLSv1.3", serverEndPoint: [1, 2, 3])
            guard (try? machine.secured(security)) != nil else { return }
        case .ready: return
        case nil: break
        }
    }
}

/// Without TLS, and without a socket nobody can listen at, the password itself never leaves.
private func checkSecret(_ answer: ByteBuffer, _ detail: UInt8) {
    guard detail & 9 == 0 else { return }
    if String(decoding: answer.readableBytesView, as: UTF8.self).contains("pencil") {
        fatalError("a password was sent to whoever listens")
    }
}

// MARK: Definitions and packets that stand alone

private func fuzzDefinition(_ bytes: UnsafeRawBufferPointer, _ detail: UInt8) {
    guard let definition = ColumnDefinition(bytes, hasExtendedMetadata: detail & 1 != 0) else { return }
    guard definition.column.name.utf8.count <= bytes.count * 3 else { fatalError("a name longer than its packet") }
    guard definition.column.precision ?? 0 >= 0, definition.column.displaySize ?? 0 >= 0 else {
        fatalError("a column narrower than nothing")
    }
    // One row of zeros, and one of what the definition itself holds.
    for payload in [[UInt8](repeating: 0, count: 16), Array(bytes)] {
        var decoder = RowDecoder([definition.codec], isBinary: detail & 2 != 0, zeroDates: .text)
        if (try? payload.withUnsafeBytes({ try decoder.decodeRow($0) })) != nil {
            _ = decoder.takeBatch().value(row: 0, column: 0)?.text
        }
    }
}

private func fuzzSmallPackets(_ bytes: UnsafeRawBufferPointer, _ detail: UInt8) {
    switch detail % 6 {
    case 0: _ = OKPacket(bytes, tracksSession: detail > 127)
    case 1: _ = OKPacket(eof: bytes)
    case 2: _ = PrepareAnswer(bytes)
    case 3:
        guard let greeting = ServerGreeting(bytes) else { return }
        guard greeting.challenge.count <= 512 else { fatalError("a challenge longer than its length") }
        _ = (greeting.shortVersion, greeting.isMariaDB)
    case 4:
        _ = PasswordEncryption(publicKey: Array(bytes))?.maximumPasswordLength
    default:
        guard let packet = ErrorPacket(bytes) else { return }
        let engine = detail & 128 == 0 ? "mysql" : "mariadb"
        let error = MySQLErrors.error(packet, engine: engine)
        _ = (error.debugDescription, error.isRetryable)
        _ = MySQLErrors.position(code: 1_064, message: packet.message, in: "select 1 from\nselect 2")
    }
}

// MARK: Templates

private func fuzzTemplate(_ bytes: UnsafeRawBufferPointer, _ detail: UInt8) {
    let text = String(decoding: bytes, as: UTF8.self)
    let traits = StatementTraits(text)
    _ = StatementTraits.isRollback(text)
    if traits.isInsert, !traits.isPreparable { fatalError("an INSERT that is not prepared") }
    guard let template = try? Statement(template: text, dialect: .mysql) else { return }
    let width = detail & 1 == 0 ? template.parameterCount : Int(detail >> 1)
    guard var insert = MultiRowInsert(template, width: width) else { return }
    for rows in [1, 16, 5_000] {
        let size = insert.size(for: rows)
        guard size >= 1, size <= rows, size == 1 || size * width <= 65_535 else { fatalError("too many rows at once") }
        guard size <= 128, let several = try? Statement(template: insert.statement(rows: size).text, dialect: .mysql)
        else { continue }
        guard several.parameterCount == size * width else { fatalError("rows lost a parameter") }
    }
}
