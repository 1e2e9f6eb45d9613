import Roost

/// The behaviours every driver shows: those PEP 249's public compliance suite names, and Roost's own.
public enum ConformanceSuite {
    /// All cases.
    public static let cases: [ConformanceCase] =
        pep249Cases + roundTripCases + decodingCases + errorCases + transactionCases + executionCases + extensionCases
        + pipelineCases
        + concurrencyCases

    /// Where the cases stand in ``cases``: all of them, or those in which tasks do things at once.
    public static func indices(concurrentOnly: Bool) -> [Int] {
        cases.indices.filter { !concurrentOnly || cases[$0].isConcurrent }
    }

    /// Runs every case in turn and reports each as it ends.
    public static func run(
        on target: ConformanceTarget,
        progress: (ConformanceCase, ConformanceOutcome) -> Void = { _, _ in }
    ) async -> ConformanceReport {
        var report = ConformanceReport(driver: target.driver.name)
        for testCase in cases {
            let outcome = await testCase.run(on: target)
            report.results.append((testCase, outcome))
            progress(testCase, outcome)
        }
        return report
    }
}

/// What a run of the suite showed.
public struct ConformanceReport: Sendable {
    /// The driver's name.
    public var driver: String
    /// Each case and what became of it.
    public var results: [(ConformanceCase, ConformanceOutcome)] = []

    /// One row a section, one column a driver.
    public static func markdown(_ reports: [ConformanceReport]) -> String {
        var sections: [String] = []
        for (testCase, _) in reports.first?.results ?? [] where !sections.contains(testCase.section) {
            sections.append(testCase.section)
        }
        var lines = ["| behaviours | " + reports.map(\.driver).joined(separator: " | ") + " |"]
        lines.append("| --- |" + reports.map { _ in " --- |" }.joined())
        for section in sections {
            lines.append("| \(section) | " + reports.map { $0.cell(section) }.joined(separator: " | ") + " |")
        }
        lines.append("| **all** | " + reports.map { $0.cell(nil) }.joined(separator: " | ") + " |")
        for report in reports {
            let reasons = Set(
                report.results.compactMap { result -> String? in
                    if case .notSupported(let reason) = result.1 { reason } else { nil }
                }
            )
            if !reasons.isEmpty {
                lines.append("")
                lines.append("\(report.driver), not applicable: \(reasons.sorted().joined(separator: ", ")).")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func cell(_ section: String?) -> String {
        let chosen = results.filter { section == nil || $0.0.section == section }.map(\.1)
        let passed = chosen.filter { $0 == .passed }.count
        let unsupported = chosen.filter { if case .notSupported = $0 { true } else { false } }.count
        let failed = chosen.count - passed - unsupported
        return "\(passed) passed" + (unsupported > 0 ? ", \(unsupported) n/a" : "")
            + (failed > 0 ? ", **\(failed) failed**" : "")
    }
}
