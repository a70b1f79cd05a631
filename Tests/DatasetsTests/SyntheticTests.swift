import Components
import Datasets
import Foundation
import Learning
import Randomness
import TestSupport
import Testing

@Suite("Synthetic normal classes")
struct SyntheticTests {
  private func make(_ change: (inout Synthetic.Parameters) -> Void) throws -> Synthetic {
    var parameters = Synthetic.defaults
    change(&parameters)
    return try Synthetic(parameters)
  }

  /// The part of `part` whose nearest mean, of the means of `train`, is that of its label.
  private func nearestMeanAccuracy(_ train: LabeledExamples, on part: LabeledExamples) -> Double {
    let width = train.featureCount
    var means = [[Double]](repeating: .init(repeating: 0, count: width), count: train.classes)
    let counts = train.labelCounts
    for index in 0..<train.count {
      let label = Int(train.labels[index])
      for (feature, value) in train.features(of: index).enumerated() {
        means[label][feature] += Double(value) / Double(counts[label])
      }
    }
    var correct = 0
    for index in 0..<part.count {
      let example = part.features(of: index)
      let distances = means.map { mean in
        zip(mean, example).reduce(0) { $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1)) }
      }
      if distances.min() == distances[Int(part.labels[index])] { correct += 1 }
    }
    return Double(correct) / Double(part.count)
  }

  @Test("two classes: the best accuracy is Phi(separation / 2)")
  func closedForm() throws {
    for separation in [0, 0.5, 1, 2, 3.5, 6] {
      let source = try make {
        ($0.classes, $0.separation) = (2, separation)
      }
      // Phi by the error function, and two of its values from a printed table.
      #expect(
        isClose(
          source.bayesAccuracy, 0.5 * (1 + erf(separation / 2 / 2.0.squareRoot())),
          tolerance: 1e-12))
    }
    #expect(
      isClose(
        try make { ($0.classes, $0.separation) = (2, 2) }.bayesAccuracy, 0.841345, tolerance: 1e-6))
    #expect(
      isClose(
        try make { ($0.classes, $0.separation) = (2, 4) }.bayesAccuracy, 0.977250, tolerance: 1e-6))
  }

  @Test("K classes: guessing without separation, certainty far apart, noise as computed")
  func otherAccuracies() throws {
    for classes in [2, 3, 10, 17] {
      let none = try make { ($0.classes, $0.separation) = (classes, 0) }
      #expect(isClose(none.bayesAccuracy, 1 / Double(classes), tolerance: 1e-9))
      let far = try make { ($0.classes, $0.separation, $0.labelNoise) = (classes, 30, 0.1) }
      #expect(isClose(far.bayesAccuracy, 0.9, tolerance: 1e-12))
    }
    // Three classes, by drawing: the own class's number beats two others. 5 deviations of 10^6 draws.
    let three = try make { ($0.classes, $0.separation) = (3, 2) }
    var generator = testGenerator()
    let draws = isOptimizedBuild ? 1_000_000 : 100_000
    let wins = (0..<draws).count { _ in
      let own = generator.normal() + 2 / 2.0.squareRoot()
      let (first, second) = (generator.normal(), generator.normal())
      return own > max(first, second)
    }
    #expect(
      abs(Double(wins) / Double(draws) - three.bayesAccuracy)
        < 5 * 0.5 / Double(draws).squareRoot())
  }

  /// The rule of nearest estimated means comes within its estimation error of the best accuracy and
  /// never above it but by chance: 4 standard deviations of the test part (1 in 15,000 each way) and,
  /// below, what d features of means from n examples a class cost, at most d / n in accuracy.
  @Test(
    "the nearest mean reaches the best accuracy",
    arguments: [(2, 2.0, 0.0), (2, 3.0, 0.1), (3, 2.0, 0.0), (10, 4.0, 0.05)])
  func reachesBayes(_ classes: Int, _ separation: Double, _ noise: Double) throws {
    let source = try make {
      $0.examples = 8000
      $0.testExamples = 8000
      $0.features = 12
      $0.informative = 10
      ($0.classes, $0.separation, $0.labelNoise) = (classes, separation, noise)
    }
    var generator = testGenerator(UInt64(classes))
    let split = try source.load(using: &generator)
    let accuracy = nearestMeanAccuracy(split.train, on: split.test)
    let best = source.bayesAccuracy
    let chance = 4 * (best * (1 - best) / 8000).squareRoot()
    #expect(accuracy < best + chance)
    #expect(accuracy > best - chance - 12 * Double(classes) / 8000)
  }

  @Test("means are as far apart as asked, in the informative features only")
  func geometry() throws {
    let source = try make {
      ($0.examples, $0.testExamples, $0.features) = (40_000, 10, 9)
      ($0.informative, $0.classes, $0.separation) = (5, 4, 3)
    }
    var generator = testGenerator()
    let train = try source.load(using: &generator).train
    var sums = [[Double]](repeating: .init(repeating: 0, count: 9), count: 4)
    var squares = sums
    for index in 0..<train.count {
      for (feature, value) in train.features(of: index).enumerated() {
        sums[Int(train.labels[index])][feature] += Double(value)
        squares[Int(train.labels[index])][feature] += Double(value) * Double(value)
      }
    }
    let counts = train.labelCounts.map(Double.init)
    // 10,000 examples a class: a mean is known to 0.01, a variance to 0.0142; 5 deviations.
    let means = zip(sums, counts).map { sum, count in sum.map { $0 / count } }
    for label in 0..<4 {
      #expect(abs(counts[label] - 10_000) < 5 * 86.7)
      for feature in 0..<9 {
        let variance =
          squares[label][feature] / counts[label] - means[label][feature] * means[label][feature]
        #expect(abs(variance - 1) < 0.075)
        if feature >= 5 { #expect(abs(means[label][feature]) < 0.053) }
      }
      for other in 0..<label {
        let distance = zip(means[label], means[other]).reduce(0) {
          $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
        }.squareRoot()
        #expect(abs(distance - 3) < 0.08)
      }
    }
  }

  @Test("the generator decides everything, and loading again gives other data")
  func seeds() throws {
    let source = try make { ($0.examples, $0.testExamples) = (50, 20) }
    var one = testGenerator(1)
    var twin = one
    var two = testGenerator(2)
    let split = try source.load(using: &one)
    #expect(try source.load(using: &twin).digest == split.digest)
    #expect(try source.load(using: &one).digest != split.digest)
    #expect(try source.load(using: &two).digest != split.digest)
    #expect(split.train.count == 50 && split.test.count == 20 && split.train.shape == [32])
    #expect(!source.isFixed)
  }

  @Test("parameters out of range are named")
  func refuses() {
    let message = DataFiles.configurationMessage(
      #"{"synthetic": {"examples": 0, "classes": 1, "separation": -1, "label-noise": 2}}"#)
    for key in ["examples: must be at least 1", "classes: must be", "separation:", "label-noise:"] {
      #expect(message?.contains(key) == true, "\(message ?? "accepted")")
    }
    #expect(
      DataFiles.configurationMessage(#"{"synthetic": {"informative": 3}}"#)?.contains(
        "informative: must be at least 9, one less than classes, and at most 32, the features, got 3"
      )
        == true)
    #expect(
      DataFiles.configurationMessage(#"{"synthetic": {"examples": 9000000000000000000}}"#)?
        .contains(
          "must be few enough for 2^30 values of 32 an example") == true)
  }
}

extension DataFiles {
  /// The message of the error that a source's parameters give; nil if there is none.
  static func configurationMessage(_ text: String) -> String? {
    do {
      _ = try load(text)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
