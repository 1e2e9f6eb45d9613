#if ModelMacros
import RoostModelMacros
import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacroExpansion
import SwiftSyntaxMacrosGenericTestSupport
import Testing

@testable import RoostModelMacrosPlugin

/// What the macros write, and what they refuse.
@Suite struct ExpansionTests {
    private static let macros: [String: MacroSpec] = [
        "Model": MacroSpec(type: ModelMacro.self, conformances: ["Model"]),
        "Embeddable": MacroSpec(type: EmbeddableMacro.self, conformances: ["Embedded", "OptionalEmbedded"]),
        "Key": MacroSpec(type: MarkMacro.self), "Column": MacroSpec(type: MarkMacro.self),
        "JSONColumn": MacroSpec(type: MarkMacro.self), "Embedded": MacroSpec(type: MarkMacro.self),
        "Version": MacroSpec(type: MarkMacro.self), "Created": MacroSpec(type: MarkMacro.self),
        "Updated": MacroSpec(type: MarkMacro.self), "SoftDelete": MacroSpec(type: MarkMacro.self),
        "Computed": MacroSpec(type: MarkMacro.self), "NotAColumn": MacroSpec(type: MarkMacro.self),
    ]

    private func expect(
        _ source: String,
        expandsTo expanded: String,
        _ diagnostics: [DiagnosticSpec] = [],
        fixedSource: String? = nil,
        location: Testing.SourceLocation = #_sourceLocation
    ) {
        assertMacroExpansion(
            source,
            expandedSource: expanded,
            diagnostics: diagnostics,
            macroSpecs: Self.macros,
            fixedSource: fixedSource,
            failureHandler: { failure in Issue.record("\(failure.message)", sourceLocation: location) }
        )
    }

    @Test func modelOfEverything() {
        expect(
            """
            @Model("album")
            public struct Album {
                static let artist = belongs(to: Artist.self, by: \\.artistID)
                @Key public var id: Optional<Int>
                public var artistID: Int
                var title = ""
                @JSONColumn @Column("config") var settings: [String: Int]?
                @Embedded(prefix: "b_") var billing: Address
                @Version var version: Int
                @Created var createdAt: Instant
                @Updated var changedAt: Instant
                @SoftDelete var deletedAt: Instant?
                @Computed private var total: Int?
                @NotAColumn var isOpen = false
                var isGone: Bool { deletedAt != nil }
            }
            """,
            expandsTo: """
                public struct Album {
                    static let artist = belongs(to: Artist.self, by: \\.artistID)
                    public var id: Optional<Int>
                    public var artistID: Int
                    var title = ""
                    var settings: [String: Int]?
                    var billing: Address
                    var version: Int
                    var createdAt: Instant
                    var changedAt: Instant
                    var deletedAt: Instant?
                    private var total: Int?
                    var isOpen = false
                    var isGone: Bool { deletedAt != nil }

                    public struct Columns: RoostQuery.Table {
                        public static let tableName = "album"
                        public let id = RoostQuery.Column<Int>("id")
                        public let artistID = RoostQuery.Column<Int>("artist_id")
                        let title = RoostQuery.Column<String>("title")
                        let settings = RoostQuery.Column<Roost.JSON?>("config")
                        let billing = Address.Columns(prefix: "b_")
                        let version = RoostQuery.Column<Int>("version")
                        let createdAt = RoostQuery.Column<Instant>("created_at")
                        let changedAt = RoostQuery.Column<Instant>("changed_at")
                        let deletedAt = RoostQuery.Column<Instant?>("deleted_at")
                        fileprivate let total = RoostQuery.Column<Int?>("total")
                        public init() {
                        }
                    }

                    public static let mapping = RoostORM.Mapping<Album>(key: .generated(\\.id, \\.id))
                        .version(\\.version, \\.version)
                        .created(\\.createdAt)
                        .updated(\\.changedAt)
                        .softDelete(\\.deletedAt, \\.deletedAt)
                        .computed(\\.total)

                    public func write(to row: inout RoostORM.ColumnWriter) {
                        row.write(self.id)
                        row.write(self.artistID)
                        row.write(self.title)
                        row.write(json: self.settings)
                        row.write(self.billing)
                        row.write(self.version)
                        row.write(self.createdAt)
                        row.write(self.changedAt)
                        row.write(self.deletedAt)
                        row.write(self.total)
                    }
                }

                extension Album: RoostORM.Model {
                    public init(from row: inout Roost.RowReader) throws(Roost.DatabaseError) {
                        self.id = try row.next()
                        self.artistID = try row.next()
                        self.title = try row.next()
                        self.settings = try row.nextJSON()
                        self.billing = try row.nextEmbedded()
                        self.version = try row.next()
                        self.createdAt = try row.next()
                        self.changedAt = try row.next()
                        self.deletedAt = try row.next()
                        self.total = try row.next()
                    }
                }
                """
        )
    }

