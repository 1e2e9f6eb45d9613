/// Draws the tables of a schema and how they refer to each other, as SVG.
///
/// Tables stand in layers, each to the right of those it refers to, so that lines run from right to left. Lines that pass a layer
/// go behind its tables.
struct EntityDiagram {
    private struct Box {
        var table: Schema.Table
        var layer = 0
        var x = 0.0
        var y = 0.0
        var width = 0.0
        var height = 0.0
    }

    private let rowHeight = 18.0
    private let headHeight = 26.0
    private let characterWidth = 7.0
    private let gap = 28.0
    private let channel = 110.0
    private let margin = 24.0
    private var boxes: [Box] = []
    private var positions: [ObjectName: Int] = [:]

    init(_ tables: [Schema.Table]) {
        // Parts of a table say nothing that the table does not.
        boxes = tables.filter { $0.partition == nil }.map { Box(table: $0) }
        for (index, box) in boxes.enumerated() { positions[box.table.name] = index }
        place()
    }

    // MARK: Layout

    /// The tables a table refers to, itself left out.
    private func references(_ index: Int) -> [Int] {
        boxes[index].table.foreignKeys.compactMap { positions[$0.referencedTable] }.filter { $0 != index }
    }

    private mutating func place() {
        for index in boxes.indices {
            let columns = boxes[index].table.columns
            let names = columns.map(\.name.count).max() ?? 0
            let types = columns.map { min($0.type.spelling.count, 24) }.max() ?? 0
            let title = boxes[index].table.name.description.count
            boxes[index].width = max(Double(names + types + 8), Double(title + 4) * 1.1) * characterWidth
            boxes[index].height = headHeight + Double(columns.count) * rowHeight + 6
        }
        assignLayers()
        let order = orderedLayers()
        var x = margin
        let heights = order.map { layer in layer.reduce(0) { $0 + boxes[$1].height + gap } }
        let tallest = heights.max() ?? 0
        for (layer, height) in zip(order, heights) {
            var y = margin + (tallest - height) / 2
            let width = layer.map { boxes[$0].width }.max() ?? 0
            for index in layer {
                boxes[index].x = x
                boxes[index].y = y
                boxes[index].width = width
                y += boxes[index].height + gap
            }
            x += width + channel
        }
    }

    private mutating func assignLayers() {
        // What is referred to first; what goes round in a circle as it comes.
        let order = DependencyOrder.sorted(Array(boxes.indices), id: { $0 }, dependencies: references)
        var rank = [Int](repeating: 0, count: boxes.count)
        for (position, index) in order.enumerated() { rank[index] = position }
        for index in order {
            boxes[index].layer =
                (references(index).filter { rank[$0] < rank[index] }.map { boxes[$0].layer }.max() ?? -1) + 1
        }
        var referrers = [[Int]](repeating: [], count: boxes.count)
        for index in boxes.indices { for other in references(index) { referrers[other].append(index) } }
        // What refers to nothing stands beside those that refer to it, so that lines are short.
        for index in order.reversed() where references(index).isEmpty {
            if let nearest = referrers[index].map({ boxes[$0].layer }).min(), nearest > 0 {
                boxes[index].layer = nearest - 1
            }
        }
        // Tables without any line fill the last layers, none of them taller than the rest.
        let lone = boxes.indices.filter { references($0).isEmpty && referrers[$0].isEmpty }
        let linked = boxes.indices.filter { !lone.contains($0) }
        var layer = (linked.map { boxes[$0].layer }.max() ?? -1) + 1
        let perLayer = max(
            4,
            linked.isEmpty ? Int(Double(lone.count).squareRoot()) + 1 : linked.count / max(1, layer) + 1
        )
        for (position, index) in lone.enumerated() {
            if position > 0, position % perLayer == 0 { layer += 1 }
            boxes[index].layer = layer
        }
    }

    /// The boxes by layer, near those they are linked with.
    private func orderedLayers() -> [[Int]] {
        let count = (boxes.map(\.layer).max() ?? -1) + 1
        var layers = (0..<count).map { layer in boxes.indices.filter { boxes[$0].layer == layer } }
        var links = [[Int]](repeating: [], count: boxes.count)
        for index in boxes.indices {
            for other in references(index) {
                links[index].append(other)
                links[other].append(index)
            }
        }
        var place = [Double](repeating: 0, count: boxes.count)
        func settle(_ layer: [Int]) {
            for (position, index) in layer.enumerated() {
                place[index] = (Double(position) + 0.5) / Double(layer.count)
            }
        }
        layers.forEach(settle)
        for round in 0..<8 {
            let sweep = round % 2 == 0 ? Array(layers.indices) : layers.indices.reversed()
            for layer in sweep {
                let weights = layers[layer].map { index in
                    links[index].isEmpty
                        ? place[index] : links[index].reduce(0) { $0 + place[$1] } / Double(links[index].count)
                }
                layers[layer] = zip(weights, layers[layer]).sorted { $0.0 < $1.0 }.map(\.1)
                settle(layers[layer])
            }
        }
        return layers
    }

