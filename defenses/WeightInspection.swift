public import Components
public import Federation
internal import Glibc
public import Learning
public import Tensors

/// Clients look at the model they receive and refuse one that looks made to read their data.
///
/// Looked for in every dense layer, with the first threshold that is met as the reason:
///
/// | sign | made by |
/// |---|---|
/// | more than a share of rows of a layer parallel to one before, or zero | imprints; fishing |
/// | a bias above `largest-bias` | fishing by class |
/// | a row more than `row-ratio` times the median row's norm | fishing by feature |
/// | rows whose negative half mirrors the positive one, up to a factor | trap weights |
/// | nine tenths of a layer's units open for one of the client's examples | trap weights, bins |
///
/// The last needs ten examples and a rectifier behind the layer. A client that refuses sends
/// nothing and is lost to the round.
///
/// It is no proof of innocence: an attacker who knows these checks can hide behind noise or in an
/// earlier convolution (Garov et al. 2024, SEER, trains weights that pass such checks), so results
/// are of attackers who do not.
///
/// Example: a head whose rows are zero but for one class is refused as fishing.
///
/// Sources: the signatures are those of the papers: Fowl et al. 2022, *Robbing the Fed*; Wen et
/// al. 2022, *Fishing for User Data*; Boenisch et al. 2023, *When the Curious Abandon Honesty*;
/// Garov et al. 2024, *Hiding in Plain Sight*, for what cannot be seen so. Thresholds
/// are ours.
public struct WeightInspection: ModelInspection {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// The share of a layer's rows that may repeat another or be zero.
    public var repeatedShare = 0.2
    /// The largest magnitude of a bias.
    public var largestBias = 50.0
    /// How many times the median row's norm a row may have.
    public var rowRatio = 30.0
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "weight-inspection",
    summary: "Clients refuse models whose weights look made to read their data.",
    formula:
      "refuse copies of rows, huge biases or rows, mirrored halves, units open for one example",
    citation: "signatures of Fowl et al. 2022, Wen et al. 2022, Boenisch et al. 2023",
    parameters: [
      .init("repeated-share", "rows that may repeat another or be zero", range: "in (0, 1]"),
      .init("largest-bias", "largest magnitude of a bias", range: "greater than 0"),
      .init("row-ratio", "times the median norm that a row may have", range: "greater than 1"),
    ])

  /// A fifth of the rows, a bias of 50, a row of 30 times the median norm.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// The defense with these parameters.
  ///
  /// - Throws: `ParameterError` if a threshold is out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "repeated-share", parameters.repeatedShare > 0 && parameters.repeatedShare <= 1,
      "must be in (0, 1]", got: parameters.repeatedShare)
    check(
      "largest-bias", parameters.largestBias > 0, "must be greater than 0",
      got: parameters.largestBias)
    check("row-ratio", parameters.rowRatio > 1, "must be greater than 1", got: parameters.rowRatio)
    try check.finish()
    self.parameters = parameters
  }

  /// The standard thresholds.
  public init() { parameters = Parameters() }

  /// Why the client will not train on this model; nil if it will. O(rows² inputs) of a layer.
  public func refusal(
    of received: Vector, network: Network, examples: LabeledExamples
  ) throws -> String? {
    let values = received.array
    for segment in network.layout.segments
    where segment.kind == .weight && segment.shape.count == 2 {
      let layer = String(segment.name.prefix { $0 != "." })
      let bias = network.layout.segment(named: "\(layer).bias").map { Array(values[$0.range]) }
      let rows = (0..<segment.shape[0]).map { row -> [Float] in
        let start = segment.range.lowerBound + row * segment.shape[1]
        return Array(values[start..<(start + segment.shape[1])])
      }
      if let reason = refusal(of: rows, bias: bias ?? []) { return "\(layer): \(reason)" }
    }
    return try sparseLayer(received, network: network, examples: examples)
  }

  private func refusal(of rows: [[Float]], bias: [Float]) -> String? {
    if let largest = bias.map(\.magnitude).max(), Double(largest) > parameters.largestBias {
      return "a bias of \(largest), above \(parameters.largestBias)"
    }
    let norms = rows.map { row in
      row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    let repeated = Self.repeated(rows, norms)
    if rows.count > 2, Double(repeated) > parameters.repeatedShare * Double(rows.count) {
      return "\(repeated) of \(rows.count) rows repeat another row or are zero"
    }
    let median = norms.sorted()[norms.count / 2]
    if let longest = norms.max(), longest > parameters.rowRatio * median {
      return "a row of norm \(longest), more than \(parameters.rowRatio) times the median \(median)"
    }
    let mirrored = rows.count { Self.isMirrored($0) }
    if Double(mirrored) > parameters.repeatedShare * Double(rows.count) {
      return "\(mirrored) of \(rows.count) rows have a negative half that mirrors the positive one"
    }
    return nil
  }

  /// How many rows are parallel to one before them, either way, or zero.
  private static func repeated(_ rows: [[Float]], _ norms: [Double]) -> Int {
    // Parallel rows agree in the direction of their largest entry, so few need comparing.
    guard rows.first.map({ $0.count > 1 }) ?? false else { return 0 }
    var seen: [Int: [Int]] = [:]
    var repeated = 0
    for (index, row) in rows.enumerated() {
      guard norms[index] > 0 else {
        repeated += 1
        continue
      }
      let peak = row.indices.max { row[$0].magnitude < row[$1].magnitude } ?? 0
      let isCopy = (seen[peak] ?? []).contains { other in
        let dot = zip(row, rows[other]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        return abs(dot) > (1 - 1e-4) * norms[index] * norms[other]
      }
      if isCopy { repeated += 1 } else { seen[peak, default: []].append(index) }
    }
    return repeated
  }

  /// Whether the sorted magnitudes of both signs are proportional.
  private static func isMirrored(_ row: [Float]) -> Bool {
    let positive = row.filter { $0 > 0 }.sorted()
    let negative = row.filter { $0 < 0 }.map { -$0 }.sorted()
    guard positive.count >= 8, positive.count == negative.count else { return false }
    let factor = positive.reduce(0, +) / negative.reduce(0, +)
    return zip(positive, negative).allSatisfy {
      abs($0 - factor * $1) <= 1e-3 * abs($0) + 1e-6
    }
  }

  /// A hidden layer nearly all of whose units are open for at most one of the client's examples.
  private func sparseLayer(
    _ received: Vector, network: Network, examples: LabeledExamples
  ) throws -> String? {
    guard examples.count >= 10 else { return nil }
    let sample = try examples.subset(Array(0..<min(examples.count, 64)))
    for (place, layer) in network.layers.enumerated().dropLast() {
      guard case .dense = layer, network.layers[place + 1] == .relu else { continue }
      let before = try Network(input: network.inputShape, Array(network.layers[...place]))
      let units = before.classes
      let values = try before.predict(
        parameters: Vector(Array(received.array.prefix(before.parameterCount))),
        on: LabeledExamples(
          features: sample.features, labels: [Int32](repeating: 0, count: sample.count),
          shape: sample.shape, classes: units), workspace: Workspace(for: before)
      ).logits
      let narrow = (0..<units).count { unit in
        let open = (0..<sample.count).count { values[$0 * units + unit] > 0 }
        return open == 1
      }
      if 10 * narrow > 9 * units {
        return "layer \(place + 1): \(narrow) of \(units) units open for one of "
          + "\(sample.count) examples alone"
      }
    }
    return nil
  }
}
