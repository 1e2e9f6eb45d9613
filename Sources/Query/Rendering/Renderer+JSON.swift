import Roost

extension Renderer {
    mutating func renderJSON(
        _ operation: JSONOperation,
        _ path: JSONPath,
        _ type: SQLType,
        _ children: [QueryNode]
    ) throws(DatabaseError) {
        try require(.json)
        switch profile.engine {
        case .postgresql: try renderPostgreSQL(operation, path, type, children)
        case .sqlite: try renderSQLite(operation, path, type, children)
        case .mysql, .mariadb: try renderMySQL(operation, path, type, children)
        default:
            switch operation {
            case .value where type == .bool:
                write("case ")
                try call(pathFunction: "json_value", children[0], path)
                write(" when 'true' then 1 when 'false' then 0 end")
            case .value:
                if type != .text { write("cast(") }
                try call(pathFunction: "json_value", children[0], path)
                if type != .text {
                    write(" as ")
                    try writeCastType(type)
                    write(")")
                }
            case .document: try call(pathFunction: "json_query", children[0], path)
            case .exists where profile.engine == .sqlserver:
                try call(pathFunction: "json_path_exists", children[0], path)
                write(" = 1")
            case .exists: try call(pathFunction: "json_exists", children[0], path)
            case .arrayLength: throw notSupported("the length of a JSON array")
            case .set, .remove: throw notSupported("changing a part of a JSON document")
            }
        }
    }

    private mutating func call(pathFunction: String, _ document: QueryNode, _ path: JSONPath) throws(DatabaseError) {
        write(pathFunction + "(")
        try render(document)
        write(", ")
        try write(string: Self.text(of: path))
        write(")")
    }

    /// `$."key"[0]`, with what is special in a quoted key escaped.
    static func text(of path: JSONPath) -> String {
        path.steps.reduce(into: "$") { text, step in
            switch step {
            case .key(let key):
                var quoted: [UInt8] = []
                JSON.appendQuoted(key, to: &quoted)
                text += "." + String(decoding: quoted, as: UTF8.self)
            case .index(let index): text += "[\(index.magnitude)]"
            }
        }
    }

    private mutating func renderPostgreSQL(
        _ operation: JSONOperation,
        _ path: JSONPath,
        _ type: SQLType,
        _ children: [QueryNode]
    ) throws(DatabaseError) {
        let elements = path.steps.map { step in
            switch step {
            case .key(let key): key
            case .index(let index): String(index.magnitude)
            }
        }
        func document(_ renderer: inout Renderer) throws(DatabaseError) {
            renderer.write("cast(")
            try renderer.render(children[0])
            renderer.write(" as jsonb)")
        }
        func array(_ renderer: inout Renderer) throws(DatabaseError) {
            renderer.write("array[")
            for (index, element) in elements.enumerated() {
                if index > 0 { renderer.write(", ") }
                try renderer.write(string: element)
            }
            renderer.write("]::text[]")
        }
        switch operation {
        case .value:
            if type != .text { write("cast(") }
            try document(&self)
            write(" #>> ")
            try array(&self)
            if type != .text {
                write(" as ")
                try writeCastType(type)
                write(")")
            }
        case .document, .exists:
            try document(&self)
            write(" #> ")
            try array(&self)
            if operation == .exists { write(" is not null") }
        case .arrayLength:
            write("case jsonb_typeof(")
            try document(&self)
            write(" #> ")
            try array(&self)
            write(") when 'array' then jsonb_array_length(")
            try document(&self)
            write(" #> ")
            try array(&self)
            write(") end")
        case .set:
            write("jsonb_set(")
            try document(&self)
            write(", ")
            try array(&self)
            // SQL's NULL would make all of it NULL.
            write(", coalesce(to_jsonb(cast(")
            try render(children[1])
            write(" as ")
            try writeCastType(type)
            write(")), 'null'))")
        case .remove:
            try document(&self)
            write(" #- ")
            try array(&self)
        }
    }

    private mutating func renderSQLite(
        _ operation: JSONOperation,
        _ path: JSONPath,
        _ type: SQLType,
        _ children: [QueryNode]
    ) throws(DatabaseError) {
        for case .key(let key) in path.steps where key.contains("\"") {
            throw notSupported("quotation marks in the keys of JSON paths")
        }
        switch operation {
        case .value:
            switch type {
            case .int16, .int32, .int64, .float, .double, .decimal:
                write("cast(")
                try call(pathFunction: "json_extract", children[0], path)
                write(" as ")
                try writeCastType(type)
                write(")")
            case .text, .varchar:
                // Truth is a number for `json_extract`.
                write("case ")
                try call(pathFunction: "json_type", children[0], path)
                write(" when 'true' then 'true' when 'false' then 'false' else cast(")
                try call(pathFunction: "json_extract", children[0], path)
                write(" as text) end")
            default: try call(pathFunction: "json_extract", children[0], path)
            }
        case .document:
            try operand(children[0])
            write(" -> ")
            try write(string: Self.text(of: path))
        case .exists:
            try call(pathFunction: "json_type", children[0], path)
            write(" is not null")
        case .arrayLength:
            write("case ")
            try call(pathFunction: "json_type", children[0], path)
            write(" when 'array' then ")
            try call(pathFunction: "json_array_length", children[0], path)
            write(" end")
        case .set:
            write("json_set(")
            try render(children[0])
            write(", ")
            try write(string: Self.text(of: path))
            write(", ")
            try renderElement(children[1], type)
            write(")")
        case .remove: try call(pathFunction: "json_remove", children[0], path)
        }
    }

    private mutating func renderMySQL(
        _ operation: JSONOperation,
        _ path: JSONPath,
        _ type: SQLType,
        _ children: [QueryNode]
    ) throws(DatabaseError) {
        switch operation {
        case .value:
            // JSON's null is not SQL's.
            if type == .bool {
                write("(")
                try call(pathFunction: "json_extract", children[0], path)
                write(" = true)")
            } else {
                if type != .text { write("cast(") }
                write("json_unquote(nullif(")
                try call(pathFunction: "json_extract", children[0], path)
                write(profile.engine == .mariadb ? ", 'null'))" : ", cast('null' as json)))")
                if type != .text {
                    write(" as ")
                    try writeCastType(type)
                    write(")")
                }
            }
        case .document: try call(pathFunction: "json_extract", children[0], path)
        case .exists:
            write("json_contains_path(")
            try render(children[0])
            write(", 'one', ")
            try write(string: Self.text(of: path))
            write(") = 1")
        case .arrayLength:
            write("case json_type(")
            try call(pathFunction: "json_extract", children[0], path)
            write(") when 'ARRAY' then ")
            try call(pathFunction: "json_length", children[0], path)
            write(" end")
        case .set:
            write("json_set(")
            try render(children[0])
            write(", ")
            try write(string: Self.text(of: path))
            write(", ")
            try renderElement(children[1], type)
            write(")")
        case .remove: try call(pathFunction: "json_remove", children[0], path)
        }
    }

    /// A value that becomes part of a document, where the engine has no type for truth or documents.
    private mutating func renderElement(_ value: QueryNode, _ type: SQLType) throws(DatabaseError) {
        let (before, after): (String, String) =
            switch profile.engine {
            case .sqlite: ("json(", ")")
            case .mysql: ("cast(", " as json)")
            default: ("json_extract(", ", '$')")
            }
        switch type {
        case .bool:
            write(before + "case ")
            try render(value)
            write(" when 1 then 'true' when 0 then 'false' end" + after)
        case .json:
            write(before)
            try render(value)
            write(after)
        default: try render(value)
        }
    }
}
