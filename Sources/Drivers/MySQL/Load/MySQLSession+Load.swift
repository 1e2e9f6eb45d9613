import NIOCore
import Roost
import WireProtocol

/// Data for the server to load (`Protocol::LOCAL_INFILE_Request`): packets of it, and an empty one at its end.
extension MySQLSession {
    /// Bytes of one packet of data: less than any server's `max_allowed_packet` worth its name.
    private static let dataBytes = 1 << 19

    /// The server asks for a file: it gets what a caller supplied for this very statement, or nothing.
    func fileAskedFor(_ exchange: Exchange, _ name: String) {
        guard machine.head === exchange, exchange.stage == .response else { return }
        let sequence = machine.sequenceOfAnswer()
        if case .load(_, let file) = exchange.request, file == name, !exchange.isDataAwaited, !exchange.hasDataEnded {
            exchange.dataSequence = sequence
            exchange.isDataAwaited = true
            if exchange.interruption != nil { endData(exchange) }
            return exchange.wake()
        }
        // What was sent ahead would be taken for the file's contents.
        guard exchange.executionsLeft <= 1, !exchange.hasRefusedFile else {
            return transport.fail(MySQLErrors.violation("a request for a file of this machine, which nobody offered"))
        }
        exchange.hasRefusedFile = true
        exchange.error = exchange.error ?? MySQLErrors.fileRefused
        exchange.dataSequence = sequence
        writePart(ByteBufferView(), exchange)
        transport.flush()
    }

    /// Appends data to what is written next.
    func writeData(_ data: ByteBufferView, _ exchange: Exchange) {
        guard exchange.isDataAwaited else { return }
        var start = data.startIndex
        while start < data.endIndex {
            let end = min(start + Self.dataBytes, data.endIndex)
            writePart(data[start..<end], exchange)
            start = end
        }
    }

    /// Tells the server that there is no more.
    func endData(_ exchange: Exchange) {
        guard exchange.isDataAwaited else { return }
        exchange.isDataAwaited = false
        exchange.hasDataEnded = true
        writePart(ByteBufferView(), exchange)
        transport.flush()
    }

    private func writePart(_ part: ByteBufferView, _ exchange: Exchange) {
        var sequence = exchange.dataSequence
        transport.write { buffer in
            buffer.writePacket(sequence: &sequence, in: frames, isCommand: false) { $0.writeBytes(part) }
        }
        exchange.dataSequence = sequence
    }

    /// Gives a request that is ended by other means than a cancellation the time of one.
    func giveGrace(_ exchange: Exchange) {
        guard !exchange.isDone, !exchange.cancelWasSent else { return }
        let deadline = NIODeadline.now() + TimeAmount(settings.cancelTimeout)
        exchange.deadline = deadline
        exchange.timeout = settings.cancelTimeout
        transport.schedule(deadline)
    }

    /// Has a statement prepared anew when it is asked for next.
    func forget(_ source: Statement) {
        guard let known = cache.find(StatementKey(source)) else { return }
        cache.remove(known)
        known.state = .gone
        idsToClose.append(known.id)
    }
}
