import Roost

extension Renderer {
    mutating func renderAssignments(_ assignments: QueryNode, qualified: Bool = false) throws(DatabaseError) {
        for (index, assignment) in try inOrder(assignments.children, isJoin: qualified).enumerated() {
            if index > 0 { write(", ") }
            if qualified { try render(assignment.children[0]) } else { try renderUnqualified(assignment.children[0]) }
            write(" = ")
            try renderStored(assignment.children[1])
        }
    }

    /// A value that goes into a column.
    mutating func renderStored(_ value: QueryNode) throws(DatabaseError) {
        guard case .literal = value.kind else { return try render(value) }
        isStoring = true
        try render(value)
        isStoring = false
    }

    /// Assignments so that none reads what one before it has set: MySQL and MariaDB set column after column.
    private func inOrder(_ assignments: [QueryNode], isJoin: Bool) throws(DatabaseError) -> [QueryNode] {
        guard profile.isMySQLFamily, assignments.count > 1 else { return assignments }
        var rest = assignments
        var ordered: [QueryNode] = []
        while !rest.isEmpty {
            let next = rest.indices.first { index in
                !rest.indices.contains { $0 != index && rest[$0].children[1].holds(rest[index].children[0].kind) }
            }
            // Of a join's rows neither engine promises an order.
            guard let next, !isJoin || next == 0 && !reads(rest[0], anyOf: ordered) else {
                throw notSupported(
                    "assignments that read each other's columns",
                    hint: "Make several updates of it, in one transaction."
                )
            }
            ordered.append(rest.remove(at: next))
        }
        return ordered
    }

    private func reads(_ assignment: QueryNode, anyOf others: [QueryNode]) -> Bool {
        others.contains { assignment.children[1].holds($0.children[0].kind) }
    }
}

extension QueryNode {
    /// Whether a query is in the tree.
    var holdsQuery: Bool { kind.isQuery || children.contains(where: \.holdsQuery) }

    /// Whether a node of this kind is in the tree.
    fileprivate func holds(_ wanted: NodeKind) -> Bool {
        kind == wanted || children.contains { $0.holds(wanted) }
    }
}
