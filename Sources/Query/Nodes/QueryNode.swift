package import Roost

/// One node of a query's tree: an opaque value for applications, the common form of everything that can be rendered.
///
/// The tree is uniform (a kind, children, at most one bound value), so that what a query *is* (its shape) can be told from what
/// is bound in it by one function for all kinds: no kind can forget to take part in the key of the cache.
public final class QueryNode: Sendable {
    package let kind: NodeKind
    package let children: [QueryNode]
    /// The bound value of a literal; in a compiled tree the number of the literal instead.
    package let value: Value
    /// How many literals this tree holds; trees without any are never walked again once compiled.
    package let literalCount: Int
    /// A hash of the kinds of the tree, without its values.
    package let shapeHash: Int
    /// How deep the tree is; rendering is recursive and refuses what is too deep.
    package let depth: Int

    package init(_ kind: NodeKind, _ children: [QueryNode] = []) {
        self.kind = kind
        self.children = children
        value = .null
        var hasher = Hasher()
        hasher.combine(kind)
        var literals = 0
        var deepest = 0
        for child in children {
            hasher.combine(child.shapeHash)
            literals += child.literalCount
            deepest = max(deepest, child.depth)
        }
        literalCount = literals
        depth = deepest + 1
        shapeHash = hasher.finalize()
    }

    package init(literal value: Value) {
        kind = .literal(value.kind)
        children = []
        self.value = value
        literalCount = 1
        depth = 1
        shapeHash = 0x517C_C1B7 &+ Int(value.kind.rawValue)
    }

    private init(_ other: QueryNode, children: [QueryNode], value: Value) {
        kind = other.kind
        self.children = children
        self.value = value
        literalCount = other.literalCount
        shapeHash = other.shapeHash
        depth = other.depth
    }

    /// What stands for a part that is not there.
    package static let absent = QueryNode(.absent)

    package var isAbsent: Bool { kind == .absent }

    package static func list(_ children: [QueryNode]) -> QueryNode { QueryNode(.list, children) }

    /// The literals from left to right.
    package func appendLiterals(to values: inout [Value]) {
        guard literalCount > 0 else { return }
        if case .literal = kind {
            values.append(value)
        } else {
            for child in children { child.appendLiterals(to: &values) }
        }
    }

    /// The same tree with the number of each literal where its value was, in the order of ``appendLiterals(to:)``.
    package func numbered(from next: inout Int64) -> QueryNode {
        guard literalCount > 0 else { return self }
        if case .literal = kind {
            defer { next += 1 }
            return QueryNode(self, children: [], value: .int(next))
        }
        return QueryNode(self, children: children.map { $0.numbered(from: &next) }, value: .null)
    }

    /// Whether both are the same but for the values of their literals.
    package func hasShape(of other: QueryNode) -> Bool {
        if self === other { return true }
        guard shapeHash == other.shapeHash, kind == other.kind, children.count == other.children.count else {
            return false
        }
        for index in children.indices where !children[index].hasShape(of: other.children[index]) { return false }
        return true
    }
}

/// Anything that is part of a query: expressions, conditions, orderings.
public protocol QueryTerm: Sendable {
    /// The term's tree.
    var node: QueryNode { get }
}
