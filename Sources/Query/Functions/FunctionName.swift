import Roost

/// The functions the renderer knows how every dialect writes.
package enum FunctionName: String, Hashable, Sendable {
    // Text.
    case lower, upper, length, trim, ltrim, rtrim, replace, substring, position, left, right, lpad, rpad, reverse
    case `repeat`
    // Numbers.
    case abs, ceiling, floor, round, power, sqrt, exp, ln, sign, greatest, least, random
    // Any type.
    case coalesce, nullif
    // Dates.
    case currentDate = "current_date"
    case currentTimestamp = "current_timestamp"
    // Arrays.
    case array, cardinality, element, unnest
    // Windows.
    case rowNumber = "row_number"
    case rank
    case denseRank = "dense_rank"
    case percentRank = "percent_rank"
    case cumeDist = "cume_dist"
    case ntile, lag, lead
    case firstValue = "first_value"
    case lastValue = "last_value"
    case nthValue = "nth_value"
}

/// The aggregates the renderer knows.
package enum AggregateName: String, Hashable, Sendable {
    case count, sum, avg, min, max
    case join = "string_agg"
    case arrayAggregate = "array_agg"
    case jsonArray, jsonObject
    case every, some
    case standardDeviation = "stddev_samp"
    case variance = "var_samp"
    case grouping
}

/// A part of a date or time.
public enum DateField: String, Hashable, Sendable {
    case year, quarter, month, week, day, hour, minute, second
    /// 0 for Sunday … 6 for Saturday.
    case weekday
    /// 1 … 366.
    case dayOfYear
}
