public import Components
import FileFormats
public import Randomness

/// CIFAR-10 and CIFAR-100 in their binary files: colour images of 32 x 32 pixels.
public struct CIFARData: DataSource {
  /// Which set, and which of its labels.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Ten classes.
    case cifar10 = "cifar-10"
    /// A hundred classes.
    case cifar100 = "cifar-100"
    /// The twenty classes that those fall into.
    case cifar100Coarse = "cifar-100-coarse"
  }

  /// Which files, and what happens to their values.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The files to train on, in order.
    public var train: [DataPath] = []
    /// The files to test on, in order.
    public var test: [DataPath] = []
    /// Which set.
    public var kind = Kind.cifar10
    /// What happens to values.
    public var normalise = Normalisation.Method.unit
    /// The part to test on when there are no files to test on.
    public var testFraction = 0.2
    /// Fixes which examples those are.
    public var splitSeed = 1

    /// No files yet.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "cifar",
    summary: "CIFAR-10 and CIFAR-100 in their binary files: colour images of 32 x 32 pixels.",
    formula: "features = (pixels - offset) / scale, red, green, blue; labels as they are",
    citation: "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009",
    parameters: [
      Card.Parameter(
        "train", "the files to train on, in order",
        range: "a list of paths, relative to the experiment file"),
      Card.Parameter("test", "the files to test on, in order", range: "a list of paths"),
      Card.Parameter(
        "kind", "which set, and which of its labels",
        range: "cifar-10, cifar-100 or cifar-100-coarse"),
      SharedParameters.normalise, SharedParameters.testFraction, SharedParameters.splitSeed,
    ])

  /// No files; CIFAR-10, pixels divided by 255.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Files as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check("train", !parameters.train.isEmpty, "must list at least one file", got: "nothing")
    for path in parameters.train { check.path("train", path) }
    for path in parameters.test { check.path("test", path) }
    check.split(fraction: parameters.testFraction, seed: parameters.splitSeed)
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
      name: Self.card.name, normalise: parameters.normalise, classes: parameters.kind.classes,
      testFraction: parameters.testFraction, splitSeed: parameters.splitSeed,
      attribution: SharedParameters.attribution
    ).split(train, test: test)
  }

  private func read(_ paths: [DataPath]) throws(DataError) -> RawExamples {
    var parts: [RawExamples] = []
    for path in paths {
      let bytes = try DataError.reading(path.resolved) { () throws(TensorFileError) in
        try DataFile.read(path.resolved)
      }
      parts.append(try CIFARFile.parse(bytes, file: path.resolved, kind: parameters.kind))
    }
    return try RawExamples.joined(parts)
  }
}
