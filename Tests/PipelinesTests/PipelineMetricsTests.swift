import MetricsTestKit
import Roost
import RoostPipelines
import Testing

@Suite struct PipelineMetricsTests {
    @Test func stepsAreCountedByTheirNames() async throws {
        try await PipelineHarness.with(.sqlite, .sqlite) { harness, _, target in
            try harness.write("id\n1\nx\n3\n", to: "in.csv")
            try await target.run(["create table t (id integer primary key)"])
            let yaml = """
                contract: {types: discard_row}
                steps:
                  load: {source: {file: in.csv}, target: {connection: b, table: t, mode: append}}
                  fail: {depends_on: load, source: {connection: a, table: nothing}, target: {connection: b, table: u}}
                  skip: {depends_on: fail, source: {connection: b, table: t}, target: {connection: b, table: v}}
                """
            let metrics = TestMetrics()
            let report = try await harness.run(yaml) { $0.metrics = PipelineMetrics(factory: metrics) }
            #expect(report.steps.map(\.status) == [.succeeded, .failed, .skipped])
            let load = [("roost.pipeline", "p"), ("roost.step", "load")]
            for (kind, count) in [("read", Int64(3)), ("written", 2), ("rejected", 1)] {
                let counter = try metrics.expectCounter("roost.pipeline.rows", load + [("roost.rows", kind)])
                #expect(counter.totalValue == count, "\(kind)")
            }
            #expect(try metrics.expectCounter("roost.pipeline.bytes", load).totalValue > 0)
            let succeeded = load + [("roost.status", "succeeded")]
            #expect(try metrics.expectRecorder("roost.pipeline.step.duration", succeeded).values.count == 1)
            let fail = [("roost.pipeline", "p"), ("roost.step", "fail")]
            let failures = fail + [("error.type", "undefinedTable")]
            #expect(try metrics.expectCounter("roost.pipeline.failures", failures).totalValue == 1)
            #expect(
                try metrics.expectRecorder("roost.pipeline.step.duration", fail + [("roost.status", "failed")]).values
                    .count == 1
            )
            // What did not run is not measured.
            #expect(metrics.recorders.allSatisfy { !$0.dimensions.contains { $0.1 == "skip" } })
        }
    }
}
