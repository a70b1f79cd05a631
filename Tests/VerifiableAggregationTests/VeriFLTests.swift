import CryptoCore
import Pairings
import SecureAggregation
import TestSupport
import Testing
import VerifiableAggregation

/// Epochs of VeriFL with everything they need, from a seed.
struct VeriFLCase {
  let form: VeriFLForm
  let epochs: [LocalVeriFL.Epoch]
  let identities: LocalAggregation.Identities
  let channels: [X25519.PrivateKey]
  let hash: VectorHash
  var source: InsecureSeededSecrets

  init(_ form: VeriFLForm, epochs: Int = 2, clients: Int = 4, seed: UInt64 = 1) throws {
    self.form = form
    source = InsecureSeededSecrets(seed: seed)
    identities = try .init(clients: clients, using: &source)
    var channels: [X25519.PrivateKey] = []
    for _ in 0..<clients { channels.append(try X25519.PrivateKey(using: &source)) }
    self.channels = channels
    hash = try VectorHash(dimension: 3)
    var made: [LocalVeriFL.Epoch] = []
    for round in 0..<epochs {
      let session = try MaskingSession(
        id: SHA256.hash("verifl case \(seed)").bytes, round: UInt64(round), clients: clients,
        threshold: clients / 2 + 1, dimension: 3, ring: MaskRing(bits: 20))
      var inputs: [RingVector] = []
      for _ in 0..<clients {
        let draw = try SecretBytes(random: 6, using: &source).revealed()
        inputs.append(
          RingVector(
            (0..<3).map { UInt64(draw[2 * $0]) << 8 | UInt64(draw[2 * $0 + 1]) }, in: session.ring))
      }
      let run = try LocalAggregation(
        in: session, inputs: inputs, dropouts: round == 1 ? [1: .maskedInput] : [:],
        identities: identities
      ).run()
      made.append(
        .init(session: session, inputs: inputs, outcome: try #require(run.outcome)))
    }
    self.epochs = made
  }

  func local() -> LocalVeriFL {
    LocalVeriFL(form, identities: identities, channels: channels, hash: hash)
  }

  /// The first epoch up to the announcement of a sum.
  mutating func stage(
    announcing change: (inout VeriFLAnnouncement) -> Void = { _ in }
  ) throws -> (users: [VeriFLUser], server: VeriFLServer) {
    let epoch = epochs[0]
    var server = VeriFLServer(
      form, in: epoch.session, identity: identities.server, registry: identities.registry)
    var users: [VeriFLUser] = []
    for id in channels.indices {
      users.append(
        try VeriFLUser(
          id: id, form, in: epoch.session, hash: hash,
          channel: PairwiseChannel(
            id: id, key: channels[id], peers: channels.map(\.publicKey)),
          identity: identities.clients[id], registry: identities.registry))
      try server.receive(commitment: users[id].commit(epoch.inputs[id], using: &source))
    }
    for id in users.indices {
      if let reveal = try users[id].receive(server.commitments(for: id)) {
        try server.receive(reveal: reveal)
      }
    }
    var claim = VeriFLAnnouncement(
      sum: epoch.outcome.sum, contributors: epoch.outcome.contributors)
    change(&claim)
    _ = try server.announcement(of: epoch.outcome)
    for id in users.indices {
      let message = claim.sealed(in: epoch.session, by: identities.server)
      try server.receive(opening: users[id].open(message))
    }
    return (users, server)
  }
}

@Suite("VeriFL")
struct VeriFLTests {
  @Test("Sums of several epochs with dropouts pass one check", arguments: VeriFLForm.allCases)
  func honest(form: VeriFLForm) throws {
    var parties = try VeriFLCase(form, epochs: 3)
    let run = try parties.local().run(parties.epochs, using: &parties.source)
    #expect(run.verdicts.keys.sorted() == [0, 2, 3])
    for verdict in run.verdicts.values {
      #expect(try verdict.get().map(\.vector) == parties.epochs.map(\.outcome.sum))
      #expect(try verdict.get().map(\.survivors) == [[0, 1, 2, 3], [0, 2, 3], [0, 1, 2, 3]])
    }
  }

  @Test(
    "One false opening among several epochs spoils the check of all, and no other message",
    arguments: VeriFLForm.allCases)
  func lies(form: VeriFLForm) throws {
    var parties = try VeriFLCase(form, epochs: 2)
    var local = parties.local()
    let (session, key) = (parties.epochs[1].session, parties.identities.server)
    local.network = { epoch, message in
      guard epoch == 1 else { return message }
      return resigned(message, by: key) { $0[$0.count - 60] ^= 1 }
    }
    let run = try local.run(parties.epochs, using: &parties.source)
    #expect(run.verdicts.keys.sorted() == [0, 2, 3] && session.round == 1)
    for verdict in run.verdicts.values {
      guard case .failure(let refusal) = verdict else {
        Issue.record("\(form): a false opening passes")
        continue
      }
      #expect(refusal.sender == .server)
    }
  }

  @Test("The hash is linear: of a sum it is the product, computed point by point")
  func linear() throws {
    let hash = try VectorHash(dimension: 3)
    let units = try (0..<3).map { place in
      try hash.hash(of: (0..<3).map { $0 == place ? 1 : 0 } as [UInt64])
    }
    #expect(Set(units.map(\.compressed)).count == 3 && !units.contains(hash.hiding))
    let expected = units[0] * PairingScalar(5) + units[2] * PairingScalar(1_000_000)
    #expect(try hash.hash(of: [5, 0, 1_000_000] as [UInt64]) == expected)
    #expect(
      try hash.hash(of: [PairingScalar(5), .zero, PairingScalar(1_000_000)]) == expected)
    let longer = try VectorHash(dimension: 4)
    #expect(try longer.hash(of: [5, 0, 1_000_000, 0] as [UInt64]) == expected)
    #expect(throws: PairingError.wrongCount(points: 3, scalars: 2)) {
      try hash.hash(of: [1, 2] as [UInt64])
    }
  }

