import NIOCore
import Roost

/// What stands around the cells of each row that is sent: a count in `COPY`, the messages `Bind` and `Execute` in a batch.
struct RowFrame {
    var head: [UInt8]
    var tail: [UInt8] = []
    /// Where in the head a message's length stands, and how much of the tail belongs to that message.
    var length: (offset: Int, tail: Int)?

    fileprivate var byteCount: Int { head.count + tail.count }

    /// What is written where the length stands, for a message from there of so many bytes.
    fileprivate func length(from start: Int, to end: Int) -> (offset: Int, value: Int32)? {
        length.map { ($0.offset, Int32(truncatingIfNeeded: end + $0.tail - start - $0.offset)) }
    }
}

extension ByteBuffer {
    /// Writes the rows of a batch in PostgreSQL's binary format: straight to memory as long as every value is of a common kind, then
    /// cell by cell, since a column that has one uncommon value has more of them.
    ///
    /// - Parameter other: writes a cell of another kind, given its column, or says what is wrong with it.
    @inline(__always)
    mutating func writeRows(
        _ rows: RowBatch,
        as types: [PostgreSQLType],
        in frame: RowFrame,
        other: (Cell, UnsafeRawPointer, Int, inout ByteBuffer) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        var row = 0
        writeRaw(room: rows.rowCount * frame.byteCount + rows.byteCount) { writer in
            while row < rows.rowCount, writer.store(rows, row, as: types, in: frame) { row += 1 }
        }
        while row < rows.rowCount {
            let start = writerIndex
            writeBytes(frame.head)
            try rows.withCells(ofRow: row) { (cells, heap) throws(DatabaseError) in
                for column in 0..<min(cells.count, types.count) {
                    let cell = cells[column]
                    var isStored = false
                    writeRaw(room: RawWriter.room(for: cell)) { writer in
                        isStored = writer.store(cell, heap: heap, as: types[column])
                    }
                    if !isStored { try other(cell, heap, column, &self) }
                }
            }
            if let (offset, value) = frame.length(from: start, to: writerIndex) {
                setInteger(value, at: start + offset)
            }
            writeBytes(frame.tail)
            row += 1
        }
    }

    @inline(__always)
    private mutating func writeRaw(room: Int, _ body: (inout RawWriter) -> Void) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: room) { memory in
            guard let start = memory.baseAddress else { return 0 }
            var writer = RawWriter(start, room: memory.count)
            body(&writer)
            return writer.position - start
        }
    }
}

extension RawWriter {
    /// Writes a row; false, and nothing written, when it has a value of another kind or there is no room.
    @inline(__always)
    fileprivate mutating func store(
        _ rows: RowBatch,
        _ row: Int,
        as types: [PostgreSQLType],
        in frame: RowFrame
    ) -> Bool {
        let start = position
        let isCommon =
            store(frame.head)
            && rows.withCells(ofRow: row) { cells, heap in
                for column in 0..<min(cells.count, types.count) {
                    guard store(cells[column], heap: heap, as: types[column]) else { return false }
                }
                return true
            }
        let length = frame.length(from: 0, to: position - start)
        guard isCommon, store(frame.tail) else {
            rewind(to: start)
            return false
        }
        if let length { (start + length.offset).storeBytes(of: length.value.bigEndian, as: Int32.self) }
        return true
    }

    /// The most bytes a cell of a common kind takes.
    fileprivate static func room(for cell: Cell) -> Int {
        switch cell.kind {
        case .text, .json, .bytes: 4 + Int(cell.length)
        case .uuid: 20
        default: 12
        }
    }

    /// Writes a value's length and bytes; false, and nothing written, when its kind is another than its type's, or it does not fit.
    /// The type 0 is text for the server to infer.
    @inline(__always)
    mutating func store(_ cell: Cell, heap: UnsafeRawPointer, as type: PostgreSQLType) -> Bool {
        guard room >= 20 || room >= Self.room(for: cell) else { return false }
        let number = Int64(bitPattern: cell.payload)
        switch (cell.kind, type.rawValue) {
        case (.null, _): store(Int32(-1))
        case (.int, 20), (.double, 701): store(prefixed: cell.payload)
        case (.int, 23):
            guard let exact = Int32(exactly: number) else { return false }
            store(prefixed: exact)
        case (.text, 0), (.text, 25), (.text, 1043), (.text, 1042), (.text, 19), (.text, 142), (.text, 114), (.json, 0),
            (.json, 114), (.bytes, 17):
            let length = Int(cell.length)
            guard let prefix = Int32(exactly: length), room >= 4 + length else { return false }
            store(prefix)
            copy(heap + Int(truncatingIfNeeded: cell.payload), count: length)
        case (.timestampTZ, 1184), (.timestamp, 1114):
            guard cell.extra == 0 else { return false }
            if number == .max || number == .min {
                store(prefixed: number)
            } else {
                let (shifted, overflow) = number.subtractingReportingOverflow(RowDecoder.epochSeconds * 1_000_000)
                guard !overflow else { return false }
                store(prefixed: shifted)
            }
        case (.bool, 16): store(prefixed: UInt8(truncatingIfNeeded: cell.payload))
        case (.int, 21):
            guard let exact = Int16(exactly: number) else { return false }
            store(prefixed: exact)
        case (.float, 700): store(prefixed: UInt32(truncatingIfNeeded: cell.payload))
        case (.date, 1082):
            let isInfinite = number == Int64(Int32.max) || number == Int64(Int32.min)
            guard let days = Int32(exactly: isInfinite ? number : number &- RowDecoder.epochDays) else { return false }
            store(prefixed: days)
        case (.uuid, 2950):
            store(Int32(16))
            copy(heap + Int(truncatingIfNeeded: cell.payload), count: 16)
        default: return false
        }
        return true
    }

    @inline(__always)
    private mutating func store<T: FixedWidthInteger>(prefixed value: T) {
        store(Int32(MemoryLayout<T>.size))
        store(value)
    }
}
