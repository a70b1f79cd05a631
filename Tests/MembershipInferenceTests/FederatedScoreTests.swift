import Foundation
import MembershipInference
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Federated membership scores")
struct FederatedScoreTests {
  /// Losses, negated, of 6 clients' models over rounds; example e is client e mod 6's, from 60 on
  /// nobody's.
  private func world(
    rounds: Int, gain: Double, _ generator: inout Generator
  ) throws -> RoundMeasurements {
    let hardness = (0..<120).map { _ in 2 * generator.normal() }
    var values: [Double] = []
    for _ in 0..<rounds {
      for client in 0..<6 {
        for example in 0..<120 {
          let isIn = example < 60 && example % 6 == client
          values.append(hardness[example] + (isIn ? gain : 0) + generator.normal())
        }
      }
    }
    return try RoundMeasurements(rounds: rounds, clients: 6, examples: 120, values)
  }

  private func area(_ scores: [Double]) -> Double {
    // Client 0's examples against nobody's.
    plainArea(
      (0..<60).filter { $0 % 6 == 0 }.map { scores[$0] }, (60..<120).map { scores[$0] })
  }

  @Test("FedMIA equals its definition, with and without trimming")
  func definition() throws {
    var generator = testGenerator()
    let records = try world(rounds: 3, gain: 1, &generator)
    for trimming in [nil, 1.5] as [Double?] {
      let scores = try records.fedMIAScores(client: 2, trimming: trimming)
      for example in [0, 2, 8, 77] {
        var expected = 0.0
        for round in 0..<3 {
          var others = [0, 1, 3, 4, 5].map { records[round, $0, example] }
          if let trimming {
            let (middle, reach) = (mean(others), trimming * (scatter(others) / 4).squareRoot())
            others = others.filter { abs($0 - middle) <= reach }
          }
          let deviation = (scatter(others) / Double(others.count - 1)).squareRoot()
          let z = (records[round, 2, example] - mean(others)) / deviation
          expected += 0.5 * erfc(-z / 2.0.squareRoot()) / 3
        }
        #expect(isClose(scores[example], expected, tolerance: 1e-12))
      }
    }
    let series = try records.seriesScores(client: 2)
    #expect(
      isClose(series[7], mean((0..<3).map { records[$0, 2, 7] }), tolerance: 1e-12))
  }

  @Test("Several clients beat several rounds, and those beat one")
  func ordering() throws {
    var areas = [0.0, 0, 0]
    for seed in 0..<20 {
      var generator = testGenerator(UInt64(seed))
      let records = try world(rounds: 8, gain: 1, &generator)
      let last = try RoundMeasurements(
        rounds: 1, clients: 6, examples: 120, Array(records.values.suffix(6 * 120)))
      areas[0] += area(try last.seriesScores(client: 0)) / 20
      areas[1] += area(try records.seriesScores(client: 0)) / 20
      areas[2] += area(try records.fedMIAScores(client: 0)) / 20
    }
    // Optima: Phi(1/sqrt 10) = 0.62, Phi(1/sqrt(8.25)) = 0.64, near 1; deviations below 0.03.
    #expect(areas[0] < areas[1] && areas[1] + 0.1 < areas[2], "\(areas)")
  }

  @Test("The source is the client whose model fits best; without a trace it is guessed")
  func sources() throws {
    var generator = testGenerator()
    let clear = try world(rounds: 8, gain: 3, &generator).sources
    #expect((0..<60).count { clear[$0] == $0 % 6 } > 55)
    let blind = try world(rounds: 8, gain: 0, &generator).sources
    // 10 of 60 by chance, deviation 2.9; 4 deviations.
    #expect((0..<60).count { blind[$0] == $0 % 6 } < 22)
    let tied = try RoundMeasurements(rounds: 1, clients: 3, examples: 1, [1, 1, 1])
    #expect(tied.sources == [0])
  }

  @Test("Cosine, difference and norm of updates, in either unit")
  func updates() {
    let update = Vector([3, 4, 0])
    let gradient = Vector([1, 0, 2])
    for direction in [UpdateDirection(gradient: update), UpdateDirection(delta: -update)] {
      #expect(
        isClose(direction.cosine(with: gradient), 3 / (5 * 5.0.squareRoot()), tolerance: 1e-7))
      let difference = update.squaredNorm - (update - gradient).squaredNorm
      #expect(isClose(direction.difference(with: gradient), difference, tolerance: 1e-6))
      #expect(direction.cosine(with: Vector(zeros: 3)) == 0)
    }
    #expect(isClose(UpdateDirection.negatedNorm(of: gradient), -5.0.squareRoot(), tolerance: 1e-7))
  }

  @Test("Too few clients, clients that are not there and numbers that are none are refused")
  func badInput() throws {
    let two = try RoundMeasurements(rounds: 1, clients: 2, examples: 1, [1, 2])
    #expect(throws: MembershipError.self) { try two.fedMIAScores(client: 0) }
    #expect(throws: MembershipError.self) { try two.seriesScores(client: 2) }
    #expect(throws: MembershipError.self) {
      try RoundMeasurements(rounds: 1, clients: 2, examples: 1, [1, .nan])
    }
    #expect(throws: MembershipError.self) {
      try RoundMeasurements(rounds: 2, clients: 2, examples: 1, [1, 2])
    }
  }
}
