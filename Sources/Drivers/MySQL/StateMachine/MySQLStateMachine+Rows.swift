import Roost
import WireProtocol

/// Rows, by the million.
extension MySQLStateMachine {
    /// Takes in the rows that are there one after the other, up to the end of a batch, without looking at anything else in between.
    ///
    /// - Returns: whether there were any. What is no plain row of a result somebody reads is left to ``receive(_:)``.
    mutating func takeRows(_ bytes: UnsafeRawBufferPointer, _ used: inout Int, _ head: Exchange) -> Bool {
        guard !head.passesOverRows, continued.isEmpty, var decoder = head.decoder.take() else { return false }
        let start = used
        let limit = head.batchBytes
        var position = used
        while bytes.count - position > 4 {
            let header = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            let length = Int(header & 0xFF_FFFF)
            let sequence = UInt8(header >> 24)
            guard length > 0, length < 0xFF_FFFF, bytes.count - position - 4 >= length,
                nextSequence == nil || nextSequence == sequence, bytes[position + 4] < 0xFE
            else { break }
            let payload = UnsafeRawBufferPointer(rebasing: bytes[(position + 4)..<(position + 4 + length)])
            // A row that cannot be read is read again, and refused, where refusals are dealt with.
            do throws(DatabaseError) { try decoder.decodeRow(payload) } catch {
                decoder.abandonRow()
                break
            }
            nextSequence = sequence &+ 1
            position += 4 + length
            if decoder.byteCount >= limit { break }
        }
        head.decoder = consume decoder
        used = position
        guard position > start else { return false }
        endBatchIfLarge(head)
        return true
    }

    /// Takes in one row, or passes over it.
    @inline(__always)
    mutating func take(row payload: UnsafeRawBufferPointer, _ head: Exchange) throws(DatabaseError) {
        if head.passesOverRows {
            head.passedOverBytes += payload.count + 4
            // A sleeping SELECT that is killed returns a row, and no error.
            if head.cancelWasSent { head.isCutShort = true }
            return
        }
        do throws(DatabaseError) {
            try head.decoder?.decodeRow(payload)
        } catch {
            // A value that cannot be read is no reason to give up the connection.
            guard error.category == .data || error.category == .notSupported else { throw error }
            head.error = head.error ?? error
            head.dropRows()
            head.passesOverRows = true
            return
        }
        endBatchIfLarge(head)
    }

    private mutating func endBatchIfLarge(_ head: Exchange) {
        guard (head.decoder?.byteCount ?? 0) >= head.batchBytes else { return }
        cutBatch(head)
        // A result that outgrows its first batch is long: larger batches cost fewer hops.
        if head.batchBytes < 262_144 { head.batchBytes *= 4 }
        events.append(.changed(head))
    }

    /// Takes in the definition of a column. As long as they are what they were when the statement last ran, they are not read again.
    mutating func takeColumn(_ payload: UnsafeRawBufferPointer, _ head: Exchange, left: Int) throws(DatabaseError) {
        if let statement = head.statement, head.parts.isEmpty, head.definitions.isEmpty {
            let index = columnsToCome - left
            if columnsToCome == statement.definitions.count, statement.isKnown(payload, at: index) {
                definitionBytes += payload.count
                return
            }
            head.definitions = Array(statement.definitions.prefix(index))
        }
        head.definitions.append(try definition(payload))
    }
}
