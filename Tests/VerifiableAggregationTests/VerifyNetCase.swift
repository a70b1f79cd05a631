import CryptoCore
import Pairings
import SecureAggregation
import VerifiableAggregation

/// A double-masked sum with everything that its proofs need, from a seed.
struct VerifyNetCase {
  let session: MaskingSession
  let inputs: [RingVector]
  let identities: LocalAggregation.Identities
  let keys: VerifyNetKeys
  let label = Array("round label".utf8)
  var source: InsecureSeededSecrets

  init(
    _ mode: VerifyNetMode, clients: Int = 4, dimension: Int = 3, bits: Int = 20, seed: UInt64 = 1,
    round: UInt64 = 7
  ) throws {
    source = InsecureSeededSecrets(seed: seed)
    session = try MaskingSession(
      id: SHA256.hash("verifynet case \(seed)").bytes, round: round, clients: clients,
      threshold: 2, dimension: dimension, ring: MaskRing(bits: bits))
    let ring = session.ring
    var drawn: [RingVector] = []
    for _ in 0..<clients {
      let draw = try SecretBytes(random: 8 * dimension, using: &source).revealed()
      drawn.append(
        RingVector(
          (0..<dimension).map { place in
            draw[8 * place..<8 * place + 8].reduce(0) { $0 << 8 | UInt64($1) }
              % (ring.modulus / UInt64(clients))
          }, in: ring))
    }
    inputs = drawn
    identities = try .init(clients: clients, using: &source)
    keys = try VerifyNetAuthority.issue(mode, using: &source)
  }

  var registry: IdentityRegistry { identities.registry }

  func user(_ id: Int) -> VerifyNetUser {
    VerifyNetUser(
      id: id, keys: keys, in: session, label: label, identity: identities.clients[id])
  }

  func server() -> VerifyNetServer {
    VerifyNetServer(
      mode: keys.mode, in: session, identity: identities.server, registry: registry)
  }

  func verifier(_ id: Int? = nil) -> VerifyNetVerifier {
    VerifyNetVerifier(id: id, keys: keys, in: session, label: label, registry: registry)
  }

  func sum(_ clients: [Int]) throws -> RingVector {
    var sum = RingVector(zeros: session.dimension, in: session.ring)
    for client in clients { try sum.add(inputs[client]) }
    return sum
  }

  /// What an honest server announces of these clients, without a masked round.
  func announcement(_ clients: [Int]? = nil) throws -> VerifyNetAnnouncement {
    let clients = clients ?? Array(0..<session.clients)
    var proofs = try clients.map { try proof($0) }
    var total = proofs.removeFirst()
    for proof in proofs {
      for index in 0..<total.count {
        total.a[index] += proof.a[index]
        total.b[index] += proof.b[index]
        total.l[index] += proof.l[index]
        total.q[index] += proof.q[index]
      }
    }
    return VerifyNetAnnouncement(sum: try sum(clients), contributors: clients, proof: total)
  }

  func proof(_ client: Int) throws -> VerifyNetProof {
    let bytes = try user(client).proof(of: inputs[client]).dropFirst(85).dropLast(64)
    return try VerifyNetProof(
      decoding: bytes, count: keys.mode.proofCount(dimension: session.dimension))
  }

  func sealed(_ announcement: VerifyNetAnnouncement) -> [UInt8] {
    announcement.sealed(in: session, by: identities.server)
  }

  /// Why the check refuses; nil if it does not.
  mutating func fault(
    _ announcement: VerifyNetAnnouncement, _ check: VerifyNetVerifier.Check
  ) -> ProofFault? {
    do {
      try verifier().test(announcement, check, &source)
      return nil
    } catch {
      return error
    }
  }
}

/// Points of the curves outside their groups: the first whose coordinate x is a small number.
enum StrayPoints {
  static let g1 = first(48) { bytes in
    (try? G1Point(onCurve: bytes)).map { !$0.isInSubgroup } ?? false
  }
  static let g2 = first(96) { bytes in
    (try? G2Point(onCurve: bytes)).map { !$0.isInSubgroup } ?? false
  }
  /// A coordinate that belongs to no point.
  static let offCurve1 = first(48) { bytes in
    (try? G1Point(onCurve: bytes)) == nil
  }

  private static func first(_ count: Int, _ isWanted: ([UInt8]) -> Bool) -> [UInt8] {
    for number in UInt8(1)...255 {
      var bytes = [UInt8](repeating: 0, count: count)
      bytes[0] = 0x80
      bytes[count - 1] = number
      if isWanted(bytes) { return bytes }
    }
    return []
  }
}

/// A message with other bytes in the payload, signed again by its sender.
func resigned(
  _ message: [UInt8], by key: Ed25519.PrivateKey, _ change: (inout [UInt8]) -> Void
) -> [UInt8] {
  var header = Array(message.prefix(85))
  var payload = Array(message.dropFirst(85).dropLast(64))
  change(&payload)
  header.replaceSubrange(
    81..<85, with: (0..<4).map { UInt8(truncatingIfNeeded: payload.count >> (8 * $0)) })
  return header + payload + key.sign(header + SHA256.hash(payload).bytes)
}
