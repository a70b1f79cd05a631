import Components
import Federation
import Foundation
import GradientInversion
import Learning
import Randomness
import Tensors
import TestSupport
import Testing

/// A defense whose pieces are given.
struct GivenPieces: ForwardModel {
  let given: @Sendable (Vector) -> [ForwardPiece]
  init(_ given: @escaping @Sendable (Vector) -> [ForwardPiece]) { self.given = given }
  func forward(_ delta: Vector, segments: [Segment]) -> Vector { delta }
  func pieces(observed: Vector, segments: [Segment]) -> [ForwardPiece] { given(observed) }
}

@Suite("Distances behind a defense")
struct DefendedObjectiveTests {
  private let small: SmallProblem
  init() throws { small = try SmallProblem(name: "defended") }

  /// The pieces by name; stretches halve the parameters.
  private static func pieces(_ kind: String) -> GivenPieces {
    GivenPieces { observed in
      let count = observed.count
      let halves = [0..<(count / 2), (count / 2)..<count]
      let mask = Vector((0..<count).map { $0 % 3 == 0 ? 0 : ($0 % 3 == 1 ? 1 : 2) })
      let steps = Vector((0..<count).map { $0 % 5 == 0 ? .infinity : 0.5 })
      switch kind {
      case "scale": return [.scale(mask)]
      case "clip": return [.clip(norm: 0.1, ranges: [0..<count])]
      case "clips": return halves.map { .clip(norm: 0.1, ranges: [$0]) }
      case "gaussian": return [.gaussian(deviation: 0.1)]
      case "laplace": return [.laplace(scale: 0.1)]
      case "rounding": return [.rounding(steps)]
      case "interval":
        return [.interval(lower: observed.map { $0 - 1e-3 }, upper: observed.map { $0 + 1e-3 })]
      case "sign": return [.sign]
      default:
        return [.scale(mask), .clip(norm: 0.1, ranges: halves), .gaussian(deviation: 1)]
      }
    }
  }

  private static let kinds = [
    "scale", "clip", "clips", "gaussian", "laplace", "rounding", "interval", "sign", "all",
  ]

  private func probe(
    _ form: MatchingObjective, _ defense: GivenPieces, observed: ObservedUpdate? = nil,
    training: LocalTraining? = nil
  ) throws -> ObjectiveProbe {
    let knowledge = AttackerKnowledge(
      batchSize: small.labels.count, labels: .known(small.labels), training: training,
      defenses: [defense])
    let problem = try InversionProblem(
      network: small.network, parameters: small.parameters,
      observed: observed ?? ObservedUpdate(small.gradient, unit: .gradient), knowledge: knowledge)
    return try ObjectiveProbe(
      problem, AttackSettings(objective: form, search: .adam(rate: 0.1), steps: 1))
  }

  @Test("the gradient by the inputs is the finite difference", arguments: kinds)
  func differences(kind: String) throws {
    for form in [MatchingObjective(.cosine), MatchingObjective(.squared())] {
      let probe = try probe(form, Self.pieces(kind))
      var generator = testGenerator(name: kind)
      let point = small.inputs.map { $0 + 0.3 * generator.normal() }
      let gradient = try probe.evaluate(point).gradient
      for _ in 0..<4 {
        let direction = point.map { _ in generator.normal() }
        let h = 1e-6
        let up = try probe.evaluate(zip(point, direction).map { $0 + h * $1 }).value
        let down = try probe.evaluate(zip(point, direction).map { $0 - h * $1 }).value
        let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(relativeError((up - down) / (2 * h), slope) < 2e-5, "\(kind)")
      }
    }
  }

