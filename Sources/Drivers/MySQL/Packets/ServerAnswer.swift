import Roost

/// `OK_Packet`, also in the place of `EOF_Packet` where those are deprecated.
struct OKPacket: Sendable {
    var affectedRows: UInt64
    var lastInsertID: UInt64
    var status: ServerStatus
    var warnings: UInt16

    /// Reads one, its first byte included; nil when it is malformed.
    init?(_ payload: UnsafeRawBufferPointer) {
        var reader = PacketReader(payload)
        guard reader.skip(1), let affected = reader.lengthEncodedInteger(), let id = reader.lengthEncodedInteger(),
            let status = reader.integer(UInt16.self), let warnings = reader.integer(UInt16.self)
        else { return nil }
        affectedRows = affected
        lastInsertID = id
        self.status = ServerStatus(rawValue: status)
        self.warnings = warnings
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
