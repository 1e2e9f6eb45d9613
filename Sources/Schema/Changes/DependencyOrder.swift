/// Puts things after what they stand on.
enum DependencyOrder {
    /// The items in an order in which each comes after those it depends on; within a circle, and else, in the order given.
    static func sorted<Item, ID: Hashable>(
        _ items: [Item],
        id: (Item) -> ID,
        dependencies: (Item) -> [ID]
    ) -> [Item] {
        var positions: [ID: Int] = [:]
        for (position, item) in items.enumerated() { positions[id(item)] = position }
        var state = [UInt8](repeating: 0, count: items.count)
        var result: [Item] = []
        result.reserveCapacity(items.count)
        // Without recursion: a chain may be as long as the schema.
        for start in items.indices where state[start] == 0 {
            var stack: [(item: Int, rest: [Int])] = [(start, next(start))]
            state[start] = 1
            while let top = stack.last {
                if let dependency = top.rest.last {
                    stack[stack.count - 1].rest.removeLast()
                    guard state[dependency] == 0 else { continue }
                    state[dependency] = 1
                    stack.append((dependency, next(dependency)))
                } else {
                    state[top.item] = 2
                    result.append(items[top.item])
                    stack.removeLast()
                }
            }
        }
        return result

        func next(_ position: Int) -> [Int] {
            dependencies(items[position]).compactMap { positions[$0] }.filter { $0 != position }.sorted(by: >)
        }
    }

    /// Views, each after those it reads from.
    static func sorted(_ views: [Schema.View], _ engine: Schema.Engine) -> [Schema.View] {
        guard views.count > 1 else { return views }
        let names = Dictionary(grouping: views, by: \.name.name).mapValues { $0.map(\.name) }
        return sorted(views, id: \.name) { view in
            TokenReader.names(in: view.query, engine).flatMap { names[$0] ?? [] }
        }
    }

    /// Tables, each after those it is a part of or inherits from.
    static func sorted(_ tables: [Schema.Table]) -> [Schema.Table] {
        sorted(tables, id: \.name) { table in (table.partition.map { [$0.of] } ?? []) + table.parents }
    }
}
