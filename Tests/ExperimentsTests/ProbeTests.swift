import Experiments
import Federation
import Foundation
import TestSupport
import Testing

/// The experiments of the algorithms, with fewer seeds and rounds: each shows the effect that its
/// paper claims, in the direction claimed, its 95% interval paired by seed leaving out zero. Seeds
/// are fixed, so that this holds or fails for good.
@Suite("The effects of the algorithms", .enabled(if: isOptimizedBuild), .serialized)
struct ProbeTests {
  private static func comparison(
    _ name: String, seeds: Int, rounds: Int, algorithms: Int = .max
  ) throws -> (entries: [Comparison.Entry], results: MatrixResults) {
    let file = testsDirectory.deletingLastPathComponent()
      .appending(path: "experiments/\(name).yaml")
    var experiment = try Experiment.read(path: file.path)
    experiment.seeds = (1...UInt64(seeds)).map { $0 }
    experiment.axes[.algorithm] = Array(experiment.entries(.algorithm).prefix(algorithms))
    for index in experiment.trainings.indices { experiment.trainings[index].rounds = rounds }
    let scratch = try Scratch()
    _ = try Tiny.runner(of: experiment, in: scratch.path).run { _ in }
    let results = try MatrixResults(folder: scratch.path)
    #expect(results.rows.allSatisfy { $0.status == .done })
    return (try #require(results.comparisons.first).entries, results)
  }

  private static func difference(
    _ entry: Comparison.Entry, _ measure: Comparison.Measure
  ) throws -> Estimate {
    let difference = try #require(entry.figures[measure]?.difference)
    #expect(difference.excludesZero, "\(entry.label): \(measure) \(difference)")
    return difference
  }

  /// Steadier by its largest drop; the mean of the unsteadiness is lower too, but a few seeds of
  /// FedAvg carry it, and its interval does not leave out zero.
  @Test("fedprox is steadier than fedavg under stragglers, and more accurate")
  func fedProx() throws {
    let (entries, _) = try Self.comparison(
      "fedprox-stragglers", seeds: 10, rounds: 100, algorithms: 2)
    #expect(entries[1].label.contains("fedprox"))
    #expect(try Self.difference(entries[1], .largestDrop).mean < 0)
    #expect(try Self.difference(entries[1], .accuracy).mean > 0)
    #expect(try #require(entries[1].figures[.unsteadiness]?.difference).mean < 0)
  }

  @Test("fedbn is better than fedavg where clients' images look different")
  func fedBN() throws {
    let (entries, _) = try Self.comparison("fedbn-feature-skew", seeds: 6, rounds: 20)
    #expect(entries[1].label.contains("fedbn"))
    #expect(try Self.difference(entries[1], .accuracy).mean > 0)
    #expect(try Self.difference(entries[1], .worstTenth).mean > 0)
  }

  /// The bytes of an update: 4 for a count, 4 a value, and the shorter of 13 bits a position and a
  /// bit a parameter, in whole bytes. The model has 64·64 + 64 + 64·10 + 10 = 4810 parameters.
  @Test("top-k sends the bytes it is said to send, and error feedback keeps the accuracy")
  func topK() throws {
    let rounds = 40
    let (entries, results) = try Self.comparison("top-k-bytes", seeds: 5, rounds: rounds)
    let parameters = 64 * 64 + 64 + 64 * 10 + 10
    func message(_ kept: Int) -> Int { 4 + 4 * kept + (min(13 * kept, parameters) + 7) / 8 }
    let messages = [4 * parameters, message(481), message(49), message(49)]
    #expect(messages == [19_240, 2530, 280, 280])
    #expect(entries.count == messages.count)
    for (entry, bytes) in zip(entries, messages) {
      for row in results.rows where row.cell == entry.cell {
        #expect(row.metrics?.bytesUp == 20 * rounds * bytes)
        #expect(row.metrics?.bytesDown == 20 * rounds * 4 * parameters)
        for point in row.metrics?.curve ?? [] {
          #expect(point.bytesUp == 20 * point.round * bytes)
        }
      }
      #expect(entry.figures[.bytesUp]?.value.mean == Double(20 * rounds * bytes))
    }
    let withMemory = try #require(entries[2].figures[.accuracy]?.difference).mean
    let without = try Self.difference(entries[3], .accuracy).mean
    #expect(without < 0)
    #expect(withMemory > without)
  }

  @Test("fedbuff reaches an accuracy sooner than who waits for slow clients")
  func fedBuff() throws {
    let (entries, _) = try Self.comparison("fedbuff-slow-clients", seeds: 10, rounds: 200)
    for entry in entries.dropFirst() {
      let target = try #require(entry.targets.first)
      #expect(target.reached == 10)
      let time = try #require(target.costs[.time]?.difference)
      #expect(time.mean < 0 && time.excludesZero, "\(entry.label): \(time)")
    }
  }
}
