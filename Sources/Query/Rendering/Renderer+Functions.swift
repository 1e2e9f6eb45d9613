import Roost

extension Renderer {
    private var engine: DialectProfile.Engine { profile.engine }

    /// An integer argument where PostgreSQL's function takes `integer` and a bound number is `bigint`.
    private mutating func integer(_ node: QueryNode) throws(DatabaseError) {
        if engine == .postgresql {
            write("cast(")
            try render(node)
            write(" as integer)")
        } else {
            try render(node)
        }
    }

    private mutating func function(_ name: String, _ first: QueryNode, integers: some Sequence<QueryNode>)
        throws(DatabaseError)
    {
        write(name + "(")
        try render(first)
        for node in integers {
            write(", ")
            try integer(node)
        }
        write(")")
    }

    mutating func renderFunction(_ name: FunctionName, _ arguments: [QueryNode]) throws(DatabaseError) {
        switch name {
        case .length:
            if engine == .sqlserver {
                // `len` does not count blanks at the end.
                write("(len(")
                try operand(arguments[0])
                return write(" + N'.') - 1)")
            }
            if engine == .db2 { return try callOfCharacters("character_length", arguments) }
            try call(profile.isMySQLFamily || engine == .postgresql ? "char_length" : "length", arguments)
        case .substring:
            if engine == .sqlserver, arguments.count == 2 {
                write("substring(")
                try write(list: arguments)
                return write(", 2147483647)")
            }
            if engine == .db2 { return try callOfCharacters("substring", arguments) }
            let word = engine == .sqlserver ? "substring" : "substr"
            try function(word, arguments[0], integers: arguments.dropFirst())
        case .position:
            switch engine {
            case .sqlite, .oracle: try call("instr", arguments)
            case .postgresql: try call("strpos", arguments)
            case .sqlserver: try call("charindex", arguments.reversed())
            case .db2: try callOfCharacters("locate", arguments.reversed())
            default: try call("locate", arguments.reversed())
            }
        case .left, .right: try renderEnd(name, arguments)
        case .lpad, .rpad: try renderPadding(name, arguments)
        case .repeat: try renderRepeat(arguments)
        case .reverse:
            try require(.reverse)
            try call("reverse", arguments)
        case .ceiling: try call(profile.isOne(of: .sqlserver) ? "ceiling" : "ceil", arguments)
        case .round: try renderRound(arguments)
        case .ln: try call(engine == .sqlserver ? "log" : "ln", arguments)
        case .greatest, .least: try renderExtreme(name, arguments)
        case .random: try renderRandom()
        case .currentDate: try renderNow(isDate: true)
        case .currentTimestamp: try renderNow(isDate: false)
        case .array:
            try require(.arrays)
            write("array[")
            try write(list: arguments)
            write("]")
        case .cardinality, .unnest:
            try require(.arrays)
            try call(name.rawValue, arguments)
        case .element:
            try require(.arrays)
            write("(")
            try render(arguments[0])
            write(")[")
            try integer(arguments[1])
            write("]")
        case .lag, .lead:
            if arguments.count > 2 { try require(.lagDefault) }
            write(name.rawValue + "(")
            try render(arguments[0])
            write(", ")
            try offset(arguments[1])
            if arguments.count > 2 {
                write(", ")
                try render(arguments[2])
            }
            write(")")
        case .nthValue:
            if engine == .sqlserver { throw notSupported("NTH_VALUE") }
            write("nth_value(")
            try render(arguments[0])
            write(", ")
            try offset(arguments[1])
            write(")")
        case .ntile:
            write("ntile(")
            try offset(arguments[0])
            write(")")
        default: try call(name.rawValue, arguments)
        }
    }

    /// An argument that MySQL takes as a bare parameter alone.
    private mutating func offset(_ node: QueryNode) throws(DatabaseError) {
        if profile.isMySQLFamily, case .literal = node.kind { try parameter(of: node) } else { try integer(node) }
    }

    private mutating func renderEnd(_ name: FunctionName, _ arguments: [QueryNode]) throws(DatabaseError) {
        switch (engine, name) {
        case (.sqlite, .left), (.oracle, .left):
            write("substr(")
            try render(arguments[0])
            write(", 1, ")
            try render(arguments[1])
            write(")")
        case (.sqlite, _), (.oracle, _):
            // `substr(x, -n)` gives nothing where x is shorter than n, or everything: the engines disagree.
            write("substr(")
            try render(arguments[0])
            write(engine == .oracle ? ", greatest(length(" : ", max(length(")
            try render(arguments[0])
            write(") - ")
            try operand(arguments[1])
            write(" + 1, 1))")
        case (.db2, _): try callOfCharacters(name.rawValue, arguments)
        default: try function(name.rawValue, arguments[0], integers: arguments.dropFirst())
        }
    }

    /// DB2 counts bytes unless it is told to count characters.
    private mutating func callOfCharacters(_ name: String, _ arguments: [QueryNode]) throws(DatabaseError) {
        write(name + "(")
        try write(list: arguments)
        write(", codeunits32)")
    }

