import BigIntegers
import CryptoCore
import SecretSharing
import TestSupport
import Testing

@Suite("Shamir's sharing over 2^255 - 19")
struct ShamirTests {
  /// Where carries happen: around 0, around the prime, and at the limbs' borders.
  static let edges: [BigInteger] =
    [0, 1, 2, 18, 19, 20].map { BigInteger($0) }
    + [1, 2, 18, 19, 20, 21].map { prime - BigInteger($0) }
    + [51, 102, 153, 204, 254].flatMap { bits in
      [-1, 0, 1].map { (BigInteger(1) << bits) + BigInteger($0) }
    }

  @Test("shares are the values GMP gives the polynomial", arguments: [1, 2, 3, 7])
  func values(threshold: Int) throws {
    let points: [UInt32] = [1, 2, 3, 19, 2047, 2048, 4095, 8191, 65_536, .max - 1, .max]
    for (index, value) in Self.edges.enumerated() {
      let coefficients = (1..<threshold).map { Self.edges[(index + 5 * $0) % Self.edges.count] }
      var source = ChosenSecrets(coefficients)
      let shares = try Shamir.share(
        secret(value), threshold: threshold, points: points, using: &source)
      #expect(shares.map(\.point) == points)
      for share in shares {
        let x = BigInteger(share.point)
        let expected = coefficients.reversed().reduce(BigInteger(0)) { $0 * x + $1 } * x + value
        #expect(number(share.value) == modulo(expected))
      }
    }
  }

  @Test("random secrets are numbers below the prime, which draws at or above it are not")
  func randomSecrets() throws {
    var chosen = ChosenSecrets([prime, prime + BigInteger(18), prime - BigInteger(1)])
    #expect(try number(Shamir.randomSecret(using: &chosen)) == prime - BigInteger(1))
    // The highest bit of a draw does not count.
    chosen = ChosenSecrets([(BigInteger(1) << 255) + BigInteger(5)])
    #expect(try number(Shamir.randomSecret(using: &chosen)) == BigInteger(5))
    var source = SystemRandomness()
    for _ in 0..<100 { #expect(try number(Shamir.randomSecret(using: &source)) < prime) }
  }

  @Test("any threshold of the shares and more rebuild the secret", arguments: 1...6)
  func everySubset(threshold: Int) throws {
    let points: [UInt32] = [3, 1, 1000, 7, .max, 42]
    var source = InsecureSeededSecrets(seed: 1)
    for value in Self.edges + [number(try Shamir.randomSecret(using: &source))] {
      let shares = try Shamir.share(
        secret(value), threshold: threshold, points: points, using: &source)
      for subset in subsets(of: points.count) {
        // Backwards too: the order of the shares does not matter.
        for order in [subset, subset.reversed()] {
          let some = order.map { shares[$0] }
          guard some.count >= threshold else {
            #expect(
              throws: SharingError.tooFewShares(count: some.count, threshold: threshold)
            ) { try Shamir.reconstruct(some, threshold: threshold) { _ in true } }
            continue
          }
          let rebuilt = try Shamir.reconstruct(some, threshold: threshold) { _ in true }
          #expect(number(rebuilt) == value)
        }
      }
    }
  }

  @Test("sums of shares are shares of the sum")
  func linearity() throws {
    var source = InsecureSeededSecrets(seed: 2)
    let points: [UInt32] = [5, 6, 9, 30]
    let secrets = try (0..<2).map { _ in try Shamir.randomSecret(using: &source) }
    let shares = try secrets.map {
      try Shamir.share($0, threshold: 3, points: points, using: &source)
    }
    let sums = try points.indices.map { index in
      try Shamir.Share(
        point: points[index],
        value: secret(modulo(number(shares[0][index].value) + number(shares[1][index].value))))
    }
    let rebuilt = try Shamir.reconstruct(sums, threshold: 3) { _ in true }
    #expect(number(rebuilt) == modulo(number(secrets[0]) + number(secrets[1])))
  }

  // A threshold of 3 hides the secret from 2 shares: their low bytes, and pairs of their low four
  // bits, are uniform whatever the secret. Six tests at 1e-5 each.
  @Test("one share fewer than the threshold is uniform whatever the secret")
  func secrecy() throws {
    var source = InsecureSeededSecrets(seed: 3)
    let draws = 25_600
    for value in [BigInteger(0), prime - BigInteger(1)] {
      var counts = [[Int]](repeating: [Int](repeating: 0, count: 256), count: 3)
      for _ in 0..<draws {
        let shares = try Shamir.share(
          secret(value), threshold: 3, points: [1, 2, 3], using: &source)
        let first = Int(shares[0].value.revealed()[0])
        let second = Int(shares[1].value.revealed()[0])
        counts[0][first] += 1
        counts[1][second] += 1
        counts[2][first & 15 | (second & 15) << 4] += 1
      }
      for counts in counts {
        let expected = [Double](repeating: Double(draws) / 256, count: 256)
        let statistic = chiSquare(counts, expected: expected)
        #expect(chiSquareSurvival(statistic, degrees: 255) > 1e-5)
      }
    }
  }

