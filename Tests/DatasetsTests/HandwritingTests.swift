import Datasets
import Foundation
import Learning
import Randomness
import TestSupport
import Testing

@Suite("Handwriting")
struct HandwritingTests {
  private func load(
    seed: UInt64 = 1, _ change: (inout Handwriting.Parameters) -> Void = { _ in }
  ) throws -> DataSplit {
    var parameters = Handwriting.defaults
    change(&parameters)
    var generator = Generator(seed: seed)
    return try Handwriting(parameters).load(using: &generator)
  }

  /// Few images, true labels.
  private func small(
    _ examples: Int = 300, _ change: (inout Handwriting.Parameters) -> Void = { _ in }
  ) throws -> DataSplit {
    try load {
      ($0.examples, $0.testExamples, $0.writers) = (examples, 60, 20)
      ($0.wrongLabels, $0.testWrongLabels) = (0, 0)
      change(&$0)
    }
  }

  /// Only whole operations of IEEE 754 and integers decide these bits: any machine must agree.
  @Test("a fixed seed gives a fixed digest")
  func digest() throws {
    let split = try small { ($0.wrongLabels, $0.testWrongLabels) = (0.02, 0.02) }
    #expect(split.digest == "208e4d437e26fed3402afd9c8580f17ffabe9b434758f53f8b83586cf76075fe")
    let other = try load(seed: 2) {
      ($0.examples, $0.testExamples, $0.writers) = (300, 60, 20)
    }
    #expect(other.digest != split.digest)
  }

  @Test("the default data, in time", .enabled(if: isOptimizedBuild))
  func speed() throws {
    let clock = ContinuousClock()
    var split: DataSplit?
    let duration = try clock.measure { split = try load() }
    #expect(split?.digest == "6df3ab2c09f286c588b409fedac275e63c1aeaef352cc3582d7bfa4b56551ab9")
    // 25,000 images; a loaded machine may take three times the second that it takes.
    #expect(duration < .seconds(4))
  }

