import Algorithms
import Components
import Federation
import Foundation
import Tensors
import Testing

@Suite("FedBuff")
struct FedBuffTests {
  /// Three parabolas, clients of delays 1, 1 and 2.5, everybody at work, a step for every two updates.
  @Test("is the paper's algorithm on a schedule written out by hand")
  func schedule() throws {
    var federation = QuadraticFederation(
      algorithm: [FedAvg(weighting: .uniform), try FedBuff(buffer: 2, concurrency: 3)])
    federation.population = [Scripted(delays: [1, 1, 2.5])]
    federation.training.rounds = 4
    func move(_ client: Int, _ w: Double) -> Double {
      let (a, c) = federation.parabolas[client]
      var v = w
      for _ in 0..<5 { v -= 0.1 * a * (v - c) }
      return v - w
    }
    let w0 = try federation.start()
    // t = 1: clients 0 and 1 return with w0. Client 0 is replaced (by itself, the only idle client)
    // while w0 still holds; then 1 fills the buffer: step 1.
    let w1 = w0 + (move(0, w0) + move(1, w0)) / 2
    // Client 1 starts from w1 at t = 1. t = 2: client 0 returns with w0 (stale by 1) and starts from
    // w1; client 1 returns fresh: step 2.
    let w2 = w1 + (move(0, w0) / 2.0.squareRoot() + move(1, w1)) / 2
    // Client 1 starts from w2. t = 2.5: client 2 returns with w0, stale by 2, and starts from w2;
    // t = 3: client 0 returns with w1, stale by 1: step 3.
    let w3 = w2 + (move(2, w0) / 3.0.squareRoot() + move(0, w1) / 2.0.squareRoot()) / 2
    // Client 0 starts from w3. t = 3: client 1 returns with w2, stale by 1, starts from w3; t = 4:
    // client 0 returns fresh: step 4.
    let w4 = w3 + (move(1, w2) / 2.0.squareRoot() + move(0, w3)) / 2
    let record = try federation.scenario().run()
    #expect(record.rounds.map(\.time) == [1, 2, 3, 4])
    #expect(abs(Double(record.model[0]) - w4) < 1e-5, "\(record.model[0]) \(w4)")
  }

  @Test("never waits for the slow: its clock runs ahead of synchronous rounds")
  func clock() throws {
    var federation = SmallFederation(algorithm: [FedAvg()])
    federation.training.rounds = 20
    federation.population = [Scripted(delays: [1, 1, 1, 1, 20])]
    let synchronous = try federation.scenario().run()
    federation.algorithm = [FedAvg(weighting: .uniform), try FedBuff(buffer: 2, concurrency: 5)]
    let buffered = try federation.scenario().run()
    #expect(synchronous.rounds.last?.time == 400 && (buffered.rounds.last?.time ?? 99) <= 20)
    let losses = buffered.rounds.compactMap(\.loss)
    #expect((losses.min() ?? 1) < 0.85 * losses[0])
  }

  @Test("with everybody equally fast and in the buffer it is FedAvg")
  func synchronous() throws {
    var federation = SmallFederation(algorithm: [FedAvg(weighting: .uniform)])
    let plain = try federation.scenario().run()
    federation.algorithm.append(try FedBuff(buffer: 5, concurrency: 5))
    let buffered = try federation.scenario().run()
    // After four of five arrivals nobody idle could be sent out again: each is replaced by itself
    // from the old model, so only the first step is the same.
    #expect(buffered.rounds.first?.loss == plain.rounds.first?.loss)
  }

  @Test("parameters out of range are refused, all at once")
  func refused() {
    var parameters = FedBuff.Parameters()
    parameters.concurrency = 0
    parameters.exponent = -1
    let error = #expect(throws: ParameterError.self) { try FedBuff(parameters) }
    #expect(error?.problems.map(\.key) == ["buffer", "concurrency", "exponent"])
  }
}
