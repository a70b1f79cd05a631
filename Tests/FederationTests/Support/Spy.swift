import Components
import Federation
import Learning
import Randomness
import Synchronization
import Tensors

/// What spies reached, by the position they stood at.
final class SpyReport: Sendable {
  struct Finding: Sendable {
    var position: String
    var round: Int
    var snoop: Snoop
  }
  private let storage = Mutex<[Finding]>([])
  var findings: [Finding] { storage.withLock { $0 } }
  func add(_ finding: Finding) { storage.withLock { $0.append(finding) } }
}

/// A component at every position that a stranger's code can take, which snoops around in whatever it
/// is handed, its generator and its memory, and otherwise does nothing.
struct Spy: Component {
  static let card = Card(name: "spy", summary: "Digs in whatever it is handed.")
  let report: SpyReport
  let needs: Set<Capability>
  init(_ parameters: NoParameters) { self.init(SpyReport()) }
  init(_ report: SpyReport, needs: Set<Capability> = []) {
    self.report = report
    self.needs = needs
  }

  private struct Note: Codable, Sendable { var round: Int }

  private func dig(
    _ position: String, round: Int, _ view: Any, _ generator: inout Generator,
    _ memory: inout Memory
  ) {
    let child = generator.fork("training", UInt64(round), 0)
    report.add(
      .init(position: position, round: round, snoop: Snoop(view, generator, child, memory)))
    _ = generator.next()
    memory[Note.self] = Note(round: round)
  }
}

extension Spy: Corruption {
  func craft(
    _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
  ) -> [CraftedUpdate] {
    dig("corruption", round: view.round, view, &generator, &memory)
    return view.colluders.indices.map { CraftedUpdate(view.own.row($0)) }
  }
}

extension Spy: Observer {
  func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) {
    dig("observer", round: observation.round, observation, &generator, &memory)
  }
  func guess(using generator: inout Generator, memory: inout Memory) {}
  func judge(_ guess: Void, against truth: GroundTruth) -> Conclusion { Conclusion() }
}

extension Spy: PreAggregator {
  func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    dig("pre-aggregator", round: view.round, view, &generator, &memory)
    return Prepared(view.updates)
  }
}

extension Spy: Aggregator {
  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    dig("aggregator", round: view.round, view, &generator, &memory)
    return Aggregation(.hold("spies"))
  }
}

/// A spy on the data of colluders.
struct DataSpy: DataView {
  static let card = Card(name: "data-spy", summary: "Digs in the colluders' examples.")
  let report: SpyReport
  init(_ parameters: NoParameters = NoParameters()) { report = SpyReport() }
  init(_ report: SpyReport) { self.report = report }
  func view(
    _ examples: LabeledExamples, of client: Int, using generator: inout Generator
  ) -> LabeledExamples {
    report.add(.init(position: "\(client)", round: 0, snoop: Snoop(examples, generator)))
    return examples
  }
}
