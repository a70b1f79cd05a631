internal import CryptoCore
internal import Pairings

/// Proofs beside the numbers that they must be the proofs of.
struct VerifyNetClaim {
  let proof: VerifyNetProof
  /// HF_N(σ), for each proof.
  let hashes: [PairingScalar]
  /// φ, for each proof.
  let masks: [PairingScalar]
  let d: PairingScalar

  private static let gh = Pairing.pair(.generator, .generator)
  private static let h = Pairing.Prepared(.generator)

  /// The equations of one proof.
  func check(_ index: Int) throws(ProofFault) {
    let (a, b, l, q) = (proof.a[index], proof.b[index], proof.l[index], proof.q[index])
    guard a == G1Point.generator * hashes[index], b == G2Point.generator * hashes[index] else {
      throw .failed("(i) A and B are not the hash of the sum", coordinate: index)
    }
    let ah = Pairing.pair(a, .generator)
    guard ah == Pairing.pair(.generator, b) else {
      throw .failed("(ii) A and B have different exponents", coordinate: index)
    }
    let lh = Pairing.pair(l, .generator)
    guard lh == Pairing.pair(.generator, q) else {
      throw .failed("(iii) L and Q have different exponents", coordinate: index)
    }
    guard Self.gh.power(masks[index]) == ah * lh.power(d) else {
      throw .failed("(iv) the masks are not those of the contributors", coordinate: index)
    }
  }

  /// The equations of all proofs, folded.
  func checkAll(
    bits: Int, workers: Int = 1, using source: inout some SecretSource
  ) throws(ProofFault) {
    let weights: BatchWeights
    let folds: [PairingScalar]
    do throws(PairingError) {
      weights = try BatchWeights(count: hashes.count, bits: bits, using: &source)
      folds = try BatchWeights(count: 3, bits: bits, using: &source).scalars
    } catch {
      throw .failed("no weights to check with: \(error)", coordinate: nil)
    }
    let hash = weights.fold(hashes)
    let a = weights.fold(proof.a, workers: workers)
    let b = weights.fold(proof.b, workers: workers)
    guard a == G1Point.generator * hash, b == G2Point.generator * hash else {
      throw .failed("(i) A and B are not the hashes of the sums", coordinate: nil)
    }
    let l = weights.fold(proof.l, workers: workers)
    let q = weights.fold(proof.q, workers: workers)
    let mac = a + l * d - G1Point.generator * weights.fold(masks)
    let left = a * folds[0] + l * folds[1] + mac * folds[2]
    let right = b * folds[0] + q * folds[1]
    let product = Pairing.product([
      (left, Self.h), (-G1Point.generator, Pairing.Prepared(right)),
    ])
    guard product.isOne else {
      throw .failed("(ii)-(iv) the proofs are not those of the contributors", coordinate: nil)
    }
  }
}
