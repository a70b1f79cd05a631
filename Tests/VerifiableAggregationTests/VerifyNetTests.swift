import CryptoCore
import Federation
import Pairings
import SecureAggregation
import TestSupport
import Testing
import VerifiableAggregation

@Suite("VerifyNet, reconstructed")
struct VerifyNetTests {
  static let checks: [VerifyNetVerifier.Check] = [.each, .batched(bits: 128)]

  @Test("A sum with dropouts is proved and accepted by all", arguments: VerifyNetMode.allCases)
  func honest(mode: VerifyNetMode) throws {
    let parties = try VerifyNetCase(mode, clients: 5)
    let run = try LocalAggregation(
      in: parties.session, inputs: parties.inputs,
      dropouts: [1: .maskedInput, 4: .unmaskingShares],
      identities: parties.identities
    ).run()
    let outcome = try #require(run.outcome)
    #expect(outcome.contributors == [0, 2, 3, 4])
    for check in Self.checks {
      var proofs = LocalVerifyNet(
        after: outcome, in: parties.session, inputs: parties.inputs,
        identities: parties.identities, keys: parties.keys)
      proofs.check = check
      let checked = proofs.run()
      #expect(checked.isAccepted && checked.refusals.isEmpty, "\(checked.verdicts)")
      #expect(checked.verdicts.keys.sorted() == [0, 2, 3, 4])
      let accepted = try #require(try checked.verdicts[3]?.get())
      #expect(try accepted.vector == parties.sum([0, 2, 3, 4]))
      // 149 bytes of envelope and 288 for each proof.
      let proofCount = mode == .perVector ? 1 : 3
      #expect(checked.costs[0].bytes == 4 * (149 + 288 * proofCount))
    }
  }

  @Test(
    "Every contributor refuses what a lying server announces", arguments: VerifyNetMode.allCases)
  func lies(mode: VerifyNetMode) throws {
    let parties = try VerifyNetCase(mode)
    let run = try LocalAggregation(
      in: parties.session, inputs: parties.inputs, identities: parties.identities
    ).run()
    var proofs = LocalVerifyNet(
      after: try #require(run.outcome), in: parties.session, inputs: parties.inputs,
      identities: parties.identities, keys: parties.keys)
    let reader = VerifyNetVerifier(
      id: nil, keys: parties.keys, in: parties.session, registry: parties.registry)
    proofs.network = { from, _, message in
      guard from == .server, var claim = try? reader.read(message) else { return [message] }
      claim.sum[0] ^= 1
      return [parties.sealed(claim)]
    }
    let checked = proofs.run()
    #expect(!checked.isAccepted && checked.verdicts.count == 4)
    for verdict in checked.verdicts.values {
      guard case .failure(let refusal) = verdict, case .failed = refusal.fault else {
        Issue.record("\(mode): a false sum passes")
        continue
      }
      #expect(refusal.sender == .server)
    }
  }

  @Test("Proofs are what the equations say, computed with the plain products of generators")
  func equations() throws {
    let parties = try VerifyNetCase(.publicCode)
    let keys = parties.keys
    let (g, h) = (G1Point.generator, G2Point.generator)
    var masks: [G1Point] = []
    for client in 0..<2 {
      let proof = try parties.proof(client)
      for place in 0..<3 {
        let hash = keys.delta * PairingScalar(parties.inputs[client][place]) + keys.rho
        #expect(proof.a[place] == g * hash && proof.b[place] == h * hash)
        #expect(Pairing.pair(proof.l[place], h) == Pairing.pair(g, proof.q[place]))
        masks.append(proof.l[place] * keys.d + proof.a[place])
      }
    }
    // g^k names no coordinate in the public code: that is what breaks it.
    #expect(masks[0] == masks[1] && masks[1] == masks[2] && masks[3] == masks[4])
    #expect(masks[0] != masks[3])
    let labelled = try VerifyNetCase(.labelled)
    let proof = try labelled.proof(0)
    let own = (0..<3).map { proof.l[$0] * labelled.keys.d + proof.a[$0] }
    #expect(own[0] != own[1] && own[1] != own[2] && own[0] != own[2])
  }

  @Test(
    "The numbers of a sum are the sums of the users' numbers", arguments: VerifyNetMode.allCases)
  func linear(mode: VerifyNetMode) throws {
    let parties = try VerifyNetCase(mode)
    let numbers = VerifyNetExponents(parties.keys, in: parties.session, label: parties.label)
    var masks = [PairingScalar](repeating: .zero, count: numbers.count)
    var hashes = masks
    for client in [0, 1, 3] {
      masks = zip(masks, numbers.masks(of: [client])).map { $0 + $1 }
      hashes = zip(hashes, numbers.hash(of: parties.inputs[client].elements, users: [client]))
        .map { $0 + $1 }
    }
    #expect(numbers.masks(of: [0, 1, 3]) == masks)
    #expect(numbers.hash(of: try parties.sum([0, 1, 3]).elements, users: [0, 1, 3]) == hashes)
    // Other rounds have other masks; in the public code, only if the server wants it.
    let next = try VerifyNetCase(mode, round: 8)
    let later = VerifyNetExponents(parties.keys, in: next.session, label: parties.label)
    #expect((later.masks(of: [0]) == numbers.masks(of: [0])) == (mode == .publicCode))
    let other = VerifyNetExponents(parties.keys, in: parties.session, label: [1])
    #expect((other.masks(of: [0]) == numbers.masks(of: [0])) == (mode != .publicCode))
  }

