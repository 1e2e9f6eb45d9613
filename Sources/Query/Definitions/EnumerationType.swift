import Roost

/// A type whose values are one of a list of texts.
///
/// PostgreSQL makes a type of it (``create()``), MySQL and MariaDB write the list into each column. The others have no such type: there it is
/// text with a `CHECK` in each column's definition. ``create()`` and ``drop(ifExists:)`` are no statements but in PostgreSQL, so that the same
/// definitions serve all.
public struct EnumerationType: Hashable, Sendable {
    /// The type's name, after its schema where it has one.
    let path: [String]
    /// The values in their order.
    public let values: [String]

    /// A type of these values.
    public init(_ name: String, in schema: String? = nil, _ values: [String]) {
        path = schema.map { [$0, name] } ?? [name]
        self.values = values
    }

    /// A type of the raw values of a Swift enumeration.
    public init<E: CaseIterable & RawRepresentable>(_ name: String, in schema: String? = nil, of type: E.Type)
    where E.RawValue == String {
        self.init(name, in: schema, type.allCases.map(\.rawValue))
    }

    /// The length of the longest value.
    var length: Int { max(values.map(\.unicodeScalars.count).max() ?? 1, 1) }

    /// Makes the type.
    public func create() -> some DataDefinition { EnumerationChange(type: self, change: .create) }

    /// Removes the type.
    public func drop(ifExists: Bool = false) -> some DataDefinition {
        EnumerationChange(type: self, change: .drop(ifExists: ifExists))
    }

    /// A further value at the end, or before another (PostgreSQL; in one that is older than 12 not inside of a transaction).
    ///
    /// - Throws: when rendered, `notSupported` elsewhere: change the columns that have the type.
    public func add(_ value: String, before other: String? = nil) -> some DataDefinition {
        EnumerationChange(type: self, change: .add(value, before: other))
    }

    /// Another name for a value (PostgreSQL).
    public func rename(_ value: String, to other: String) -> some DataDefinition {
        EnumerationChange(type: self, change: .rename(value, other))
    }
}

private struct EnumerationChange: DataDefinition {
    enum Change: Sendable {
        case create
        case drop(ifExists: Bool)
        case add(String, before: String?)
        case rename(String, String)
    }

    let type: EnumerationType
    let change: Change

    func statements(for dialect: Dialect, version: String?) throws(DatabaseError) -> [Statement] {
        var script = DefinitionScript(dialect, version)
        guard script.profile.isOne(of: .postgresql, .standard) else {
            switch change {
            case .create, .drop: return []
            case .add, .rename:
                throw script.renderer.notSupported(
                    "enumerations as types of their own",
                    hint: "Change the columns that have the type: table.alter().change(…)."
                )
            }
        }
        let (type, change) = (type, change)
        try script.add { (sql) throws(DatabaseError) in
            switch change {
            case .create:
                sql.write("create type ")
                try sql.write(identifier: type.path)
                sql.write(" as enum (")
                try sql.write(strings: type.values)
                sql.write(")")
            case .drop(let ifExists):
                sql.write(ifExists ? "drop type if exists " : "drop type ")
                try sql.write(identifier: type.path)
            case .add(let value, let before):
                sql.write("alter type ")
                try sql.write(identifier: type.path)
                sql.write(" add value ")
                try sql.write(string: value)
                if let before {
                    sql.write(" before ")
                    try sql.write(string: before)
                }
            case .rename(let value, let other):
                sql.write("alter type ")
                try sql.write(identifier: type.path)
                sql.write(" rename value ")
                try sql.write(string: value)
                sql.write(" to ")
                try sql.write(string: other)
            }
        }
        return script.statements
    }
}
