import Roost

extension MySQLErrors {
    /// The error of an `ERR_Packet`.
    static func error(_ packet: ErrorPacket, engine: String = engine) -> DatabaseError {
        error(code: packet.code, sqlState: packet.sqlState, message: packet.message, engine: engine)
    }

    /// Whether an error rolled the whole transaction back: a deadlock does. A lock wait that took too long rolls back the statement
    /// alone, unless the server is set otherwise (`innodb_rollback_on_timeout`).
    static func endsTransaction(_ code: UInt16) -> Bool { code == 1213 }

    static var empty: DatabaseError {
        DatabaseError(.programming, .syntaxError, "The statement is empty.", sqlState: "42601", engine: engine)
    }

    /// The SQLSTATE of a condition in every driver. The servers' own are coarse: `23000` for whatever constraint.
    static func state(of condition: DatabaseError.Condition) -> String? {
        switch condition {
        case .uniqueViolation: "23505"
        case .foreignKeyViolation: "23503"
        case .notNullViolation: "23502"
        case .checkViolation: "23514"
        case .syntaxError: "42601"
        case .undefinedTable: "42P01"
        case .undefinedColumn: "42703"
        case .undefinedFunction: "42883"
        case .duplicateObject: "42P07"
        case .ambiguousName: "42702"
        case .invalidSavepoint: "3B001"
        case .deadlock: "40P01"
        case .lockTimeout: "55P03"
        case .tooManyConnections: "53300"
        case .insufficientPrivilege: "42501"
        default: nil
        }
    }
}
