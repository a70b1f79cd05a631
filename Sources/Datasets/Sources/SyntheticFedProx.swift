public import Components
import Glibc
import Learning
public import Randomness

/// Synthetic(alpha, beta), the data that FedProx is measured on, by the rules of its authors'
/// generator; the clients are the natural groups.
///
/// Client `k` draws `u_k ~ N(0, alpha)` and `B_k ~ N(0, beta)`, a linear model `W_k` and `b_k` of
/// entries N(u_k, 1), and a centre `v_k` of entries N(B_k, 1). It has `50 + floor(exp(z))` examples,
/// z ~ N(4, 2): `x ~ N(v_k, diag(j^-1.2))`, and the label is the largest entry of `W_k x + b_k`. The
/// last tenth of each client's examples, rounded up, is the test part.
///
/// What the paper leaves open, or says otherwise, is as the generator has it: `alpha`, `beta` and the
/// 2 above are standard deviations, and one `u_k` serves both `W_k` and `b_k`. So `u_k` moves all
/// entries of `W_k x + b_k` alike, and `alpha`, whatever its value, changes no label: clients' models
/// differ because each draws its own around `u_k`. Only `beta` changes the data.
public struct SyntheticFedProx: DataSource {
  /// How clients differ, and how many there are.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Standard deviation of the mean of a client's model.
    public var alpha = 1.0
    /// Standard deviation of the mean of a client's centre.
    public var beta = 1.0
    /// One model and centre for all.
    public var iid = false
    /// Number of clients.
    public var clients = 30
    /// Number of features.
    public var dimension = 60
    /// Number of classes.
    public var classes = 10

