/// What is known of one column of a result: the seven facts of PEP 249's `Cursor.description`, and where the column came from.
public struct ColumnDescription: Sendable, Hashable {
    /// The column's name or alias (PEP 249 `name`).
    public var name: String
    /// The engine's name for the type, as declared or reported: `numeric(10,2)`, `TEXT`; nil for an expression in an engine that
    /// types values, not columns (PEP 249 `type_code`).
    public var typeName: String?
    /// The kind of value the driver expects in this column; nil where every row decides for itself.
    public var kind: ValueKind?
    /// The widest display of a value in characters, where the engine says (PEP 249 `display_size`).
    public var displaySize: Int?
    /// The size of a value in bytes inside the engine, where it says (PEP 249 `internal_size`).
    public var internalSize: Int?
    /// Significant digits of a number (PEP 249 `precision`).
    public var precision: Int?
    /// Digits after the decimal point (PEP 249 `scale`).
    public var scale: Int?
    /// Whether the column may hold `NULL`; nil when the engine does not say (PEP 249 `null_ok`).
    public var isNullable: Bool?
    /// The table the column was read from, where the engine says.
    public var table: String?
    /// The column's own name in that table, where the engine says.
    public var originName: String?

    /// A column by name; every other fact may be unknown.
    public init(
        name: String,
        typeName: String? = nil,
        kind: ValueKind? = nil,
        displaySize: Int? = nil,
        internalSize: Int? = nil,
        precision: Int? = nil,
        scale: Int? = nil,
        isNullable: Bool? = nil,
        table: String? = nil,
        originName: String? = nil
    ) {
        self.name = name
        self.typeName = typeName
        self.kind = kind
        self.displaySize = displaySize
        self.internalSize = internalSize
        self.precision = precision
        self.scale = scale
        self.isNullable = isNullable
        self.table = table
        self.originName = originName
    }
}