    @Test func compositeKeyAndOwnMembers() {
        expect(
            """
            @Model(naming: .asWritten)
            struct OrderLine: Model {
                @Key var orderID: Int
                @Key var place: Int16
                var note, other: String?
                func write(to row: inout ColumnWriter) {}
            }
            """,
            expandsTo: """
                struct OrderLine: Model {
                    var orderID: Int
                    var place: Int16
                    var note, other: String?
                    func write(to row: inout ColumnWriter) {}

                    struct Columns: RoostQuery.Table {
                        static let tableName = "order_line"
                        let orderID = RoostQuery.Column<Int>("orderID")
                        let place = RoostQuery.Column<Int16>("place")
                        let note = RoostQuery.Column<String?>("note")
                        let other = RoostQuery.Column<String?>("other")
                    }

                    typealias Key = RoostORM.CompositeKey<Int, Int16>

                    static let mapping = RoostORM.Mapping<OrderLine>(key: .composite(\\.orderID, \\.place) {
                            RoostORM.CompositeKey($0.orderID, $0.place)
                        })
                }

                extension OrderLine: RoostORM.Model {
                    init(from row: inout Roost.RowReader) throws(Roost.DatabaseError) {
                        self.orderID = try row.next()
                        self.place = try row.next()
                        self.note = try row.next()
                        self.other = try row.next()
                    }
                }
                """
        )
    }

    @Test func embeddedThatMayBeMissing() {
        expect(
            """
            @Embeddable(prefix: "a_", naming: custom, isOptional: true)
            struct Address {
                var street: String
                var city: String?
            }
            """,
            expandsTo: """
                struct Address {
                    var street: String
                    var city: String?

                    struct Columns: RoostQuery.ColumnGroup {
                        let street: RoostQuery.Column<String?>
                        let city: RoostQuery.Column<String?>

                        init(prefix: String = "a_") {
                            let naming: RoostORM.ColumnNaming = custom
                            self.street = RoostQuery.Column<String?>("street", naming.prefixed(prefix))
                            self.city = RoostQuery.Column<String?>("city", naming.prefixed(prefix))
                        }
                    }

                    static var columnCount: Int {
                        2
                    }

                    private static func columnValues(ifPresent row: inout Roost.RowReader) throws(Roost.DatabaseError) -> (street: String, city: String?)? {
                        let street = try row.next(String?.self)
                        let city = try row.next(String?.self)
                        guard street != nil || city != nil else {
                            return nil
                        }
                        guard let street else {
                            throw Roost.DatabaseError.incomplete(Self.self)
                        }
                        return (street: street, city: city)
                    }

                    func write(to row: inout RoostORM.ColumnWriter) {
                        row.write(self.street)
                        row.write(self.city)
                    }
                }

                extension Address: RoostORM.Embedded, RoostORM.OptionalEmbedded {
                    init?(ifPresent row: inout Roost.RowReader) throws(Roost.DatabaseError) {
                        guard let values = try Self.columnValues(ifPresent: &row) else {
                            return nil
                        }
                        self.street = values.street
                        self.city = values.city
                    }
                }
                """
        )
    }

    /// A wrong use, where it is found and what is said.
    private struct Misuse: Sendable, CustomStringConvertible {
        let source: String
        let found: [(line: Int, column: Int, message: String)]
        var description: String { source }
    }

