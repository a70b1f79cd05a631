public import Components
import Learning
public import Randomness

/// Digits as if written by hand, drawn stroke by stroke: 28 x 28 pixels, ten classes, any number.
///
/// Every digit has three allographs, lists of points that the pen passes through. A writer has a
/// favourite of each, and bends it; slant, tilt, size, width, pen and ink are the writer's, and every
/// image varies them a little. The curve is drawn with soft edges, noise is added to every pixel, and
/// pixels are rounded to 256 levels. Example `i` is by writer `i mod writers`, and writers are the
/// natural groups of the training part: partition `natural` makes them clients.
///
/// A label is wrong with probability `wrong-labels`, as in collections made by people. A model that
/// trains long enough knows wrong labels by heart, which separates training from test accuracy and is
/// what membership inference looks for. By default test labels are wrong as often (`test-wrong-labels`),
/// so that both parts are draws from one distribution and a wrong label betrays no member; the best
/// possible test accuracy is then 98%. With 0 it is 100%. For the same reason test images are by the
/// same writers, unless `unseen-writers` asks for others.
///
/// The same seed gives the same bits on every machine: uniform random numbers, the four operations and
/// square roots, which IEEE 754 fixes, and no function of a C library. An example depends on the seed,
/// its number and `writers`, not on how many there are.
public struct Handwriting: DataSource {
  /// How many images by how many writers.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of training examples.
    public var examples = 20_000
    /// Number of test examples.
    public var testExamples = 5000
    /// Number of writers.
    public var writers = 200
    /// Whether others wrote the test part.
    public var unseenWriters = false
    /// How much writers and images differ.
    public var variation = 1.0
    /// Standard deviation of the noise on every pixel.
    public var noise = 0.05
    /// Part of the training labels that are wrong.
    public var wrongLabels = 0.02
    /// Part of the test labels that are wrong.
    public var testWrongLabels = 0.02

    /// 20,000 images by 200 writers to train on, 5,000 by them to test on.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "handwriting",
    summary:
      "Digits as if handwritten, 28 x 28, drawn stroke by stroke; writers, any number, no download.",
    formula:
      "points of an allograph + the writer's and the image's deviations; slant, size, tilt; Catmull-Rom "
      + "curve, round pen, noise; best test accuracy 1 - test-wrong-labels",
    citation:
      "own construction; curve: Catmull, Rom: A Class of Local Interpolating Splines, Computer "
      + "Aided Geometric Design, 1974",
    parameters: [
      .generatedExamples, .generatedTestExamples,
      .init(
        "writers", "number of writers, who take turns: the natural groups",
        range: "an integer from 1 to 1000000"),
      .init(
        "unseen-writers", "whether the test part is by as many others: new clients",
        range: "true or false"),
      .init(
        "variation", "how much writers and images differ: factor on every deviation",
        range: "a number from 0 to 3"),
      .init(
        "noise", "standard deviation of the noise on every pixel, of white 0 and ink 1",
        range: "a number from 0 to 1"),
      .init(
        "wrong-labels", "part of the training labels that one of the other classes replaces",
        range: "a number from 0 to 1"),
      .init(
        "test-wrong-labels",
        "the same of the test labels; as many by default, so that no wrong label betrays a member; "
          + "0: true labels", range: "a number from 0 to 1"),
    ])

  /// 20,000 images by 200 writers to train on, 5,000 by them to test on.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Images as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.sizes(
      train: parameters.examples, test: parameters.testExamples,
      features: Canvas.side * Canvas.side)
    check(
      "writers", (1...1_000_000).contains(parameters.writers), "must be from 1 to 1000000",
      got: parameters.writers)
    check(
      "variation", (0...3).contains(parameters.variation), "must be a number from 0 to 3",
      got: parameters.variation)
    check.fraction("noise", parameters.noise)
    check.fraction("wrong-labels", parameters.wrongLabels)
    check.fraction("test-wrong-labels", parameters.testWrongLabels)
    try check.finish()
    self.parameters = parameters
  }

  /// Writes all images.
  ///
  /// - Complexity: About 30 microseconds an image.
  public func load(using generator: inout Generator) throws -> DataSplit {
    let root = Generator(seed: generator.next())
    let writers = (0..<parameters.writers).map { writer in
      Hand(variation: parameters.variation, using: root.fork("writer", UInt64(writer)))
    }
    let others = (0..<(parameters.unseenWriters ? parameters.writers : 0)).map { writer in
      Hand(variation: parameters.variation, using: root.fork("unseen writer", UInt64(writer)))
    }
    let train = try part(
      parameters.examples, by: writers, wrongLabels: parameters.wrongLabels,
      using: root.fork("training images"))
    let test = try part(
      parameters.testExamples, by: others.isEmpty ? writers : others,
      wrongLabels: parameters.testWrongLabels, using: root.fork("test images"))
    // A writer whose turn never comes is no group.
    let count = min(parameters.writers, parameters.examples)
    return DataSplit(
      name: Self.card.name, train: train, test: test,
      groups: ExampleGroups(
        names: (0..<count).map { "writer \($0)" },
        members: (0..<parameters.examples).map { Int32($0 % count) }),
      attribution: "generated by Rampart; nobody's data")
  }

  private func part(
    _ count: Int, by hands: [Hand], wrongLabels: Double, using stream: Generator
  ) throws -> LabeledExamples {
    let classes = Glyph.digits.count
    var features: [Float] = []
    features.reserveCapacity(count * Canvas.side * Canvas.side)
    var labels: [Int32] = []
    labels.reserveCapacity(count)
    let levels = (0...255).map { Float($0) / 255 }
    var canvas = Canvas()
    for index in 0..<count {
      var generator = stream.fork("image", UInt64(index))
      let digit = generator.uniform(below: classes)
      labels.append(
        Int32(generator.mislabelled(digit, classes: classes, probability: wrongLabels)))
      hands[index % hands.count].write(
        digit, on: &canvas, noise: parameters.noise, using: &generator
      ) { features.append(levels[Int($0)]) }
    }
    return try LabeledExamples(
      features: features, labels: labels, shape: [1, Canvas.side, Canvas.side], classes: classes)
  }
}
