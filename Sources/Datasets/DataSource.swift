public import Components
public import Randomness

/// Where data comes from: loads examples and splits them into a training and a test part.
public protocol DataSource: Component {
  /// The data, split.
  ///
  /// - Parameter generator: For sources that draw their data or their split; a source with a fixed
  ///   split leaves it alone.
  /// - Throws: `DataError` if the content is not what it should be.
  func load(using generator: inout Generator) throws -> DataSplit

  /// Whether `load` leaves its generator alone, so that one load serves every seed.
  var isFixed: Bool { get }
}

extension DataSource {
  /// Not promised.
  public var isFixed: Bool { false }
}

extension Role {
  /// The data that clients hold.
  public static let data = Role(rawValue: "data")
}
