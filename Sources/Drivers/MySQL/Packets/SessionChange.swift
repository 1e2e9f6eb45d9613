/// What a statement changed in its session, as the server tells with its answer (`Session State Information`).
enum SessionChange: Sendable, Hashable {
    case variable(name: String, value: String)
    /// The default database.
    case schema(String)
    /// Something that was not so when the session began: a variable, a temporary table, a statement prepared by text.
    case state
    case gtids(String)
    /// The statements that would begin the open transaction anew.
    case transactionCharacteristics(String)
    /// Eight letters: what the open transaction did so far.
    case transactionState(String)

    /// The most bytes of a value that are kept.
    private static let maximumValue = 65_536

    /// Reads the list; nil when it is malformed. Kinds that are not known are passed over.
    static func read(_ bytes: UnsafeRawBufferPointer) -> [SessionChange]? {
        var reader = PacketReader(bytes)
        var changes: [SessionChange] = []
        while reader.remaining > 0 {
            guard let kind = reader.integer(UInt8.self), let data = reader.lengthEncodedBytes() else { return nil }
            var fields = PacketReader(data)
            switch kind {
            case 0:
                // MariaDB tells of several in one.
                while fields.remaining > 0 {
                    guard let name = text(&fields), let value = text(&fields) else { return nil }
                    changes.append(.variable(name: name, value: value))
                }
            case 1:
                guard let name = text(&fields) else { return nil }
                changes.append(.schema(name))
            case 2:
                // Unlike the others it has no length of its own.
                if data.last == UInt8(ascii: "1") { changes.append(.state) }
            case 3:
                // A byte says how what follows is written; there is one way so far.
                guard fields.integer(UInt8.self) != nil, let set = text(&fields) else { return nil }
                changes.append(.gtids(set))
            case 4:
                guard let statements = text(&fields) else { return nil }
                changes.append(.transactionCharacteristics(statements))
            case 5:
                guard let letters = text(&fields) else { return nil }
                changes.append(.transactionState(letters))
            default: break
            }
        }
        return changes
    }

    private static func text(_ reader: inout PacketReader) -> String? {
        reader.lengthEncodedBytes().map { String(decoding: $0.prefix(maximumValue), as: UTF8.self) }
    }
}
