import Roost

/// Feeds texts that people may write to what takes them apart: the first byte chooses the dialect and style. Whatever they are, nothing
/// may trap, and what is rewritten must keep its shape.
func fuzzTexts(_ input: UnsafeRawBufferPointer) {
    guard input.count > 1, input.count < 4_096 else { return }
    let text = String(decoding: input.dropFirst(), as: UTF8.self)
    let choice = input[0]
    if choice & 1 == 0 {
        fuzzStatement(text, choice >> 1)
    } else {
        fuzzURL(text)
    }
}

private func fuzzStatement(_ text: String, _ choice: UInt8) {
    let lexicons: [Dialect.Lexicon] = [
        [], Dialect.sqlite.lexicon, [.dollarQuotes, .escapeStrings, .nestedComments],
        [.backslashEscapes, .backtickIdentifiers, .hashComments, .doubleQuotedStrings, .compoundStatements],
        [.bracketIdentifiers, .nestedComments], [.alternativeQuotes, .compoundStatements],
        Dialect.Lexicon(rawValue: .max),
    ]
    let dialect = Dialect(
        name: "fuzz",
        placeholder: .numbered(prefix: "$"),
        lexicon: lexicons[Int(choice) % lexicons.count]
    )
    let parts = StatementSplitter.split(text, dialect: dialect)
    guard parts.allSatisfy({ $0.text.utf8.count <= text.utf8.count }) else {
        fatalError("a part is longer than the script")
    }
    let style: ParameterStyle? =
        choice & 64 == 0 ? nil : ParameterStyle.allCases[Int(choice) % ParameterStyle.allCases.count]
    guard let statement = try? Statement(template: text, style: style, dialect: dialect) else { return }
    var end = 0
    for mark in statement.marks {
        guard mark.offset >= end, mark.offset + mark.length <= statement.text.utf8.count else {
            fatalError("a mark lies outside")
        }
        end = mark.offset + mark.length
    }
    _ = statement.rendered(for: dialect)
    if let bound = try? Statement(
        text,
        Array(repeating: .int(1), count: statement.parameterCount),
        style: style,
        dialect: dialect
    ),
        bound.parameters.count != bound.parameterCount
    {
        fatalError("placeholders and values differ in number")
    }
}

private func fuzzURL(_ text: String) {
    guard let url = try? DatabaseURL(text) else { return }
    let shown = "\(url)"
    if let secret = url.password?.reveal(), secret.utf8.count > 12, shown.contains(secret),
        !text.replacing(secret, with: "", maxReplacements: 1).contains(secret)
    {
        fatalError("the password is shown")
    }
    if url.scheme != "odbc", url.password == nil, let again = try? DatabaseURL(shown),
        again.hosts.count != url.hosts.count
    {
        fatalError("printing and parsing again changed the hosts of \(text.debugDescription)")
    }
    _ = try? ConnectionConfiguration(url: url)
    _ = LocalDateTime(text)
    _ = Instant(text)
    _ = LocalDate(text)
    _ = Interval(text)
    if let decimal = BigDecimal(text), decimal.isFinite, BigDecimal(decimal.description) != decimal {
        fatalError("a decimal changed")
    }
}
