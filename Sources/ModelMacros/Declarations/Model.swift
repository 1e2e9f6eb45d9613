#if ModelMacros
@_exported public import Roost
@_exported public import RoostORM
@_exported public import RoostQuery

/// Makes a struct a ``RoostORM/Model``: its columns, its key, and how a row is read and written follow from its stored properties.
///
/// ```swift
/// @Model("album")
/// struct Album {
///     var id: Int?
///     var artistID: Int
///     var title: String
///     @Version var version = 1
///     @SoftDelete var deletedAt: LocalDateTime?
/// }
/// ```
///
/// It writes what one would write by hand, and leaves the memberwise initializer: `Columns`, `Key` unless that is
/// `Int`, `mapping`, `init(from:)` and `write(to:)`. Whichever of them the struct's own braces hold already is left to it.
///
/// - The key is what ``Key()`` marks, or else the property `id`. One that is optional is made by the engine.
/// - Every stored property is a column, but for what ``NotAColumn()`` marks. Its type is written, unless its initial value is a literal.
/// - The initial value of a property is the default that a new model has.
///
/// - Parameters:
///   - table: the table's name; that of the struct by ``RoostORM/ColumnNaming/snakeCase`` unless given.
///   - schema: the schema the table is in; nil for whichever the engine finds it in.
///   - naming: how columns are named. `.snakeCase` and `.asWritten` cost nothing when the program runs; others are called whenever the
///     columns are named.
@attached(member, names: named(Columns), named(Key), named(mapping), named(write(to:)))
@attached(extension, conformances: Model, names: named(init(from:)))
public macro Model(_ table: String? = nil, schema: String? = nil, naming: ColumnNaming = .snakeCase) =
    #externalMacro(module: "RoostModelMacrosPlugin", type: "ModelMacro")

/// Makes a struct one that lies in several columns of its owner's table, where ``Embedded(prefix:)`` marks it.
///
/// ```swift
/// @Embeddable(prefix: "address_", isOptional: true)
/// struct Address {
///     var street: String
///     var city: String?
/// }
/// ```
///
/// - Parameters:
///   - prefix: begins the names of its columns, unless the owner gives another.
///   - naming: how columns are named.
///   - isOptional: whether properties may be of its optional type. All of its columns may be `NULL` then; reading is
///     `data.unexpectedNull` where some are that must not be, and others are not.
@attached(
    member,
    names: named(Columns),
    named(columnCount),
    named(columnValues(ifPresent:)),
    named(write(to:))
)
@attached(extension, conformances: Embedded, OptionalEmbedded, names: named(init(from:)), named(init(ifPresent:)))
public macro Embeddable(prefix: String = "", naming: ColumnNaming = .snakeCase, isOptional: Bool = false) =
    #externalMacro(module: "RoostModelMacrosPlugin", type: "EmbeddableMacro")
#endif
