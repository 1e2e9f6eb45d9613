public import CoreMetrics
import Roost

/// Tells swift-metrics what steps of pipelines did. Labels are the pipeline's and the step's names, how it ended and the condition of
/// an error: no values, and no more of them than there are steps.
public struct PipelineMetrics: Sendable {
    private let factory: any MetricsFactory

    /// Metrics of runs.
    ///
    /// - Parameter factory: where they go; without one, and without `MetricsSystem.bootstrap`, nowhere.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
    }

    /// A step ended.
    func ended(_ step: PipelineReport.Step, of pipeline: String, _ error: DatabaseError?) {
        let names = [("roost.pipeline", pipeline), ("roost.step", step.name)]
        func count(_ label: String, _ number: Int, _ more: [(String, String)] = []) {
            guard number > 0 else { return }
            Counter(label: label, dimensions: names + more, factory: factory).increment(by: Int64(number))
        }
        count("roost.pipeline.rows", step.rowsRead, [("roost.rows", "read")])
        // What an earlier run published was counted then.
        if !step.wasPublishedBefore, step.status == .succeeded {
            count("roost.pipeline.rows", step.rowsWritten, [("roost.rows", "written")])
        }
        count("roost.pipeline.rows", step.rowsRejected, [("roost.rows", "rejected")])
        count("roost.pipeline.bytes", step.bytes)
        if let error { count("roost.pipeline.failures", 1, [("error.type", error.condition.rawValue)]) }
        Recorder(
            label: "roost.pipeline.step.duration",
            dimensions: names + [("roost.status", step.status.rawValue)],
            aggregate: true,
            factory: factory
        ).record(step.seconds)
    }
}