    // MARK: Drawing

    private func number(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\((value * 10).rounded() / 10)"
    }

    private func row(_ box: Box, _ column: String?) -> Double {
        let index = box.table.columns.firstIndex { $0.name == column } ?? 0
        return box.y + headHeight + (Double(index) + 0.5) * rowHeight + 2
    }

    /// The drawing as an SVG document.
    func svg() -> String {
        let width = (boxes.map { $0.x + $0.width }.max() ?? 0) + margin + 30
        let height = (boxes.map { $0.y + $0.height }.max() ?? 0) + margin
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(number(width))" height="\(number(height))" \
            viewBox="0 0 \(number(width)) \(number(height))" font-family="Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="11">
            <rect width="100%" height="100%" fill="#ffffff"/>

            """
        for box in boxes { for key in box.table.foreignKeys { text += line(box, key) } }
        for box in boxes { text += self.box(box) }
        return text + "</svg>\n"
    }

    /// A line from the referring column to the one referred to, with a crow's foot where there may be many.
    private func line(_ box: Box, _ key: Schema.ForeignKey) -> String {
        guard let index = positions[key.referencedTable] else { return "" }
        let other = boxes[index]
        let from = row(box, key.columns.first)
        let to = row(other, key.referencedColumns.first ?? other.table.primaryKey?.columns.first)
        let path: String
        var (start, end, side) = (box.x, other.x + other.width, 1.0)
        if other.x + other.width <= box.x {
            let bend = min(channel * 0.6, (start - end) / 2)
            path =
                "M\(number(start)) \(number(from))C\(number(start - bend)) \(number(from)) \(number(end + bend)) \(number(to)) \(number(end)) \(number(to))"
        } else if box.x + box.width <= other.x {
            (start, end, side) = (box.x + box.width, other.x, -1.0)
            let bend = min(channel * 0.6, (end - start) / 2)
            path =
                "M\(number(start)) \(number(from))C\(number(start + bend)) \(number(from)) \(number(end - bend)) \(number(to)) \(number(end)) \(number(to))"
        } else {
            // The same table or layer: around the right side.
            (start, end, side) = (box.x + box.width, other.x + other.width, -1.0)
            let out = number(max(start, end) + 34)
            path =
                "M\(number(start)) \(number(from))C\(out) \(number(from)) \(out) \(number(to)) \(number(end)) \(number(to))"
        }
        let isLoop = start == box.x + box.width && end == other.x + other.width
        let foot = number(start - 9 * side)
        let bar = number(end + 7 * (isLoop ? 1 : side))
        return """
            <path d="\(path)" fill="none" stroke="#6b7f99" stroke-width="1.2"/>
            <path d="M\(foot) \(number(from))L\(number(start)) \(number(from - 4))M\(foot) \(number(from))L\(number(start)) \(number(from + 4))\
            M\(bar) \(number(to - 4))L\(bar) \(number(to + 4))" fill="none" stroke="#6b7f99" stroke-width="1.2"/>

            """
    }

    private func box(_ box: Box) -> String {
        let (x, y) = (number(box.x), number(box.y))
        var text = """
            <rect x="\(x)" y="\(y)" width="\(number(box.width))" height="\(number(box.height))" rx="4" fill="#ffffff" stroke="#34495e"/>
            <path d="M\(x) \(number(box.y + headHeight))v-\(number(headHeight - 4))a4 4 0 0 1 4-4h\(number(box.width - 8))a4 4 0 0 1 4 4v\
            \(number(headHeight - 4))z" fill="#34495e"/>
            <text x="\(number(box.x + 8))" y="\(number(box.y + 17))" fill="#ffffff" font-weight="bold" font-size="12">\
            \(Markup.escaped(box.table.name.description))</text>

            """
        let referring = Set(box.table.foreignKeys.flatMap(\.columns))
        let key = box.table.primaryKey?.columns ?? []
        for column in box.table.columns {
            let baseline = number(row(box, column.name) + 4)
            let mark = key.contains(column.name) ? "PK" : referring.contains(column.name) ? "FK" : ""
            let weight = key.contains(column.name) ? " font-weight=\"bold\"" : ""
            let type =
                column.type.spelling.count > 24 ? String(column.type.spelling.prefix(23)) + "…" : column.type.spelling
            text += """
                <text x="\(number(box.x + 6))" y="\(baseline)" fill="#b06000" font-size="9">\(mark)</text>\
                <text x="\(number(box.x + 24))" y="\(baseline)" fill="#1c2733"\(weight)>\(Markup.escaped(column.name))</text>\
                <text x="\(number(box.x + box.width - 6))" y="\(baseline)" fill="#7a8794" text-anchor="end">\(Markup.escaped(type))</text>

                """
        }
        return text
    }
}
