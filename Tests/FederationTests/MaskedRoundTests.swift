import Accounting
import Attacks
import Components
import Defenses
import Federation
import Randomness
import SecureAggregation
import Synchronization
import Tensors
import TestSupport
import Testing
import VerifiableAggregation

@Suite("Rounds whose updates are masked")
struct MaskedRoundTests {
  private static func masking(
    groups: Int = 1, active: Bool = false, bits: Int = 24
  ) throws -> DoubleMasking {
    var parameters = DoubleMasking.defaults
    (parameters.groups, parameters.active, parameters.bits) = (groups, active, bits)
    return try DoubleMasking(parameters)
  }

  private static func proving() throws -> VerifyNet {
    var parameters = VerifyNet.defaults
    parameters.mode = .perVector
    return try VerifyNet(parameters)
  }

  /// Every transport that masks, in every way.
  static let transports: [any Transport] =
    ((try? [
      masking(), masking(active: true), masking(bits: 14), masking(groups: 2),
      SecAggPlus(SecAggPlus.defaults), Committed(Committed.defaults), proving(),
    ] as [any Transport]) ?? [])

  @Test("a masked run ends within quantisation of the plain one", arguments: transports.indices)
  func withinQuantisation(_ index: Int) throws {
    let transport = Self.transports[index]
    var federation = TinyFederation(learningRate: 0.05)
    federation.rounds = 10
    let plain = try federation.run()
    federation.transport = transport
    let masked = try federation.run()
    // The loss is convex and its gradient moves by at most half of |(x, 1)|² <= 20 times what the model
    // moves, so that no step at a rate below 2/20 drives two models apart. What is left is a rounding
    // error a round: a step of the code in each of six coordinates, and that of Float.
    let step = transport.resolution + 1e-6
    let bound = Double(federation.rounds) * Double(TinyFederation.dimension).squareRoot() * step
    let distance = masked.model.squaredDistance(to: plain.model).squareRoot()
    #expect(distance <= bound, "\(transport.cardName)")
    #expect(plain.model.norm > 0.1 && masked.model != plain.model)
    #expect(masked.rounds.map(\.notes) == plain.rounds.map(\.notes))
  }

  @Test("rounding errors of the size of the code are there: fewer bits, further away")
  func fewerBits() throws {
    var federation = TinyFederation(learningRate: 0.05)
    let plain = try federation.run().model
    var last = 0.0
    for bits in [24, 14, 6] {
      federation.transport = try Self.masking(bits: bits)
      let distance = try federation.run().model.squaredDistance(to: plain).squareRoot()
      #expect(distance > 10 * last)
      last = distance
    }
  }

  @Test("the run's books: every round and both sides, and their bytes in the run's")
  func books() throws {
    var federation = TinyFederation()
    let plain = try federation.run()
    #expect(plain.transport == nil)
    federation.transport = try Self.masking(groups: 2, active: true)
    let record = try federation.run()
    let ledger = try #require(record.transport)
    #expect(ledger.entries.map(\.round) == [1, 1, 2, 2, 3, 3])
    #expect(ledger.entries.allSatisfy { $0.clients == 7 })
    for entry in ledger.entries where entry.role == .client {
      // Keys, shares, masked vector, signature, openings; of each of seven.
      #expect(entry.messages == 5 * 7)
    }
    #expect(ledger.total(.client).bytes == record.bytesUp)
    #expect(ledger.total(.server).bytes == record.bytesDown - plain.bytesDown)
    for role in RoundCost.Role.allCases {
      let total = ledger.total(role)
      let own = ledger.entries.filter { $0.role == role }
      #expect(own.reduce(0) { $0 + $1.messages } == total.messages)
      #expect(own.reduce(0) { $0 + $1.bytes } == total.bytes && total.cpuSeconds > 0)
    }
  }

  @Test(
    "an update that is not finite spoils no sum, and a clipped one moves it by the clip at most")
  func hostile() throws {
    let nan = ScriptedCorruption(needs: [.ownUpdates]) { view in
      view.colluders.indices.map { _ in
        CraftedUpdate(Vector([Float](repeating: .nan, count: TinyFederation.dimension)))
      }
    }
    var federation = TinyFederation(attack: [nan])
    federation.transport = SumOnly()
    #expect(try federation.run().heldRounds == 3)
    federation.transport = try Self.masking()
    let record = try federation.run()
    #expect(record.heldRounds == 0 && record.model.isFinite)
    #expect(
      record.rounds.allSatisfy {
        $0.notes == ["double-masking: an update was not sent: coordinate 0 is not finite"]
      })
    let huge = ScriptedCorruption(needs: [.ownUpdates]) { view in
      view.colluders.indices.map { _ in
        CraftedUpdate(Vector([Float](repeating: 1e30, count: TinyFederation.dimension)))
      }
    }
    federation.attack = [huge]
    // Two of seven send 8 in each coordinate of three rounds; honest updates are below 2, and the
    // first model below 1.
    let moved = try federation.run().model.array
    let limit: Float = 3 * (8 * 2 + 2 * 5) / 7 + 1
    #expect(moved.allSatisfy { abs($0) < limit })
  }

  @Test("what bounds the row of a client bounds nothing about a client in the row of a group")
  func sensitivity() throws {
    var federation = TinyFederation(clients: 6)
    for (transport, isKnown) in [
      // From the second round on the rule's centre carries what a client sent before.
      (Plain() as any Component, [true, false, false]),
      (try Self.masking(groups: 2), [false, false, false]),
    ] {
      let noise = NotedSensitivity()
      federation.transport = transport
      federation.defense = [try CenteredClipping(clippingRadius: 1), noise]
      _ = try federation.run()
      let seen = noise.seen.values.withLock { $0 }
      #expect(seen.map { $0 != nil } == isKnown)
    }
  }

  @Test(
    "rules see one row a group, and honest clients of a group that is left out count as left out")
  func groups() throws {
    var federation = TinyFederation(clients: 9)
    federation.transport = try Self.masking(groups: 3)
    federation.defense = [try Krum(f: 0)]
    federation.threat = ThreatModel(attackers: 1)
    federation.attack = [try SignFlip(scale: 1)]
    let record = try federation.run()
    for round in record.rounds {
      // Krum takes one group of three and leaves six clients out.
      #expect((round.honestExcluded ?? 0) + (round.colludersExcluded ?? 0) == 6)
      #expect(round.received == 9)
    }
  }
}

/// Server noise that only notes what it is told.
private struct NotedSensitivity: ServerNoise {
  static let card = Card(name: "noted-sensitivity", summary: "Adds nothing; made up by a test.")
  let seen = Seen()

  final class Seen: Sendable {
    let values = Mutex<[Double?]>([])
  }

  init(_ parameters: NoParameters = NoParameters()) {}

  func apply(
    to aggregate: inout Vector, sensitivity: Double?, cohort: Cohort,
    using generator: inout Generator, memory: inout Memory
  ) -> Mechanism {
    seen.values.withLock { $0.append(sensitivity) }
    return .nonPrivate
  }
}
