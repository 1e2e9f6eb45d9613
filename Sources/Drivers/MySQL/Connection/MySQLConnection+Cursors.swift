import NIOCore
public import Roost
import WireProtocol

extension MySQLConnection {
    /// Opens a cursor on the server (`CURSOR_TYPE_READ_ONLY`): the rows of a query stay there, in a temporary table, and come
    /// `arraySize` at a time when they are asked for. Between the portions the connection is free for other statements, and neither
    /// side holds more rows than one portion.
    ///
    /// Each portion costs a round trip, and opening one more; a result that is read to its end at once comes faster by `query`. The
    /// cursor outlives its transaction, and ends with its connection's reset.
    ///
    /// - Throws: what the server has against the query.
    public func openCursor(
        _ statement: Statement,
        arraySize: Int
    ) async throws(DatabaseError) -> sending Cursor {
        let count = min(max(arraySize, 1), Int(Int32.max))
        let observed = observation?.begin(statement, .standard)
        do throws(DatabaseError) {
            let first = try await request(.cursor(statement, count))
            return Cursor(resultSet(first, observed), arraySize: arraySize)
        } catch {
            observed?.end(error: error)
            throw error
        }
    }
}

extension MySQLSession {
    /// `COM_STMT_FETCH`
    func writeFetch(_ count: Int, _ exchange: Exchange) throws(DatabaseError) {
        guard let statement = exchange.statement, statement.state == .ready else {
            throw DatabaseError(
                .programming,
                .misuse,
                "The cursor went with the reset of its connection.",
                hint: "Read cursors to their end before their connection is given back.",
                sqlState: "24000",
                engine: MySQLErrors.engine
            )
        }
        write(exchange, .rows) { buffer in
            buffer.writeInteger(Command.fetch)
            buffer.writeInteger(statement.id, endianness: .little)
            buffer.writeInteger(UInt32(truncatingIfNeeded: count), endianness: .little)
        }
    }

    /// Puts a cursor's next portion into the queue.
    func fetchMore(_ exchange: Exchange) {
        guard exchange.isPaused else { return }
        exchange.isPaused = false
        submit(exchange, timeout: exchange.timeout)
    }

    /// The cursor's statement is closed with the next request, and the cursor with it.
    func closeCursor(_ exchange: Exchange) {
        guard let statement = exchange.statement, let index = cursors.firstIndex(where: { $0 === statement }) else {
            return
        }
        cursors.remove(at: index)
        idsToClose.append(statement.id)
        statement.state = .gone
    }
}
