public import Components
import FileFormats
public import Randomness

/// Pairs of NumPy files: features in one, labels in the other.
public struct NPYData: DataSource {
  /// Which files, and what happens to their values.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The features to train on.
    public var trainX: DataPath = ""
    /// The labels to train on.
    public var trainY: DataPath = ""
    /// The features to test on.
    public var testX: DataPath = ""
    /// The labels to test on.
    public var testY: DataPath = ""
    /// Whether four dimensions are examples, height, width, channels.
    public var channelsLast = false
    /// The shape of one example; empty for the array's own.
    public var shape: [Int] = []
    /// Number of classes; 0 for one more than the largest training label.
    public var classes = 0
    /// What happens to values.
    public var normalise = Normalisation.Method.none
    /// The part to test on when there are no files to test on.
    public var testFraction = 0.2
    /// Fixes which examples those are.
    public var splitSeed = 1

    /// No files yet.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "npy",
    summary: "Pairs of NumPy files: features in one, labels in the other.",
    formula: "features = (x - offset) / scale; labels = y",
    citation: "NumPy Enhancement Proposal 1: a simple file format for NumPy arrays",
    parameters: [
      SharedParameters.path("train-x", "the features to train on"),
      SharedParameters.path("train-y", "the labels to train on"),
      SharedParameters.path("test-x", "the features to test on"),
      SharedParameters.path("test-y", "the labels to test on"),
      Card.Parameter(
        "channels-last", "whether four dimensions are examples, height, width, channels",
        range: "true or false"),
      SharedParameters.shape, SharedParameters.classes, SharedParameters.normalise,
      SharedParameters.testFraction, SharedParameters.splitSeed,
    ])

  /// No files; values as they are.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Files as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.path("train-x", parameters.trainX)
    check.path("train-y", parameters.trainY)
    check.pair("test-x", parameters.testX, "test-y", parameters.testY)
    check.split(
      fraction: parameters.testFraction, seed: parameters.splitSeed, classes: parameters.classes,
      shape: parameters.shape)
    try check.finish()
    self.parameters = parameters
  }

  /// One split for every seed.
  public var isFixed: Bool { true }

  /// The files' content; does not draw from the generator.
  public func load(using generator: inout Generator) throws -> DataSplit {
    let train = try read(parameters.trainX, parameters.trainY)
    let test = parameters.testX.isEmpty ? nil : try read(parameters.testX, parameters.testY)
    return try SplitMaker(
      name: Self.card.name, normalise: parameters.normalise, classes: parameters.classes,
      testFraction: parameters.testFraction, splitSeed: parameters.splitSeed,
      attribution: SharedParameters.attribution
    ).split(train, test: test)
  }

  private func read(_ x: DataPath, _ y: DataPath) throws(DataError) -> RawExamples {
    let arrays = try DataError.reading(x.resolved) { () throws(TensorFileError) in
      (try NumPyFile.read(x.resolved), try NumPyFile.read(y.resolved))
    }
    return try ArrayExamples.examples(
      arrays.0, x.resolved, arrays.1, y.resolved, channelsLast: parameters.channelsLast,
      shape: parameters.shape)
  }
}
