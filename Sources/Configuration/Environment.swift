#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The variables a configuration may refer to: the process's own first, then those of `.env`.
public struct Environment: Sendable {
    private let process: [String: String]
    private let file: [String: String]

    /// Variables from these sources.
    public init(process: [String: String], file: [String: String] = [:]) {
        self.process = process
        self.file = file
    }

    /// The process's variables and those of `.env` in `directory`, if there is one.
    ///
    /// - Throws: ``ConfigurationError`` for a line that cannot be read.
    public static func load(directory: String) throws(ConfigurationError) -> Environment {
        let process = ProcessInfo.processInfo.environment
        let path = directory + "/.env"
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { return Environment(process: process) }
        return Environment(process: process, file: try parse(String(decoding: data, as: UTF8.self), file: path))
    }

    /// The value of a variable.
    public subscript(name: String) -> String? { process[name] ?? file[name] }

    /// Reads `NAME=value` lines: `export` and comments are allowed, single quotes take all literally, double quotes know `\n`, `\"`
    /// and `\\`. Nothing is executed.
    static func parse(_ text: String, file: String) throws(ConfigurationError) -> [String: String] {
        var values: [String: String] = [:]
        for (index, rawLine) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            var line = rawLine.drop { $0 == " " || $0 == "\t" }
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            if line.hasPrefix("export ") { line = line.dropFirst(7) }
            guard let equals = line.firstIndex(of: "=") else {
                throw ConfigurationError("A line of .env must be NAME=value.", file: file, line: index + 1)
            }
            let name = line[..<equals].filter { $0 != " " }
            guard let first = name.first, first.isLetter || first == "_",
                name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
            else {
                throw ConfigurationError(
                    "A name in .env may have letters, digits and _ only.",
                    file: file,
                    line: index + 1
                )
            }
            let rest = line[line.index(after: equals)...].drop { $0 == " " }
            guard let value = unquoted(rest) else {
                throw ConfigurationError("A quote in .env is not closed.", file: file, line: index + 1)
            }
            values[String(name)] = value
        }
        return values
    }

    private static func unquoted(_ text: Substring) -> String? {
        guard let quote = text.first, quote == "'" || quote == "\"" else {
            var value = text
            if let comment = value.ranges(of: " #").first { value = value[..<comment.lowerBound] }
            while value.last?.isWhitespace == true { value.removeLast() }
            return String(value)
        }
        var result = ""
        var isEscaped = false
        for character in text.dropFirst() {
            if isEscaped {
                result.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\", quote == "\"" {
                isEscaped = true
            } else if character == quote {
                return result
            } else {
                result.append(character)
            }
        }
        return nil
    }

    /// Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}`; `$$` is a dollar sign.
    ///
    /// - Throws: ``ConfigurationError`` for a variable that is not set.
    public func expanding(_ text: String) throws(ConfigurationError) -> String {
        guard text.contains("$") else { return text }
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.first == "{" {
                guard let close = rest.firstIndex(of: "}") else { throw ConfigurationError("A ${ is not closed.") }
                result += try value(of: rest[rest.index(after: rest.startIndex)..<close])
                rest = rest[rest.index(after: close)...]
            } else {
                result += "$"
            }
        }
        return result + rest
    }

    private func value(of reference: Substring) throws(ConfigurationError) -> String {
        let name = reference.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let rest = reference.dropFirst(name.count)
        let value = self[String(name)]
        if rest.hasPrefix(":-") { return value.flatMap { $0.isEmpty ? nil : $0 } ?? String(rest.dropFirst(2)) }
        if rest.hasPrefix(":?") {
            if let value, !value.isEmpty { return value }
            throw ConfigurationError("The variable \(name) is not set: \(rest.dropFirst(2))")
        }
        guard rest.isEmpty, !name.isEmpty else {
            throw ConfigurationError("Write ${NAME}, ${NAME:-default} or ${NAME:?message}.")
        }
        guard let value else {
            throw ConfigurationError(
                "The variable \(name) is not set. Set it, put it into .env, or write ${\(name):-default}."
            )
        }
        return value
    }
}
