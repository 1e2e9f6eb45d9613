extension SchemaComparison {
    mutating func compareViews() {
        let views = matched(source.views, target.views, by: \.name)
        // Views whose columns other views may miss.
        var anew: Set<ObjectName> = []
        for (old, new) in views.kept where isAnew(old, new) { anew.insert(new.name) }
        if engine == .postgresql { spread(&anew, in: source.views) }
        var dropped = views.dropped
        var created = views.created
        var replaced: [ObjectName: Schema.View] = [:]
        for (old, new) in views.kept {
            if anew.contains(new.name) {
                dropped.append(old)
                created.append(new)
                continue
            }
            comment(.view(new.name, isMaterialized: new.isMaterialized), old.comment, new.comment)
            compareColumnComments(old, new)
            compareIndexes(old.indexes, new.indexes, of: new.name)
            if differs(old, new) {
                replaced[new.name] = old
                created.append(new)
            }
        }
        for view in DependencyOrder.sorted(dropped, engine).reversed() { add(.dropView(view), .dropViews) }
        for view in DependencyOrder.sorted(created, engine) {
            if let old = replaced[view.name] {
                add(.replaceView(from: old, to: view), .createViews)
                continue
            }
            var bare = view
            if hasOwnComments {
                bare.comment = nil
                for index in bare.columns.indices { bare.columns[index].comment = nil }
            }
            bare.indexes = []
            add(.createView(bare), .createViews)
            comment(.view(view.name, isMaterialized: view.isMaterialized), nil, view.comment)
            compareColumnComments(bare, view)
            for index in view.indexes {
                var plain = index
                plain.comment = nil
                add(.createIndex(table: view.name, index: plain), .createViews)
                comment(.index(ObjectName(index.name, in: view.name.namespace)), nil, index.comment)
            }
        }
    }

    private mutating func compareColumnComments(_ old: Schema.View, _ new: Schema.View) {
        for column in new.columns {
            let former = old.columns.first { $0.name == column.name }?.comment
            comment(.viewColumn(view: new.name, column: column.name), former, column.comment)
        }
    }

    private func differs(_ old: Schema.View, _ new: Schema.View) -> Bool {
        old.query != new.query || old.options != new.options || old.columnNames != new.columnNames
            || old.isMaterialized != new.isMaterialized
    }

    /// Whether a view has to go before it comes again.
    private func isAnew(_ old: Schema.View, _ new: Schema.View) -> Bool {
        if engine == .postgresql, !TokenReader.names(in: old.query, engine).isDisjoint(with: changedTables) {
            return true
        }
        guard differs(old, new) else { return false }
        switch engine {
        case .sqlite: return true
        case .mysql, .mariadb: return false
        case .postgresql:
            // Columns may be added behind those that were there, and no more.
            return old.isMaterialized || new.isMaterialized || old.columns.isEmpty
                || !new.columns.starts(with: old.columns) { $0.name == $1.name && $0.type == $1.type }
        }
    }

    /// Adds the views that read from those.
    private func spread(_ names: inout Set<ObjectName>, in views: [Schema.View]) {
        guard !names.isEmpty else { return }
        var words = Set(names.map(\.name))
        for view in DependencyOrder.sorted(views, engine) where !names.contains(view.name) {
            guard !TokenReader.names(in: view.query, engine).isDisjoint(with: words) else { continue }
            names.insert(view.name)
            words.insert(view.name.name)
        }
    }

    mutating func compareTriggers() {
        struct ID: Hashable {
            var table: ObjectName
            var name: String
        }
        let triggers = matched(source.triggers, target.triggers) { ID(table: $0.table, name: $0.name) }
        let droppedTables = Set(source.tables.map(\.name)).subtracting(target.tables.map(\.name))
        let anewViews = Set(
            phases[Phase.dropViews.rawValue].compactMap { if case .dropView(let view) = $0 { view.name } else { nil } }
        )
        // Those of a table or view go with it, and are told all the same.
        for trigger in triggers.dropped { add(.dropTrigger(trigger), .dropTriggers) }
        for trigger in triggers.created { create(trigger) }
        for (old, new) in triggers.kept {
            var plain = new
            if hasOwnComments { plain.comment = old.comment }
            if plain != old || droppedTables.contains(old.table) || anewViews.contains(old.table) {
                add(.dropTrigger(old), .dropTriggers)
                create(new)
            } else {
                comment(.trigger(table: new.table, trigger: new.name), old.comment, new.comment)
            }
        }
    }

    private mutating func create(_ trigger: Schema.Trigger) {
        var bare = trigger
        if hasOwnComments { bare.comment = nil }
        add(.createTrigger(bare), .createTriggers)
        comment(.trigger(table: trigger.table, trigger: trigger.name), nil, trigger.comment)
    }
}
