public import Components
public import Federation
internal import GradientInversion
public import Randomness

/// The ladder of an attack: on the same updates, once with everything granted that it can use, then
/// with one thing less at each rung. Where it falls off shows what it lived on.
///
/// What an attack without a thing falls back on is `KnowledgeLadder`'s to say: labels are read off the
/// gradient, the valid range is dropped, several steps are taken for one. A rung that cannot run counts
/// as gray, which is what is left to hand in, and is named in the remarks.
public struct InversionLadder: Observer {
  /// Name and meaning.
  public static let card = Card(
    name: "knowledge-ladder",
    summary: "The same attack on the same updates, with one thing less known at each rung.")

  /// What is taken away, in this order: the most generous gifts first.
  public static let order: [Capability] = [
    .batchOrder, .exampleLabels, .labelCounts, .publicData, .inputNormalisation,
    .trainingParameters,
  ]

  /// One rung of every attacked update.
  public struct Rung: Codable, Sendable, Hashable {
    /// What was taken away; nil at the top.
    public var removed: String?
    /// What was found.
    public var batches: [InvertedBatch]
  }

  private struct Climbed: Codable, Sendable { var rungs: [Rung] = [] }

  /// What it needs: the attack's needs and every gift of the threat model.
  public let needs: Set<Capability>
  private let target: InversionTarget
  private let settings: AttackSettings?

  /// A ladder of nothing, which looks at nothing.
  public init(_ parameters: NoParameters = NoParameters()) {
    needs = []
    target = InversionTarget(updates: 1, rounds: [])
    settings = nil
  }

  /// The ladder of `attack` where `granted` is all that the threat model grants; nil for an attack that
  /// does not search: it has no rungs.
  public init?(_ attack: any InversionObserver, granted: Set<Capability>) {
    guard let search = (attack as? any MatchingObserver)?.ladderSettings else { return nil }
    settings = search
    target = attack.target
    needs = attack.needs.union(granted.intersection(Set(Self.order).union([.batchSize])))
  }

  /// Runs the attack once for each rung.
  public func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) throws {
    guard target.includes(observation.round, of: observation.rounds), let settings else { return }
    var climbed = memory[Climbed.self] ?? Climbed()
    for row in observation.items.indices.prefix(target.updates) {
      let problem = try observation.problem(ofRow: row)
      var top = settings
      if problem.knowledge.labels != .unknown, top.labels != .joint { top.labels = .known }
      let ladder = KnowledgeLadder(
        GradientMatchingAttack(top), on: problem, removing: Self.order,
        workers: observation.workers, using: generator.fork("update", UInt64(row)))
      for (index, rung) in ladder.rungs.enumerated() {
        let batch: InvertedBatch
        switch rung.result {
        case .success(let found):
          if case .attackFailed(let reason) = found.outcome {
            batch = InvertedBatch(row: row, of: observation, images: [], failure: reason)
          } else {
            batch = InvertedBatch(
              row: row, of: observation, images: try observation.pixels(found.inputs),
              labels: found.labels)
          }
        case .failure(let refusal):
          batch = InvertedBatch(
            row: row, of: observation, images: [], failure: refusal.description)
        }
        if index == climbed.rungs.count {
          climbed.rungs.append(Rung(removed: rung.removed?.rawValue, batches: []))
        }
        climbed.rungs[index].batches.append(batch)
      }
    }
    memory[Climbed.self] = climbed
  }

  /// Every rung.
  public func guess(using generator: inout Generator, memory: inout Memory) -> [Rung] {
    (memory[Climbed.self] ?? Climbed()).rungs
  }

  /// The median of each rung, and where the cliff is: the rung with the greatest fall.
  public func judge(_ guess: [Rung], against truth: GroundTruth) throws -> Conclusion {
    let judge = try InversionJudge(truth)
    var conclusion = Conclusion()
    var heights: [Double] = []
    var names: [String] = []
    for (index, rung) in guess.enumerated() {
      let found = try judge.judge(rung.batches)
      let name = rung.removed.map { "without \($0)" } ?? "with everything granted"
      names.append(name)
      let gain = found.figures["PSNR above gray and mean image in dB, median"]
      heights.append(gain ?? 0)
      conclusion.figures["rung \(index), \(name): PSNR above gray and mean image in dB, median"] =
        gain
      conclusion.figures["rung \(index), \(name): attacks failed, share"] =
        found.figures["attacks failed, share"]
      conclusion.remarks += found.remarks.map { "\(name): \($0)" }
      if index == 0 { conclusion.tensors = found.tensors }
    }
    conclusion.curves["ladder"] = .init(
      x: heights.indices.map { Double($0) }, y: heights, xLabel: "rung",
      yLabel: "PSNR above gray and mean image in dB, median")
    let falls = zip(heights, heights.dropFirst()).map { $0 - $1 }
    if let cliff = falls.indices.max(by: { falls[$0] < falls[$1] }), falls[cliff] > 0 {
      conclusion.figures["cliff in dB"] = falls[cliff]
      conclusion.remarks.append(
        "the cliff is \(names[cliff + 1]): \((falls[cliff] * 10).rounded() / 10) dB")
    } else {
      conclusion.remarks.append("no cliff: no rung is lower than the one above it")
    }
    return conclusion
  }
}

extension MatchingObserver {
  /// The settings that a ladder starts from.
  var ladderSettings: AttackSettings { parameters.applied(to: Self.preset.settings) }
}