  @Test("pixels are 256 levels from 0 to 1, and all ten digits occur about as often")
  func pixels() throws {
    let train = try small(1000).train
    #expect(train.shape == [1, 28, 28] && train.classes == 10)
    for value in train.features {
      let level = (value * 255).rounded()
      #expect(level >= 0 && level <= 255 && Float(level) / 255 == value)
    }
    // Pearson's statistic of 9 degrees of freedom; 1 in 10,000.
    #expect(
      chiSquare(train.labelCounts, expected: [Double](repeating: 100, count: 10)) < 33.72)
  }

  @Test("an image depends on the seed and its number, not on how many there are")
  func prefix() throws {
    let few = try small(30)
    let more = try small(60)
    #expect(few.train.labels == Array(more.train.labels.prefix(30)))
    #expect(few.train.features == Array(more.train.features.prefix(30 * 784)))
    #expect(few.test.features == more.test.features)
  }

  @Test("wrong labels are as many as asked, any other class, and change no image")
  func wrongLabels() throws {
    let right = try small(2000) { $0.testExamples = 1000 }
    let wrong = try small(2000) {
      ($0.testExamples, $0.wrongLabels, $0.testWrongLabels) = (1000, 0.3, 0)
    }
    // As one truth value: a failed comparison of arrays would list what differs among a million.
    let areSame = right.train.features == wrong.train.features
    #expect(areSame)
    #expect(right.test.labels == wrong.test.labels)
    var shifts = [Int](repeating: 0, count: 10)
    for (label, other) in zip(right.train.labels, wrong.train.labels) {
      shifts[Int(other - label + 10) % 10] += 1
    }
    // 600 of 2,000, standard deviation 20.5; the nine wrong ones alike.
    let count = 2000 - shifts[0]
    #expect(abs(count - 600) < 103)
    #expect(
      chiSquare(
        Array(shifts.dropFirst()),
        expected: [Double](repeating: Double(count) / 9, count: 9)) < 31.83)
    let tested = try small(10) { ($0.testExamples, $0.testWrongLabels) = (1000, 0.3) }
    let differing = zip(right.test.labels, tested.test.labels).count { $0 != $1 }
    #expect(abs(differing - 300) < 73)
  }

  @Test("writers take turns, and natural makes them clients")
  func writers() throws {
    let split = try small(50)
    let groups = try #require(split.groups)
    #expect(groups.names.count == 20 && groups.names[3] == "writer 3")
    #expect(groups.members == (0..<50).map { Int32($0 % 20) })
    var generator = testGenerator()
    let shares = try Natural(Natural.defaults).assign(split.pool, using: &generator)
    #expect(
      shares.indices.map(\.count) == [Int](repeating: 3, count: 10) + .init(repeating: 2, count: 10)
    )
    #expect(try small(5).groups?.names.count == 5)
  }

  /// Mean squared distances of pairs of images of one digit: by one writer, and by two.
  private func distances(_ a: LabeledExamples, _ b: LabeledExamples, writers: Int) -> (
    same: Double, different: Double
  ) {
    var (same, different) = ((0.0, 0), (0.0, 0))
    let (left, right) = ((0..<a.count).map(a.features), (0..<b.count).map(b.features))
    for i in left.indices {
      for j in right.indices where a.labels[i] == b.labels[j] && left[i] != right[j] {
        let distance = zip(left[i], right[j]).reduce(0) { sum, pair in
          sum + Double((pair.0 - pair.1) * (pair.0 - pair.1))
        }
        if i % writers == j % writers {
          (same.0, same.1) = (same.0 + distance, same.1 + 1)
        } else {
          (different.0, different.1) = (different.0 + distance, different.1 + 1)
        }
      }
    }
    return (same.0 / Double(same.1), different.0 / Double(different.1))
  }

  @Test("one writer's digits are more alike than two writers', in the test part if it is the same")
  func style() throws {
    let split = try small(240) { ($0.testExamples, $0.writers) = (120, 6) }
    let trained = distances(split.train, split.train, writers: 6)
    #expect(trained.same < 0.85 * trained.different)
    let tested = distances(split.train, split.test, writers: 6)
    #expect(tested.same < 0.85 * tested.different)
    let unseen = try small(240) {
      ($0.testExamples, $0.writers, $0.unseenWriters) = (120, 6, true)
    }
    #expect(unseen.train.features == split.train.features)
    let others = distances(unseen.train, unseen.test, writers: 6)
    #expect(others.same > 0.9 * others.different)
  }

  @Test("more variation, less alike; no noise, white paper")
  func knobs() throws {
    func spread(_ variation: Double) throws -> Double {
      let part = try small(150) { ($0.variation, $0.noise) = (variation, 0) }.train
      return distances(part, part, writers: 20).different
    }
    let spreads = [try spread(0), try spread(0.5), try spread(1), try spread(2)]
    #expect(spreads == spreads.sorted())
    let clean = try small(50) { $0.noise = 0 }.train.features
    // A digit is a line a tenth of the paper's width in a box of a third of it.
    let white = Double(clean.count { $0 == 0 }) / Double(clean.count)
    #expect(white > 0.7 && white < 0.95)
    let noisy = try small(50).train.features
    let differences = zip(clean, noisy).map { Double($1 - $0) }.filter { $0 > 0 }
    // Half of a normal number's noise survives on white: its mean is noise * sqrt(2 / pi).
    let mean = differences.reduce(0, +) / Double(differences.count)
    #expect(abs(mean - 0.05 * (2 / Double.pi).squareRoot()) < 0.003)
  }

  @Test("parameters out of range are named")
  func refuses() {
    let message = DataFiles.configurationMessage(
      #"{"handwriting": {"examples": 0, "writers": 0, "variation": -1, "noise": 2, "wrong-labels": 2}}"#
    )
    for key in ["examples:", "writers:", "variation:", "noise:", "wrong-labels:"] {
      #expect(message?.contains(key) == true, "\(message ?? "accepted")")
    }
    #expect(
      DataFiles.configurationMessage(#"{"handwriting": {"examples": 2000000}}"#)?.contains(
        "must be few enough for 2^30 values of 784 an example") == true)
  }
}
