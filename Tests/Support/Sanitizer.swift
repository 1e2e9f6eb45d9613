import Foundation

/// Whether the tests run under the thread sanitizer, where all takes ten times as long and only what is concurrent counts.
public let isThreadSanitized = ProcessInfo.processInfo.environment["ROOST_TEST_THREAD_SANITIZER"] != nil