  /// The value by the definitions, in plain loops.
  private func expected(_ kind: String, _ g: [Double], _ t: [Double]) -> Double {
    let (d, half) = (g.count, g.count / 2)
    func clipped(_ values: [Double], _ range: Range<Int>, together: Range<Int>) -> [Double] {
      let norm = together.reduce(0) { $0 + values[$1] * values[$1] }.squareRoot()
      return range.map { values[$0] * min(1, 0.1 / norm) }
    }
    func squared(_ p: [Double]) -> Double {
      zip(p, t).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    let masked = g.indices.map { g[$0] * Double([0, 1, 2][$0 % 3]) }
    switch kind {
    case "scale": return squared(masked)
    case "clip": return squared(clipped(g, 0..<d, together: 0..<d))
    case "clips":
      return squared(
        clipped(g, 0..<half, together: 0..<half) + clipped(g, half..<d, together: half..<d))
    case "gaussian": return squared(g) / t.reduce(0) { $0 + $1 * $1 }
    case "laplace":
      return zip(g, t).reduce(0) { $0 + abs($1.0 - $1.1) } / t.reduce(0) { $0 + abs($1) }
    case "rounding":
      let places = g.indices.filter { $0 % 5 != 0 }
      return places.reduce(0) { $0 - log(1 - abs(g[$1] - t[$1]) / 0.5) } / Double(places.count)
    case "interval":
      let ways = zip(g, t).map { max(0, abs($0 - $1) - 1e-3) }
      return ways.reduce(0) { $0 + $1 * $1 } / (Double(d) * 4e-6)
    case "sign":
      let wrong = zip(g, t).reduce(0) { $0 + ($1.0 * $1.1 < 0 ? abs($1.0) : 0) }
      return wrong / g.reduce(0) { $0 + abs($1) }
    default:
      return squared(clipped(masked, 0..<d, together: 0..<d)) / t.reduce(0) { $0 + $1 * $1 }
    }
  }

  @Test("the value is the definition's", arguments: kinds)
  func values(kind: String) throws {
    var generator = testGenerator(name: kind)
    let point = small.inputs.map { $0 + 0.3 * generator.normal() }
    let g = try SmallProblem.gradient(
      small.network, small.parameters, Batch(inputs: point, labels: small.labels))
    let value = try probe(MatchingObjective(.squared()), Self.pieces(kind)).evaluate(point).value
    // The message is read in single precision, and intervals of 1e-3 have ends of 1e-7.
    #expect(relativeError(value, expected(kind, g, small.gradient)) < 2e-3, "\(kind) \(value)")
  }

  @Test("at the truth, a message made with the pieces is at distance 0", arguments: kinds)
  func truth(kind: String) throws {
    let d = small.gradient.count
    var message = small.gradient
    switch kind {
    case "scale": for index in 0..<d { message[index] *= Double([0, 1, 2][index % 3]) }
    case "clip":
      let norm = message.reduce(0) { $0 + $1 * $1 }.squareRoot()
      message = message.map { $0 * min(1, 0.1 / norm) }
    case "sign": message = message.map { $0 > 0 ? 1 : -1 }
    case "gaussian", "laplace", "rounding", "interval": break
    default: return
    }
    let probe = try probe(
      MatchingObjective(.squared()), Self.pieces(kind),
      observed: ObservedUpdate(message, unit: .gradient))
    #expect(try probe.evaluate(small.inputs).value < 1e-10)
    #expect(try probe.evaluate(small.inputs.map { $0 + 0.3 }).value > 1e-6)
  }

  @Test(
    "a trained difference and its negative give the distance of the gradient",
    arguments: kinds)
  func units(kind: String) throws {
    var generator = testGenerator(name: kind)
    let point = small.inputs.map { $0 + 0.3 * generator.normal() }
    // A rate of 1/2 and one step: the client's message is -g / 2, and its defense's numbers with
    // it.
    let training = try LocalTraining(rate: 0.5, batchSizes: [small.labels.count])
    let halved = GivenPieces { observed in
      Self.pieces(kind).given(-2 * observed).map { piece in
        switch piece {
        case .clip(let norm, let ranges): .clip(norm: norm / 2, ranges: ranges)
        case .rounding(let steps): .rounding(0.5 * steps)
        case .interval(let lower, let upper): .interval(lower: -0.5 * upper, upper: -0.5 * lower)
        default: piece
        }
      }
    }
    let form = MatchingObjective(.squared())
    let direct = try probe(form, Self.pieces(kind)).evaluate(point).value
    for (unit, sign) in [(ObservedUpdate.Unit.delta, -0.5), (.pseudoGradient, 0.5)] {
      let value = try probe(
        form, halved, observed: ObservedUpdate(small.gradient.map { sign * $0 }, unit: unit),
        training: training
      ).evaluate(point).value
      #expect(relativeError(value, direct) < 1e-3, "\(kind) \(unit)")
    }
  }

  @Test("pieces that do not fit the model are refused; so is a message with nothing in it")
  func wrong() throws {
    let form = MatchingObjective(.cosine)
    #expect(throws: InversionError.self) {
      try probe(form, GivenPieces { _ in [.scale(Vector(zeros: 3))] })
    }
    #expect(throws: InversionError.self) {
      try probe(
        form, GivenPieces { observed in [.clip(norm: 1, ranges: [0..<(observed.count + 1)])] })
    }
    #expect(throws: InversionError.self) {
      try probe(
        form, GivenPieces { [.interval(lower: $0, upper: Vector(zeros: 2))] })
    }
  }

  @Test("knowing the defenses is a capability that a ladder takes away")
  func ladder() {
    let knowledge = AttackerKnowledge(batchSize: 1, defenses: [Self.pieces("sign")])
    #expect(knowledge.capabilities == [.batchSize, .defenseModels])
    #expect(knowledge.without(.defenseModels, classes: 4).defenses.isEmpty)
  }
}
