/// What a server told of a session's state as it changed (`CLIENT_SESSION_TRACK`).
public struct MySQLSessionState: Sendable, Hashable {
    /// The default database; nil for none.
    public internal(set) var schema: String?
    /// The variables the server tells of, by name, as it told last: `autocommit`, `time_zone`, the character sets, and those that
    /// `session_track=variables` adds.
    public internal(set) var variables: [String: String] = [:]
    /// What the open transaction did so far, in eight letters (MySQL documentation, "Server Tracking of Client Session State");
    /// nil unless `session_track` names `transactions`.
    public internal(set) var transactionState: String?
    /// The statements that would begin the open transaction anew; nil unless `session_track` names `transactions`.
    public internal(set) var transactionCharacteristics: String?
    /// The transactions that the last commit wrote, or MariaDB's last one; nil unless `session_track` names `gtids` and the server
    /// writes a binary log.
    public internal(set) var gtids: String?

    /// More names than this are no server's.
    private static let maximumVariables = 4_096

    /// Takes in changes.
    ///
    /// - Returns: whether they leave something behind that the next user of the session should not find.
    mutating func apply(_ changes: [SessionChange], initialSchema: String) -> Bool {
        var isLeftBehind = false
        for change in changes {
            switch change {
            case .state: isLeftBehind = true
            case .schema(let name):
                schema = name.isEmpty ? nil : name
                if name != initialSchema { isLeftBehind = true }
            case .variable("last_gtid", let value): gtids = value.isEmpty ? nil : value
            case .variable(let name, let value):
                if variables.count < Self.maximumVariables || variables[name] != nil { variables[name] = value }
            case .gtids(let set): gtids = set
            case .transactionCharacteristics(let text): transactionCharacteristics = text
            case .transactionState(let letters): transactionState = letters
            }
        }
        return isLeftBehind
    }
}
