public import Components
import Glibc
import Learning
public import Randomness

/// Classes that are normal distributions at equal distances, as many examples as wanted.
///
/// Class `k` is N(m_k, I) in all `features` dimensions. The means are the corners of a regular simplex
/// whose edges have length `separation`, turned at random inside the first `informative` features; the
/// other features are N(0, 1) whatever the class. Labels are uniform; with probability `label-noise`,
/// in both parts alike, one of the other classes takes the label's place.
///
/// The best possible classifier takes the nearest mean, and its accuracy is known: ``bayesAccuracy``,
/// which for two classes without label noise is Phi(separation / 2).
///
/// Everything follows from the generator: another seed draws other means and examples. Logarithm and
/// cosine come from the C library, so the last bits may differ between machines.
public struct Synthetic: DataSource {
  /// How many examples, and how far apart their classes are.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of training examples.
    public var examples = 10_000
    /// Number of test examples.
    public var testExamples = 2000
    /// Number of features.
    public var features = 32
    /// How many of them depend on the class.
    public var informative = 16
    /// Number of classes.
    public var classes = 10
    /// Distance between any two classes' means, in standard deviations of a feature.
    public var separation = 4.0
    /// Part of the labels that are wrong, in training and test alike.
    public var labelNoise = 0.0

    /// Ten classes four standard deviations apart.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "synthetic",
    summary: "Normal classes at equal distances, of any size; the best possible accuracy is known.",
    formula:
      "x ~ N(m_y, I), |m_i - m_j| = separation; two classes without label noise: the best accuracy is "
      + "Phi(separation / 2); K classes: integral of phi(t) Phi(t + separation / sqrt 2)^(K-1) dt",
    citation: "Fisher: The use of multiple measurements in taxonomic problems, Annals of Eugenics "
      + "1936 (two normal classes); Proakis: Digital Communications, section on orthogonal signals "
      + "(the integral)",
    parameters: [
      .generatedExamples, .generatedTestExamples,
      .init("features", "number of features", range: "an integer from 1 to 65536"),
      .init(
        "informative", "features that depend on the class: the first ones",
        range: "an integer from classes - 1 to features"),
      .init("classes", "number of classes", range: "an integer from 2 to 1000"),
      .init(
        "separation", "distance of any two means, in standard deviations of a feature",
        range: "a number of at least 0"),
      .init(
        "label-noise", "part of the labels, of both parts, that one of the other classes replaces",
        range: "a number from 0 to 1"),
    ])

  /// Ten classes four standard deviations apart.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Data as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.sizes(
      train: parameters.examples, test: parameters.testExamples, features: parameters.features)
    check(
      "features", (1...1 << 16).contains(parameters.features), "must be from 1 to 65536",
      got: parameters.features)
    check(
      "classes", (2...1000).contains(parameters.classes), "must be from 2 to 1000",
      got: parameters.classes)
    check(
      "informative",
      parameters.informative >= parameters.classes - 1
        && parameters.informative <= parameters.features,
      "must be at least \(parameters.classes - 1), one less than classes, and at most "
        + "\(parameters.features), the features", got: parameters.informative)
    check(
      "separation", parameters.separation >= 0 && parameters.separation <= 1e6,
      "must be a number from 0 to 1000000", got: parameters.separation)
    check.fraction("label-noise", parameters.labelNoise)
    try check.finish()
    self.parameters = parameters
  }

  /// The accuracy of the best possible classifier on data that nobody has seen, wrong labels counted
  /// as they are.
  ///
  /// Without label noise it is B = ∫ phi(t) Phi(t + separation / √2)^(K-1) dt, since the corner of the
  /// own class must beat K - 1 independent others; for K = 2 that is Phi(separation / 2). Noise of rate
  /// e makes it (1 - e) B + e (1 - B) / (K - 1), as long as the true class stays the likeliest label,
  /// e <= 1 - 1/K.
  public var bayesAccuracy: Double {
    let others = Double(parameters.classes - 1)
    let shift = parameters.separation / 2.0.squareRoot()
    // The trapezoidal rule converges exponentially for this analytic, vanishing integrand.
    let (steps, end) = (4000, 9.0)
    let width = 2 * end / Double(steps)
    var clean = 0.0
    for step in 0...steps {
      let t = -end + width * Double(step)
      let density = exp(-t * t / 2) / (2 * Double.pi).squareRoot()
      clean += width * density * pow(NormalDistribution.cumulative(t + shift), others)
    }
    let noise = parameters.labelNoise
    return (1 - noise) * clean + noise * (1 - clean) / others
  }

  /// Draws means, then training and test examples.
  public func load(using generator: inout Generator) throws -> DataSplit {
    let root = Generator(seed: generator.next())
    let means = Self.means(parameters, using: root.fork("means"))
    return DataSplit(
      name: Self.card.name,
      train: try examples(parameters.examples, means, using: root.fork("training examples")),
      test: try examples(parameters.testExamples, means, using: root.fork("test examples")),
      attribution: "generated by Rampart; nobody's data")
  }

  private func examples(
    _ count: Int, _ means: [[Double]], using stream: Generator
  ) throws -> LabeledExamples {
    var generator = stream
    let (width, classes) = (parameters.features, parameters.classes)
    var features: [Float] = []
    features.reserveCapacity(count * width)
    var labels: [Int32] = []
    labels.reserveCapacity(count)
    for _ in 0..<count {
      let label = generator.uniform(below: classes)
      let mean = means[label]
      for feature in 0..<width {
        let value = generator.normal()
        features.append(Float(feature < mean.count ? mean[feature] + value : value))
      }
      labels.append(
        Int32(
          generator.mislabelled(label, classes: classes, probability: parameters.labelNoise)))
    }
    return try LabeledExamples(
      features: features, labels: labels, shape: [width], classes: classes)
  }

  /// The corners of a regular simplex with edges of `separation`, centred and turned at random.
  private static func means(_ parameters: Parameters, using stream: Generator) -> [[Double]] {
    var generator = stream
    let (classes, dimension) = (parameters.classes, parameters.informative)
    // Orthonormal directions: Gram and Schmidt on normal vectors, twice against cancellation.
    var directions: [[Double]] = []
    while directions.count < classes - 1 {
      var vector = (0..<dimension).map { _ in generator.normal() }
      for _ in 0..<2 {
        for direction in directions {
          let along = zip(vector, direction).reduce(0) { $0 + $1.0 * $1.1 }
          for i in vector.indices { vector[i] -= along * direction[i] }
        }
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for i in vector.indices { vector[i] /= norm }
      }
      directions.append(vector)
    }
    // Helmert's contrasts take the unit vectors of K dimensions, which are sqrt 2 apart, to K - 1.
    let scale = parameters.separation / 2.0.squareRoot()
    return (0..<classes).map { label in
      var mean = [Double](repeating: 0, count: dimension)
      for (place, direction) in directions.enumerated() where label <= place + 1 {
        let j = Double(place + 1)
        let contrast = (label <= place ? 1 : -j) / (j * (j + 1)).squareRoot()
        for i in mean.indices { mean[i] += scale * contrast * direction[i] }
      }
      return mean
    }
  }
}

extension Generator {
  /// `label`, or with this probability one of the other classes, each as likely.
  mutating func mislabelled(_ label: Int, classes: Int, probability: Double) -> Int {
    let isWrong = bernoulli(probability)
    let other = uniform(below: max(classes - 1, 1))
    return isWrong ? (other < label ? other : other + 1) : label
  }
}