  @Test("weights computed once rebuild many secrets")
  func manySecrets() throws {
    var source = InsecureSeededSecrets(seed: 4)
    let points = (1...40).map { UInt32($0 * $0) }
    let survivors = try Shamir.Interpolation(points: points, threshold: 27)
    for _ in 0..<20 {
      let value = try Shamir.randomSecret(using: &source)
      let shares = try Shamir.share(value, threshold: 27, points: points, using: &source)
      let rebuilt = try survivors.reconstruct(shares.map(\.value)) { $0.isEqual(to: value) }
      #expect(rebuilt.isEqual(to: value))
    }
    #expect(throws: SharingError.wrongCount(values: 1, points: 40)) {
      try survivors.reconstruct([secret(1)]) { _ in true }
    }
  }

  @Test("what is no share, no secret and no set of points is refused by name")
  func refusals() throws {
    var source = SystemRandomness()
    let good = secret(7)
    let tooLarge =
      [prime, prime + BigInteger(18), BigInteger(1) << 255].map(secret)
      + [SecretBytes(copying: [UInt8](repeating: 255, count: 32))]
    #expect(throws: SharingError.zeroPoint) { try Shamir.Share(point: 0, value: good) }
    for value in tooLarge {
      #expect(throws: SharingError.notCanonical(point: 5)) {
        try Shamir.Share(point: 5, value: value)
      }
      #expect(throws: SharingError.notCanonical(point: nil)) {
        try Shamir.share(value, threshold: 1, points: [1], using: &source)
      }
      #expect(throws: SharingError.notCanonical(point: 2)) {
        try Shamir.Interpolation(points: [1, 2], threshold: 1)
          .reconstruct([good, value]) { _ in true }
      }
    }
    for count in [0, 31, 33] {
      let bytes = SecretBytes(copying: [UInt8](repeating: 0, count: count))
      #expect(throws: SharingError.wrongLength(point: 5, count: count)) {
        try Shamir.Share(point: 5, value: bytes)
      }
      #expect(throws: SharingError.wrongLength(point: nil, count: count)) {
        try Shamir.share(bytes, threshold: 1, points: [1], using: &source)
      }
    }
    #expect(throws: SharingError.duplicatePoint(4)) {
      try Shamir.share(good, threshold: 1, points: [4, 5, 4], using: &source)
    }
    #expect(throws: SharingError.duplicatePoint(4)) {
      let share = try Shamir.Share(point: 4, value: good)
      _ = try Shamir.reconstruct([share, share], threshold: 1) { _ in true }
    }
    #expect(throws: SharingError.zeroPoint) {
      try Shamir.share(good, threshold: 1, points: [4, 0], using: &source)
    }
    for threshold in [-1, 0, 3] {
      #expect(throws: SharingError.thresholdOutOfRange(threshold: threshold, points: 2)) {
        try Shamir.share(good, threshold: threshold, points: [1, 2], using: &source)
      }
    }
    #expect(throws: SharingError.thresholdOutOfRange(threshold: 0, points: 2)) {
      try Shamir.Interpolation(points: [1, 2], threshold: 0)
    }
    struct Empty: SecretSource {
      mutating func fill(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemRandomness.Failure) {
        throw SystemRandomness.Failure(reason: "empty")
      }
    }
    var empty = Empty()
    #expect(throws: SharingError.randomness(SystemRandomness.Failure(reason: "empty"))) {
      try Shamir.share(good, threshold: 2, points: [1, 2], using: &empty)
    }
  }

  @Test("a commitment matches its secret and label only")
  func commitments() throws {
    let value = secret(7)
    let commitment = SecretCommitment(to: value, label: [1, 2])
    #expect(commitment.matches(value))
    #expect(!commitment.matches(secret(8)))
    // SHA-256 of the label's length in eight bytes, the label, the secret.
    let input = [2, 0, 0, 0, 0, 0, 0, 0, 1, 2] + value.revealed()
    #expect(commitment.bytes == SHA256.hash(input).bytes)
    let published = SecretCommitment(published: commitment.bytes, label: [1, 2])
    #expect(published == commitment)
    #expect(SecretCommitment(published: commitment.bytes, label: [1])?.matches(value) == false)
    #expect(SecretCommitment(published: [1], label: []) == nil)
  }
}
