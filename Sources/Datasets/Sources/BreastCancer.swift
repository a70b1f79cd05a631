import CEmbedded
public import Components
import FileFormats
public import Randomness

/// The Breast Cancer Wisconsin (Diagnostic) table: 569 rows of 30 real features, embedded.
///
/// Class 0 is malignant (212 rows), class 1 benign (357). The rows are cut for good, whatever the
/// experiment's seed: 455 to train on, 114 to test on. Each feature has mean 0 and standard deviation 1
/// over the training part.
public struct BreastCancer: DataSource {
  /// Who made the data and under which licence.
  public static let attribution = """
    "Breast Cancer Wisconsin (Diagnostic)" (W. Wolberg, O. Mangasarian, N. Street, W. Street; UCI \
    Machine Learning Repository, 1995; CC BY 4.0)
    """

  /// Name, meaning and source.
  public static let card = Card(
    name: "breast-cancer",
    summary:
      "UCI breast cancer diagnostics, embedded: 30 features, 455 rows to train on, 114 to test on.",
    formula:
      "features = (columns - mean) / standard deviation, of the training part; one fixed cut",
    citation: attribution)

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// One split for every seed.
  public var isFixed: Bool { true }

  /// The fixed split; does not draw from the generator.
  public func load(using generator: inout Generator) throws -> DataSplit {
    let table = try CSVTable(
      parsing: embedded(embedded_breast_cancer_csv), file: "breast-cancer", layout: .init())
    let examples = try ClassNames(table).examples(table)
    return try SplitMaker(
      name: Self.card.name, normalise: .standard, classes: 2, classNames: ["malignant", "benign"],
      testFraction: 0.2, splitSeed: 569, attribution: Self.attribution
    ).split(examples, test: nil)
  }
}
