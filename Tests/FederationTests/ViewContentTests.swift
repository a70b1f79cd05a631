import Components
import Federation
import Randomness
import Synchronization
import Tensors
import Testing

/// Writes down the `f` in force and the weights it was shown.
private struct FaultsProbe: PreAggregator, Aggregator {
  static let card = Card(name: "faults-probe", summary: "Writes down the f in force.")
  final class Log: Sendable {
    private let storage = Mutex<[Int]>([])
    var faults: [Int] { storage.withLock { $0 } }
    func add(_ faults: Int) { storage.withLock { $0.append(faults) } }
  }
  let log: Log
  var bound = FaultBound.assumed
  init(_ parameters: NoParameters = NoParameters()) { log = Log() }
  init(_ log: Log, _ bound: FaultBound) {
    self.log = log
    self.bound = bound
  }

  func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }
  func faults(assumed: Int) -> Int { bound.resolved(assumed: assumed) }
  func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    log.add(view.faults)
    return Prepared(view.updates)
  }
  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    log.add(view.faults)
    return .mean(of: [0], count: view.updates.count)
  }
}

@Suite("What a view holds")
struct ViewContentTests {
  @Test("colluders: exactly their own updates; the omniscient: exactly everybody else's, in order")
  func corruption() throws {
    let seen = Mutex<[(own: [Float], honest: [Float], colluders: [Int], received: Int)]>([])
    let attack = ScriptedCorruption(needs: [.ownUpdates, .honestUpdates]) { view in
      func firsts(_ rows: UpdateView) -> [Float] { (0..<rows.count).map { rows.row($0)[0] } }
      let own = firsts(try view.benign(.own))
      let honest = firsts(try view.benign(.omniscient))
      seen.withLock { $0.append((own, honest, view.colluders, view.received)) }
      return view.colluders.indices.map { CraftedUpdate(view.own.row($0)) }
    }
    let federation = TinyFederation(
      rounds: 4,
      algorithm: [
        ScriptedTrainer { client, _ in
          [Float](repeating: Float(client), count: TinyFederation.dimension)
        },
        AffineTransform(offset: 10),
      ],
      attack: [attack], threat: ThreatModel(attackers: 3))
    try federation.run()
    let colluders = try federation.scenario().colluders
    let views = seen.withLock { $0 }
    #expect(views.count == 4)
    for view in views {
      // After the transforms: what would have been sent.
      #expect(view.own == colluders.map { Float($0) + 10 })
      #expect(
        view.honest == (0..<7).filter { !colluders.contains($0) }.map { Float($0) + 10 })
      #expect(view.colluders == colluders && view.received == 7)
    }
  }

  @Test(
    "a rule's f is its own if given, else the assumed number, else the number of attackers",
    arguments: [
      (FaultBound.exactly(1), AssumedFaults.exactly(2), 1), (.assumed, .exactly(2), 2),
      (.assumed, .attackers, 3), (.exactly(0), .attackers, 0),
    ])
  func faults(_ bound: FaultBound, _ assumed: AssumedFaults, _ expected: Int) throws {
    let log = FaultsProbe.Log()
    let federation = TinyFederation(
      rounds: 1, defense: [FaultsProbe(log, bound)],
      threat: ThreatModel(attackers: 3, assumedF: assumed))
    try federation.run()
    #expect(log.faults == [expected, expected])
  }
}
