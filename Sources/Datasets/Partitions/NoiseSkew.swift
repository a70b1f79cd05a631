public import Components
public import Randomness

/// Feature skew by noise: equal IID shares, every client with noise of its own on its features.
///
/// The two variants of NIID-Bench. `level`: client `i` of `n`, counted from 0, has Gaussian noise of
/// standard deviation `sigma i / (n - 1)`, so the first has none and the last the most (the authors'
/// code; their paper writes `sigma i / n`). `patch`: every client but the last has noise of standard
/// deviation `sigma` on one cell of a grid of `ceil(sqrt(n - 1))` cells a side over the image, cell `i`
/// row by row, and the last has none. The source derives rows and columns of a cell from its size in
/// pixels instead of the number of cells, which leaves the image for most grids; here each client has
/// its own cell. A test example meets the noise of the client that is tested.
public struct NoiseSkew: Partition {
  /// Where noise is.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// Everywhere, the stronger the later the client.
    case level
    /// On one patch of the image, another for each client.
    case patch
  }

  /// How strong noise is, and where.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Number of clients.
    public var clients: Int
    /// Largest standard deviation.
    public var sigma: Double
    /// Where noise is.
    public var kind: Kind

    /// Noise of this strength.
    public init(clients: Int = 20, sigma: Double = 0.1, kind: Kind = .level) {
      self.clients = clients
      self.sigma = sigma
      self.kind = kind
    }
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "noise-skew",
    summary: "Feature skew: Gaussian noise that grows with the client, or on a patch of its own.",
    formula:
      "IID shares; client i of n: x + N(0, (sigma i / (n - 1))^2), or N(0, sigma^2) on cell i",
    citation:
      "Li, Diao, Chen, He: Federated Learning on Non-IID Data Silos: An Experimental Study, "
      + "ICDE 2022, noise-based feature imbalance",
    claims: [.everyExample, .disjoint, .equalSizes],
    parameters: [
      .clients,
      .init(
        "sigma", "largest standard deviation, in units of the features", range: "greater than 0"),
      .init("kind", "everywhere and growing, or on one patch each", range: "level or patch"),
    ])

  /// Twenty clients, up to a tenth.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Noise as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.atLeastOne("clients", parameters.clients)
    check.positive("sigma", parameters.sigma)
    try check.finish()
    self.parameters = parameters
  }

  /// Equal shares with shifts.
  public func assign(
    _ pool: ExamplePool, using generator: inout Generator
  ) throws -> ClientShares {
    let clients = parameters.clients
    try checkEnough(pool, clients: clients)
    if parameters.kind == .patch { try checkImages(pool, for: "a patch") }
    let shares = dealt(equalSizes(pool.count, parts: clients), using: &generator)
    let grid = max(Int(Double(clients - 1).squareRoot().rounded(.up)), 1)
    return ClientShares(
      shares,
      shifts: (0..<clients).map { client in
        let seed = generator.next()
        let noise: GaussianNoise? =
          switch parameters.kind {
          case .level:
            client == 0
              ? nil
              : GaussianNoise(
                standardDeviation: Float(parameters.sigma * Double(client) / Double(clients - 1)),
                seed: seed)
          case .patch:
            client == clients - 1
              ? nil
              : GaussianNoise(
                standardDeviation: Float(parameters.sigma),
                patch: GaussianNoise.Patch(grid: grid, cell: client), seed: seed)
          }
        return DomainShift(noise.map { [.noise($0)] } ?? [])
      })
  }
}
