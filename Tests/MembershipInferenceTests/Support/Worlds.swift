import Foundation
import MembershipInference
import Randomness
import TestSupport

/// A table of losses of models trained as a balanced design says, from `phi`.
func table(
  models: Int, examples: Int, generator: inout Generator, audited: [Int]? = nil,
  phi: (_ isMember: Bool, _ example: Int, _ generator: inout Generator) -> Double
) throws -> ShadowTable {
  let design = try ShadowDesign(
    models: models, examples: examples, audited: audited, using: &generator)
  return try table(design.membership, generator: &generator, audited: design.audited, phi: phi)
}

func table(
  _ membership: Membership, generator: inout Generator, audited: [Int]? = nil,
  phi: (_ isMember: Bool, _ example: Int, _ generator: inout Generator) -> Double
) throws -> ShadowTable {
  // Two classes with logits phi and 0: the loss is log(1 + exp(-phi)), phi is phi.
  var logits: [Double] = []
  for model in 0..<membership.models {
    for example in 0..<membership.examples {
      logits += [phi(membership[model, example], example, &generator), 0]
    }
  }
  return try ShadowTable(
    try ModelOutputs(
      logits: logits, models: membership.models, examples: membership.examples, classes: 2,
      labels: [Int32](repeating: 0, count: membership.examples)), membership, audited: audited)
}

/// What a judge sees of one target and example: the target's number and the shadows' numbers.
struct PlainCase {
  var own: Double
  var inside: [Double]
  var outside: [Double]

  /// By the rule of the documentation, in the plainest words: everything but the target and, in a
  /// balanced design, the next model round the end of the opposite kind.
  init(_ signal: SignalTable, _ membership: Membership, target: Int, example: Int, balanced: Bool) {
    let models = Array(0..<signal.models)
    let kinds = models.map { membership[$0, example] }
    var left = models.filter { $0 != target }
    if balanced {
      let following = (1..<signal.models).map { (target + $0) % signal.models }
      if let other = following.first(where: { kinds[$0] != kinds[target] }) {
        left.removeAll { $0 == other }
      }
    }
    own = signal[target, example, 0]
    inside = left.filter { kinds[$0] }.map { signal[$0, example, 0] }
    outside = left.filter { !kinds[$0] }.map { signal[$0, example, 0] }
  }
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

func scatter(_ values: [Double]) -> Double {
  values.reduce(0) { $0 + ($1 - mean(values)) * ($1 - mean(values)) }
}

func logNormal(_ x: Double, _ mean: Double, _ variance: Double) -> Double {
  log(exp(-(x - mean) * (x - mean) / (2 * variance)) / (2 * Double.pi * variance).squareRoot())
}

/// The share of pairs in which a member scores above a non-member, by comparing all.
func plainArea(_ members: [Double], _ others: [Double]) -> Double {
  var sum = 0.0
  for a in members { for b in others { sum += a > b ? 1 : a == b ? 0.5 : 0 } }
  return sum / Double(members.count * others.count)
}
