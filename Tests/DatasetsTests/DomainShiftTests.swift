import Datasets
import Foundation
import Learning
import Randomness
import TestSupport
import Testing

/// Feature skew and concept shift: what clients' worlds do to examples.
@Suite("Domain shifts")
struct DomainShiftTests {
  private func images(_ pixels: [[Float]], shape: [Int], labels: [Int32]? = nil) throws
    -> LabeledExamples
  {
    try LabeledExamples(
      features: pixels.flatMap { $0 }, labels: labels ?? pixels.map { _ in 0 }, shape: shape,
      classes: 3)
  }

  private func shifted(_ change: DomainShift.Change, _ examples: LabeledExamples) throws -> [Float]
  {
    try DomainShift([change]).applied(to: examples).features
  }

  @Test("quarter turns of a square image are exact and counter-clockwise")
  func quarterTurns() throws {
    let image = try images([[1, 2, 3, 4, 5, 6, 7, 8, 9]], shape: [1, 3, 3])
    // numpy.rot90 by hand.
    #expect(try shifted(.rotate(degrees: 90), image) == [3, 6, 9, 2, 5, 8, 1, 4, 7])
    #expect(try shifted(.rotate(degrees: 180), image) == [9, 8, 7, 6, 5, 4, 3, 2, 1])
    #expect(try shifted(.rotate(degrees: -90), image) == [7, 4, 1, 8, 5, 2, 9, 6, 3])
    #expect(try shifted(.rotate(degrees: 720), image) == image.features)
    let even = try images([[1, 2, 3, 4], [5, 6, 7, 8]], shape: [1, 2, 2])
    #expect(try shifted(.rotate(degrees: 450), even) == [2, 4, 1, 3, 6, 8, 5, 7])
  }

