/// The structure of a database: everything that `CREATE` makes, as values.
///
/// ``read(from:)`` takes it from a server, ``changes(to:renames:)`` compares it with another, ``definitions()`` writes it as DDL.
/// Two are equal when the servers would behave the same; how full tables are does not count.
///
/// As JSON it is stable: `format` tells which shape it has, names are texts, and what is absent is left out.
public struct Schema: Sendable, Hashable, Codable {
    /// Whose structure it is: types, expressions and options are that engine's.
    public enum Engine: String, Sendable, Hashable, Codable, CaseIterable {
        case sqlite, postgresql, mysql, mariadb
    }

    /// The shape of the JSON.
    public static let currentFormat = 1

    /// The shape this was written in.
    public var format = Schema.currentFormat
    /// Whose structure it is.
    public var engine: Engine
    /// Namespaces beside the session's own.
    public var namespaces: [Namespace] = []
    /// Extensions of the engine.
    public var extensions: [Extension] = []
    /// Enumerations that are types of their own.
    public var enumerations: [Enumeration] = []
    /// Types that restrict another.
    public var domains: [Domain] = []
    /// Row types that are no table.
    public var composites: [Composite] = []
    /// Ranges over another type.
    public var ranges: [RangeType] = []
    /// Sequences, but those of identity columns.
    public var sequences: [Sequence] = []
    /// Tables by name.
    public var tables: [Table] = []
    /// Views and materialised views by name.
    public var views: [View] = []
    /// Functions and procedures.
    public var routines: [Routine] = []
    /// Triggers.
    public var triggers: [Trigger] = []
    /// Who may do what, where it was said.
    public var privileges: [Privilege] = []

    /// An empty database.
    public init(engine: Engine) {
        self.engine = engine
    }

    /// The table of that name, written as ``ObjectName/description``.
    public func table(_ name: String) -> Table? {
        let name = ObjectName(parsing: name)
        return tables.first { $0.name == name }
    }

    /// The view of that name, written as ``ObjectName/description``.
    public func view(_ name: String) -> View? {
        let name = ObjectName(parsing: name)
        return views.first { $0.name == name }
    }

    /// Puts everything into the order in which equal schemas are equal: by name.
    public mutating func sort() {
        namespaces.sort { $0.name < $1.name }
        extensions.sort { $0.name < $1.name }
        enumerations.sort { $0.name < $1.name }
        domains.sort { $0.name < $1.name }
        composites.sort { $0.name < $1.name }
        ranges.sort { $0.name < $1.name }
        sequences.sort { $0.name < $1.name }
        tables.sort { $0.name < $1.name }
        views.sort { $0.name < $1.name }
        routines.sort { ($0.name, $0.arguments) < ($1.name, $1.arguments) }
        triggers.sort { ($0.table, $0.name) < ($1.table, $1.name) }
        privileges.sort { ($0.object, $0.grantee) < ($1.object, $1.grantee) }
        for index in tables.indices { tables[index].sort() }
        for index in views.indices { views[index].indexes.sort { $0.name < $1.name } }
    }
}

extension Schema {
    /// A namespace.
    public struct Namespace: Sendable, Hashable, Codable {
        /// The name.
        public var name: String
        /// What people wrote about it.
        public var comment: String?

        /// A namespace.
        public init(name: String, comment: String? = nil) {
            self.name = name
            self.comment = comment
        }
    }

    /// An extension of the engine.
    public struct Extension: Sendable, Hashable, Codable {
        /// The name.
        public var name: String
        /// Where its objects are; nil for the session's own namespace.
        public var namespace: String?

        /// An extension.
        public init(name: String, namespace: String? = nil) {
            self.name = name
            self.namespace = namespace
        }
    }

    /// What someone may do with a table, view, sequence or namespace.
    public struct Privilege: Sendable, Hashable, Codable {
        /// On what.
        public var object: ObjectName
        /// Who; empty for everybody.
        public var grantee: String
        /// What, in words and in order: `INSERT`, `SELECT`.
        public var actions: [String]
        /// Which of them the grantee may hand on.
        public var grantable: [String]

        /// A privilege.
        public init(object: ObjectName, grantee: String, actions: [String], grantable: [String] = []) {
            self.object = object
            self.grantee = grantee
            self.actions = actions
            self.grantable = grantable
        }
    }
}