    private mutating func renderPadding(_ name: FunctionName, _ arguments: [QueryNode]) throws(DatabaseError) {
        switch engine {
        case .postgresql:
            write(name.rawValue + "(")
            try render(arguments[0])
            write(", ")
            try integer(arguments[1])
            write(", ")
            try render(arguments[2])
            write(")")
        case .sqlite:
            // There is no such function: zeros in hexadecimal make as many copies as are needed.
            let fill = { (renderer: inout Renderer) throws(DatabaseError) in
                renderer.write("substr(replace(hex(zeroblob(max(0, ")
                try renderer.operand(arguments[1])
                renderer.write("))), '00', ")
                try renderer.render(arguments[2])
                renderer.write("), 1, max(0, ")
                try renderer.operand(arguments[1])
                renderer.write(" - length(")
                try renderer.render(arguments[0])
                renderer.write(")))")
            }
            write("substr(")
            if name == .lpad {
                try fill(&self)
                write(" || ")
                try operand(arguments[0])
            } else {
                try operand(arguments[0])
                write(" || ")
                try fill(&self)
            }
            write(", 1, ")
            try render(arguments[1])
            write(")")
        case .sqlserver, .db2: throw notSupported("LPAD and RPAD of characters")
        default: try call(name.rawValue, arguments)
        }
    }

    private mutating func renderRepeat(_ arguments: [QueryNode]) throws(DatabaseError) {
        switch engine {
        case .sqlite:
            write("replace(hex(zeroblob(")
            try render(arguments[1])
            write(")), '00', ")
            try render(arguments[0])
            write(")")
        case .sqlserver: try call("replicate", arguments)
        case .oracle: throw notSupported("REPEAT")
        default: try function("repeat", arguments[0], integers: arguments.dropFirst())
        }
    }

    private mutating func renderRound(_ arguments: [QueryNode]) throws(DatabaseError) {
        if engine == .postgresql {
            // PostgreSQL rounds only exact numbers to decimal places.
            write("round(cast(")
            try render(arguments[0])
            write(" as numeric), ")
            try integer(arguments[1])
            write(")")
        } else {
            try call("round", arguments)
        }
    }

    private mutating func renderExtreme(_ name: FunctionName, _ arguments: [QueryNode]) throws(DatabaseError) {
        // SQLite's `max` of one argument is the aggregate.
        if arguments.count == 1 { return try operand(arguments[0]) }
        switch engine {
        case .sqlite: try call(name == .greatest ? "max" : "min", arguments)
        case .postgresql:
            // PostgreSQL passes over NULL; the others do not.
            write("case when ")
            for (index, argument) in arguments.enumerated() {
                if index > 0 { write(" and ") }
                try operand(argument)
                write(" is not null")
            }
            write(" then ")
            try call(name.rawValue, arguments)
            write(" end")
        default: try call(name.rawValue, arguments)
        }
    }

    private mutating func renderRandom() throws(DatabaseError) {
        switch engine {
        // As many bits as a double holds, so that no rounding makes 1 of them.
        case .sqlite: write("((random() & 9007199254740991) / 9007199254740992.0)")
        case .postgresql: write("random()")
        case .oracle: write("dbms_random.value")
        default: write("rand()")
        }
    }

    private mutating func renderNow(isDate: Bool) throws(DatabaseError) {
        switch engine {
        case .sqlite: write(isDate ? "date('now')" : "(strftime('%Y-%m-%d %H:%M:%f000', 'now') || 'Z')")
        case .mysql, .mariadb: write(isDate ? "current_date" : "current_timestamp(6)")
        case .sqlserver: write(isDate ? "cast(sysdatetime() as date)" : "sysdatetimeoffset()")
        case .oracle: write(isDate ? "trunc(current_date)" : "current_timestamp")
        default: write(isDate ? "current_date" : "current_timestamp")
        }
    }

    // MARK: Text

    mutating func renderLike(_ children: [QueryNode], _ negated: Bool, _ ignoringCase: Bool) throws(DatabaseError) {
        let lowers = ignoringCase && !profile.has(.ilike)
        if lowers { try call("lower", [children[0]]) } else { try operand(children[0]) }
        write(negated ? " not" : "")
        write(ignoringCase && !lowers ? " ilike " : " like ")
        if lowers { write("lower(") }
        if engine == .sqlserver, case .literal = children[1].kind {
            try parameter(of: children[1], .brackets)
        } else {
            try operand(children[1])
        }
        if lowers { write(")") }
        try writeEscape()
    }

    private mutating func writeEscape() throws(DatabaseError) {
        // The backslash is the default of PostgreSQL, MySQL and MariaDB.
        if !profile.isOne(of: .postgresql, .mysql, .mariadb) { write(" escape '\\'") }
    }

    mutating func renderContains(_ text: QueryNode, _ part: QueryNode, _ match: TextMatch) throws(DatabaseError) {
        guard engine == .sqlite else {
            try operand(text)
            write(" like ")
            try parameter(of: part, .like(match, escapesBrackets: engine == .sqlserver))
            return try writeEscape()
        }
        // SQLite's LIKE ignores case.
        switch match {
        case .anywhere:
            try call("instr", [text, part])
            write(" > 0")
        case .prefix:
            write("substr(")
            try render(text)
            write(", 1, length(")
            try render(part)
            write(")) = ")
            try render(part)
        case .suffix:
            write("substr(")
            try render(text)
            write(", max(length(")
            try render(text)
            write(") - length(")
            try render(part)
            write(") + 1, 1)) = ")
            try render(part)
        }
    }

    mutating func renderTextSearch(_ children: [QueryNode]) throws(DatabaseError) {
        try require(.fullText)
        switch engine {
        case .postgresql:
            write("to_tsvector('simple', ")
            try render(children[0])
            write(") @@ plainto_tsquery('simple', ")
            try render(children[1])
            write(")")
        case .mysql, .mariadb:
            write("match(")
            try render(children[0])
            write(") against (")
            try render(children[1])
            write(" in natural language mode)")
        case .sqlite:
            try operand(children[0])
            write(" match ")
            try render(children[1])
        case .sqlserver: try call("freetext", children)
        default:
            try call("contains", children)
            write(" > 0")
        }
    }
}
