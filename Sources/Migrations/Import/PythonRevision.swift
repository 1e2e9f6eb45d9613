/// A Python file of Alembic, read as far as it is plain: assignments of literals, the docstring, and `op.execute` of literals.
struct PythonRevision {
    /// The body of a function.
    struct Body {
        /// The SQL of `op.execute`, in order.
        var statements: [String] = []
        /// What is something else, with its line.
        var unknown: [(line: Int, text: String)] = []
    }

    private(set) var revision: String?
    private(set) var parents: [String]?
    private(set) var parentsLine: Int?
    private(set) var description: String?
    private(set) var bodies: [String: Body] = [:]
    private(set) var isAutocommitting = false

    init(_ text: String) {
        var dependencies: [String] = []
        var function: String?
        for line in Self.logicalLines(text) {
            let code = line.text.trimmingBlanks
            if line.indent == 0 {
                function = nil
                if let literal = PythonLiteral.only(code), description == nil, revision == nil {
                    description = literal.split(whereSeparator: \.isNewline).first.map(String.init)
                } else if code.hasPrefix("def ") {
                    let name = String(code.dropFirst(4).prefix { $0 != "(" })
                    function = name
                    bodies[name] = Body()
                } else if let value = Self.value(of: "revision", in: code) {
                    revision = PythonLiteral.only(value)
                } else if let value = Self.value(of: "down_revision", in: code) {
                    parents = Self.names(value)
                    parentsLine = line.number
                } else if let value = Self.value(of: "depends_on", in: code), let names = Self.names(value) {
                    dependencies = names
                }
            } else if let function {
                var body = bodies[function] ?? Body()
                read(code, line.number, &body)
                bodies[function] = body
            }
        }
        parents?.append(contentsOf: dependencies)
    }

    private mutating func read(_ code: String, _ line: Int, _ body: inout Body) {
        // A docstring or a bare word does nothing.
        if code == "pass" || code == "..." || PythonLiteral.only(code) != nil { return }
        if code.contains("autocommit_block()"), code.hasPrefix("with ") {
            isAutocommitting = true
            return
        }
        for opening in ["op.execute(sa.text(", "op.execute(text(", "op.execute("] where code.hasPrefix(opening) {
            let closing = opening.count(where: { $0 == "(" })
            var argument = code.dropFirst(opening.count)
            for _ in 0..<closing {
                guard argument.last == ")" else { break }
                argument = argument.dropLast()
                while argument.last?.isWhitespace == true { argument = argument.dropLast() }
            }
            var inner = String(argument).trimmingBlanks
            if inner.hasSuffix(",") { inner.removeLast() }
            guard var sql = PythonLiteral.only(inner)?.trimmingBlanks else { break }
            while sql.hasSuffix(";") { sql = String(sql.dropLast()).trimmingBlanks }
            body.statements.append(sql)
            return
        }
        let first = code.split(whereSeparator: \.isNewline).first.map(String.init) ?? code
        body.unknown.append((line, String(first.prefix(120))))
    }

    /// The right side of `name = …` or `name: type = …`.
    private static func value(of name: String, in code: String) -> String? {
        guard code.hasPrefix(name) else { return nil }
        let rest = code.dropFirst(name.count).drop(while: \.isWhitespace)
        guard rest.first == "=" || rest.first == ":", let equals = rest.firstIndex(of: "=") else { return nil }
        return rest[rest.index(after: equals)...].trimmingBlanks
    }

    /// `None`, a literal, or a tuple or list of literals; nil for anything else.
    private static func names(_ value: String) -> [String]? {
        if value == "None" { return [] }
        if let one = PythonLiteral.only(value) { return [one] }
        guard let open = value.first, let close = value.last, (open, close) == ("(", ")") || (open, close) == ("[", "]")
        else { return nil }
        var names: [String] = []
        for part in value.dropFirst().dropLast().split(separator: ",") where !part.allSatisfy(\.isWhitespace) {
            guard let name = PythonLiteral.only(part.trimmingBlanks) else { return nil }
            names.append(name)
        }
        return names
    }

    private struct Line {
        var number: Int
        var indent: Int
        var text: String
    }

