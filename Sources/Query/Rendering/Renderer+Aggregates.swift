import Roost

extension Renderer {
    mutating func renderAggregate(
        _ name: AggregateName,
        isDistinct: Bool,
        _ type: SQLType,
        _ parts: [QueryNode]
    ) throws(DatabaseError) {
        var arguments = parts[0].children
        let order = parts[2]
        if !order.isAbsent { try require(.orderedAggregates) }
        var separator: String?
        if name == .join, let last = arguments.popLast(), case .identifier(let text) = last.kind {
            separator = text.first
        }
        // PostgreSQL's sum of bigint is numeric, and of integer bigint: one type for what is one type in Swift.
        let cast: SQLType? =
            switch (profile.engine, name) {
            case (.postgresql, .sum) where type != .decimal, (.postgresql, .avg), (.postgresql, .standardDeviation),
                (.postgresql, .variance):
                type
            default: nil
            }
        if cast != nil { write("cast(") }
        try writeAggregateHead(name)
        write("(")
        if isDistinct { write("distinct ") }
        let emulatesFilter = !parts[1].isAbsent && !profile.has(.filter)
        // A document would get `null` for the rows left out.
        if emulatesFilter, name == .jsonArray || name == .jsonObject {
            throw notSupported("FILTER of a JSON aggregate")
        }
        if emulatesFilter {
            write("case when ")
            try render(parts[1])
            write(" then ")
        }
        try writeArguments(name, arguments, emulatesFilter: emulatesFilter)
        if emulatesFilter { write(" end") }
        if let separator { try writeSeparator(separator, order, isDistinct: isDistinct) }
        if separator == nil, !order.isAbsent, profile.engine == .postgresql {
            write(" order by ")
            try render(order)
        }
        write(")")
        if separator != nil, !order.isAbsent, profile.isOne(of: .sqlserver, .oracle, .db2) {
            write(" within group (order by ")
            try render(order)
            write(")")
        }
        if !parts[1].isAbsent, !emulatesFilter {
            write(" filter (where ")
            try render(parts[1])
            write(")")
        }
        if let cast {
            write(" as ")
            try writeCastType(cast)
            write(")")
        }
    }

    private mutating func writeAggregateHead(_ name: AggregateName) throws(DatabaseError) {
        switch (name, profile.engine) {
        case (.join, .sqlite), (.join, .mysql), (.join, .mariadb): write("group_concat")
        case (.join, .oracle), (.join, .db2): write("listagg")
        case (.arrayAggregate, _):
            try require(.arrays)
            write("array_agg")
        case (.jsonArray, .postgresql): write("jsonb_agg")
        case (.jsonObject, .postgresql): write("jsonb_object_agg")
        case (.jsonArray, .sqlite): write("json_group_array")
        case (.jsonObject, .sqlite): write("json_group_object")
        case (.jsonArray, .sqlserver), (.jsonObject, .sqlserver): throw notSupported("JSON aggregates")
        case (.jsonArray, _): write("json_arrayagg")
        case (.jsonObject, _): write("json_objectagg")
        case (.every, .postgresql): write("bool_and")
        case (.some, .postgresql): write("bool_or")
        case (.every, _): write("min")
        case (.some, _): write("max")
        case (.standardDeviation, .sqlite), (.variance, .sqlite): throw notSupported("standard deviation and variance")
        case (.standardDeviation, .sqlserver): write("stdev")
        case (.variance, .sqlserver): write("var")
        case (.grouping, .sqlite), (.grouping, .mariadb): throw notSupported("GROUPING")
        default: write(name.rawValue)
        }
    }

    private mutating func writeArguments(
        _ name: AggregateName,
        _ arguments: [QueryNode],
        emulatesFilter: Bool
    ) throws(DatabaseError) {
        guard let first = arguments.first else { return write(emulatesFilter ? "1" : "*") }
        switch (name, profile.engine) {
        case (.avg, .mysql), (.avg, .mariadb):
            // Of integers MySQL gives only four decimal places.
            try operand(first)
            write(" + 0e0")
        case (.avg, .sqlserver), (.avg, .oracle), (.avg, .db2):
            write("cast(")
            try render(first)
            write(" as ")
            try writeCastType(.double)
            write(")")
        case (.every, .postgresql), (.some, .postgresql): try render(first)
        case (.every, _), (.some, _):
            write("case when ")
            try render(first)
            write(" then 1 when not (")
            try render(first)
            write(") then 0 end")
        default: try write(list: arguments)
        }
    }

