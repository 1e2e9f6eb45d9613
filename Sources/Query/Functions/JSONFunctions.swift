public import Roost

/// A place inside a JSON document: keys and positions (from 0). Always written as a literal with everything in it quoted.
public struct JSONPath: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    /// A step down into the document.
    public enum Step: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        /// The value of a key.
        case key(String)
        /// The value at a position, from 0.
        case index(Int)

        /// A key.
        public init(stringLiteral value: String) { self = .key(value) }
        /// A position.
        public init(integerLiteral value: Int) { self = .index(value) }
    }

    let steps: [Step]

    /// A path from its steps.
    public init(_ steps: [Step]) { self.steps = steps }
    /// A single key; dots in it mean nothing.
    public init(stringLiteral value: String) { steps = [.key(value)] }
    /// `["address", "lines", 0]`
    public init(arrayLiteral elements: Step...) { steps = elements }
}

package enum JSONOperation: String, Hashable, Sendable {
    /// The scalar at the path.
    case value
    /// The document at the path.
    case document
    case exists
    case arrayLength
    /// The document with another value at the path.
    case set
    case remove
}

extension SQLExpression where T.Base == JSON {
    /// The scalar at a path as a value of a type; `NULL` where there is none.
    public func value<U: QueryValue>(at path: JSONPath, as type: U.Type) -> SQLExpression<U.Base?> {
        SQLExpression<U.Base?>(.json(.value, path, U.sqlType), [node])
    }

    /// What is at a path as JSON; `NULL` where there is nothing.
    public func document(at path: JSONPath) -> SQLExpression<JSON?> {
        SQLExpression<JSON?>(.json(.document, path, .json), [node])
    }

    /// Whether there is anything, be it `null`, at a path.
    public func has(_ path: JSONPath) -> SQLCondition { SQLCondition(.json(.exists, path, .bool), [node]) }

    /// How many elements the array at a path has; `NULL` where there is none.
    public func arrayLength(at path: JSONPath = []) -> SQLExpression<Int?> {
        SQLExpression<Int?>(.json(.arrayLength, path, .int64), [node])
    }

    /// The document with a scalar put at a path.
    public func setting<U: QueryValue>(_ path: JSONPath, to value: U) -> SQLExpression {
        SQLExpression(.json(.set, path, U.sqlType), [node, QueryNode(literal: value.databaseValue)])
    }

    /// The document without what is at a path.
    public func removing(_ path: JSONPath) -> SQLExpression { SQLExpression(.json(.remove, path, .json), [node]) }
}
