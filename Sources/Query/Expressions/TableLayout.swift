import Roost

/// The columns of a table in the order they are declared, found once per type.
enum TableLayout {
    private static let known = Locked<[ObjectIdentifier: [String]]>([:])

    static func columnNames<T: Table>(of type: T.Type) -> [String] {
        if let names = known.withLock({ $0[ObjectIdentifier(type)] }) { return names }
        let names = Mirror(reflecting: T()).children.compactMap { ($0.value as? any NamedColumn)?.name }
        known.withLock { $0[ObjectIdentifier(type)] = names }
        return names
    }
}

protocol NamedColumn {
    var name: String { get }
}

extension Column: NamedColumn {}
