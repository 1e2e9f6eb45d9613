/// The fields of an error or notice (PostgreSQL documentation, "Error and Notice Message Fields").
struct ServerMessage: Sendable {
    var severity = ""
    var sqlState = ""
    var message = ""
    var detail: String?
    var hint: String?
    var position: Int?
    var internalPosition: Int?
    var internalQuery: String?
    var context: String?
    var schema: String?
    var table: String?
    var column: String?
    var dataType: String?
    var constraint: String?
    var file: String?
    var line: String?
    var routine: String?

    /// Reads the body of `ErrorResponse` or `NoticeResponse`; nil when it is malformed.
    init?(_ body: UnsafeRawBufferPointer) {
        var reader = MessageReader(body)
        while true {
            guard let type = reader.integer(UInt8.self) else { return nil }
            if type == 0 { return }
            guard let value = reader.string() else { return nil }
            switch Unicode.Scalar(type) {
            case "S": if severity.isEmpty { severity = value }
            // The severity that is not translated, since 9.6.
            case "V": severity = value
            case "C": sqlState = value
            case "M": message = value
            case "D": detail = value
            case "H": hint = value
            case "P": position = Int(value)
            case "p": internalPosition = Int(value)
            case "q": internalQuery = value
            case "W": context = value
            case "s": schema = value
            case "t": table = value
            case "c": column = value
            case "d": dataType = value
            case "n": constraint = value
            case "F": file = value
            case "L": line = value
            case "R": routine = value
            // Fields of later versions are to be ignored.
            default: break
            }
        }
    }
}
