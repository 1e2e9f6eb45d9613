import Roost

/// `OK_Packet`, also in the place of `EOF_Packet` where those are deprecated.
struct OKPacket: Sendable {
    var affectedRows: UInt64
    var lastInsertID: UInt64
    var status: ServerStatus
    var warnings: UInt16
    /// What the server says of it, for people: `Records: 3  Deleted: 0  Skipped: 0  Warnings: 0`.
    var info = ""
    var changes: [SessionChange] = []

    /// Reads one, its first byte included; nil when it is malformed.
    ///
    /// - Parameter tracksSession: whether the server tells what changes in the session (`CLIENT_SESSION_TRACK`).
    init?(_ payload: UnsafeRawBufferPointer, tracksSession: Bool = false) {
        var reader = PacketReader(payload)
        guard reader.skip(1), let affected = reader.lengthEncodedInteger(), let id = reader.lengthEncodedInteger(),
            let status = reader.integer(UInt16.self), let warnings = reader.integer(UInt16.self)
        else { return nil }
        affectedRows = affected
        lastInsertID = id
        self.status = ServerStatus(rawValue: status)
        self.warnings = warnings
        if reader.remaining > 0, !readRest(&reader, tracksSession) { return nil }
    }

    /// What few have: a text, and what changed in the session.
    @inline(never)
    private mutating func readRest(_ reader: inout PacketReader, _ tracksSession: Bool) -> Bool {
        guard tracksSession else {
            info = String(decoding: reader.rest.prefix(1_024), as: UTF8.self)
            return true
        }
        guard let text = reader.lengthEncodedBytes() else { return false }
        info = String(decoding: text.prefix(1_024), as: UTF8.self)
        guard status.contains(.sessionStateChanged), reader.remaining > 0 else { return true }
        guard let bytes = reader.lengthEncodedBytes(), let read = SessionChange.read(bytes) else { return false }
        changes = read
        return true
    }

    /// Reads an `EOF_Packet`, which tells less.
    init?(eof payload: UnsafeRawBufferPointer) {
        var reader = PacketReader(payload)
        guard reader.skip(1), let warnings = reader.integer(UInt16.self), let status = reader.integer(UInt16.self)
        else {
            return nil
        }
        (affectedRows, lastInsertID) = (0, 0)
        self.status = ServerStatus(rawValue: status)
        self.warnings = warnings
    }
}

/// `ERR_Packet`
struct ErrorPacket: Sendable {
    var code: UInt16
    var sqlState: String?
    var message: String

    /// Reads one, its first byte included; nil when it is malformed.
    init?(_ payload: UnsafeRawBufferPointer) {
        var reader = PacketReader(payload)
        guard reader.skip(1), let code = reader.integer(UInt16.self) else { return nil }
        self.code = code
        if reader.rest.first == UInt8(ascii: "#") {
            guard reader.skip(1), let state = reader.bytes(5) else { return nil }
            sqlState = String(decoding: state, as: UTF8.self)
        }
        message = String(decoding: reader.rest.prefix(4_096), as: UTF8.self)
    }
}

/// `COM_STMT_PREPARE_OK`
struct PrepareAnswer: Sendable {
    var statementID: UInt32
    var columnCount: Int
    var parameterCount: Int

    /// Reads one, its first byte included; nil when it is malformed.
    init?(_ payload: UnsafeRawBufferPointer) {
        var reader = PacketReader(payload)
        guard reader.integer(UInt8.self) == 0, let id = reader.integer(UInt32.self),
            let columns = reader.integer(UInt16.self), let parameters = reader.integer(UInt16.self)
        else { return nil }
        statementID = id
        columnCount = Int(columns)
        parameterCount = Int(parameters)
    }
}