  @Test("other angles interpolate a linear image exactly inside, and bring zeros in from outside")
  func rotation() throws {
    // Bilinear interpolation reproduces f = 2 + 3 x - y wherever all four neighbours exist.
    let (height, width) = (9, 11)
    func plane(_ x: Double, _ y: Double) -> Double { 2 + 3 * x - y }
    let image = try images(
      [(0..<99).map { Float(plane(Double($0 % width) - 5, Double($0 / width) - 4)) }],
      shape: [1, height, width])
    for degrees in [30.0, 77, -45, 200] {
      let turned = try shifted(.rotate(degrees: degrees), image)
      let angle = degrees * .pi / 180
      for place in turned.indices {
        let (x, y) = (Double(place % width) - 5, Double(place / width) - 4)
        let (oldX, oldY) = (x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle))
        if abs(oldX) < 5, abs(oldY) < 4 {
          #expect(abs(Double(turned[place]) - plane(oldX, oldY)) < 1e-4)
        } else if abs(oldX) >= 6 || abs(oldY) >= 5 {
          #expect(turned[place] == 0)
        }
      }
    }
  }

  @Test("noise has its standard deviation, and equal examples get equal noise in every subset")
  func noise() throws {
    let zeros = try images(
      (0..<200).map { [Float](repeating: Float($0), count: 50) }, shape: [2, 5, 5])
    let noise = GaussianNoise(standardDeviation: 0.5, seed: 7)
    let noisy = try shifted(.noise(noise), zeros)
    let errors = zip(noisy, zeros.features).map { Double($0 - $1) }
    // Mean and variance of 10,000 values, each within 4 standard errors: 1 false alarm in 10,000.
    let mean = errors.reduce(0, +) / 10_000
    let variance = errors.reduce(0) { $0 + $1 * $1 } / 10_000
    #expect(abs(mean) < 4 * 0.5 / 100 && abs(variance / 0.25 - 1) < 4 * (2.0 / 10_000).squareRoot())
    expectUniform(errors.map { erfc(-$0 / (0.5 * 2.0.squareRoot())) / 2 })
    let subset = try zeros.subset([199, 3, 3])
    let part = try shifted(.noise(noise), subset)
    #expect(Array(part[..<50]) == Array(noisy[(199 * 50)...]))
    #expect(Array(part[50..<100]) == Array(part[100...]))
    #expect(try shifted(.noise(GaussianNoise(standardDeviation: 0.5, seed: 8)), zeros) != noisy)
    #expect(Set(noisy).count > 9_900)
  }

  @Test("noise on a patch leaves the rest alone")
  func patchNoise() throws {
    let image = try images([[Float](repeating: 1, count: 2 * 35)], shape: [2, 5, 7])
    // Cell 5 of 3 x 3: row 1, column 2: rows 1 to 2, columns 4 to 6 of either channel.
    let patch = GaussianNoise.Patch(grid: 3, cell: 5)
    let noisy = try shifted(.noise(.init(standardDeviation: 1, patch: patch, seed: 1)), image)
    let changed = noisy.indices.filter { noisy[$0] != 1 }
    #expect(changed == [11, 12, 13, 18, 19, 20, 46, 47, 48, 53, 54, 55])
  }

  @Test("channels, labels, and changes one after the other")
  func channelsAndLabels() throws {
    let image = try images([[1, 2, 3, 4]], shape: [2, 1, 2], labels: [1])
    let style = DomainShift.Change.channels(gains: [2, 0.5], offsets: [1, -1])
    #expect(try shifted(style, image) == [3, 5, 0.5, 1])
    let both = DomainShift([style, .relabel([2, 0, 1]), .rotate(degrees: 180)])
    let world = try both.applied(to: image)
    #expect(world.features == [5, 3, 1, 0.5] && world.labels == [0])
  }

  @Test("a change that does not fit says so")
  func refuses() throws {
    let flat = try images([[1, 2, 3, 4]], shape: [4])
    for change: DomainShift.Change in [
      .rotate(degrees: 90), .channels(gains: [1], offsets: [0]), .relabel([0, 1]),
      .noise(.init(standardDeviation: 1, patch: .init(grid: 1, cell: 0), seed: 1)),
    ] {
      #expect(throws: LearningError.self) { try DomainShift([change]).applied(to: flat) }
    }
    _ = try DomainShift([.noise(.init(standardDeviation: 1, seed: 1))]).applied(to: flat)
    var generator = testGenerator()
    do {
      _ = try RotationSkew(.init(clients: 1)).assign(ExamplePool(flat), using: &generator)
      Issue.record("accepted")
    } catch {
      #expect(
        "\(error)" == "partition rotation-skew: rotation needs images, channels x height x width, "
          + "and the examples are 4; use data with images, or another partition")
    }
  }

  @Test("noise grows from none to sigma, or has a cell for every client but the last")
  func noiseSkew() throws {
    let data = pool(cyclicLabels(50, classes: 2), classes: 2)
    var generator = testGenerator()
    let level = try NoiseSkew(.init(clients: 5, sigma: 0.4)).assign(data, using: &generator)
    #expect(level.shifts[0].changes.isEmpty)
    var seeds: Set<UInt64> = []
    for client in 1..<5 {
      guard case .noise(let noise) = level.shifts[client].changes.first else {
        Issue.record("client \(client) has no noise")
        continue
      }
      #expect(noise.standardDeviation == Float(0.4 * Double(client) / 4) && noise.patch == nil)
      seeds.insert(noise.seed)
    }
    #expect(seeds.count == 4)
    // Eleven clients: ten cells of a grid of four by four.
    let patch = try NoiseSkew(.init(clients: 11, sigma: 0.4, kind: .patch))
      .assign(data, using: &generator)
    for client in 0..<10 {
      guard case .noise(let noise) = patch.shifts[client].changes.first else {
        Issue.record("client \(client) has no noise")
        continue
      }
      #expect(noise.patch == .init(grid: 4, cell: client) && noise.standardDeviation == 0.4)
    }
    #expect(patch.shifts[10].changes.isEmpty)
  }

  @Test("clusters have angles, styles and names of their own, and tests meet the client's world")
  func clusters() throws {
    let data = pool(cyclicLabels(1200, classes: 3), classes: 3)
    var generator = testGenerator()
    let turned = try RotationSkew(.init(clients: 6)).assign(data, using: &generator)
    let quarter: [DomainShift] = [
      .init([]), .init([.rotate(degrees: 90)]), .init([.rotate(degrees: 180)]),
      .init([.rotate(degrees: 270)]),
    ]
    #expect(turned.shifts == quarter + quarter[..<2])
    let test = try images([[1, 2, 3, 4]], shape: [1, 2, 2], labels: [2])
    #expect(try turned.asMet(by: 1, test).features == [2, 4, 1, 3])
    #expect(try turned.asMet(by: 4, test).features == [1, 2, 3, 4])

    let styled = try StyleSkew(.init(clients: 5, clusters: 3)).assign(data, using: &generator)
    #expect(styled.shifts[0].changes.isEmpty && styled.shifts[1] == styled.shifts[4])
    #expect(Set(styled.shifts).count == 3)
    for shift in styled.shifts[1...2] {
      guard case .channels(let gains, let offsets) = shift.changes.first else {
        Issue.record("no style")
        continue
      }
      #expect(gains.count == 1 && gains.allSatisfy { abs($0 - 1) <= 0.5 && $0 != 1 })
      #expect(offsets.count == 1 && offsets.allSatisfy { abs($0) <= 0.3 && $0 != 0 })
    }

    // All six ways to name three classes, each once: distinctness is exact, not by luck.
    let named = try LabelPermutation(.init(clients: 12, clusters: 6)).assign(
      data, using: &generator)
    #expect(named.shifts[0].changes.isEmpty && Set(named.shifts).count == 6)
    #expect(named.shifts[..<6] == named.shifts[6...])
    for client in 0..<12 {
      let own = try named.examples(of: client, in: data.examples).labels
      let names = named.indices[client].map { data.labels[$0] }
      #expect(Set(zip(names, own).map { [$0, $1] }).count == 3)
      #expect(Set(own) == [0, 1, 2])
      #expect(try named.asMet(by: client, test).labels == [own[names.firstIndex(of: 2) ?? 0]])
    }
    #expect(throws: DataError.self) {
      try LabelPermutation(.init(clients: 12, clusters: 7)).assign(data, using: &generator)
    }
  }
}
