/// Puts what depends on each other in an order.
public enum DependencyGraph {
    /// Why there is no order.
    public enum Failure: Error, Sendable, Hashable {
        /// Something depends on itself: the way round, its first element again at the end.
        case cycle([String])
        /// Something depends on what is not there.
        case unknown(String, neededBy: String)
    }

    /// The elements, each after what it depends on, otherwise as they stand.
    public static func ordered(
        _ elements: [(name: String, dependencies: [String])]
    ) throws(Failure) -> [String] {
        let known = Dictionary(elements.map { ($0.name, $0.dependencies) }, uniquingKeysWith: { first, _ in first })
        for element in elements {
            if let missing = element.dependencies.first(where: { known[$0] == nil }) {
                throw .unknown(missing, neededBy: element.name)
            }
        }
        var result: [String] = []
        var done: Set<String> = []
        for element in elements where !done.contains(element.name) {
            // A stack of its own: what a file says decides how deep it goes.
            var path: [(name: String, next: Int)] = [(element.name, 0)]
            var onPath: Set<String> = [element.name]
            while let last = path.last {
                let dependencies = known[last.name] ?? []
                guard last.next < dependencies.count else {
                    path.removeLast()
                    onPath.remove(last.name)
                    done.insert(last.name)
                    result.append(last.name)
                    continue
                }
                path[path.count - 1].next += 1
                let next = dependencies[last.next]
                if onPath.contains(next) {
                    let start = path.firstIndex { $0.name == next } ?? 0
                    throw .cycle(path[start...].map(\.name) + [next])
                }
                if !done.contains(next) {
                    path.append((next, 0))
                    onPath.insert(next)
                }
            }
        }
        return result
    }
}
