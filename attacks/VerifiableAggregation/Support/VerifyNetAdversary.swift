internal import Pairings
internal import SecureAggregation
internal import VerifiableAggregation

/// A server of `verifynet-reconstructed` that computes with what it was sent: users' proofs, the
/// sum and the product of the proofs. It has no key.
///
///     A_j / A_k = g^(δ (σ_j - σ_k))           so g^δ = (A_j / A_k)^(1 / (σ_j - σ_k))
///     A_j = g^(δ σ_j + N ρ)                   so g^ρ, and each user's x from A_nj / g^ρ = (g^δ)^x
///     L_j / L_k = g^(δ (σ_k - σ_j) / d)       so g^(δ/d), if the masks k name no coordinate
struct VerifyNetAdversary {
  let proofs: [Int: VerifyNetProof]
  let claim: SumClaim<VerifyNetProof>

  /// Two coordinates with different sums and the inverse of the difference; nil if there are none.
  private var pair: (first: Int, second: Int, inverse: PairingScalar)? {
    guard claim.proof.count > 1,
      let other = (1..<claim.proof.count).first(where: { claim.sum[$0] != claim.sum[0] })
    else { return nil }
    let difference = PairingScalar(claim.sum[0]) - PairingScalar(claim.sum[other])
    return (0, other, difference.inverse)
  }

  /// g^δ and g^ρ.
  private var hashBases: (delta: G1Point, rho: G1Point)? {
    guard let pair else { return nil }
    let a = claim.proof.a
    let delta = (a[pair.first] - a[pair.second]) * pair.inverse
    let count = PairingScalar(UInt64(claim.contributors.count))
    let rho = (a[0] - delta * PairingScalar(claim.sum[0])) * count.inverse
    return (delta, rho)
  }

  /// A user's vector, element by element, each found among 0..<bound in about its square root
  /// steps.
  func recovered(_ client: Int, below bound: UInt64) throws -> [UInt64]? {
    guard let bases = hashBases, let proof = proofs[client] else { return nil }
    let table = PowerTable(of: bases.delta, below: bound)
    return proof.a.map { table.exponent(of: $0 - bases.rho) ?? .max }
  }

  /// The candidates whose every element fits.
  func fitting(_ candidates: [RingVector], client: Int) throws -> [Int] {
    guard let bases = hashBases, let proof = proofs[client] else { return [] }
    var hashes: [UInt64: G1Point] = [:]
    for value in Set(candidates.flatMap(\.elements)) {
      hashes[value] = bases.delta * PairingScalar(value) + bases.rho
    }
    return candidates.indices.filter { index in
      zip(candidates[index].elements, proof.a).allSatisfy { hashes[$0] == $1 }
    }
  }

  /// Moves the proofs of one coordinate along with its sum, as if no mask named a coordinate.
  func shift(_ proof: inout VerifyNetProof, by step: UInt64, at place: Int) {
    let step = PairingScalar(step)
    guard let pair else {
      // One proof: nothing to divide by. The generators stand for g^δ and g^(δ/d).
      proof.a[0] += .generator * step
      proof.b[0] += .generator * step
      proof.l[0] += -(.generator * step)
      proof.q[0] += -(.generator * step)
      return
    }
    let factor = pair.inverse * step
    let (one, two) = (pair.first, pair.second)
    let honest = claim.proof
    proof.a[place] += (honest.a[one] - honest.a[two]) * factor
    proof.b[place] += (honest.b[one] - honest.b[two]) * factor
    proof.l[place] += (honest.l[one] - honest.l[two]) * factor
    proof.q[place] += (honest.q[one] - honest.q[two]) * factor
  }

  /// The proof of any claim, with an insider's keys.
  static func proof(
    of claim: SumClaim<VerifyNetProof>, _ exponents: VerifyNetExponents
  ) -> VerifyNetProof {
    let hashes = exponents.hash(of: claim.sum.elements, users: claim.contributors)
    let rests = zip(exponents.masks(of: claim.contributors), hashes).map {
      ($0 - $1) * exponents.keys.inverseD
    }
    return VerifyNetProof(
      a: hashes.map { .generator * $0 }, b: hashes.map { .generator * $0 },
      l: rests.map { .generator * $0 }, q: rests.map { .generator * $0 })
  }
}

/// Small exponents of one base by baby steps and giant steps (Shanks 1971).
struct PowerTable {
  private let steps: [[UInt8]: UInt64]
  private let giant: G1Point
  private let giants: UInt64
  private let baby: UInt64

  /// For exponents in 0..<bound: a table of four square roots of the bound, so that each search
  /// takes a quarter.
  init(of base: G1Point, below bound: UInt64) {
    let root = UInt64(Double(max(1, bound)).squareRoot().rounded(.up))
    baby = 4 * root
    giants = (bound + baby - 1) / baby
    var points: [G1Point] = [.zero]
    while UInt64(points.count) < baby { points.append(points[points.count - 1] + base) }
    steps = Dictionary(
      zip(G1Point.compressed(points), 0..<baby), uniquingKeysWith: { first, _ in first })
    giant = base * PairingScalar(baby)
  }

  /// x with base^x = point; nil if there is none below the bound.
  func exponent(of point: G1Point) -> UInt64? {
    var points = [point]
    while UInt64(points.count) < giants { points.append(points[points.count - 1] - giant) }
    for (index, bytes) in G1Point.compressed(points).enumerated() {
      if let rest = steps[bytes] { return UInt64(index) * baby + rest }
    }
    return nil
  }
}
