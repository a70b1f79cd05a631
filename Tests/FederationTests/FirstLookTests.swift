import Components
import Defenses
import Federation
import Randomness
import Synchronization
import Tensors
import Testing

/// The median of the updates plus how often it has been asked, once it has looked at them as told.
private struct CountingMedian: Aggregator {
  static let card = Card(name: "counting-median", summary: "A median that counts its rounds.")
  var firstLook = FirstLook.coordinates
  /// Whether it looks at every coordinate, as it says.
  var looks = true
  /// Whether it refuses numbers that are none.
  var refuses = false
  init(_ parameters: NoParameters = NoParameters()) {}

  struct Refusal: Error {}

  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) throws -> Aggregation {
    let rounds = (memory[Int.self] ?? 0) + 1
    memory[Int.self] = rounds
    let draw = Float(generator.uniform())
    var result = looks ? view.updates.median() : Vector(zeros: view.updates.dimension)
    if refuses, (0..<view.updates.count).contains(where: { !view.updates.row($0).isFinite }) {
      throw Refusal()
    }
    if looks, firstLook == .distances { _ = view.updates.squaredDistances }
    result.add(Vector([Float](repeating: Float(rounds) + draw, count: result.count)))
    return Aggregation(.vector(result))
  }
}

/// A mean that counts how often it is asked.
private struct AskedMean: Aggregator {
  static let card = Card(name: "asked-mean", summary: "A mean that counts its calls.")
  final class Calls: Sendable {
    let count = Atomic<Int>(0)
  }
  let calls = Calls()
  init(_ parameters: NoParameters = NoParameters()) {}
  func aggregate(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Aggregation {
    calls.count.add(1, ordering: .relaxed)
    return Aggregation(.vector(view.updates.mean()))
  }
}

@Suite("A component's first look at updates that nobody has checked")
struct FirstLookTests {
  private let rows: [[Float]] = [[1, 5], [2, 6], [4, 9], [3, 7], [0, 8]]

  private func rule(
    _ look: FirstLook, looks: Bool = true, refuses: Bool = false
  ) -> CountingMedian {
    var rule = CountingMedian()
    (rule.firstLook, rule.looks, rule.refuses) = (look, looks, refuses)
    return rule
  }

  @Test("changes no result and no memory, whether all rows are finite or not")
  func same() throws {
    for (looks, refuses) in [(true, false), (false, false), (true, true)] {
      var plain = try RobustAggregation([rule(.nothing, looks: looks, refuses: refuses)], seed: 3)
      var others = try [FirstLook.coordinates, .distances].map {
        try RobustAggregation([rule($0, looks: looks, refuses: refuses)], seed: 3)
      }
      for bad in [nil, Float.nan, nil, .infinity, -.infinity, .nan] {
        var updates = rows
        if let bad { updates[2][1] = bad }
        let expected = try plain.aggregate(updates)
        #expect((expected.exclusions[2] != nil) == (bad != nil))
        for index in others.indices {
          let result = try others[index].aggregate(updates)
          #expect(result.vector == expected.vector)
          #expect(result.exclusions == expected.exclusions)
          #expect(result.notes == expected.notes)
        }
      }
    }
  }

  @Test("of a pre-aggregator ends the trial before the rule sees what is not finite")
  func behind() throws {
    var updates = rows
    updates[4][0] = .nan
    let clean = Array(rows[0..<4])
    for steps: [any RoundComponent] in [
      [try Clipping(clippingNorm: 5)], [try ARC()], [try NNM(f: 1)],
    ] {
      var chain = try RobustAggregation(steps + [rule(.nothing, refuses: true)], seed: 1)
      var reference = try RobustAggregation(steps + [rule(.nothing, refuses: true)], seed: 1)
      let mean = AskedMean()
      var asked = try RobustAggregation(steps + [mean], seed: 1)
      _ = try asked.aggregate(updates)
      #expect(mean.calls.count.load(ordering: .relaxed) == 1)
      for _ in 0..<2 {
        let result = try chain.aggregate(updates)
        #expect(result.exclusions.keys.sorted() == [4])
        #expect(try result.vector == reference.aggregate(clean).vector)
      }
    }
  }
}