    private static let misuses: [Misuse] = [
        Misuse(
            source: "@Model class A {\n    var id: Int?\n}",
            found: [(1, 1, "@Model is for a struct: rows are values")]
        ),
        Misuse(
            source: "@Model struct A<T> {\n    var id: Int?\n}",
            found: [
                (
                    1, 16,
                    "a model cannot be generic, for it keeps the statements compiled for it; write a struct for each type"
                )
            ]
        ),
        Misuse(
            source: "@Model struct A {\n    var name: String\n}",
            found: [
                (
                    1, 15,
                    "the model has no key; mark the properties that tell a row from all others with @Key, or name one 'id'"
                )
            ]
        ),
        Misuse(
            source: "@Model struct A {\n    static let id = 1\n}",
            found: [(1, 15, "the struct has no stored property, so there is no column to read")]
        ),
        Misuse(
            source: "@Model struct A {\n    var id = makeID()\n}",
            found: [(2, 9, "write the type of 'id', as in 'id: String': a macro sees text, and no types")]
        ),
        Misuse(
            source: "@Model struct A {\n    var id: Int!\n}",
            found: [(2, 13, "write the type with '?': a column that is NULL must not end the program")]
        ),
        Misuse(
            source: "@Model struct A {\n    var id: Int?\n    lazy var a: Int = 1\n    var (b, c) = (1, 2)\n}",
            found: [
                (3, 14, "'a' is lazy, so no row can fill it; mark it with @NotAColumn"),
                (4, 9, "declare each column by itself, as in 'var name: String'"),
            ]
        ),
        Misuse(
            source: "@Model struct A {\n    var id: Int?\n    #if DEBUG\n    var a: Int\n    #endif\n}",
            found: [
                (
                    3, 5,
                    "columns cannot depend on a compilation condition, which a macro cannot see; declare them outside of '#if'"
                )
            ]
        ),
        Misuse(
            source: "@Model struct A {\n    var id: Int?\n    @NotAColumn var a: Int\n    @Key var b: Int { 1 }\n}",
            found: [
                (3, 21, "'a' is in no row, so it needs an initial value"),
                (4, 5, "@Key is for a stored property, and this one holds no value; remove it"),
            ]
        ),
        Misuse(
            source: "@Model struct A {\n    @Key @JSONColumn var id: Int\n    @Column(\"x\") @Embedded var a: B\n}",
            found: [
                (2, 10, "a property cannot be both @Key and @JSONColumn; remove one of them"),
                (
                    3, 18,
                    "an embedded struct names its columns itself; for other names write @Embedded(prefix:) in place of @Column"
                ),
            ]
        ),
        Misuse(
            source: "@Model struct A {\n    @Key var a: Int?\n    @Key var b: Int\n    @Version var v: Int32\n    "
                + "@SoftDelete var d: Instant\n    @Version var w: Int\n}",
            found: [
                (4, 21, "@Version counts updates, so its type is 'Int'"),
                (5, 24, "what @SoftDelete marks is nil until the row is deleted, so its type ends in '?'"),
                (6, 5, "a model has one property with @Version at most; remove the others"),
                (
                    2, 14,
                    "the engine makes keys of one column only; write the type without '?', and give the value before the insert"
                ),
            ]
        ),
        Misuse(
            source: "@Embeddable(isOptional: true) struct A {\n    @Version var a: Int\n    @Embedded var b: B\n}",
            found: [
                (2, 5, "@Version is for a property of a model; an embedded struct is only some of a row's columns"),
                (
                    3, 5,
                    "an embedded struct that may be missing cannot hold another; write its properties out, or leave out isOptional"
                ),
            ]
        ),
        Misuse(
            source: "@Embeddable(isOptional: flag) struct A {\n    var a: Int\n}",
            found: [(1, 25, "isOptional is 'true' or 'false' here: the macro writes other code for each")]
        ),
        Misuse(
            source: "struct A {\n    @Key var a: Int\n}",
            found: [(2, 5, "@Key is for a property of a struct that has @Model or @Embeddable")]
        ),
    ]

    @Test(arguments: misuses) private func wrongUseIsSaid(misuse: Misuse) {
        // What is refused expands to nothing.
        let attribute = #/@[A-Z][A-Za-z]+(\([^)]*\))? /#
        expect(
            misuse.source,
            expandsTo: misuse.source.replacing(attribute, with: ""),
            misuse.found.map { DiagnosticSpec(message: $0.message, line: $0.line, column: $0.column) }
        )
    }

    @Test func aLetBecomesAVar() {
        expect(
            "@Model struct A {\n    let id: Int?\n    let a = 1\n}",
            expandsTo: "struct A {\n    let id: Int?\n    let a = 1\n}",
            [
                DiagnosticSpec(
                    message: "'a' is read from the row, so it cannot be a 'let' that has its value already",
                    line: 3,
                    column: 9,
                    fixIts: [FixItSpec(message: "make it a 'var'")]
                ),
                DiagnosticSpec(
                    message: "a key that the engine makes is set by inserts or updates, so it must be a 'var'",
                    line: 2,
                    column: 9,
                    fixIts: [FixItSpec(message: "make it a 'var'")]
                ),
            ],
            fixedSource: "@Model struct A {\n    var id: Int?\n    var a = 1\n}"
        )
    }

    @Test func namesAreThoseOfTheORM() {
        for name in ["artistID", "postURLText", "plain", "createdAt", "x1Y2", "a_bC", "URL", "größeÄ"] {
            #expect(ColumnNames.snakeCase(name) == ColumnNaming.snakeCase(name))
        }
    }
}
#endif
