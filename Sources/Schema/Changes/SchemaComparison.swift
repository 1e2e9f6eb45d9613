extension Schema {
    /// What has to be done to a database of this structure so that it has the other one, in an order in which it can be done.
    ///
    /// What is renamed has to be said; else it is dropped and created. Indexes and constraints that differ by their name alone are
    /// renamed, since nothing is lost. The order of columns, privileges and how full tables are make no change.
    ///
    /// Expressions are compared as text: read both schemas from servers, so that both are in the server's own words. O(n log n).
    public func changes(to target: Schema, renames: Renames = Renames()) -> [Change] {
        var comparison = SchemaComparison(renamed(by: renames), target)
        comparison.rename(self, renames)
        comparison.compare()
        return comparison.changes
    }
}

/// Finds the changes between two schemas of one engine.
struct SchemaComparison {
    /// When a change is made.
    enum Phase: Int, CaseIterable {
        case dropTriggers, dropViews, dropForeignKeys, dropConstraints, rename, release, createTypes, createRoutines
        case dropTables, replaceTypes, createTables, columns, constraints, foreignKeys, own, createViews, createTriggers
        case comments, dropRoutines, dropTypes
    }

    let source: Schema
    let target: Schema
    var phases = [[Schema.Change]](repeating: [], count: Phase.allCases.count)
    /// Tables whose columns change their type or go away: PostgreSQL's views must be made anew.
    var changedTables: Set<String> = []
    /// Columns that go and come again, by table: their indexes and constraints go with them.
    var anewColumns: [ObjectName: Set<String>] = [:]

    var engine: Schema.Engine { target.engine }
    /// Whether comments are set by statements of their own.
    var hasOwnComments: Bool { engine == .postgresql }
    /// Whether constraints can be added to a table that is there.
    var canAddConstraints: Bool { engine != .sqlite }
    var changes: [Schema.Change] { phases.flatMap { $0 } }

    init(_ source: Schema, _ target: Schema) {
        self.source = source
        self.target = target
    }

    mutating func add(_ change: Schema.Change, _ phase: Phase) { phases[phase.rawValue].append(change) }

    mutating func comment(_ target: Schema.CommentTarget, _ old: String?, _ new: String?) {
        guard hasOwnComments, old != new else { return }
        add(.setComment(on: target, from: old, to: new), .comments)
    }

    mutating func rename(_ original: Schema, _ renames: Schema.Renames) {
        for table in original.tables {
            let name = renames.tables[table.name] ?? table.name
            if name != table.name { add(.renameTable(from: table.name, to: name), .rename) }
            for column in table.columns {
                guard let new = renames.columns[table.name]?[column.name], new != column.name else { continue }
                add(.renameColumn(table: name, from: column.name, to: new), .rename)
            }
        }
    }

    mutating func compare() {
        compareNamespaces()
        compareTypes()
        compareSequences()
        compareTables()
        compareRoutines()
        compareViews()
        compareTriggers()
    }

    /// What is in one list only, and the pairs of what is in both.
    func matched<Item, ID: Hashable>(
        _ old: [Item],
        _ new: [Item],
        by id: (Item) -> ID
    ) -> (dropped: [Item], created: [Item], kept: [(Item, Item)]) {
        var olds: [ID: Item] = [:]
        for item in old { olds[id(item)] = item }
        var created: [Item] = []
        var kept: [(Item, Item)] = []
        for item in new {
            if let match = olds.removeValue(forKey: id(item)) {
                kept.append((match, item))
            } else {
                created.append(item)
            }
        }
        return (old.filter { olds[id($0)] != nil }, created, kept)
    }

    private mutating func compareNamespaces() {
        let namespaces = matched(source.namespaces, target.namespaces, by: \.name)
        for item in namespaces.created {
            add(.createNamespace(Schema.Namespace(name: item.name)), .createTypes)
            comment(.namespace(item.name), nil, item.comment)
        }
        for (old, new) in namespaces.kept { comment(.namespace(new.name), old.comment, new.comment) }
        let extensions = matched(source.extensions, target.extensions, by: \.name)
        for item in extensions.created { add(.createExtension(item), .createTypes) }
        // Types go before what they are in; dropTypes is filled from the back.
        for item in extensions.dropped { add(.dropExtension(item), .dropTypes) }
        for item in namespaces.dropped { add(.dropNamespace(item), .dropTypes) }
    }

    private mutating func compareSequences() {
        let sequences = matched(source.sequences, target.sequences, by: \.name)
        func released(_ sequence: Schema.Sequence) -> Schema.Sequence {
            var sequence = sequence
            sequence.owner = nil
            return sequence
        }
        for item in sequences.dropped {
            // A sequence would go with its column, and could not go before it.
            if item.owner != nil { add(.alterSequence(from: item, to: released(item)), .release) }
            phases[Phase.dropTypes.rawValue].insert(.dropSequence(released(item)), at: 0)
        }
        for item in sequences.created {
            var bare = item
            bare.comment = nil
            add(.createSequence(released(bare)), .createTypes)
            if item.owner != nil { add(.alterSequence(from: released(bare), to: bare), .own) }
            comment(.sequence(item.name), nil, item.comment)
        }
        for (old, new) in sequences.kept {
            comment(.sequence(new.name), old.comment, new.comment)
            var plain = new
            plain.comment = old.comment
            guard plain != old else { continue }
            if old.owner == new.owner {
                add(.alterSequence(from: old, to: plain), .own)
            } else {
                var free = plain
                free.owner = nil
                add(.alterSequence(from: old, to: free), .release)
                if plain.owner != nil { add(.alterSequence(from: free, to: plain), .own) }
            }
        }
    }
}