    private mutating func writeSeparator(
        _ separator: String,
        _ order: QueryNode,
        isDistinct: Bool
    ) throws(DatabaseError) {
        switch profile.engine {
        case .mysql, .mariadb:
            if !order.isAbsent {
                write(" order by ")
                try render(order)
            }
            write(" separator ")
            try write(string: separator)
        case .sqlite:
            if isDistinct {
                guard separator == "," else { throw notSupported("a separator for distinct texts") }
            } else {
                write(", ")
                try write(string: separator)
            }
            if !order.isAbsent {
                write(" order by ")
                try render(order)
            }
        default:
            write(", ")
            try write(string: separator)
            if !order.isAbsent, profile.engine == .postgresql {
                write(" order by ")
                try render(order)
            }
        }
    }

    mutating func renderGrouping(_ kind: GroupingKind, _ children: [QueryNode]) throws(DatabaseError) {
        try require(kind == .rollup ? .rollup : .groupingSets)
        if profile.isMySQLFamily {
            try write(list: children)
            return write(" with rollup")
        }
        try call(kind.rawValue, children)
    }

    // MARK: Windows

    mutating func renderWindow(_ frame: WindowFrame?, _ children: [QueryNode]) throws(DatabaseError) {
        if case .aggregate(let name, let distinct, _) = children[0].kind {
            if distinct { try require(.distinctWindows) }
            switch (name, profile.engine) {
            case (.join, .mysql), (.join, .mariadb), (.join, .sqlserver), (.join, .oracle), (.join, .db2):
                throw notSupported("joined texts over a window")
            case (.jsonArray, .mariadb), (.jsonObject, .mariadb): throw notSupported("JSON aggregates over a window")
            default: break
            }
        }
        // The cast around an aggregate stands around its window.
        if case .aggregate(let name, let distinct, let type) = children[0].kind, profile.engine == .postgresql,
            [.sum, .avg, .standardDeviation, .variance].contains(name), type != .decimal
        {
            write("cast(")
            try renderAggregate(name, isDistinct: distinct, .decimal, children[0].children, isBare: true)
            try writeOver(frame, children)
            write(" as ")
            try writeCastType(type)
            write(")")
            return
        }
        try render(children[0])
        try writeOver(frame, children)
    }

    private mutating func renderAggregate(
        _ name: AggregateName,
        isDistinct: Bool,
        _ type: SQLType,
        _ parts: [QueryNode],
        isBare: Bool
    ) throws(DatabaseError) {
        write(name.rawValue + "(" + (isDistinct ? "distinct " : ""))
        try write(list: parts[0].children)
        write(")")
        if !parts[1].isAbsent {
            write(" filter (where ")
            try render(parts[1])
            write(")")
        }
    }

    private mutating func writeOver(_ frame: WindowFrame?, _ children: [QueryNode]) throws(DatabaseError) {
        write(" over (")
        var space = ""
        if !children[1].children.isEmpty {
            write("partition by ")
            try render(children[1])
            space = " "
        }
        if !children[2].children.isEmpty {
            write(space + "order by ")
            try render(children[2])
            space = " "
        }
        if let frame {
            if frame.unit == .groups { try require(.groupsFrames) }
            write("\(space)\(frame.unit.rawValue) between \(Self.text(frame.start)) and \(Self.text(frame.end))")
            if let exclusion = frame.exclusion {
                try require(.frameExclusion)
                write(" exclude \(exclusion.rawValue)")
            }
        }
        write(")")
    }

    private static func text(_ bound: WindowFrame.Bound) -> String {
        switch bound {
        case .unboundedPreceding: "unbounded preceding"
        case .currentRow: "current row"
        case .unboundedFollowing: "unbounded following"
        case .preceding(let count): "\(count.magnitude) preceding"
        case .following(let count): "\(count.magnitude) following"
        }
    }
}
