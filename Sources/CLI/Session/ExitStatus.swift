import ArgumentParser
import Roost
import RoostConfiguration
import RoostMigrations

/// What the process tells its caller; the numbers are part of the command line's contract.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    case usage = 2
    case findings = 3
    case cannotConnect = 4
    case timedOutOrCancelled = 5
    case partlyDone = 6
    case integrityBroken = 7
    case interrupted = 130

    /// The status for an error that ended a command.
    init(for error: any Error) {
        switch error {
        case let error as DatabaseError:
            switch error.condition {
            case .cannotConnect, .authenticationFailed, .notADatabase, .tooManyConnections, .poolTimeout:
                self = .cannotConnect
            case .timeout, .cancelled, .lockTimeout: self = .timedOutOrCancelled
            case .invalidConfiguration: self = .usage
            case .corrupted: self = .integrityBroken
            default: self = .failed
            }
        case let error as MigrationError: self = Self.status(for: error)
        case is ConfigurationError: self = .usage
        case is CancellationError: self = .timedOutOrCancelled
        case let error as CommandFailure: self = error.status
        case is ValidationError: self = .usage
        default: self = .failed
        }
    }

    private static func status(for error: MigrationError) -> ExitStatus {
        switch error.kind {
        case .file, .graph, .usage, .refused: .usage
        case .integrity: .integrityBroken
        case .dirty: .partlyDone
        case .locked: .timedOutOrCancelled
        case .statement, .database, .cancelled:
            if error.isPartlyDone {
                .partlyDone
            } else if let cause = error.cause {
                ExitStatus(for: cause)
            } else {
                error.kind == .cancelled ? .timedOutOrCancelled : .failed
            }
        }
    }
}

/// A failure a command found itself.
struct CommandFailure: Error {
    let status: ExitStatus
    let message: String
}
