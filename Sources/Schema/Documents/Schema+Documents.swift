extension Schema {
    /// The tables and how they refer to each other, as an SVG document.
    public func diagram() -> String { EntityDiagram(tables).svg() }

    /// A page about the database in Markdown. `diagram` is where the drawing is, as seen from the page; nil for none.
    public func markdown(title: String, diagram: String? = nil) -> String {
        var text =
            "# \(title)\n\n\(tables.count) tables, \(views.count) views, \(routines.count) routines, \(triggers.count) triggers (\(engine.rawValue)).\n"
        if let diagram { text += "\n![Tables and how they refer to each other](\(diagram))\n" }
        for section in documented() {
            text += "\n## \(Markup.cell(section.title))\n"
            if let comment = section.comment { text += "\n\(Markup.cell(comment))\n" }
            if !section.rows.isEmpty {
                text +=
                    "\n| \(section.header.joined(separator: " | ")) |\n|\(section.header.map { _ in " --- |" }.joined())\n"
                for row in section.rows {
                    let cells = row.enumerated().map {
                        $0.offset < section.codeColumns ? Markup.code($0.element) : Markup.cell($0.element)
                    }
                    text += "| \(cells.joined(separator: " | ")) |\n"
                }
            }
            if !section.facts.isEmpty { text += "\n" + section.facts.map { "- \(Markup.cell($0))\n" }.joined() }
            if let code = section.code { text += "\n```sql\n\(code)\n```\n" }
        }
        return text
    }

    /// A page about the database in HTML, with the drawing in it and nothing to load from elsewhere.
    public func html(title: String) -> String {
        var text = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(Markup.escaped(title))</title>
            <style>
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1c2733; }
            table { border-collapse: collapse; margin: .5rem 0; } th, td { border: 1px solid #cfd8e0; padding: .2rem .6rem; text-align: left; vertical-align: top; }
            th { background: #eef2f6; } code, pre { font-family: Menlo, Consolas, monospace; font-size: 13px; }
            pre { background: #f6f8fa; padding: .8rem; overflow-x: auto; } .diagram { overflow-x: auto; } nav a { margin-right: .8rem; white-space: nowrap; }
            </style></head><body>
            <h1>\(Markup.escaped(title))</h1>
            <p>\(tables.count) tables, \(views.count) views, \(routines.count) routines, \(triggers.count) triggers (\(engine.rawValue)).</p>
            <div class="diagram">\(diagram())</div>

            """
        let sections = documented()
        text +=
            "<nav>\(sections.enumerated().map { "<a href=\"#s\($0.offset)\">\(Markup.escaped($0.element.title))</a>" }.joined(separator: " "))</nav>\n"
        for (index, section) in sections.enumerated() {
            text += "<h2 id=\"s\(index)\">\(Markup.escaped(section.title))</h2>\n"
            if let comment = section.comment { text += "<p>\(Markup.escaped(comment))</p>\n" }
            if !section.rows.isEmpty {
                text += "<table><tr>\(section.header.map { "<th>\($0)</th>" }.joined())</tr>\n"
                for row in section.rows {
                    let cells = row.enumerated().map { cell in
                        let content = Markup.escaped(cell.element)
                        return cell.offset < section.codeColumns && !content.isEmpty
                            ? "<td><code>\(content)</code></td>" : "<td>\(content)</td>"
                    }
                    text += "<tr>\(cells.joined())</tr>\n"
                }
                text += "</table>\n"
            }
            if !section.facts.isEmpty {
                text += "<ul>\(section.facts.map { "<li>\(Markup.escaped($0))</li>" }.joined())</ul>\n"
            }
            if let code = section.code { text += "<pre>\(Markup.escaped(code))</pre>\n" }
        }
        return text + "</body></html>\n"
    }

    private struct Section {
        var title: String
        var comment: String?
        var header: [String] = []
        var rows: [[String]] = []
        /// How many columns of the table hold names and expressions.
        var codeColumns = 0
        var facts: [String] = []
        var code: String?
    }

    private func documented() -> [Section] {
        var sections: [Section] = []
        for table in tables {
            var section = Section(title: table.name.description, comment: table.comment)
            section.header = ["Column", "Type", "Default", "Null", "Key", "Comment"]
            section.codeColumns = 3
            section.rows = table.columns.map { column in
                [
                    column.name, column.type.spelling, column.valueText ?? "", column.isNullable ? "yes" : "no",
                    table.keyText(of: column.name), column.comment ?? "",
                ]
            }
            section.facts = table.facts
            sections.append(section)
        }
        for enumeration in enumerations {
            sections.append(
                Section(title: "Enum \(enumeration.name)", comment: enumeration.comment, facts: enumeration.values)
            )
        }
        for view in views {
            sections.append(
                Section(
                    title: (view.isMaterialized ? "Materialised view " : "View ") + view.name.description,
                    comment: view.comment,
                    code: view.query
                )
            )
        }
        for routine in routines {
            sections.append(
                Section(
                    title: "\(routine.kind == .function ? "Function" : "Procedure") \(routine.name)",
                    comment: routine.comment,
                    code: routine.definition
                )
            )
        }
        for trigger in triggers {
            sections.append(
                Section(
                    title: "Trigger \(trigger.name) on \(trigger.table)",
                    comment: trigger.comment,
                    code: trigger.definition
                )
            )
        }
        return sections
    }
}

extension Schema.Column {
    /// Where its value comes from when none is given, for people; nil for `NULL`.
    public var valueText: String? {
        if let generation { return "as (\(generation.expression))\(generation.isStored ? " stored" : "")" }
        if let identity {
            return identity.numbers == nil ? "auto increment" : identity.isAlways ? "identity always" : "identity"
        }
        guard let onUpdate else { return defaultValue }
        return (defaultValue.map { "\($0) " } ?? "") + "on update \(onUpdate)"
    }
}

extension Schema.Index {
    /// The columns and expressions, for people.
    public var partsText: String {
        parts.map { part in
            (part.column ?? "(\(part.expression ?? ""))") + (part.length.map { "(\($0))" } ?? "")
                + (part.collation.map { " collate \($0)" } ?? "") + (part.operatorClass.map { " \($0)" } ?? "")
                + (part.isDescending ? " desc" : "")
                + (part.nullsFirst.map { $0 ? " nulls first" : " nulls last" } ?? "")
        }.joined(separator: ", ")
    }
}

extension Schema.Table {
    /// `PK`, `PK2`, `FK`, `unique`: the keys a column belongs to.
    public func keyText(of column: String) -> String {
        var keys: [String] = []
        if let key = primaryKey, let position = key.columns.firstIndex(of: column) {
            keys.append(key.columns.count > 1 ? "PK\(position + 1)" : "PK")
        }
        if foreignKeys.contains(where: { $0.columns.contains(column) }) { keys.append("FK") }
        if uniqueKeys.contains(where: { $0.columns == [column] })
            || indexes.contains(where: { $0.isUnique && $0.predicate == nil && $0.parts.map(\.column) == [column] })
        {
            keys.append("unique")
        }
        return keys.joined(separator: " ")
    }

    /// Keys, indexes and checks as lines for people.
    public var facts: [String] {
        var facts: [String] = []
        for key in foreignKeys {
            let referenced = key.referencedColumns.isEmpty ? "" : "(\(key.referencedColumns.joined(separator: ", ")))"
            var line = "foreign key (\(key.columns.joined(separator: ", "))) → \(key.referencedTable)\(referenced)"
            if key.onDelete != .noAction { line += " on delete \(key.onDelete.rawValue.lowercased())" }
            if key.onUpdate != .noAction { line += " on update \(key.onUpdate.rawValue.lowercased())" }
            if key.checking != .immediate { line += " \(key.checking.rawValue)" }
            facts.append(key.isValidated ? line : line + " not validated")
        }
        for key in uniqueKeys { facts.append("unique (\(key.columns.joined(separator: ", ")))") }
        for index in indexes {
            var line =
                "\(index.isUnique ? "unique " : "")\(index.predicate == nil ? "" : "partial ")index \(index.name) (\(index.partsText))"
            if let method = index.method, !["btree", "BTREE"].contains(method) {
                line += " using \(method.lowercased())"
            }
            if !index.included.isEmpty { line += " include (\(index.included.joined(separator: ", ")))" }
            if let predicate = index.predicate { line += " where \(predicate)" }
            if !index.isValid { line += " INVALID" }
            facts.append(line)
        }
        for check in checks { facts.append("check (\(check.expression))") }
        for exclusion in exclusions { facts.append(exclusion.definition) }
        if let partitioning { facts.append("partitioned by \(partitioning.key)") }
        if let partition { facts.append("partition of \(partition.of) \(partition.bound)") }
        for parent in parents { facts.append("inherits \(parent)") }
        return facts
    }
}