  @Test("A sum other than the committed one is refused", arguments: VeriFLForm.allCases)
  func tampered(form: VeriFLForm) throws {
    for place in 0..<3 {
      var parties = try VeriFLCase(form, epochs: 1)
      let (users, server) = try parties.stage { $0.sum[place] += 1 }
      let claim = try users[2].claim(server.openings())
      #expect(
        throws: ProofRefusal(
          sender: .server,
          fault: .failed("a sum is not that of the committed vectors", coordinate: nil))
      ) { try VeriFL.verify([claim], hash: parties.hash) }
    }
  }

  @Test(
    "The published commitment opens to anything; a revealed one of the mended form to one point")
  func equivocation() throws {
    var published = try VeriFLCase(.published, epochs: 1)
    let (users, server) = try published.stage { $0.sum[0] += 7 }
    guard case .each(var openings) = try server.opened(), let old = openings[1] else {
      Issue.record("published openings are one by one")
      return
    }
    let step = try published.hash.hash(of: [7, 0, 0] as [UInt64])
    let forged = (try G1Point(encoding: old.hash) + step).compressed
    let mask = zip(zip(old.hash, old.mask), forged).map { $0.0 ^ $0.1 ^ $1 }
    openings[1] = (forged, mask)
    let message = VeriFLOpenings.each(openings).sealed(
      in: published.epochs[0].session, by: published.identities.server)
    let claim = try users[0].claim(message)
    // Accepted: the fault that the mended form mends.
    let accepted = try VeriFL.verify([claim], hash: published.hash)
    #expect(accepted[0].vector[0] == published.epochs[0].outcome.sum[0] + 7)
    openings[1] = (forged, old.mask)
    #expect(
      throws: ProofRefusal(
        sender: .server,
        fault: .failed("the commitment of client 1 does not open", coordinate: nil))
    ) {
      try users[0].claim(
        VeriFLOpenings.each(openings).sealed(
          in: published.epochs[0].session, by: published.identities.server))
    }
  }

  @Test("In the mended form, false randomness, foreign reveals and other lists are refused")
  func mended() throws {
    var parties = try VeriFLCase(.mended, epochs: 1)
    let (users, server) = try parties.stage()
    let session = parties.epochs[0].session
    let key = parties.identities.server
    guard case .sum(let reveals, let pieces) = try server.opened() else {
      Issue.record("mended openings are a sum")
      return
    }
    func claim(_ reveals: [Int: [UInt8]], _ pieces: [[UInt8]]) throws -> VeriFLClaim {
      try users[0].claim(
        VeriFLOpenings.sum(reveals: reveals, pieces: pieces).sealed(in: session, by: key))
    }
    #expect(throws: Never.self) {
      try VeriFL.verify([try claim(reveals, pieces)], hash: parties.hash)
    }
    var other = pieces
    other[1][0] ^= 1
    let falseClaim = try claim(reveals, other)
    #expect(throws: ProofRefusal.self) { try VeriFL.verify([falseClaim], hash: parties.hash) }
    var swapped = reveals
    swapped[1] = reveals[2]
    #expect(throws: ProofRefusal.self) { try claim(swapped, pieces) }
    // A client that colludes signs another point after all are known: its digest does not fit.
    let envelope = try #require(reveals[3])
    var header = Array(envelope.prefix(85))
    let payload = Array(envelope[85..<117]) + G1Point.generator.compressed
    header += payload
    let late =
      header
      + parties.identities.clients[3].sign(
        Array(header.prefix(85)) + SHA256.hash(payload).bytes)
    var rogue = reveals
    rogue[3] = late
    #expect(
      throws: ProofRefusal(
        sender: .server,
        fault: .failed("the commitment of client 3 does not open", coordinate: nil))
    ) { try claim(rogue, pieces) }
    // One that signed another list of commitments.
    let root = [UInt8](repeating: 1, count: 32) + envelope[117..<165]
    let elsewhere =
      Array(envelope.prefix(85)) + root
      + parties.identities.clients[3].sign(
        Array(envelope.prefix(85)) + SHA256.hash(Array(root)).bytes)
    rogue[3] = elsewhere
    #expect(
      throws: ProofRefusal(
        sender: .server,
        fault: .failed("client 3 was shown other commitments", coordinate: nil))
    ) { try claim(rogue, pieces) }
  }

  @Test(
    "What opens in the end: every hash, or nothing but the sum's", arguments: [1, 2] as [UInt64])
  func privacy(seed: UInt64) throws {
    var published = try VeriFLCase(.published, epochs: 1, seed: seed)
    guard case .each(let openings) = try published.stage().server.opened() else { return }
    for (client, opening) in openings {
      #expect(
        try opening.hash
          == published.hash.hash(of: published.epochs[0].inputs[client].elements).compressed)
    }
    var mended = try VeriFLCase(.mended, epochs: 1, seed: seed)
    guard case .sum(let reveals, let pieces) = try mended.stage().server.opened() else { return }
    for (client, reveal) in reveals {
      let point = try G1Point(encoding: Array(reveal[117..<165]))
      #expect(try point != mended.hash.hash(of: mended.epochs[0].inputs[client].elements))
    }
    // The sum of the randomness, four numbers below 2^128, and it opens the product.
    #expect(pieces.allSatisfy { $0[17...].allSatisfy { $0 == 0 } && $0[16] < 4 })
    let product = try reveals.values.reduce(G1Point.zero) { sum, reveal in
      try sum + G1Point(encoding: Array(reveal[117..<165]))
    }
    let randomness = MendedCommitment.randomness(low: pieces[0], high: pieces[1])
    let expected = try mended.hash.hash(of: mended.epochs[0].outcome.sum.elements)
    #expect(product - mended.hash.hiding * randomness == expected)
  }

  /// With weights of 4 bits a false epoch among three passes when its weight is zero, one in 16;
  /// 4.5 standard deviations, one false alarm in 100,000.
  @Test("The error of checking epochs together is what theory says")
  func soundness() throws {
    let trials = isOptimizedBuild ? 2000 : 300
    var parties = try VeriFLCase(.published, epochs: 1)
    let honest = try parties.stage()
    let good = try honest.users[0].claim(honest.server.openings())
    let (users, server) = try parties.stage { $0.sum[1] += 3 }
    let bad = try users[0].claim(server.openings())
    var passed = 0
    for _ in 0..<trials {
      let claims = [good, bad, good]
      if (try? VeriFL.verify(claims, hash: parties.hash, weightBits: 4, using: &parties.source))
        != nil
      {
        passed += 1
      }
    }
    let mean = Double(trials) / 16
    #expect(abs(Double(passed) - mean) <= 4.5 * (mean * 15 / 16).squareRoot(), "\(passed)")
  }

  @Test("A user commits once, opens once, and needs a majority to open")
  func once() throws {
    var parties = try VeriFLCase(.mended, epochs: 1)
    let stage = try parties.stage()
    var users = stage.users
    let again = VeriFLAnnouncement(sum: parties.epochs[0].outcome.sum, contributors: [0, 1, 2])
      .sealed(in: parties.epochs[0].session, by: parties.identities.server)
    #expect(
      throws: ProofRefusal(sender: .server, fault: .duplicate(.veriFLAnnouncement))
    ) { try users[0].open(again) }
    #expect(
      throws: ProofRefusal(sender: .server, fault: .duplicate(.veriFLCommitments))
    ) { try users[0].receive(stage.server.commitments(for: 0)) }
    #expect(throws: ProofRefusal.self) {
      try users[0].commit(parties.epochs[0].inputs[0], using: &parties.source)
    }
    let session = try MaskingSession(
      id: [UInt8](repeating: 1, count: 32), clients: 4, threshold: 2, dimension: 3,
      ring: MaskRing(bits: 20))
    #expect(throws: ParameterError.self) {
      try VeriFLUser(
        id: 0, .mended, in: session, hash: parties.hash,
        channel: PairwiseChannel(id: 0, key: parties.channels[0], peers: []),
        identity: parties.identities.clients[0], registry: parties.identities.registry)
    }
  }

  @Test(
    "Shares that are no numbers of the field are refused before anything is computed with them",
    arguments: VeriFLForm.allCases)
  func strangeShares(form: VeriFLForm) throws {
    var parties = try VeriFLCase(form, epochs: 1)
    let session = parties.epochs[0].session
    let peers = parties.channels.map(\.publicKey)
    func user(_ id: Int) throws -> VeriFLUser {
      try VeriFLUser(
        id: id, form, in: session, hash: parties.hash,
        channel: PairwiseChannel(id: id, key: parties.channels[id], peers: peers),
        identity: parties.identities.clients[id], registry: parties.identities.registry)
    }
    var server = VeriFLServer(
      form, in: session, identity: parties.identities.server,
      registry: parties.identities.registry)
    var honest = try user(0)
    try server.receive(
      commitment: honest.commit(parties.epochs[0].inputs[0], using: &parties.source))
    let count = form == .published ? 128 : 64
    for id in 1..<4 {
      var other = try user(id)
      var message = try other.commit(parties.epochs[0].inputs[id], using: &parties.source)
      if id == 2 {
        // The first box is client 0's.
        let box = try PairwiseChannel(id: 2, key: parties.channels[2], peers: peers).seal(
          SecretBytes(copying: [UInt8](repeating: 0xFF, count: count)), to: 0, "verifl shares",
          in: session)
        message = resigned(message, by: parties.identities.clients[2]) {
          $0.replaceSubrange(32..<32 + count + 16, with: box)
        }
      }
      try server.receive(commitment: message)
    }
    #expect(
      throws: ProofRefusal(
        sender: .client(2),
        fault: .malformed(.veriFLCommitment, "has shares that do not open"))
    ) { try honest.receive(server.commitments(for: 0)) }
  }
}
