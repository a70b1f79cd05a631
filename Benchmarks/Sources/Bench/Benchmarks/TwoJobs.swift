import Harness
import Learning

/// Whether two jobs at once reach what each core reaches alone: they share caches and memory only.
enum TwoJobsBenchmark: Benchmark {
  static let name = "two-jobs"
  static let summary = "two jobs tied to a core each, against the sum of each core alone"

  static func run(in session: Session) throws {
    guard Core.count >= 2 else {
      return session.check("two cores", outcome: .absent, "this process may use one core only")
    }
    for model in ["mlp", "cnn-431k"] {
      let crew = try Crew(Clients(model: model, count: 2, examples: 600), workers: 2, batch: 10)
      let series = try session.effort.measure([
        Side("first core alone") { try crew.rate(for: $0, workers: 0..<1, pinned: true) },
        Side("both") { try crew.rate(for: $0, workers: 0..<2, pinned: true) },
        Side("second core alone") { try crew.rate(for: $0, workers: 1..<2, pinned: true) },
      ])
      let sum = Series(zip(series[0].rounds, series[2].rounds).map { $0 + $1 })
      var record = Record(
        benchmark: session.name, label: "\(model), batch 10", unit: "examples/s", measure: .rate,
        ours: series[1], others: [.init(name: "the cores alone, summed", series: sum)])
      record.titles = .init(ours: "both cores", other: "alone, summed")
      record.target = .atLeast(0.9)
      session.add(record)
    }
  }
}
