public import Components
import FileFormats
public import Randomness

/// Images and labels in IDX files, plain or packed by gzip: MNIST, Fashion-MNIST, EMNIST.
///
/// Three dimensions are grey images, `[1, height, width]`; two are a table.
public struct IDXData: DataSource {
  /// Which files, and what happens to their values.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The images to train on.
    public var trainImages: DataPath = ""
    /// The labels to train on.
    public var trainLabels: DataPath = ""
    /// The images to test on.
    public var testImages: DataPath = ""
    /// The labels to test on.
    public var testLabels: DataPath = ""
    /// Whether images are stored column by column, as EMNIST's are.
    public var transposed = false
    /// Number of classes; 0 for one more than the largest training label.
    public var classes = 0
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
    name: "idx",
    summary: "Images and labels in IDX files, plain or gzip: MNIST, Fashion-MNIST, EMNIST.",
    formula: "features = (pixels - offset) / scale; labels as they are",
    citation: "Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits, 1998",
    parameters: [
      SharedParameters.path("train-images", "the images to train on"),
      SharedParameters.path("train-labels", "the labels to train on"),
      SharedParameters.path("test-images", "the images to test on"),
      SharedParameters.path("test-labels", "the labels to test on"),
      Card.Parameter(
        "transposed", "whether images are stored column by column, as EMNIST's are",
        range: "true or false"),
      SharedParameters.classes, SharedParameters.normalise, SharedParameters.testFraction,
      SharedParameters.splitSeed,
    ])

  /// No files; pixels divided by 255.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Files as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.path("train-images", parameters.trainImages)
    check.path("train-labels", parameters.trainLabels)
    check.pair("test-images", parameters.testImages, "test-labels", parameters.testLabels)
    check.split(
      fraction: parameters.testFraction, seed: parameters.splitSeed, classes: parameters.classes)
    try check.finish()
    self.parameters = parameters
  }

  /// One split for every seed.
  public var isFixed: Bool { true }

  /// The files' content; does not draw from the generator.
  public func load(using generator: inout Generator) throws -> DataSplit {
    let train = try read(parameters.trainImages, parameters.trainLabels)
    let test =
      parameters.testImages.isEmpty
      ? nil : try read(parameters.testImages, parameters.testLabels)
    return try maker.split(train, test: test)
  }

  private var maker: SplitMaker {
    SplitMaker(
      name: Self.card.name, normalise: parameters.normalise, classes: parameters.classes,
      testFraction: parameters.testFraction, splitSeed: parameters.splitSeed,
      attribution: SharedParameters.attribution)
  }

  private func read(_ images: DataPath, _ labels: DataPath) throws(DataError) -> RawExamples {
    let arrays = try DataError.reading(images.resolved) { () throws(TensorFileError) in
      (try IDXFile.read(images.resolved), try IDXFile.read(labels.resolved))
    }
    let raw = try ArrayExamples.examples(
      arrays.0, images.resolved, arrays.1, labels.resolved)
    return parameters.transposed ? Self.transposed(raw) : raw
  }

  /// Images with rows and columns exchanged.
  private static func transposed(_ raw: RawExamples) -> RawExamples {
    guard raw.shape.count == 3, case .bytes(let values) = raw.features else { return raw }
    let (height, width) = (raw.shape[1], raw.shape[2])
    var out = values
    for start in stride(from: 0, to: values.count, by: height * width) {
      for row in 0..<height {
        for column in 0..<width {
          out[start + column * height + row] = values[start + row * width + column]
        }
      }
    }
    var turned = raw
    turned.shape = [raw.shape[0], width, height]
    turned.features = .bytes(out)
    return turned
  }
}
