public import Components
package import FileFormats
public import Randomness

/// Arrays in NumPy archives: `x_train`, `y_train`, `x_test`, `y_test`, or `x` and `y`.
///
/// One file with the first four is split already; `x` and `y` are split here, or tested on the `x`
/// and `y` of another file.
///
/// `groups_train` (or `groups`), whole numbers, says who each training example comes from;
/// `group_names` and `class_names` are names as `rampart data convert` writes them: uint8 values,
/// UTF-8 with a zero byte after each name.
public struct NPZData: DataSource {
  /// Which files, and what happens to their values.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The archive to train on.
    public var train: DataPath = ""
    /// The archive to test on.
    public var test: DataPath = ""
    /// Whether four dimensions are examples, height, width, channels.
    public var channelsLast = false
    /// The shape of one example; empty for the array's own.
    public var shape: [Int] = []
    /// Number of classes; 0 for one more than the largest training label.
    public var classes = 0
    /// What happens to values.
    public var normalise = Normalisation.Method.none
    /// The part to test on when nothing says what is.
    public var testFraction = 0.2
    /// Fixes which examples those are.
    public var splitSeed = 1

    /// No file yet.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "npz",
    summary: "Arrays in a NumPy archive: x_train, y_train, x_test, y_test, or x and y.",
    formula: "features = (x - offset) / scale; labels = y",
    citation: "NumPy Enhancement Proposal 1: a simple file format for NumPy arrays",
    parameters: [
      SharedParameters.path("train", "the archive to train on"),
      SharedParameters.path("test", "an archive of x and y to test on"),
      Card.Parameter(
        "channels-last", "whether four dimensions are examples, height, width, channels",
        range: "true or false"),
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
    let train = try archive(parameters.train)
    guard parameters.test.isEmpty else {
      return try split(train, test: try archive(parameters.test))
    }
    return try split(train, test: nil)
  }

  private func archive(_ path: DataPath) throws(DataError) -> TensorArchive {
    try DataError.reading(path.resolved) { () throws(TensorFileError) in
      let tensors = try NumPyFile.readArchive(path.resolved)
      return TensorArchive(file: path.resolved, tensors: tensors)
    }
  }

  /// The split of one or two archives.
  package func split(_ train: TensorArchive, test: TensorArchive?) throws(DataError) -> DataSplit {
    let names = try ArrayNames.read("class_names", in: train) ?? []
    let classes = parameters.classes > 0 ? parameters.classes : names.count
    guard names.isEmpty || (names.count == classes && classes <= LabelRange.classLimit) else {
      throw .unusable(
        source: "\(train.file): class_names",
        problem: "names \(names.count) classes; expected \(min(classes, LabelRange.classLimit))")
    }
    let maker = SplitMaker(
      name: Self.card.name, normalise: parameters.normalise, classes: classes, classNames: names,
      testFraction: parameters.testFraction, splitSeed: parameters.splitSeed,
      attribution: SharedParameters.attribution)
    guard train["x_train"] != nil else {
      var own = try examples(train, "x", "y")
      own.groups = try ArrayNames.groups("groups", count: own.count, in: train)
      guard let test else { return try maker.split(own, test: nil) }
      return try maker.split(own, test: try examples(test, "x", "y"))
    }
    guard test == nil else {
      throw .unusable(
        source: train.file,
        problem: "holds x_train; leave 'test' out, or give a file that holds x and y alone")
    }
    var own = try examples(train, "x_train", "y_train")
    own.groups = try ArrayNames.groups("groups_train", count: own.count, in: train)
    return try maker.split(own, test: try examples(train, "x_test", "y_test"))
  }

  private func examples(
    _ archive: TensorArchive, _ x: String, _ y: String
  ) throws(DataError) -> RawExamples {
    let arrays = try DataError.reading(archive.file) { () throws(TensorFileError) in
      (try archive.tensor(x), try archive.tensor(y))
    }
    return try ArrayExamples.examples(
      arrays.0, "\(archive.file): \(x)", arrays.1, "\(archive.file): \(y)",
      channelsLast: parameters.channelsLast, shape: parameters.shape)
  }
}
