public import Components
import FileFormats
public import Randomness

/// LEAF's JSON: examples of many users, who are the natural groups.
public struct LEAFData: DataSource {
  /// Which files, and what happens to their values.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The file, or the folder of files, to train on.
    public var train: DataPath = ""
    /// The file, or the folder of files, to test on.
    public var test: DataPath = ""
    /// The shape of one example; empty for a plain row.
    public var shape: [Int] = []
    /// Number of classes; 0 for one more than the largest training label.
    public var classes = 0
    /// What happens to values.
    public var normalise = Normalisation.Method.none
    /// The part to test on when there is nothing to test on.
    public var testFraction = 0.2
    /// Fixes which examples those are.
    public var splitSeed = 1

    /// No file yet.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "leaf",
    summary: "LEAF's JSON, a file or a folder of files: its users become natural groups.",
    formula: "features = (x - offset) / scale, lists flattened; labels = y",
    citation: "Caldas, Duddu, Wu, Li, Konečný, McMahan, Smith, Talwalkar: LEAF: A Benchmark for "
      + "Federated Settings, 2018",
    parameters: [
      SharedParameters.path("train", "a file, or a folder of .json files, to train on"),
      SharedParameters.path("test", "a file, or a folder of .json files, to test on"),
      SharedParameters.shape, SharedParameters.classes, SharedParameters.normalise,
      SharedParameters.testFraction, SharedParameters.splitSeed,
    ])

  /// No file; values as they are.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Files as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.path("train", parameters.train)
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
    let train = try read(parameters.train)
    let test = parameters.test.isEmpty ? nil : try read(parameters.test)
    return try SplitMaker(
      name: Self.card.name, normalise: parameters.normalise, classes: parameters.classes,
      testFraction: parameters.testFraction, splitSeed: parameters.splitSeed,
      attribution: SharedParameters.attribution
    ).split(train, test: test)
  }

  private func read(_ path: DataPath) throws(DataError) -> RawExamples {
    var files: [(name: String, bytes: [UInt8])] = []
    let paths = DataFile.list(path.resolved, suffix: ".json") ?? [path.resolved]
    guard !paths.isEmpty else {
      throw .unusable(source: path.resolved, problem: "there is no .json file in this folder")
    }
    for path in paths {
      files.append(
        (
          path,
          try DataError.reading(path) { () throws(TensorFileError) in try DataFile.read(path) }
        ))
    }
    return try LEAFFile.parse(files).reshaped(parameters.shape)
  }
}
