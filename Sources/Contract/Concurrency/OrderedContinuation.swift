import Synchronization

/// A continuation whose resumption the thread sanitizer sees in order.
///
/// What is done before a resumption happens before what the task does after it. The sanitizer knows that only of tasks that were
/// suspended by then: of one that is resumed on its way there it reports a race for every correct use.
package struct OrderedContinuation<T: Sendable>: Sendable {
    fileprivate final class Order: Sendable {
        let isResumed = Atomic(false)
    }

    fileprivate let continuation: UnsafeContinuation<T, Never>
    fileprivate let order: Order

    /// Resumes the task; once, as any continuation.
    package func resume(returning value: sending T) {
        order.isResumed.store(true, ordering: .releasing)
        continuation.resume(returning: value)
    }
}

/// Suspends the task until the continuation that `body` gets is resumed. Costs one allocation.
package func withOrderedContinuation<T: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (OrderedContinuation<T>) -> Void
) async -> T {
    let order = OrderedContinuation<T>.Order()
    let value = await withUnsafeContinuation(isolation: isolation) {
        body(OrderedContinuation(continuation: $0, order: order))
    }
    _ = order.isResumed.load(ordering: .acquiring)
    return value
}
