import Roost
import RoostFormats
import RoostSchema

/// Prints a schema for people.
struct SchemaPrinter {
    let width: Int?

    func print(_ schema: Schema) {
        for item in schema.enumerations {
            write("Enum \(item.name) (\(item.values.joined(separator: ", ")))\n\n")
        }
        for item in schema.domains { write("Domain \(item.name) \(item.type)\n\n") }
        for item in schema.composites {
            let fields = item.fields.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
            write("Type \(item.name) (\(fields))\n\n")
        }
        for item in schema.sequences {
            let owner = item.owner.map { " of \($0.table).\($0.column)" } ?? ""
            write("Sequence \(item.name)\(owner)\n\n")
        }
        for table in schema.tables { print(table, triggers: []) }
        for view in schema.views { print(view) }
        for routine in schema.routines {
            let kind = routine.kind == .function ? "Function" : "Procedure"
            write("\(kind) \(routine.name)(\(routine.arguments))\n  \(oneLine(routine.definition))\n\n")
        }
        for trigger in schema.triggers { print(trigger) }
        var counts = [
            "\(schema.tables.count) tables", "\(schema.views.count) views", "\(schema.triggers.count) triggers",
        ]
        if !schema.routines.isEmpty { counts.append("\(schema.routines.count) routines") }
        Terminal.note(counts.joined(separator: ", "))
    }

    func print(_ table: Schema.Table, triggers: [Schema.Trigger]) {
        write("Table \(table.name)\(table.comment.map { ": \(oneLine($0))" } ?? "")\n")
        writeColumns(of: table)
        for fact in table.facts { write("  \(oneLine(fact))\n") }
        for trigger in triggers { write("  trigger \(trigger.name): \(oneLine(trigger.definition))\n") }
        write("\n")
    }

    func print(_ view: Schema.View) {
        let kind = view.isMaterialized ? "Materialised view" : "View"
        let names = view.columnNames.isEmpty ? "" : " (\(view.columnNames.joined(separator: ", ")))"
        write("\(kind) \(view.name)\(names)\n  \(oneLine(view.query))\n\n")
    }

    private func print(_ trigger: Schema.Trigger) {
        write("Trigger \(trigger.name) on \(trigger.table)\n  \(oneLine(trigger.definition))\n\n")
    }

    private func writeColumns(of table: Schema.Table) {
        let hasComments = table.columns.contains { $0.comment != nil }
        let names = ["column", "type", "null", "default", "key"] + (hasComments ? ["comment"] : [])
        var writer = ResultWriter(
            .table,
            columns: ColumnList(names.map { ColumnDescription(name: $0, kind: .text) }),
            options: OutputOptions(width: width, null: "")
        )
        for column in table.columns {
            var row: [Value] = [
                .text(column.name), .text(column.type.spelling), .text(column.isNullable ? "yes" : "no"),
                column.valueText.map(Value.text) ?? .null, .text(table.keyText(of: column.name)),
            ]
            if hasComments { row.append(column.comment.map(Value.text) ?? .null) }
            writer.write(row)
        }
        writer.end()
        Terminal.write(writer.takeBytes())
    }

    /// Whoever made a name or a comment must not drive the terminal.
    private func write(_ text: String) { Terminal.write(DisplayWidth.visible(text, keepsLines: true)) }

    private func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