  @Test("The hash of a vector is hidden anew for each user and round")
  func hiding() throws {
    let parties = try VerifyNetCase(.perVector)
    let numbers = VerifyNetExponents(parties.keys, in: parties.session, label: [])
    let zero = [UInt64](repeating: 0, count: 3)
    let own = numbers.hash(of: zero, users: [0])[0]
    #expect(own != numbers.hash(of: zero, users: [1])[0])
    let next = try VerifyNetCase(.perVector, round: 8)
    #expect(
      own
        != VerifyNetExponents(parties.keys, in: next.session, label: []).hash(
          of: zero, users: [0])[0])
    // Linear in each coordinate with its own factor.
    let steps = (0..<3).map { place in
      var unit = zero
      unit[place] = 1
      return numbers.hash(of: unit, users: [0])[0] - own
    }
    #expect(
      numbers.hash(of: [2, 0, 5], users: [0])[0] == own + steps[0] + steps[0] + steps[2]
        * PairingScalar(5))
    #expect(steps[0] != steps[1] && steps[1] != steps[2])
  }

  @Test(
    "Every element of a proof and every coordinate of the sum, altered in turn, is refused",
    arguments: VerifyNetMode.allCases)
  func alterations(mode: VerifyNetMode) throws {
    var parties = try VerifyNetCase(mode, clients: 3, dimension: 2)
    let honest = try parties.announcement()
    for check in Self.checks {
      #expect(parties.fault(honest, check) == nil)
      var altered: [(String, VerifyNetAnnouncement)] = []
      for index in 0..<honest.proof.count {
        for (name, change) in [
          ("A", { (proof: inout VerifyNetProof) in proof.a[index] += .generator }),
          ("B", { $0.b[index] += .generator }), ("L", { $0.l[index] += .generator }),
          ("Q", { $0.q[index] += .generator }),
          (
            "A and B",
            {
              $0.a[index] += .generator; $0.b[index] += .generator
            }
          ),
          (
            "L and Q",
            {
              $0.l[index] += .generator; $0.q[index] += .generator
            }
          ),
        ] as [(String, (inout VerifyNetProof) -> Void)] {
          var claim = honest
          change(&claim.proof)
          altered.append(("\(name)\(index)", claim))
        }
      }
      for place in 0..<2 {
        for step in [1, parties.session.ring.modulus / 2] {
          var claim = honest
          claim.sum[place] = (claim.sum[place] + step) & parties.session.ring.mask
          altered.append(("sum \(place)", claim))
        }
      }
      var fewer = honest
      fewer.contributors = [0, 1]
      altered.append(("contributors", fewer))
      for (name, claim) in altered {
        guard case .failed = parties.fault(claim, check) else {
          Issue.record("\(mode), \(check): altered \(name) passes")
          continue
        }
      }
    }
  }

  @Test("Honest sums are never refused", arguments: VerifyNetMode.allCases)
  func completeness(mode: VerifyNetMode) throws {
    // 10,000 together in optimised builds.
    for seed in 0..<UInt64(isOptimizedBuild ? 3334 : 12) {
      var parties = try VerifyNetCase(
        mode, clients: 2, dimension: 1 + Int(seed % 3), bits: 2 + Int(seed % 60), seed: seed)
      let fault = parties.fault(try parties.announcement(), .batched(bits: 128))
      #expect(fault == nil, "seed \(seed)")
    }
  }

  @Test("The list of contributors must be long enough and have the user in it")
  func contributors() throws {
    let parties = try VerifyNetCase(.labelled)
    let message = parties.sealed(try parties.announcement([0, 1, 3]))
    #expect(throws: Never.self) { try parties.verifier(3).verify(message) }
    #expect(
      throws: ProofRefusal(
        sender: .server,
        fault: .malformed(.verifyNetAnnouncement, "leaves out client 2, which has sent its vector"))
    ) { try parties.verifier(2).verify(message) }
    #expect(
      throws: ProofRefusal(
        sender: .server,
        fault: .malformed(.verifyNetAnnouncement, "is of 1 clients, 2 are needed"))
    ) { try parties.verifier(3).verify(parties.sealed(try parties.announcement([3]))) }
  }

  @Test("The authority's keys survive their bytes, and other bytes are refused")
  func keys() throws {
    var parties = try VerifyNetCase(.labelled)
    let copy = try VerifyNetKeys(parties.keys.bytes)
    #expect(copy.mode == .labelled && copy.delta == parties.keys.delta && copy.d == parties.keys.d)
    #expect(copy.d * copy.inverseD == .one)
    let numbers = VerifyNetExponents(copy, in: parties.session, label: [])
    #expect(
      numbers.masks(of: [2])
        == VerifyNetExponents(parties.keys, in: parties.session, label: []).masks(of: [2]))
    let bytes = parties.keys.bytes.revealed()
    #expect(throws: PairingError.wrongLength(count: 192, expected: [193])) {
      try VerifyNetKeys(SecretBytes(copying: Array(bytes.dropLast())))
    }
    for (place, count) in [(0, 1), (1, 32), (65, 32)] {
      var bad = bytes
      bad.replaceSubrange(place..<place + count, with: [UInt8](repeating: 0, count: count))
      #expect(throws: PairingError.notCanonical) { try VerifyNetKeys(SecretBytes(copying: bad)) }
    }
    let second = try VerifyNetAuthority.issue(.labelled, using: &parties.source)
    #expect(second.delta != copy.delta && second.rho != copy.rho && second.d != copy.d)
  }
}
