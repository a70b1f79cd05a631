public import Accounting
public import Components
public import Federation
public import Randomness

/// DP-FTRL at a trusted server: the noise of the sum of all rounds so far is that of a binary tree, so
/// that it grows with the logarithm of their number and needs no sampling of clients.
///
///     released sum of rounds 1..t  =  Σ_{s≤t} Σ_k Δ_k min(1, C/|Δ_k|) / m  +  z C/m Σ_{nodes of t} ν
///
/// Nodes are the aligned blocks of 1, 2, 4, … rounds, each with normal noise ν of its own; those of t
/// are as many as t has ones in binary. A round releases the difference of two such sums, so noise of
/// rounds cancels. The run is one Gaussian mechanism of the tree's sensitivity, which counts how often
/// and how close together a client takes part: `cyclic-sampling` bounds that, and the bound is checked
/// in every round.
///
/// Neighbours differ in one client's updates, exchanged for zero. Updates are clipped and summed as in
/// `dp-fedavg`. The noise is of double-precision numbers and not hardened against a look at the
/// released bits: good for experiments, not for releases.
///
/// Example: 16 rounds, each client in one of them: a round is in 5 nodes, so z of 1 is Gaussian noise
/// of multiplier 1/√5; the sum of all 16 rounds has the noise of one node.
///
/// Source: Kairouz, McMahan, Song, Thakkar, Thakurta, Xu 2021, *Practical and Private (Deep) Learning
/// without Sampling or Shuffling*, section 3.
public struct DPFTRL: CentralPrivacy {
  /// What may be set.
  public typealias Parameters = CorrelatedNoiseParameters

  /// Name, meaning and source.
  public static let card = Card(
    name: "dp-ftrl",
    summary: "A trusted server whose noise is that of a binary tree over the rounds.",
    formula: "Σ_{s≤t} clipped sums + z C Σ_{nodes of t} ν",
    citation: "Kairouz et al. 2021, section 3",
    needs: [.individualUpdates],
    parameters: CorrelatedNoiseParameters.documentation)

  /// Epsilon 8 at delta 1e-5, norm 1.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  public init(_ parameters: Parameters) throws {
    try parameters.validate()
    self.parameters = parameters
  }

  /// What the parameters say.
  public var terms: PrivacyTerms { parameters.terms }

  /// No: of the tree.
  public var hasIndependentNoise: Bool { false }

  /// One Gaussian mechanism of the tree's sensitivity.
  public func events(
    noiseMultiplier z: Double, releases: Int, in setting: ReleaseSetting
  ) throws(AccountingError) -> [PrivacyEvent] {
    let square = try BinaryTree(steps: releases).squaredSensitivity(
      try setting.participation(releases: releases))
    return [
      try PrivacyEvent(
        .gaussian(noiseMultiplier: z / square.squareRoot() * (1 - 0x1p-40)), adjacency: .zeroOut,
        unit: .client)
    ]
  }

  /// What the nodes of this prefix add to those of the one before.
  public func noise(
    _ release: Int, in setting: ReleaseSetting, root: Generator, memory: inout Memory
  ) -> [Double] {
    let count = release + 1
    let height = count.trailingZeroBitCount
    var noise = [Double](repeating: 0, count: setting.dimension)
    func add(_ height: Int, _ index: Int, sign: Double) {
      var generator = root.fork("node", UInt64(height), UInt64(index))
      for place in noise.indices { noise[place] += sign * generator.normal() }
    }
    add(height, (count >> height) - 1, sign: 1)
    for lower in 0..<height { add(lower, (release >> lower) - 1, sign: -1) }
    return noise
  }
}
