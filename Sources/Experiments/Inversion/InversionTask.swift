internal import Components
public import GradientInversion
internal import Learning
internal import Randomness
internal import Tensors

/// Inverts what was observed of one client, from files: an attack, what it is told, what it found.
public struct InversionTask: Sendable {
  /// What the attacker is told and how it goes about it.
  public struct Options: Sendable {
    /// The attack: a preset's name, `dense-inversion` or `r-gap`.
    public var attack = "inverting-gradients"
    /// What the numbers in the file are.
    public var unit = ObservedUpdate.Unit.gradient
    /// The examples' labels, if known.
    public var labels: [Int32]?
    /// How many examples the update was computed on; nil takes the labels' number, else 1.
    public var batchSize: Int?
    /// The valid range of inputs, if known.
    public var range: InputRange?
    /// The client's local training, if known; needed for trained differences.
    public var training: LocalTraining?
    /// Steps in place of the attack's own.
    public var steps: Int?
    /// Restarts in place of the attack's own.
    public var restarts: Int?
    /// Whether to compute in double precision.
    public var isDouble = false
    /// Whether the gradient was computed as in training: batch norm by the batch's statistics.
    public var inTraining = false

    /// The usual ones.
    public init() {}
  }

  /// What came of it.
  public struct Result: Sendable {
    /// Model inputs, one for each example found; empty if the attack failed.
    public var inputs: [[Float]]
    /// Their labels; empty where the attack does not say.
    public var labels: [Int32]
    /// Why there is nothing; nil if there is.
    public var failure: String?
    /// The distance of the gradients at the answer, where the attack looks for one.
    public var matching: Double?
    /// Searches that left the finite numbers and began anew.
    public var brokenAttempts = 0
  }

  /// What was read.
  public let files: InversionFiles
  /// How it is attacked.
  public let options: Options
  private let problem: InversionProblem
  private let preset: InversionPreset?

  /// Attacks that are no presets.
  static let closedForms = [
    ("dense-inversion", "Divides a first dense layer's weight gradient by its bias gradient."),
    ("r-gap", "Layer by layer from the loss, for bias-free leaky-rectifier chains, batch 1."),
  ]

  /// Every attack with its meaning, in the order of help.
  public static var attacks: [(name: String, summary: String)] {
    InversionPreset.all.filter { $0.name != "tableak" }.map { ($0.name, $0.summary) }
      + closedForms.map { ($0.0, $0.1) }
  }

  /// A task, checked before anything runs.
  ///
  /// - Throws: `ConfigurationError` for an unknown attack, something the attack needs and is not told,
  ///   or what does not fit: one line for each, with what would work.
  public init(_ files: InversionFiles, _ options: Options) throws {
    self.files = files
    self.options = options
    let names = Self.attacks.map(\.name)
    guard names.contains(options.attack) else {
      throw ConfigurationError(
        NearestName.message(unknown: "attack", options.attack, known: names.sorted()), at: nil)
    }
    preset = InversionPreset.all.first { $0.name == options.attack }
    let size = options.batchSize ?? options.labels?.count ?? 1
    do {
      problem = try InversionProblem(
        network: files.network, parameters: files.parameters,
        observed: ObservedUpdate(files.observed, unit: options.unit),
        knowledge: AttackerKnowledge(
          batchSize: size, labels: options.labels.map { .known($0) } ?? .unknown,
          training: options.training, knowsOrder: options.labels != nil,
          inputRange: options.range),
        mode: options.inTraining ? .training(noise: Generator(seed: 0)) : .evaluation)
    } catch {
      throw ConfigurationError("\(error)", at: nil)
    }
    let missing = (preset?.needs ?? []).subtracting(problem.knowledge.capabilities).sorted()
    if !missing.isEmpty {
      throw ConfigurationError(
        missing.map { capability in
          ConfigurationIssue(
            "\(options.attack) needs \(capability): give \(Self.option(for: capability))", at: nil)
        })
    }
    if preset != nil, options.unit != .gradient, options.training == nil {
      throw ConfigurationError(
        "a \(options.unit.rawValue) can only be read with the client's training: give "
          + "--learning-rate, and --local-steps if there were several", at: nil)
    }
  }

