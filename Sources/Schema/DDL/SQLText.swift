/// Names and literals as an engine writes them.
enum SQLText {
    /// A text as a literal.
    static func literal(_ text: String, _ engine: Schema.Engine) -> String {
        var text = text
        if engine == .mysql || engine == .mariadb { text = text.replacing("\\", with: "\\\\") }
        return "'" + text.replacing("'", with: "''") + "'"
    }

    /// A name in quotes. No engine allows NUL in one.
    static func name(_ name: String, _ engine: Schema.Engine) -> String {
        let quote = engine == .mysql || engine == .mariadb ? "`" : "\""
        return quote + name.replacing("\0", with: "").replacing(quote, with: quote + quote) + quote
    }

    /// A name with its namespace.
    static func name(_ name: ObjectName, _ engine: Schema.Engine) -> String {
        name.parts.map { Self.name($0, engine) }.joined(separator: ".")
    }

    /// Names in quotes, between commas.
    static func list(_ names: [String], _ engine: Schema.Engine) -> String {
        names.map { name($0, engine) }.joined(separator: ", ")
    }
}
