import CEmbedded
public import Components
import FileFormats
public import Randomness

/// 120 colour patches of 32 x 32 pixels from two photographs, embedded; the class is the photograph.
///
/// Natural image content for reconstruction attacks, without a download. Pixels are divided by 255. The
/// patches are cut for good, whatever the experiment's seed: 96 to train on, 24 to test on.
public struct Patches: DataSource {
  /// Who made the data and under which licence.
  public static let attribution = """
    patches of two photographs halved in size, "china" by danielbuechele and "flower" by vultilion \
    (Flickr; CC BY 2.0)
    """

  /// Name, meaning and source.
  public static let card = Card(
    name: "patches",
    summary: "Colour patches of 32 x 32 pixels from two photographs, embedded: 96 and 24.",
    formula: "features = pixels / 255, red, green, blue; label = the photograph; one fixed cut",
    citation: attribution)

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// One split for every seed.
  public var isFixed: Bool { true }

  /// The fixed split; does not draw from the generator.
  public func load(using generator: inout Generator) throws -> DataSplit {
    let file = "patches"
    let arrays = try DataError.reading(file) { () throws(TensorFileError) in
      let archive = TensorArchive(
        file: file,
        tensors: try NumPyFile.parseArchive(embedded(embedded_patches32_npz), file: file))
      return (try archive.tensor("x"), try archive.tensor("y"))
    }
    return try SplitMaker(
      name: Self.card.name, normalise: .unit, classes: 2, classNames: ["china", "flower"],
      testFraction: 0.2, splitSeed: 32, attribution: Self.attribution
    ).split(try ArrayExamples.examples(arrays.0, file, arrays.1, file), test: nil)
  }
}
