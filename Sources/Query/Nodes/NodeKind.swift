package import Roost

/// What a node is. What children a kind has is said with each case.
package enum NodeKind: Hashable, Sendable {
    /// A part that is not there.
    case absent
    /// A bound value.
    case literal(ValueKind)
    /// A value given when a prepared query runs.
    case parameter(Int, SQLType)
    case column(source: String?, name: String)
    case allColumns(source: String?)
    /// A name of one or more parts.
    case identifier([String])
    /// Children with commas between them.
    case list
    /// Children with commas between them, in parentheses.
    case tuple
    /// Text as it is, with the children in between.
    case raw([RawPiece])
    /// An output column's name. The expression.
    case alias(String)

    // Operators.
    case binary(BinaryOperator)
    case negate
    case not
    /// Any number of conditions.
    case and, or
    case isNull(negated: Bool)
    case truth
    /// `1 = 1` or `1 = 0`.
    case constant(Bool)
    /// A condition as a value.
    case conditionValue
    case distinctFrom(negated: Bool)
    /// The operand, the lower and the upper bound.
    case between(negated: Bool)
    /// The operand, and one literal that holds an array of `count` values.
    case inValues(negated: Bool, count: Int, isDecimal: Bool)
    /// The operand and a query or a list.
    case inQuery(negated: Bool)
    case exists(negated: Bool)
    /// The operand and a query or an array.
    case quantified(BinaryOperator, Quantifier)
    /// Operand and pattern.
    case like(negated: Bool, ignoringCase: Bool)
    /// Operand and the text looked for.
    case contains(TextMatch)
    case collate(String)
    /// The operand.
    case cast(SQLType)
    /// A value where nothing else tells the engine its type.
    case typed(SQLType)
    /// Condition, value, condition, value, …, else or absent.
    case caseWhen
    case function(FunctionName)
    /// A function of the engine or of the user by name. The arguments.
    case namedFunction([String])
    /// A sequence's next number.
    case nextNumber([String])
    case dateField(DateField)
    case truncateDate(DateField)
    /// Date or timestamp, and a count.
    case addToDate(DateField)
    /// End and begin.
    case dateDifference(DateField)
    case json(JSONOperation, JSONPath, SQLType)
    case textSearch

    // Aggregates and windows.
    /// Arguments (a list), filter, order inside.
    case aggregate(AggregateName, distinct: Bool, type: SQLType)
    /// The function, partition list, order list.
    case over(WindowFrame?)
    case groupingSets(GroupingKind)

    // Queries.
    /// The children are ``SelectPart``s.
    case select(SelectOptions)
    /// Left, right.
    case setOperation(SetOperator, all: Bool)
    /// With list, body, order, limit, offset.
    case compound
    /// Rows, each a tuple.
    case values
    case subquery
    case from(tableless: Bool)
    case table([String], alias: String?)
    case join(JoinKind)
    /// The query.
    case derived(alias: String, columns: [String]?, isLateral: Bool)
    /// A function that returns rows.
    case tableFunction(alias: String, columns: [String]?, isLateral: Bool)
    /// The query.
    case commonTable(name: String, columns: [String]?, isRecursive: Bool, materialized: Bool?)
    /// The expression.
    case order(descending: Bool, nulls: NullPlacement?)
    /// The limit of a query that has no rows, which SQL Server has no FETCH for.
    case noRows
    case lock(LockStrength, tables: [String], wait: LockWait)

    // Changes.
    case insert(InsertOptions)
    case update
    case delete
    case merge
    case mergeWhen(MergeMatch, MergeAction)
    /// Column identifier and value.
    case assignment
    case defaultValue
    /// The row that was to be inserted, in an upsert.
    case excluded(String)
    /// Conflict columns, assignments (empty list: nothing), condition, condition of the index.
    case upsert
    case truncate(restartIdentity: Bool, cascade: Bool)
}

/// A piece of ``NodeKind/raw(_:)``.
package enum RawPiece: Hashable, Sendable {
    case text(String)
    case identifier(String)
    case child
}

package enum BinaryOperator: String, Hashable, Sendable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case divideIntegers = "div"
    case remainder = "%"
    case concatenate = "||"
    case arrayContains = "@>"
    case arrayOverlaps = "&&"
    case bitAnd = "&"
    case bitOr = "|"

    var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }
}

package enum Quantifier: String, Hashable, Sendable { case any, all }
package enum TextMatch: Hashable, Sendable { case anywhere, prefix, suffix }
package enum JoinKind: String, Hashable, Sendable { case inner, left, right, full, cross }
package enum SetOperator: String, Hashable, Sendable { case union, intersect, except }
package enum GroupingKind: String, Hashable, Sendable {
    case rollup, cube
    case sets = "grouping sets"
}
package enum NullPlacement: String, Hashable, Sendable { case first, last }

package struct SelectOptions: Hashable, Sendable {
    package var isDistinct = false
    package var withTies = false
}

/// The places of a select's children.
package enum SelectPart: Int, CaseIterable, Sendable {
    case with, distinctOn, columns, from, condition, groups, having, order, limit, offset, locks
}
