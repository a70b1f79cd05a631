internal import CryptoCore
public import Learning
public import Randomness
public import Tensors

/// Models trained as a design says, in parallel, from shared data.
///
/// Model i starts and shuffles from a stream of its own, so parameters are the same bits for any
/// number of workers, and model i does not change when more models are asked for with the same
/// rows.
public struct ShadowModels: Sendable {
  /// The structure of all of them.
  public let network: Network
  /// One vector a model.
  public let parameters: [Vector]
  /// How many came from the cache.
  public let reused: Int

  /// Trains the models of `design` on `data`.
  ///
  /// - Parameters:
  ///   - data: All examples, as many as the design has.
  ///   - trainer: How; with the defense under test, if there is one.
  ///   - cache: Where trained models are kept and looked for; nil keeps none.
  ///   - generator: Decides initial parameters and the order of examples; is not advanced.
  ///   - workers: Threads.
  ///   - progress: Called after each model, from any thread.
  /// - Throws: `MembershipError.shape` if design and data differ in size, or if a model diverged;
  ///   what the trainer throws.
  public init(
    _ network: Network, design: ShadowDesign, data: LabeledExamples,
    trainer: some ShadowTrainer, cache: ShadowCache? = nil, using generator: Generator,
    workers: Int, progress: (@Sendable () -> Void)? = nil
  ) throws {
    guard design.membership.examples == data.count else {
      throw MembershipError.shape(
        what: "the examples to train shadow models on", got: "\(data.count)",
        expected: "\(design.membership.examples), as the design has")
    }
    let digest = cache == nil ? "" : Self.digest(of: data)
    let results = try WorkerPool.map(design.membership.models, workers: workers) {
      (index, _) throws -> (Vector, Bool) in
      defer { progress?() }
      let rows = design.trainingRows(of: index)
      var stream = generator.fork("shadow model", UInt64(index))
      let start = network.initialParameters(using: &stream)
      let key =
        cache == nil
        ? ""
        : Self.key(network, start, rows, digest: digest, trainer.identity, stream)
      if let known = try cache?.parameters(key, count: network.parameterCount) {
        return (known, true)
      }
      let trained = try trainer.train(
        network, from: start, on: try data.subset(rows), using: &stream)
      guard trained.count == network.parameterCount, trained.isFinite else {
        throw MembershipError.value(
          what: "shadow models", place: "model \(index)", got: "diverged in training",
          remedy: "lower the learning rate")
      }
      try cache?.keep(trained, key)
      return (trained, false)
    }
    self.network = network
    parameters = results.map(\.0)
    reused = results.count(where: \.1)
  }

  /// The logits of every model on `examples`.
  ///
  /// - Throws: `LearningError` if the examples do not fit the network.
  public func outputs(
    on examples: LabeledExamples, workers: Int
  ) throws -> ModelOutputs {
    let logits = try WorkerPool.map(parameters.count, workers: workers) { index, _ in
      try network.predict(
        parameters: parameters[index], on: examples, workspace: Workspace(for: network)
      ).logits
    }
    return try ModelOutputs(
      logits: logits.flatMap { $0.map(Double.init) }, models: parameters.count,
      examples: examples.count, classes: network.classes, labels: examples.labels)
  }

  /// The table that scores are computed from.
  public func table(
    _ design: ShadowDesign, data: LabeledExamples, workers: Int
  ) throws -> ShadowTable {
    try ShadowTable(
      try outputs(on: data, workers: workers), design.membership, data: data,
      audited: design.audited)
  }

  /// What identifies the content of `data`.
  static func digest(of data: LabeledExamples) -> String {
    var hash = SHA256()
    hash.update("\(data.shape) \(data.classes) \(data.count)")
    data.forEach { label, features in
      hash.update("\(label);")
      unsafe hash.update(features.bytes)
    }
    return hash.finalize().hexadecimal
  }

  /// What identifies a trained model: everything that decides its bits. The generator has no
  /// readable state, so a number drawn from a copy stands for it; initial parameters stand for the
  /// rest of what the network's description does not say.
  static func key(
    _ network: Network, _ start: Vector, _ rows: [Int], digest: String, _ trainer: String,
    _ stream: Generator
  ) -> String {
    var stream = stream
    var hash = SHA256()
    hash.update(
      """
      shadow model 1; kernels \(BLAS.coreName); input \(network.inputShape); loss \(network.loss)
      layers \(network.layers)
      trainer \(trainer)
      data \(digest); rows \(rows.count)
      stream \(stream.next()) \(stream.next())

      """)
    unsafe hash.update(rows.span.bytes)
    start.withSpan { unsafe hash.update($0.bytes) }
    return hash.finalize().hexadecimal
  }
}
