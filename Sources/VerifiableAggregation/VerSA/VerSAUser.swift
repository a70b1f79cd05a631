public import CryptoCore
public import SecureAggregation

/// A user of VerSA: agrees on the secret vectors, doubles its input, checks the sums.
///
///     var user = try VerSAUser(id: 3, parameters, channel: channel, identity: key, registry: keys)
///     send(try user.start())
///     try user.receive(delivery)
///     let second = try user.checkInput(for: encoded)      // goes through `checkSession`
///     let sum = try user.verify(announcement)
///
/// The secret vectors come from seeds of all users, sealed for each other: a server that delivers
/// different seeds to different users makes sums that nobody accepts.
public struct VerSAUser: Sendable {
  /// Its number in the session.
  public let id: Int
  private let parameters: VerSAParameters
  private let channel: PairwiseChannel
  private let identity: Ed25519.PrivateKey
  private let registry: IdentityRegistry
  private let seed: SecretBytes
  private var pads: VerSAPads?

  private static let purpose = "versa seed"

  /// A user with a fresh seed.
  ///
  /// - Throws: `SystemRandomness.Failure`.
  public init(
    id: Int, _ parameters: VerSAParameters, channel: PairwiseChannel,
    identity: Ed25519.PrivateKey, registry: IdentityRegistry,
    source: inout some SecretSource
  ) throws(SystemRandomness.Failure) {
    precondition((0..<parameters.session.clients).contains(id), "no client \(id) in this session")
    self.id = id
    self.parameters = parameters
    self.channel = channel
    self.identity = identity
    self.registry = registry
    seed = try SecretBytes(random: 32, using: &source)
  }

  /// The message with its seed, sealed for each other client.
  ///
  /// - Throws: `ProofRefusal` naming a client whose registered key is of small order.
  public func start() throws(ProofRefusal) -> [UInt8] {
    var writer = WireWriter()
    for other in 0..<parameters.session.clients where other != id {
      do throws(ProofFault) {
        writer.write(
          try channel.seal(seed, to: other, Self.purpose, in: parameters.session))
      } catch {
        throw ProofRefusal(sender: .client(other), fault: error)
      }
    }
    return ProofEnvelope.seal(
      writer.bytes, .verSASeeds, from: .client(id), in: parameters.session, by: identity)
  }

  /// Takes the others' seeds from the server.
  ///
  /// - Throws: `ProofRefusal` naming the server, or the client whose seed does not open.
  public mutating func receive(_ bytes: [UInt8]) throws(ProofRefusal) {
    let boxes = try VerSADelivery(
      opening: bytes, in: parameters.session, for: id, registry: registry
    ).boxes
    var seeds = [id: seed]
    for (client, box) in boxes.sorted(by: { $0.key < $1.key }) where client != id {
      do throws(ProofFault) {
        guard
          let secret = try channel.open(box, from: client, Self.purpose, in: parameters.session),
          secret.count == 32
        else { throw .malformed(.verSASeeds, "has a seed that does not open") }
        seeds[client] = secret
      } catch {
        throw ProofRefusal(sender: .client(client), fault: error)
      }
    }
    pads = VerSAPads(seeds: seeds, parameters)
  }

  /// The secret vectors; nil before the delivery. Whoever has them can announce anything.
  package var agreed: VerSAPads? { pads }

  /// x' = a x + b, to be masked and summed in `checkSession`.
  ///
  /// - Throws: `ProofRefusal` naming the server if no delivery has come, or this client if the
  ///   vector is not of the session's length and ring.
  public func checkInput(for input: RingVector) throws(ProofRefusal) -> RingVector {
    guard let pads else {
      throw ProofRefusal(sender: .server, fault: .missing(.verSADelivery))
    }
    let session = parameters.session
    guard input.count == session.dimension, input.ring == session.ring else {
      throw ProofRefusal(
        sender: .client(id),
        fault: .malformed(.verSASeeds, "is asked for a vector of another shape"))
    }
    return pads.image(of: input, count: 1)
  }

  /// The sum, if the second sum is in step.
  ///
  /// - Throws: `ProofRefusal` naming the server.
  public func verify(_ bytes: [UInt8]) throws(ProofRefusal) -> VerifiedSum {
    guard let pads else {
      throw ProofRefusal(sender: .server, fault: .missing(.verSADelivery))
    }
    let claim = try VerSAAnnouncement(opening: bytes, in: parameters, registry: registry)
    do throws(ProofFault) {
      try parameters.session.check(claim.contributors, include: id, in: .verSAAnnouncement)
      let image = pads.image(of: claim.sum, count: claim.contributors.count)
      if let index = (0..<image.count).first(where: { image[$0] != claim.checkSum[$0] }) {
        throw .failed("z' is not a z + |U3| b", coordinate: index)
      }
    } catch {
      throw ProofRefusal(sender: .server, fault: error)
    }
    return VerifiedSum(vector: claim.sum, survivors: claim.contributors)
  }
}

/// The secret vectors a and b of a session.
package struct VerSAPads: Sendable {
  /// The factors, modulo 2^W.
  let a: [UInt64]
  /// The terms.
  let b: [UInt64]
  private let ring: MaskRing

  /// From seeds of all, by increasing number, so that one honest seed makes them secret.
  init(seeds: [Int: SecretBytes], _ parameters: VerSAParameters) {
    let all = SecretBytes(
      joining: seeds.sorted { $0.key < $1.key }.flatMap { client, seed in
        var number = WireWriter()
        number.write(UInt32(client))
        return [SecretBytes(copying: number.bytes), seed]
      })
    ring = parameters.checkSession.ring
    let (ring, dimension) = (ring, parameters.session.dimension)
    func vector(_ purpose: String) -> [UInt64] {
      MaskGenerator.expandWide(
        HKDF.sha256(
          secret: all, salt: parameters.checkSession.digest, info: Array(purpose.utf8),
          count: MaskGenerator.seedCount),
        count: dimension, width: ring.bits)
    }
    a = vector("versa a")
    b = vector("versa b")
  }

  /// a x + count b.
  package func image(of x: RingVector, count: Int) -> RingVector {
    RingVector(
      x.elements.indices.map { index in
        (a[index] &* x[index] &+ UInt64(count) &* b[index]) & ring.mask
      }, in: ring)
  }
}
