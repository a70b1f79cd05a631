public import Components
import Learning
public import Randomness

/// Same label, different features: equal IID shares, contrast and brightness of each channel of its
/// own for each cluster of clients.
///
/// Client `i` is of cluster `i mod clusters`. Cluster 0 sees images as they are; every other one draws,
/// for each channel, a gain uniform in `1 - contrast ..< 1 + contrast` and an offset uniform in
/// `-brightness ..< brightness`, and sees `gain x + offset`. A test example is changed for the client
/// that is tested.
public struct StyleSkew: Partition {
  /// How many styles there are, and how different.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Number of styles.
    public var clusters: Int
    /// Largest change of the gain.
    public var contrast: Double
    /// Largest offset.
    public var brightness: Double

    /// This many styles.
    public init(
      clients: Int = 20, clusters: Int = 4, contrast: Double = 0.5, brightness: Double = 0.3
    ) {
      self.clients = clients
      self.clusters = clusters
      self.contrast = contrast
      self.brightness = brightness
    }
  }

  /// Name and meaning.
  public static let card = Card(
    name: "style-skew",
    summary:
      "Feature skew, concept shift: same labels, contrast and brightness by cluster and channel.",
    formula: "IID shares; cluster i mod clusters sees gain_c x + offset_c on channel c, gain_c ~ "
      + "U(1 - contrast, 1 + contrast), offset_c ~ U(-brightness, brightness); cluster 0 sees x",
    claims: [.everyExample, .disjoint, .equalSizes],
    parameters: [
      .clients, .clusters,
      .init("contrast", "largest change of the gain", range: "from 0 to 1"),
      .init("brightness", "largest offset, in units of the features", range: "at least 0"),
    ])

  /// Twenty clients, four styles.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Styles as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.atLeastOne("clusters", parameters.clusters)
    check.fraction("contrast", parameters.contrast)
    check(
      "brightness", parameters.brightness >= 0 && parameters.brightness.isFinite,
      "must be a number of at least 0", got: parameters.brightness)
    try check.finish()
    self.parameters = parameters
  }

  /// Equal shares with shifts.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    let (clients, clusters) = (parameters.clients, parameters.clusters)
    try checkEnough(pool, clients: clients)
    try checkImages(pool, for: "a style")
    let shares = dealt(equalSizes(pool.count, parts: clients), using: &generator)
    let styles = (0..<min(clusters, clients)).map { cluster in
      guard cluster > 0 else { return DomainShift([]) }
      func draw(_ width: Double, around middle: Double) -> [Float] {
        (0..<pool.examples.shape[0]).map { _ in
          Float(middle + width * (2 * generator.uniform() - 1))
        }
      }
      return DomainShift([
        .channels(
          gains: draw(parameters.contrast, around: 1),
          offsets: draw(parameters.brightness, around: 0))
      ])
    }
    return ClientShares(shares, shifts: (0..<clients).map { styles[$0 % clusters] })
  }
}