    /// Synthetic(1, 1) of 30 clients.
    public init() {}
  }

  /// Name, meaning and source.
  public static let card = Card(
    name: "synthetic-fedprox",
    summary: "Synthetic(alpha, beta) of FedProx: every client has a linear model of its own.",
    formula:
      "y = argmax(W_k x + b_k), W_k, b_k ~ N(u_k, 1), x ~ N(v_k, diag(j^-1.2)), v_k ~ N(B_k, 1), "
      + "u_k ~ N(0, alpha), B_k ~ N(0, beta), n_k = 50 + floor(exp(N(4, 2))); deviations, not "
      + "variances",
    citation:
      "Li, Sahu, Zaheer, Sanjabi, Talwalkar, Smith: Federated Optimization in Heterogeneous "
      + "Networks, MLSys 2020, section 5.1, and the generator in the authors' repository",
    parameters: [
      .init(
        "alpha",
        "standard deviation of u_k; as in the authors' generator u_k moves all classes' scores "
          + "alike, so that it changes no label", range: "a number from 0 to 1000"),
      .init(
        "beta", "standard deviation of B_k: how far clients' centres lie from each other",
        range: "a number from 0 to 1000"),
      .init(
        "iid", "one model of entries N(0, 1) and the centre 0 for all; alpha and beta do nothing",
        range: "true or false"),
      .init("clients", "number of clients", range: "an integer of at least 1"),
      .init("dimension", "number of features", range: "an integer from 1 to 65536"),
      .init("classes", "number of classes", range: "an integer from 2 to 1000"),
    ])

  /// Synthetic(1, 1) of 30 clients.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Data as described by `parameters`.
  ///
  /// - Throws: `ParameterError` naming each parameter out of range.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check(
      "alpha", (0...1000).contains(parameters.alpha), "must be a number from 0 to 1000",
      got: parameters.alpha)
    check(
      "beta", (0...1000).contains(parameters.beta), "must be a number from 0 to 1000",
      got: parameters.beta)
    check.atLeastOne("clients", parameters.clients)
    check(
      "dimension", (1...1 << 16).contains(parameters.dimension), "must be from 1 to 65536",
      got: parameters.dimension)
    check(
      "classes", (2...1000).contains(parameters.classes), "must be from 2 to 1000",
      got: parameters.classes)
    check(
      "clients",
      parameters.clients < 1
        || GeneratedSize.fits([parameters.clients], features: 51 * max(1, parameters.dimension)),
      "must be few enough for 2^30 values of \(parameters.dimension) features in 51 examples each",
      got: parameters.clients)
    try check.finish()
    self.parameters = parameters
  }

  /// Draws the clients, each from a stream of its own.
  ///
  /// - Throws: `DataError` when the sizes drawn are more than memory should hold.
  public func load(using generator: inout Generator) throws -> DataSplit {
    let root = Generator(seed: generator.next())
    let sizes = (0..<parameters.clients).map { client in
      var own = root.fork("size", UInt64(client))
      return 50 + Int(exp(4 + 2 * own.normal()))
    }
    guard GeneratedSize.fits(sizes, features: parameters.dimension) else {
      throw DataError.unusable(
        source: Self.card.name,
        problem:
          "\(sizes.reduce(0, +)) examples of \(parameters.dimension) features were drawn, more "
          + "than 2^30 values; use fewer clients, a smaller dimension or another seed")
    }
    var train = Part()
    var test = Part()
    let shared = LinearModel(parameters, mean: 0, using: root.fork("model of all"))
    for (client, size) in sizes.enumerated() {
      var model = shared
      var centre = [Double](repeating: 0, count: parameters.dimension)
      if !parameters.iid {
        var means = root.fork("means", UInt64(client))
        let (modelMean, centreMean) = (
          parameters.alpha * means.normal(), parameters.beta * means.normal()
        )
        model = LinearModel(
          parameters, mean: modelMean, using: root.fork("model", UInt64(client)))
        for feature in centre.indices { centre[feature] = centreMean + means.normal() }
      }
      // Examples are drawn independently, so the first 90 percent are as good as any.
      var examples = root.fork("examples", UInt64(client))
      let trained = Int(0.9 * Double(size))
      for index in 0..<size {
        let (features, label) = model.example(around: centre, using: &examples)
        if index < trained {
          train.append(features, label, client: client)
        } else {
          test.append(features, label, client: client)
        }
      }
    }
    return DataSplit(
      name: Self.card.name, train: try train.examples(parameters),
      test: try test.examples(parameters),
      groups: ExampleGroups(names: sizes.indices.map(Self.name), members: train.clients),
      attribution: "generated by Rampart after the rules of the FedProx authors; nobody's data")
  }

  /// `f_00017`, as the authors call their clients.
  private static func name(_ client: Int) -> String {
    let digits = "\(client)"
    return "f_" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

  /// Examples on their way into a split.
  private struct Part {
    var features: [Float] = []
    var labels: [Int32] = []
    var clients: [Int32] = []

    mutating func append(_ values: [Double], _ label: Int, client: Int) {
      for value in values { features.append(Float(value)) }
      labels.append(Int32(label))
      clients.append(Int32(client))
    }

    func examples(_ parameters: Parameters) throws -> LabeledExamples {
      try LabeledExamples(
        features: features, labels: labels, shape: [parameters.dimension],
        classes: parameters.classes)
    }
  }

  /// What gives a client's examples their labels.
  private struct LinearModel {
    /// A row of weights for each class.
    let weights: [[Double]]
    let biases: [Double]
    /// The standard deviations of features: the roots of j^-1.2.
    let deviations: [Double]

    /// Entries N(mean, 1).
    init(_ parameters: Parameters, mean: Double, using stream: Generator) {
      var generator = stream
      weights = (0..<parameters.classes).map { _ in
        (0..<parameters.dimension).map { _ in mean + generator.normal() }
      }
      biases = (0..<parameters.classes).map { _ in mean + generator.normal() }
      deviations = (1...parameters.dimension).map { pow(Double($0), -0.6) }
    }

    /// An example; the label is that of the features before they are rounded to `Float`.
    func example(
      around centre: [Double], using generator: inout Generator
    ) -> (features: [Double], label: Int) {
      let features = centre.indices.map { centre[$0] + deviations[$0] * generator.normal() }
      var (best, label) = (-Double.infinity, 0)
      for (candidate, bias) in biases.enumerated() {
        let row = weights[candidate]
        var score = bias
        for feature in features.indices { score += row[feature] * features[feature] }
        if score > best { (best, label) = (score, candidate) }
      }
      return (features, label)
    }
  }
}
