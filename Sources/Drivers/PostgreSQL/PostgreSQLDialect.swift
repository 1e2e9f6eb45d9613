public import Roost

extension Dialect {
    /// PostgreSQL: `$1` placeholders, double-quoted identifiers, dollar quotes, `E'…'` strings and nested comments.
    public static let postgresql = Dialect(
        name: "postgresql",
        placeholder: .numbered(prefix: "$"),
        emptyList: .quantified("'{}'"),
        lexicon: [.escapeStrings, .dollarQuotes, .nestedComments]
    )
}
