import Roost

extension Renderer {
    mutating func renderSource(_ node: QueryNode) throws(DatabaseError) {
        switch node.kind {
        case .table(let name, let alias):
            try write(identifier: name)
            if let alias { try renderAlias(alias) }
        case .join(let kind): try renderJoin(kind, node.children)
        case .derived(let alias, let columns, let isLateral):
            if isLateral {
                try require(.lateral)
                write("lateral ")
            }
            write("(")
            if let columns, !columns.isEmpty {
                try render(node.children[0], outputNames: columns)
            } else {
                try render(node.children[0])
            }
            write(")")
            try renderAlias(alias)
        case .tableFunction(let alias, let columns, let isLateral):
            try require(.tableFunctions)
            if isLateral, profile.engine == .postgresql { write("lateral ") }
            try render(node.children[0])
            try renderAlias(alias)
            if let columns, profile.engine == .postgresql { try writeColumnNames(columns) }
        default: try render(node)
        }
    }

    mutating func renderAlias(_ alias: String) throws(DatabaseError) {
        // Oracle allows no `as` here.
        write(profile.engine == .oracle ? " " : " as ")
        try write(identifier: alias)
    }

    private mutating func renderJoin(_ kind: JoinKind, _ children: [QueryNode]) throws(DatabaseError) {
        switch kind {
        case .right: try require(.rightJoin)
        case .full: try require(.fullJoin, hint: "Unite a left and a right join with UNION.")
        default: break
        }
        try renderSource(children[0])
        write(" \(kind == .inner ? "" : kind.rawValue + " ")join ")
        let isNested = if case .join = children[1].kind { true } else { false }
        if isNested { write("(") }
        try renderSource(children[1])
        if isNested { write(")") }
        if !children[2].isAbsent {
            write(" on ")
            try render(children[2])
        }
    }
}
