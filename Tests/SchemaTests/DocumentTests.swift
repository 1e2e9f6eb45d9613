import Foundation
import Roost
import RoostSchema
import Testing

/// What is written about a schema, for people and for the compiler.
@Suite struct DocumentTests {
    private static func column(_ name: String, _ type: String, isNullable: Bool = true) -> Schema.Column {
        Schema.Column(name: name, type: Schema.ColumnType(type, engine: .postgresql), isNullable: isNullable)
    }

    private static var shop: Schema {
        var schema = Schema(engine: .postgresql)
        var customer = Schema.Table(name: ObjectName("customer"))
        customer.comment = "Who buys."
        customer.columns = [
            column("id", "bigint", isNullable: false), column("name", "character varying(80)", isNullable: false),
            column("born", "date"), column("balance", "numeric(12,2)", isNullable: false),
            column("default", "boolean", isNullable: false), column("tags", "text[]", isNullable: false),
            column("data", "jsonb"), column("first At", "timestamp with time zone"),
        ]
        customer.columns[1].comment = "as on the\ninvoice"
        customer.primaryKey = Schema.Key(name: "customer_pkey", columns: ["id"])
        var line = Schema.Table(name: ObjectName("order_line"))
        line.columns = [
            column("customer", "bigint", isNullable: false), column("2nd", "double precision", isNullable: false),
            column("unit_price", "real"), column("raw", "bytea"), column("key", "uuid", isNullable: false),
            column("during", "int4range"),
        ]
        line.foreignKeys = [
            Schema.ForeignKey(name: "whose", columns: ["customer"], references: customer.name, ["id"])
        ]
        schema.tables = [customer, line]
        return schema
    }

    /// The models of the file beside this one are compiled with these tests.
    @Test func generatedModelsCompile() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "GeneratedModels.swift")
        #expect(try String(contentsOf: file, encoding: .utf8) == Self.shop.swiftModels())
    }

    @Test func generatedModelsReadRows() async throws {
        let line = try await TestEngine.sqlite.withDatabase { connection in
            let bytes = "x'0102'"
            return try await connection.query(
                """
                select 'a' as other, 7 as customer, 1.5 as "2nd", null as unit_price, \(unsafe: bytes) as raw,
                       '6f2c8a1e-9b1d-4c57-8f3e-2d1a0b9c8d7e' as key, 'x' as during
                """
            ).decode(OrderLine.self).fetchOnly()
        }
        #expect(line.customer == 7 && line._2nd == 1.5 && line.unitPrice == nil && line.raw == Data([1, 2]))
    }

    /// What is in a schema may have been written by anybody.
    @Test func pagesEscapeWhatTheyShow() {
        var schema = Self.shop
        schema.tables[0].comment = "<script>alert('x')</script> & | more"
        schema.tables[0].columns[0].defaultValue = "'<b>' || '`'"
        schema.views = [Schema.View(name: ObjectName("v"), query: "select '</pre><script>'")]
        let html = schema.html(title: "<shop>")
        #expect(!html.contains("<script") && !html.contains("<b>") && html.contains("&lt;shop&gt;"))
        #expect(html.contains("<svg") && html.contains("foreign key (customer) → customer(id)"))
        let markdown = schema.markdown(title: "shop", diagram: "shop.svg")
        #expect(!markdown.contains("<script>alert") && markdown.contains("& \\| more"))
        #expect(markdown.contains("![Tables and how they refer to each other](shop.svg)"))
    }

    /// Every table and line is in the drawing, and nothing of it outside.
    @Test func theDiagramHoldsEveryTable() throws {
        var random = RandomSchemas(seed: 11, server: .postgresql18)
        for _ in 0..<40 {
            let schema = random.schema()
            let drawing = schema.diagram()
            for table in schema.tables {
                let name = table.name.description.replacing("\"", with: "&quot;")
                #expect(drawing.contains(">\(name)</text>"))
            }
            let size = try #require(drawing.firstMatch(of: #/width="([0-9.]+)" height="([0-9.]+)"/#))
            let (width, height) = (try #require(Double(size.1)), try #require(Double(size.2)))
            var boxes = 0
            let pattern = #/<rect x="([0-9.]+)" y="([0-9.]+)" width="([0-9.]+)" height="([0-9.]+)" rx/#
            for box in drawing.matches(of: pattern) {
                let numbers = try [box.1, box.2, box.3, box.4].map { try #require(Double($0)) }
                #expect(numbers[0] + numbers[2] <= width && numbers[1] + numbers[3] <= height)
                boxes += 1
            }
            #expect(boxes == schema.tables.count)
        }
    }
}
