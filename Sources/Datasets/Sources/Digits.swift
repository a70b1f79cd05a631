import CEmbedded
public import Components
import Learning
public import Randomness

/// The UCI handwritten digits: 1,797 images of 8 x 8 pixels, embedded in the program.
///
/// Pixel counts 0..16 are scaled to [0, 1] by 1/16. The rows are put in one order fixed for good,
/// `Generator(seed: 1797).fork("digits split").permutation(1797)`; its first 1,297 rows are the
/// training part and its last 500 the test part, so no seed of an experiment changes the split.
public struct Digits: DataSource {
  /// Who made the data and under which licence.
  public static let attribution = """
    "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak; UCI Machine Learning \
    Repository, 1998; CC BY 4.0), its test part: 1,797 rows of 64 pixel counts \
    (8 x 8, values 0..16) and the label 0..9
    """

  /// Name, meaning and source.
  public static let card = Card(
    name: "digits",
    summary: "UCI handwritten digits, embedded: 1,297 images of 8 x 8 to train on, 500 to test on.",
    formula: "features = pixel counts / 16; one fixed permutation, then 1,297 + 500",
    citation: attribution)

  /// The only value.
  public init(_ parameters: NoParameters = NoParameters()) {}

  /// One split for every seed.
  public var isFixed: Bool { true }

  /// The fixed split; does not draw from the generator.
  public func load(using generator: inout Generator) throws -> DataSplit {
    try Self.split(of: embedded(embedded_digits_csv))
  }

  /// Reads the table and splits it.
  package static func split(of text: [UInt8]) throws(DataError) -> DataSplit {
    let rows = 1797
    let (pixels, labels) = try parse(text)
    guard labels.count == rows else {
      throw .wrongSize(source: "digits", rows: labels.count, expected: rows)
    }
    var generator = Generator(seed: 1797).fork("digits split")
    let order = generator.permutation(rows)
    do {
      let all = try LabeledExamples(
        features: pixels.map { Float($0) / 16 }, labels: labels, shape: [1, 8, 8], classes: 10)
      return DataSplit(
        name: "digits", train: try all.subset(Array(order.prefix(1297))),
        test: try all.subset(Array(order.suffix(500))), attribution: attribution)
    } catch {
      throw .malformed(source: "digits", row: 1, problem: "\(error)")
    }
  }

  /// Rows of 64 pixel counts in 0...16 and a label in 0...9, all separated by commas.
  private static func parse(_ text: [UInt8]) throws(DataError) -> (pixels: [UInt8], labels: [Int32])
  {
    var pixels: [UInt8] = []
    var labels: [Int32] = []
    for (index, line) in text.split(separator: UInt8(ascii: "\n")).enumerated() {
      let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      guard fields.count == 65 else {
        throw .malformed(
          source: "digits", row: index + 1, problem: "got \(fields.count) values, expected 65")
      }
      for (column, field) in fields.enumerated() {
        let bound: UInt8 = column < 64 ? 16 : 9
        guard let value = UInt8(String(decoding: field, as: UTF8.self)), value <= bound else {
          throw .malformed(
            source: "digits", row: index + 1,
            problem: "column \(column + 1) holds '\(String(decoding: field, as: UTF8.self))', "
              + "expected a whole number from 0 to \(bound)")
        }
        if column < 64 { pixels.append(value) } else { labels.append(Int32(value)) }
      }
    }
    return (pixels, labels)
  }
}
