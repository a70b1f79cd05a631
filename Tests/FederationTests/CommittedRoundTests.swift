import Components
import Defenses
import Federation
import Randomness
import SecureAggregation
import Tensors
import TestSupport
import Testing
import VerifiableAggregation

/// Delivers everything in the clear, and says in every second round that clients refuse it.
private struct Refusing: Transport {
  static let card = Card(name: "refusing", summary: "Clients refuse every second round.")
  init(_ parameters: NoParameters = NoParameters()) {}
  var reveals: Set<Capability> { Plain().reveals }

  func deliver(_ uploads: Uploads, using generator: inout Generator) -> Delivery {
    var delivery = Plain().deliver(uploads, using: &generator)
    if uploads.startedRounds.allSatisfy({ $0 % 2 == 1 }) { delivery.refusal = "clients disagree" }
    return delivery
  }
}

@Suite("Rounds that clients refuse")
struct RefusedRoundTests {
  @Test("the model is held, nobody has a part in the round, and the next one goes on from there")
  func held() throws {
    var federation = TinyFederation(learningRate: 0.05)
    federation.transport = Refusing()
    var models: [Vector] = []
    for rounds in 1...4 {
      federation.rounds = rounds
      models.append(try federation.run().model)
    }
    #expect(models[1] == models[0] && models[3] == models[2] && models[2] != models[1])
    let run = try federation.run()
    #expect(
      run.rounds.map(\.notes) == [[], ["held: clients disagree"], [], ["held: clients disagree"]])
    #expect(run.heldRounds == 2)
    // Bytes were sent all the same.
    #expect(run.rounds[1].bytesUp == 2 * run.rounds[0].bytesUp)
    #expect(run.rounds[1].honestExcluded == run.rounds[1].received)
  }
}

@Suite("Rounds whose sum every client checks")
struct CommittedRoundTests {
  private static func committed(
    _ tamper: Tamper = .none, round: Int = 0, verifiers: Int = 0
  ) throws -> Committed {
    var parameters = Committed.defaults
    (parameters.tamper, parameters.tamperRound) = (tamper, round)
    parameters.verifiers = verifiers
    return try Committed(parameters)
  }

  private static func run(_ transport: any Transport, rounds: Int = 5) throws -> RunRecord {
    var federation = TinyFederation(learningRate: 0.05)
    federation.rounds = rounds
    federation.transport = transport
    return try federation.run()
  }

  @Test("an honest run is the one under masks alone, bit for bit")
  func honest() throws {
    var parameters = DoubleMasking.defaults
    parameters.active = true
    let masked = try Self.run(DoubleMasking(parameters))
    for verifiers in [0, 1] {
      let checked = try Self.run(Self.committed(verifiers: verifiers))
      #expect(checked.model == masked.model)
      #expect(checked.heldRounds == 0 && checked.notes.isEmpty)
      #expect(checked.bytesUp > masked.bytesUp && checked.bytesDown > masked.bytesDown)
    }
  }

  @Test(
    "a server that lies always moves nothing",
    arguments: Tamper.allCases.filter { $0 != .none })
  func always(_ tamper: Tamper) throws {
    let first = try Self.run(Self.committed(tamper), rounds: 1)
    let run = try Self.run(Self.committed(tamper), rounds: 3)
    #expect(run.heldRounds == 3)
    #expect(run.model == first.model, "the model that it began with")
    #expect(try run.model != Self.run(Self.committed(), rounds: 3).model)
    let note = try #require(run.notes.first?.text)
    #expect(note.hasPrefix("held: committed: "), "\(note)")
    #expect(note.contains("clients that checked refuse the sum: "))
    let told =
      tamper == .droppedUser
      ? "the announcement does not show what this client has sent" : "cannot tell which"
    #expect(note.contains(told), "\(note)")
  }

  @Test(
    "a run that is interrupted among lies goes on with the same bits and the same verdicts",
    arguments: Tamper.allCases)
  func resumed(_ tamper: Tamper) throws {
    let scenario = try CheckpointTests.scenario(transport: Self.committed(tamper, round: 3))
    let resumption = try Resumption(scenario)
    #expect(resumption.wrong == [])
    #expect(resumption.whole.heldRounds == (tamper == .none ? 0 : 1))
  }

  @Test("a lie in one round is found in that round, the model is held there and goes on after it")
  func once() throws {
    let honest = try Self.run(Self.committed(), rounds: 2)
    let run = try Self.run(Self.committed(.wrongSum, round: 3), rounds: 5)
    #expect(
      run.rounds.map { $0.notes.contains { $0.hasPrefix("held: ") } }
        == [false, false, true, false, false])
    let held = try Self.run(Self.committed(.wrongSum, round: 3), rounds: 3)
    #expect(held.model == honest.model)
    #expect(run.model != honest.model)
  }
}

@Suite("Rounds whose sum every client checks by proofs")
struct VerifyNetRoundTests {
  /// One proof a vector; in optimised builds also one for each coordinate.
  static let modes = isOptimizedBuild ? [VerifyNet.Mode.perVector, .labelled] : [.perVector]

  private static func verifynet(
    _ mode: VerifyNet.Mode, _ tamper: Tamper = .none, round: Int = 0
  ) throws -> VerifyNet {
    var parameters = VerifyNet.defaults
    (parameters.mode, parameters.tamper, parameters.tamperRound) = (mode, tamper, round)
    return try VerifyNet(parameters)
  }

  private static func run(_ transport: any Transport, rounds: Int = 3) throws -> RunRecord {
    var federation = TinyFederation(learningRate: 0.05)
    federation.rounds = rounds
    federation.transport = transport
    return try federation.run()
  }

  @Test("an honest run is the one under masks alone, bit for bit", arguments: modes)
  func honest(_ mode: VerifyNet.Mode) throws {
    var parameters = DoubleMasking.defaults
    parameters.active = true
    let masked = try Self.run(DoubleMasking(parameters))
    let checked = try Self.run(Self.verifynet(mode))
    #expect(checked.model == masked.model)
    #expect(checked.heldRounds == 0 && checked.notes.isEmpty)
    #expect(checked.bytesUp > masked.bytesUp && checked.bytesDown > masked.bytesDown)
  }

  @Test(
    "a lie in one round is found in that round, and the model is held there", arguments: modes,
    Tamper.allCases.filter { $0 != .none })
  func once(_ mode: VerifyNet.Mode, tamper: Tamper) throws {
    let honest = try Self.run(Self.verifynet(mode), rounds: 1)
    let run = try Self.run(Self.verifynet(mode, tamper, round: 2))
    #expect(
      run.rounds.map { $0.notes.contains { $0.hasPrefix("held: verifynet: ") } }
        == [false, true, false])
    let held = try Self.run(Self.verifynet(mode, tamper, round: 2), rounds: 2)
    #expect(held.model == honest.model && run.model != honest.model)
  }

  @Test(
    "a run that is interrupted among lies goes on with the same bits and the same verdicts",
    arguments: [Tamper.none, .replayedAggregate])
  func resumed(_ tamper: Tamper) throws {
    let scenario = try CheckpointTests.scenario(
      transport: Self.verifynet(.perVector, tamper, round: 3))
    let resumption = try Resumption(scenario)
    #expect(resumption.wrong == [])
    #expect(resumption.whole.heldRounds == (tamper == .none ? 0 : 1))
  }
}