  private static func option(for capability: Capability) -> String {
    switch capability {
    case .inputNormalisation:
      "--normalisation, 'unit' for pixels from 0 to 1 or MEAN/DEVIATION, since without it no valid "
        + "range of inputs is known"
    case .exampleLabels, .labelCounts: "--labels"
    case .batchOrder: "--labels, in the order of the steps"
    case .batchSize: "--batch-size"
    case .trainingParameters: "--learning-rate and --local-steps"
    default: "another attack"
    }
  }

  /// What the attack starts from, with what the options put in place of its own.
  var settings: AttackSettings? {
    guard var settings = preset?.settings else { return nil }
    if options.labels != nil, settings.labels != .joint { settings.labels = .known }
    if let steps = options.steps { settings.steps = steps }
    if let restarts = options.restarts { settings.restarts = restarts }
    return settings
  }

  /// Runs the attack; the same seed gives the same bits for any number of workers.
  ///
  /// - Throws: `ConfigurationError` when the attack does not apply to the model.
  public func run(workers: Int, seed: UInt64) throws -> Result {
    do {
      if let settings { return try search(settings, workers: workers, seed: seed) }
      return options.attack == "r-gap" ? try recursive() : try dense()
    } catch let error as InversionError {
      throw ConfigurationError("\(options.attack): \(error)", at: nil)
    }
  }

  private func search(_ settings: AttackSettings, workers: Int, seed: UInt64) throws -> Result {
    let attack = GradientMatchingAttack(
      settings, arithmetic: options.isDouble ? .double : .single)
    let found = try attack.run(on: problem, workers: workers, using: Generator(seed: seed))
    var result = Result(
      inputs: found.inputs, labels: found.labels, failure: nil, matching: found.best?.matching)
    result.brokenAttempts = found.candidates.reduce(0) { $0 + $1.brokenAttempts }
    if case .attackFailed(let reason) = found.outcome { result.failure = reason }
    return result
  }

  private func dense() throws -> Result {
    let gradient = try problem.observed.meanGradientUpToAFactor(problem.knowledge.training)
    let inputs = try DenseInversion(gradient, of: files.network)
      .examples(atMost: problem.knowledge.batchSize ?? 1, of: files.network)
    return Result(inputs: inputs, labels: [], failure: nil, matching: nil)
  }

  private func recursive() throws -> Result {
    guard let label = options.labels?.first, options.labels?.count == 1, label == 0 || label == 1
    else {
      throw ConfigurationError(
        "r-gap needs one label, 0 or 1: give --labels for a batch of one", at: nil)
    }
    let found = try RGAP(
      problem.observed.meanGradientUpToAFactor(problem.knowledge.training),
      parameters: files.parameters, network: files.network, isPositive: label == 1)
    let inside = found.inputs.min { outside($0) < outside($1) } ?? []
    return Result(
      inputs: [inside], labels: [label],
      failure: inside.allSatisfy(\.isFinite) ? nil : "the equations have no finite solution",
      matching: nil)
  }

  /// How far an input leaves the valid range, or 0 to 1.
  private func outside(_ input: [Float]) -> Double {
    let pixels = options.range?.pixels(input) ?? input
    return pixels.reduce(0) { $0 + Double(max(0, -$1, $1 - 1)) }
  }
}

extension ObservedUpdate {
  /// The mean gradient, or where the training is not known the update with a gradient's sign.
  func meanGradientUpToAFactor(_ training: LocalTraining?) throws -> [Double] {
    if unit != .gradient, training == nil {
      return unit == .delta ? values.map { -$0 } : values
    }
    return try meanGradient(training)
  }
}
