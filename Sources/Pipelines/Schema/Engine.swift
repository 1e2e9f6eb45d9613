import Roost
import RoostSchema

/// The engines whose types and statements are known here.
typealias Engine = Schema.Engine

extension Schema.Engine {
    /// The engine behind a connection.
    ///
    /// - Throws: `notSupported` for engines whose tables cannot be made here yet.
    init(_ connection: any Connection) throws(DatabaseError) {
        guard let engine = Engine(rawValue: connection.driverName) else {
            throw DatabaseError(
                .notSupported,
                .notSupported,
                "Tables of \(connection.driverName) cannot be copied yet."
            )
        }
        self = engine
    }

    var isMySQLFamily: Bool { self == .mysql || self == .mariadb }
}
