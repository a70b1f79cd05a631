import GradientInversion
import Randomness
import TestSupport
import Testing

@Suite("Metrics of reconstructions")
struct MetricTests {
  private let shape: ImageShape
  private let images: [[Float]]

  init() throws {
    shape = try ImageShape(channels: 3, height: 16, width: 16)
    var generator = testGenerator()
    let count = shape.count
    images = (0..<5).map { _ in (0..<count).map { _ in Float(generator.uniform()) } }
  }

  private func shifted(_ image: [Float], by amount: Float) -> [Float] { image.map { $0 + amount } }

  @Test("an error of 0.1 everywhere is 20 dB, and a batch's PSNR is no sum")
  func noSum() throws {
    let flat = [Float](repeating: 0.5, count: shape.count)
    let off = [Float](repeating: 0.6, count: shape.count)
    #expect(isClose(try PixelError(of: off, against: flat, shape: shape).psnr, 20, tolerance: 1e-6))
    let batch = try BatchScore(of: [off, off], against: [flat, flat], shape: shape)
    let spread = try #require(batch.psnr)
    #expect(isClose(spread.mean, 20, tolerance: 1e-6))
    #expect(isClose(spread.median, 20, tolerance: 1e-6))
  }

  @Test("one exact image leaves a batch's mean PSNR finite")
  func exactImage() throws {
    let originals = [images[0], images[1]]
    let batch = try BatchScore(
      of: [images[0], [Float](repeating: 0.5, count: shape.count)], against: originals, shape: shape
    )
    let exact = try #require(batch.scores[0])
    #expect(exact.error.psnr == .infinity)
    let gray = try #require(batch.scores[1]).error.psnr
    let spread = try #require(batch.psnr)
    #expect(isClose(spread.mean, (PixelError.ceiling + gray) / 2, tolerance: 1e-12))
    #expect(spread.lowest == gray)
  }

  @Test("a registered image is compared with its own original, not with the batch")
  func registeredAlone() throws {
    let moved = rolled(images[0], shape, rows: 2, columns: 1)
    let alone = try ReconstructionScore(of: moved, against: images[0], shape: shape)
    let batch = try BatchScore(
      of: [images[1], moved, images[2]], against: [images[0], images[1], images[2]], shape: shape)
    let inBatch = try #require(batch.scores[0])
    #expect(batch.matching.reconstruction == [1, 0, 2])
    #expect(inBatch == alone)
    #expect(alone.registered.meanSquaredError < 1e-12)
    #expect(alone.error.psnr < 12)
  }

  @Test("SSIM has range 1 whatever the original's brightest pixel is")
  func fixedRange() throws {
    // c1 and c2 are in force: for constants x and y SSIM is (2xy + c1) / (x^2 + y^2 + c1).
    let (x, y) = (0.02, 0.05)
    let a = [Float](repeating: Float(x), count: shape.count)
    let b = [Float](repeating: Float(y), count: shape.count)
    let expected = (2 * x * y + 1e-4) / (x * x + y * y + 1e-4)
    let got = try StructuralSimilarity.ssim(a, b, shape: shape)
    #expect(isClose(got, expected, tolerance: 1e-6))
  }

  @Test("an inverted image has a negative SSIM, which is not cut off")
  func negative() throws {
    let got = try StructuralSimilarity.ssim(images[0].map { 1 - $0 }, images[0], shape: shape)
    #expect(got < -0.5)
  }

  @Test("matching is one to one and as cheap as the best of all permutations")
  func permutations() throws {
    var generator = testGenerator()
    func best(_ costs: [[Double]], _ row: Int, _ used: Set<Int>) -> Double {
      guard row < costs.count else { return 0 }
      return costs[row].indices.filter { !used.contains($0) }.map {
        costs[row][$0] + best(costs, row + 1, used.union([$0]))
      }.min() ?? .infinity
    }
    for trial in 0..<40 {
      let rows = 1 + trial % 5
      let costs = (0..<rows).map { _ in
        (0..<(rows + trial % 3)).map { _ in generator.uniform() * 2 - 1 }
      }
      let found = try OneToOneAssignment.cheapest(costs)
      #expect(Set(found).count == rows)
      let cost = zip(costs, found).reduce(0) { $0 + $1.0[$1.1] }
      #expect(isClose(cost, best(costs, 0, []), tolerance: 1e-12))
    }
  }

  @Test("two reconstructions of one original do not both count")
  func noDoubleCount() throws {
    let batch = try BatchScore(
      of: [images[0], images[0]], against: [images[0], images[1]], shape: shape)
    #expect(batch.leakageRate(psnr: 40) == 0.5)
    #expect(batch.leakageRate(psnr: 40, ssim: 0.9) == 0.5)
    let short = try BatchScore(of: [images[1]], against: [images[0], images[1]], shape: shape)
    #expect(short.matching.reconstruction == [nil, 0])
    #expect(short.scores[0] == nil)
    let many = try BatchScore(of: images, against: [images[3]], shape: shape)
    #expect(many.matching.reconstruction == [3])
  }

  @Test("identifiability looks among candidates of the same class, and a tie identifies nobody")
  func identifiability() throws {
    let candidates: [[Float]] = [[0, 0], [1, 0], [0.1, 0.1], [5, 5]]
    let labels: [Int32] = [0, 0, 1, 0]
    let reconstructions: [[Float]] = [[0.1, 0.1], [0.4, 0], [0.5, 0]]
    // The first is nearest to candidate 2, of another class; the second shows 1 but is nearer to 0.
    #expect(
      try Identifiability.precision(
        of: reconstructions, truths: [0, 1, 0], among: candidates, labels: labels) == 1.0 / 3)
  }

  @Test("label overlap counts a multiset")
  func overlap() throws {
    #expect(
      isClose(
        try LabelOverlap.share(counts: [2, 1], recovered: [1, 2]), 2.0 / 3, tolerance: 1e-12))
    #expect(try LabelOverlap.share(counts: [4, 0], recovered: [0, 4]) == 0)
    #expect(throws: InversionError.self) {
      try LabelOverlap.share(counts: [2, 1], recovered: [1, 1])
    }
  }

  @Test("gray, the mean and another image are the baselines")
  func baselines() throws {
    #expect(ReconstructionBaseline.gray(shape).allSatisfy { $0 == 0.5 })
    #expect(try ReconstructionBaseline.mean(of: [[0, 1], [1, 1]]) == [0.5, 1])
    var generator = testGenerator()
    #expect(images.contains(try ReconstructionBaseline.other(of: images, using: &generator)))
    #expect(throws: InversionError.self) { try ReconstructionBaseline.mean(of: []) }
  }

  @Test("a table row counts exact categories and numbers within 0.319 deviations")
  func table() throws {
    let columns: [TabularScore.Column] = [.number(deviation: 2), .category]
    let score = try TabularScore(
      of: [[10, 3], [0.63, 1]], against: [[0, 1], [10.65, 3]], columns: columns)
    #expect(score.rows == [1, 0.5])
    #expect(score.accuracy == 0.75)
  }

  @Test("bad input names the thing")
  func badInput() throws {
    let image = images[0]
    #expect(throws: InversionError.self) {
      try PixelError(of: Array(image.dropLast()), against: image, shape: shape)
    }
    var broken = image
    broken[7] = .nan
    #expect(throws: InversionError.notFinite(what: "the reconstruction", index: 7)) {
      try PixelError(of: broken, against: image, shape: shape)
    }
    #expect(throws: InversionError.self) { try OneToOneAssignment.cheapest([[1, 2], [1]]) }
    #expect(throws: InversionError.self) { try ImageShape([3, 0, 2]) }
  }
}
