public import Roost
import RoostPipelineDefinition

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Rows and values that were left out: their number, and a file that tells why and where they stood.
final class RejectLog: Sendable {
    private struct State {
        var count = 0
        var lines: [UInt8] = []
        var descriptor: Int32 = -1
    }

    private let rejects: PipelineDefinition.Rejects
    private let runID: String
    private let step: String
    private let state = Locked(State())

    init(_ rejects: PipelineDefinition.Rejects, runID: String, step: String) {
        self.rejects = rejects
        self.runID = runID
        self.step = step
    }

    deinit {
        let descriptor = state.withLock { $0.descriptor }
        if descriptor >= 0 { close(descriptor) }
    }

    /// How many were told of.
    var count: Int { state.withLock { $0.count } }

    /// Tells of one.
    ///
    /// - Throws: ``DatabaseError/Condition/tooManyRejects`` once there are more than may be.
    func add(
        position: String,
        column: String?,
        reason: String,
        isRow: Bool,
        values: @autoclosure () -> [Value.Field]
    ) throws(DatabaseError) {
        var fields: [Value.Field] = [
            .init(name: "run", value: .text(runID)), .init(name: "step", value: .text(step)),
            .init(name: "position", value: .text(position)),
            .init(name: "rejected", value: .text(isRow ? "row" : "value")),
            .init(name: "column", value: column.map { .text($0) } ?? .null),
            .init(name: "reason", value: .text(reason)),
        ]
        if rejects.includesValues { fields.append(.init(name: "values", value: .object(values()))) }
        var line: [UInt8] = []
        if rejects.file != nil {
            Value.object(fields).appendJSON(to: &line)
            line.append(0x0A)
        }
        let (isOver, isFull) = state.withLock { state in
            state.count += 1
            state.lines += line
            return (rejects.limit.map { state.count > $0 } ?? false, state.lines.count > 65_536)
        }
        if isFull || isOver { try flush() }
        if isOver {
            throw DatabaseError(
                .data,
                .tooManyRejects,
                "The step \(step) rejected more than the \(rejects.limit ?? 0) rows and values allowed; the last stood in \(position): \(column ?? "a row") \(reason).",
                hint: rejects.file.map { "\($0) tells of all of them." }
            )
        }
    }

    /// Writes what is to be written.
    func flush() throws(DatabaseError) {
        guard let path = rejects.file else { return }
        let code = state.withLock { state -> Int32 in
            guard !state.lines.isEmpty else { return 0 }
            if state.descriptor < 0 {
                state.descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            }
            guard state.descriptor >= 0 else { return errno }
            var offset = 0
            while offset < state.lines.count {
                let descriptor = state.descriptor
                let count = state.lines.withUnsafeBytes {
                    write(descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset)
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return errno }
                offset += count
            }
            state.lines = []
            return 0
        }
        if code != 0 { throw FileReading.failure("\(path) cannot be written", code) }
    }

    /// Takes the file of an earlier run away.
    static func begin(_ rejects: PipelineDefinition.Rejects) {
        if let path = rejects.file { unlink(path) }
    }
}

extension DatabaseError.Condition {
    /// More rows of a pipeline did not fit than its definition allows.
    public static let tooManyRejects = DatabaseError.Condition(rawValue: "tooManyRejects")
    /// A check of a pipeline did not hold.
    public static let checkFailed = DatabaseError.Condition(rawValue: "checkFailed")
    /// A pipeline's table, column or type is not what its contract says.
    public static let contractBroken = DatabaseError.Condition(rawValue: "contractBroken")
}
