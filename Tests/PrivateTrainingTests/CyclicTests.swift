import Accounting
import Learning
import PrivateTraining
import Randomness
import TestSupport
import Testing

@Suite("Cyclic batches")
struct CyclicTests {
  private func problem(_ groups: Int, _ generator: Generator) throws -> PrivateProblem {
    var own = generator
    var problem = try PrivateProblem(batchSize: 20, using: &own)
    problem.options.sampling = .cyclic(groups: groups)
    return problem
  }

  /// Each share is off by a false alarm in 1e-5: 4.42 deviations.
  @Test("an example is in one step of a cycle at most, by a coin of the group's rate")
  func draws() throws {
    let generator = testGenerator()
    let records = try problem(4, generator).records(400, generator)
    var counts = [Int](repeating: 0, count: 120)
    for (step, record) in records.enumerated() {
      #expect(record.batch.allSatisfy { $0 % 4 == step % 4 })
      #expect(record.batch == Array(Set(record.batch)).sorted())
      for index in record.batch { counts[index] += 1 }
    }
    // 100 cycles at rate 4 * 20 / 120.
    let (coins, rate) = (100.0 * 120, 2.0 / 3)
    let deviation = (coins * rate * (1 - rate)).squareRoot()
    #expect(abs(Double(counts.reduce(0, +)) - coins * rate) < 4.42 * deviation)
    #expect(Set(records.map { $0.batch.count }).count > 5)
  }

  @Test("as many groups as make whole batches: every example once a cycle")
  func whole() throws {
    let generator = testGenerator()
    let records = try problem(6, generator).records(12, generator)
    for start in [0, 6] {
      #expect(records[start..<start + 6].flatMap(\.batch).sorted() == Array(0..<120))
    }
  }

  /// The judge is the accountant on an event written out here: an example has one coin a cycle.
  @Test("a cycle is charged once, at its start, as one step of the group's rate")
  func charges() throws {
    let generator = testGenerator()
    let problem = try problem(3, generator)
    var trainer = try problem.trainer(generator)
    var parameters = problem.start
    let event = try PrivacyEvent(
      .gaussian(noiseMultiplier: 1), sampling: .poisson(rate: 0.5), adjacency: .addRemove,
      unit: .record)
    for step in 1...7 {
      #expect(try trainer.step(&parameters))
      let wanted = try PLDAccountant().epsilon(
        delta: 1e-5, of: [event.repeated((step + 2) / 3)])
      let report = try trainer.report(delta: 1e-5)
      #expect(isClose(report.epsilon.upper, wanted.upper, tolerance: 1e-6))
      #expect(
        try problem.options.events(steps: step, population: 120)
          == event.repeated((step + 2) / 3))
    }
  }

  @Test("a budget that one cycle uses up lets that cycle end and no other begin")
  func budget() throws {
    let generator = testGenerator()
    let problem = try problem(3, generator)
    let one = try PLDAccountant().epsilon(
      delta: 1e-5, of: [problem.options.event(population: 120)])
    var trainer = try problem.trainer(generator, budget: 1.01 * one.upper)
    var parameters = problem.start
    var steps = 0
    while try trainer.step(&parameters) { steps += 1 }
    #expect(steps == 3 && trainer.steps == 3)
  }
}