    /// Lines as Python counts them: what is in brackets or a long string goes on over line ends; comments are gone.
    private static func logicalLines(_ text: String) -> [Line] {
        let characters = Array(text.replacing("\r\n", with: "\n").unicodeScalars)
        var lines: [Line] = []
        var current = String.UnicodeScalarView()
        var (number, start, depth, index) = (1, 1, 0, 0)
        func close() {
            let text = String(current)
            if !text.allSatisfy(\.isWhitespace) {
                lines.append(Line(number: start, indent: text.prefix { $0 == " " || $0 == "\t" }.count, text: text))
            }
            current = String.UnicodeScalarView()
        }
        while index < characters.count {
            let character = characters[index]
            if current.isEmpty { start = number }
            switch character {
            case "#":
                while index < characters.count, characters[index] != "\n" { index += 1 }
                continue
            case "'", "\"":
                let end = PythonLiteral.end(of: index, in: characters)
                for scalar in characters[index..<end] {
                    current.append(scalar)
                    if scalar == "\n" { number += 1 }
                }
                index = end
                continue
            case "(", "[", "{": depth += 1
            case ")", "]", "}": depth -= 1
            case "\\" where index + 1 < characters.count && characters[index + 1] == "\n":
                number += 1
                index += 2
                continue
            case "\n":
                number += 1
                if depth <= 0 {
                    close()
                    index += 1
                    continue
                }
            default: break
            }
            current.append(character)
            index += 1
        }
        close()
        return lines
    }
}

/// String literals of Python (Python reference, "String and Bytes literals").
enum PythonLiteral {
    /// The text of one or more literals in a row, and nothing else; nil for anything else, f-strings among it.
    static func only(_ code: String) -> String? {
        let characters = Array(code.unicodeScalars)
        var result = ""
        var index = 0
        var found = false
        while index < characters.count {
            if characters[index].properties.isWhitespace {
                index += 1
                continue
            }
            var isRaw = false
            if ["r", "R", "u", "U"].contains(characters[index]), index + 1 < characters.count {
                isRaw = characters[index] == "r" || characters[index] == "R"
                index += 1
            }
            guard characters[index] == "'" || characters[index] == "\"" else { return nil }
            let end = end(of: index, in: characters)
            guard let text = text(characters[index..<end], isRaw: isRaw) else { return nil }
            result += text
            found = true
            index = end
        }
        return found ? result : nil
    }

    private static func quoteLength(at index: Int, in characters: [Unicode.Scalar]) -> Int {
        let isLong =
            index + 2 < characters.count && characters[index + 1] == characters[index]
            && characters[index + 2] == characters[index]
        return isLong ? 3 : 1
    }

    /// Where the literal that begins here ends; at the end of the line, or of the text, when it is not closed.
    static func end(of start: Int, in characters: [Unicode.Scalar]) -> Int {
        let quote = characters[start]
        let length = quoteLength(at: start, in: characters)
        var index = start + length
        while index < characters.count {
            if characters[index] == "\\" {
                index += 2
                continue
            }
            if length == 1, characters[index] == "\n" { return index }
            if characters[index] == quote {
                if length == 1 { return index + 1 }
                if index + 2 < characters.count, characters[index + 1] == quote, characters[index + 2] == quote {
                    return index + 3
                }
            }
            index += 1
        }
        return characters.count
    }

    private static func text(_ literal: ArraySlice<Unicode.Scalar>, isRaw: Bool) -> String? {
        let all = Array(literal)
        let length = quoteLength(at: 0, in: all)
        guard all.count >= 2 * length, let quote = all.first, all.suffix(length).allSatisfy({ $0 == quote }) else {
            return nil
        }
        let body = all[length..<(all.count - length)]
        var result = String.UnicodeScalarView()
        var index = body.startIndex
        while index < body.endIndex {
            guard body[index] == "\\", !isRaw, index + 1 < body.endIndex else {
                result.append(body[index])
                index += 1
                continue
            }
            switch body[index + 1] {
            case "n": result.append("\n")
            case "t": result.append("\t")
            case "\\", "'", "\"": result.append(body[index + 1])
            case "\n": break
            // Other escapes are rare in SQL, and a guess would be wrong.
            default: return nil
            }
            index += 2
        }
        return String(result)
    }
}
