import BigIntegers
import CryptoCore
import SecretSharing
import Testing

@Suite("Bad shares")
struct BadShareTests {
  enum Lie: CaseIterable {
    case random
    /// By less than 2^50, and not so that the errors cancel in the secret.
    case close
    /// All liars give shares of one other secret.
    case together
    /// All give the same value.
    case constant
  }

  @Test(
    "every pattern of bad shares is named, or said to be too much to tell",
    arguments: Lie.allCases, 1...7)
  func everyPattern(lie: Lie, count: Int) throws {
    var source = InsecureSeededSecrets(seed: UInt64(count))
    let points = (0..<count).map { UInt32(3 * $0 + 1) }
    for threshold in 1...count {
      let value = try Shamir.randomSecret(using: &source)
      let commitment = SecretCommitment(to: value, label: [])
      let good = try Shamir.share(value, threshold: threshold, points: points, using: &source)
      let other = try Shamir.share(
        try Shamir.randomSecret(using: &source), threshold: threshold, points: points,
        using: &source)
      for bad in subsets(of: count) {
        var shares = good
        for index in bad {
          let wrong =
            switch lie {
            case .random: try Shamir.randomSecret(using: &source)
            case .close: secret(modulo(number(good[index].value) + (BigInteger(1) << (7 * index))))
            case .together: other[index].value
            case .constant: secret(12345)
            }
          shares[index] = try Shamir.Share(point: points[index], value: wrong)
        }
        func recover() throws -> Shamir.Recovery {
          try Shamir.recover(shares, threshold: threshold) { commitment.matches($0) }
        }
        func reconstruct() throws -> SecretBytes {
          try Shamir.reconstruct(shares, threshold: threshold) { commitment.matches($0) }
        }
        if bad.allSatisfy({ $0 >= threshold }) {
          // None that is needed.
          let recovery = try recover()
          #expect(recovery.secret.isEqual(to: value) && recovery.badPoints.isEmpty)
          #expect(try reconstruct().isEqual(to: value))
        } else if bad.count <= (count - threshold) / 2 {
          let recovery = try recover()
          #expect(recovery.secret.isEqual(to: value))
          #expect(recovery.badPoints == bad.map { points[$0] })
          #expect(throws: SharingError.badShares(bad.map { points[$0] })) { try reconstruct() }
        } else {
          let expected = SharingError.badSharesNotLocated(count: count, threshold: threshold)
          #expect(throws: expected) { try recover() }
          #expect(throws: expected) { try reconstruct() }
        }
      }
    }
  }

  @Test("a hundred shares with as many liars as can be told")
  func many() throws {
    var source = InsecureSeededSecrets(seed: 9)
    let points = (1...100).map { UInt32($0) }
    let value = try Shamir.randomSecret(using: &source)
    var shares = try Shamir.share(value, threshold: 60, points: points, using: &source)
    for index in stride(from: 0, to: 100, by: 5) {
      shares[index] = try Shamir.Share(
        point: points[index], value: try Shamir.randomSecret(using: &source))
    }
    let recovery = try Shamir.recover(shares, threshold: 60) { $0.isEqual(to: value) }
    #expect(recovery.badPoints == stride(from: 1, to: 101, by: 5).map { UInt32($0) })
    shares[1] = try Shamir.Share(point: 2, value: secret(0))
    #expect(throws: SharingError.badSharesNotLocated(count: 100, threshold: 60)) {
      _ = try Shamir.recover(shares, threshold: 60) { $0.isEqual(to: value) }
    }
  }

  @Test("messages name the points")
  func messages() {
    #expect("\(SharingError.badShares([3, 9]))".hasSuffix(": 3, 9"))
    #expect("\(SharingError.notCanonical(point: 4))".hasPrefix("the share of point 4"))
    #expect("\(SharingError.badSharesNotLocated(count: 9, threshold: 4))".contains("more than 2"))
  }
}
