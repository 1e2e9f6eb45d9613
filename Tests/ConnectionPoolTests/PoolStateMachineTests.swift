import Roost
import Testing

@testable import RoostConnectionPool

/// The pool's decisions, step by step, without a clock, a task or a connection.
@Suite struct PoolStateMachineTests {
    final class Fake {}
    typealias Machine = PoolStateMachine<Fake, Int>

    private let start = ContinuousClock.now
    private let place = SourcePlace(fileID: "Test/File.swift", line: 1)

    private func machine(_ maximum: Int, _ change: (inout PoolConfiguration) -> Void = { _ in }) -> Machine {
        var configuration = PoolConfiguration(maximumConnections: maximum)
        change(&configuration)
        return Machine(configuration, random: { 0 })
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// Opens one connection for a first waiter and gives it back.
    private func opened(_ machine: inout Machine, at moment: Double = 0) -> Fake {
        var actions = Machine.Actions()
        machine.wait(0, as: machine.ticket(), now: at(moment), deadline: nil, place: place, &actions)
        let connection = Fake()
        machine.opened(connection, now: at(moment), &actions)
        return connection
    }

    @Test func opensOneConnectionForEachWaiterUpToTheMaximum() {
        var pool = machine(2)
        var actions = Machine.Actions()
        for waiter in 0..<5 { pool.wait(waiter, as: pool.ticket(), now: start, deadline: nil, place: place, &actions) }
        #expect(actions.open == 2)
        #expect(pool.statistics.waiting == 5)
        #expect(pool.statistics.connecting == 2)
    }

    @Test func servesWaitersInTheirOrder() {
        var pool = machine(1)
        var actions = Machine.Actions()
        for waiter in 0..<3 { pool.wait(waiter, as: pool.ticket(), now: start, deadline: nil, place: place, &actions) }
        let connection = Fake()
        pool.opened(connection, now: start, &actions)
        pool.release(connection, now: start, &actions)
        pool.release(connection, now: start, &actions)
        #expect(actions.resume.map(\.waiter) == [0, 1, 2])
    }

    @Test func whoComesLaterDoesNotOvertakeWhoWaits() {
        var pool = machine(1)
        let connection = opened(&pool)
        var actions = Machine.Actions()
        pool.wait(1, as: pool.ticket(), now: start, deadline: nil, place: place, &actions)
        #expect(pool.acquireFree(now: start, place: place, &actions) == nil)
        pool.release(connection, now: start, &actions)
        #expect(actions.resume.map(\.waiter) == [1])
    }

    @Test func lendsTheConnectionUsedLastFirst() {
        var pool = machine(2)
        let first = opened(&pool)
        let second = opened(&pool)
        var actions = Machine.Actions()
        pool.release(first, now: at(1), &actions)
        pool.release(second, now: at(2), &actions)
        guard case .lease(let lent, _)? = pool.acquireFree(now: at(3), place: place, &actions) else {
            Issue.record("nothing was lent")
            return
        }
        #expect(lent === second)
    }

    @Test func checksAConnectionOnlyAfterItWasIdle() {
        var pool = machine(1) { $0.livenessCheckAfter = .seconds(5) }
        let connection = opened(&pool)
        var actions = Machine.Actions()
        for (moment, expected) in [(4.0, false), (20.0, true)] {
            pool.release(connection, now: start, &actions)
            guard case .lease(_, let needsCheck)? = pool.acquireFree(now: at(moment), place: place, &actions) else {
                Issue.record("nothing was lent")
                return
            }
            #expect(needsCheck == expected)
        }
    }

    @Test func aWaiterThatGivesUpTakesNothingWithIt() {
        var pool = machine(1)
        let connection = opened(&pool)
        var actions = Machine.Actions()
        let id = pool.ticket()
        pool.wait(7, as: id, now: start, deadline: nil, place: place, &actions)
        #expect(pool.cancel(id) == 7)
        #expect(pool.cancel(id) == nil)
        pool.release(connection, now: start, &actions)
        #expect(actions.resume.isEmpty)
        #expect(pool.statistics.idle == 1)
    }

    @Test func deadlinesEndTheWaitWithAnErrorThatSaysWhoHoldsWhat() {
        var pool = machine(1)
        _ = opened(&pool)
        var actions = Machine.Actions()
        pool.wait(1, as: pool.ticket(), now: start, deadline: at(3), place: place, &actions)
        #expect(pool.due == at(3))
        pool.timePassed(now: at(2.9), &actions)
        #expect(actions.resume.isEmpty)
        pool.timePassed(now: at(3), &actions)
        guard case .failure(let error)? = actions.resume.first?.result else {
            Issue.record("the wait went on")
            return
        }
        #expect(error.condition == .poolTimeout)
        #expect(error.message.contains("Test/File.swift:1"))
        #expect(pool.statistics.timeouts == 1)
    }

    @Test func aRefusedLoginFailsAllWaitersAtOnce() {
        var pool = machine(3)
        var actions = Machine.Actions()
        for waiter in 0..<4 { pool.wait(waiter, as: pool.ticket(), now: start, deadline: nil, place: place, &actions) }
        pool.failedToOpen(DatabaseError(.operational, .authenticationFailed, "no"), now: start, &actions)
        #expect(actions.resume.count == 4)
        #expect(pool.statistics.waiting == 0)
    }

    @Test func whatMayPassIsTriedAgainWithGrowingWaits() {
        var pool = machine(3) {
            $0.initialBackoff = .seconds(1); $0.maximumBackoff = .seconds(4)
        }
        var actions = Machine.Actions()
        pool.wait(1, as: pool.ticket(), now: start, deadline: at(100), place: place, &actions)
        var moment = start
        for expected in [0.5, 1, 2, 2] {
            #expect(actions.open == 1)
            actions = Machine.Actions()
            pool.failedToOpen(DatabaseError(.operational, .cannotConnect, "down"), now: moment, &actions)
            #expect(actions.open == 0)
            // The first connection ever is tried again soon; the wait grows, and stays within its bounds.
            #expect(pool.due == moment + .seconds(expected))
            moment += .seconds(expected)
            pool.timePassed(now: moment, &actions)
        }
        pool.opened(Fake(), now: moment, &actions)
        #expect(actions.resume.map(\.waiter) == [1])
    }

    @Test func aFullServerLowersTheMaximumForAWhile() {
        var pool = machine(10)
        _ = opened(&pool)
        var actions = Machine.Actions()
        pool.wait(1, as: pool.ticket(), now: start, deadline: nil, place: place, &actions)
        pool.failedToOpen(DatabaseError(.operational, .tooManyConnections, "full"), now: start, &actions)
        actions = Machine.Actions()
        pool.timePassed(now: at(10), &actions)
        #expect(actions.open == 0)
        pool.timePassed(now: at(31), &actions)
        #expect(actions.open == 1)
    }

    @Test func idleConnectionsBeyondTheMinimumAreClosed() {
        var pool = machine(5) {
            $0.minimumConnections = 1; $0.idleTimeout = .seconds(60); $0.maximumLifetime = nil
        }
        let connections = (0..<3).map { _ in opened(&pool) }
        var actions = Machine.Actions()
        for connection in connections { pool.release(connection, now: start, &actions) }
        pool.timePassed(now: at(61), &actions)
        #expect(actions.close.map(\.reason) == [.idle, .idle])
        #expect(pool.statistics.idle == 1)
        #expect(pool.statistics.closed == [.idle: 2])
    }

    @Test func agedConnectionsAreReplaced() {
        var pool = machine(1) { $0.maximumLifetime = .seconds(100) }
        let connection = opened(&pool)
        var actions = Machine.Actions()
        pool.wait(1, as: pool.ticket(), now: at(101), deadline: nil, place: place, &actions)
        pool.release(connection, now: at(101), &actions)
        #expect(actions.close.map(\.reason) == [.expired])
        #expect(actions.open == 1)
    }

    @Test func aConnectionHeldForLongIsReportedOnceWithItsPlace() {
        var pool = machine(1) { $0.leakThreshold = .seconds(60) }
        _ = opened(&pool)
        var actions = Machine.Actions()
        pool.timePassed(now: at(61), &actions)
        pool.timePassed(now: at(122), &actions)
        #expect(actions.leaks == [place])
    }

    @Test func aPausedPoolLendsNothingUntilItGoesOn() {
        var pool = machine(1)
        let connection = opened(&pool)
        var actions = Machine.Actions()
        pool.pause()
        pool.release(connection, now: start, &actions)
        #expect(pool.acquireFree(now: start, place: place, &actions) == nil)
        pool.wait(1, as: pool.ticket(), now: start, deadline: nil, place: place, &actions)
        #expect(actions.resume.isEmpty)
        pool.resume(now: start, &actions)
        #expect(actions.resume.map(\.waiter) == [1])
    }

    @Test func drainingWaitsForWhatIsLent() {
        var pool = machine(2)
        let lent = opened(&pool)
        let other = opened(&pool)
        var actions = Machine.Actions()
        pool.release(other, now: start, &actions)
        pool.shutDown(isDraining: true, &actions)
        #expect(actions.close.count == 1)
        #expect(!pool.isEmpty)
        guard case .refuse? = pool.acquireFree(now: start, place: place, &actions) else {
            Issue.record("a draining pool lent a connection")
            return
        }
        pool.release(lent, now: start, &actions)
        #expect(actions.close.count == 2)
        #expect(pool.isEmpty)
    }

    @Test func givingBackTwiceChangesNothing() {
        var pool = machine(2)
        let connection = opened(&pool)
        var actions = Machine.Actions()
        pool.release(connection, now: start, &actions)
        pool.release(connection, now: start, &actions)
        #expect(pool.statistics.idle == 1)
    }

    @Test func aConnectionThatCameBackBetweenLookingAndWaitingIsLent() {
        var pool = machine(1)
        let connection = opened(&pool)
        var actions = Machine.Actions()
        #expect(pool.acquireFree(now: start, place: place, &actions) == nil)
        pool.release(connection, now: start, &actions)
        pool.wait(1, as: pool.ticket(), now: start, deadline: nil, place: place, &actions)
        #expect(actions.resume.map(\.waiter) == [1])
    }

    @Test func aPoolThatWasClosedBetweenLookingAndWaitingRefuses() {
        var pool = machine(1)
        var actions = Machine.Actions()
        #expect(pool.acquireFree(now: start, place: place, &actions) == nil)
        pool.shutDown(isDraining: false, &actions)
        pool.wait(1, as: pool.ticket(), now: start, deadline: nil, place: place, &actions)
        #expect(actions.resume.count == 1)
        #expect(throws: DatabaseError.self) { try actions.resume.first?.result.get() }
    }

    @Test func attemptsThatFailTogetherAreOneFailure() {
        var pool = machine(10) { $0.initialBackoff = .seconds(1) }
        var actions = Machine.Actions()
        for waiter in 0..<10 { pool.wait(waiter, as: pool.ticket(), now: start, deadline: nil, place: place, &actions) }
        #expect(actions.open == 10)
        let failure = DatabaseError(.operational, .cannotConnect, "no")
        for _ in 0..<10 { pool.failedToOpen(failure, now: start, &actions) }
        actions = Machine.Actions()
        // Half of the first wait, since the jitter is nothing here.
        pool.timePassed(now: at(0.5), &actions)
        #expect(actions.open == 1)
        pool.failedToOpen(failure, now: at(0.5), &actions)
        actions = Machine.Actions()
        pool.timePassed(now: at(1.4), &actions)
        #expect(actions.open == 0)
        pool.timePassed(now: at(1.5), &actions)
        #expect(actions.open == 1)
    }

    @Test func theServersLimitIsRespectedReportedAndTriedAgain() {
        var pool = machine(10) {
            $0.initialBackoff = .milliseconds(1)
            $0.leakThreshold = nil
        }
        let first = opened(&pool)
        _ = opened(&pool)
        var actions = Machine.Actions()
        for waiter in 0..<4 { pool.wait(waiter, as: pool.ticket(), now: start, deadline: nil, place: place, &actions) }
        for _ in 0..<actions.open {
            pool.failedToOpen(DatabaseError(.operational, .tooManyConnections, "full"), now: start, &actions)
        }
        #expect(pool.statistics.serverLimit == 2)
        actions = Machine.Actions()
        pool.timePassed(now: at(10), &actions)
        #expect(actions.open == 0)
        pool.release(first, now: at(11), &actions)
        #expect(actions.resume.count == 1)
        #expect(pool.due == at(30))
        pool.timePassed(now: at(30), &actions)
        #expect(actions.open == 1)
        #expect(pool.statistics.serverLimit == nil)
    }
}
