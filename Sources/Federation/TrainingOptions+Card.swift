public import Components
internal import Learning

extension TrainingOptions {
  /// Every option as an experiment writes it, in the order to show them.
  public static let card = Card(
    name: "training",
    summary: "How clients train in a round, and for how many rounds.",
    formula: "schedule and warm-up count rounds; optimiser state starts from zero every round",
    parameters: [
      .init("rounds", "rounds of aggregation", range: "1 or more"),
      .init("epochs", "passes over a client's data in a round", range: "1 or more"),
      .init("batch-size", "examples in a mini-batch", range: "1 or more"),
      .init("learning-rate", "the clients' step size", range: "greater than 0"),
      .init(
        "optimizer", "the clients' optimiser", range: "one of these",
        choices: [
          "sgd", "adam", "{adam: {beta1: 0.9, beta2: 0.999, epsilon: 1e-8}}",
          "adamw, with the same coefficients",
        ]),
      .init("momentum", "share of the velocity kept, with sgd", range: "in [0, 1)"),
      .init(
        "nesterov", "whether sgd looks ahead along its velocity",
        range: "true or false; needs momentum"),
      .init(
        "weight-decay", "L2 penalty in the gradient; with adamw, decay past it",
        range: "0 or more"),
      .init(
        "clipping-norm", "longest norm of a batch's gradient before it is clipped",
        range: "greater than 0"),
      .init(
        "schedule", "how the learning rate falls from round to round", range: "one of these",
        choices: [
          "constant", "step", "{step: {every: 30, factor: 0.1}}",
          "cosine, down to 0 by the end of the run", "{cosine: {length: 80, minimum: 0.001}}",
        ]),
      .init(
        "warm-up", "first rounds in which the learning rate rises by equal steps",
        range: "0 or more, fewer than rounds"),
      .init(
        "label-smoothing", "share of the uniform distribution in training targets",
        range: "in [0, 1)"),
      .init(
        "dp-sgd", "differentially private training at the level of records",
        range: "a mapping",
        choices: [
          "{target-epsilon: 3, delta: 1e-5}, or {noise-multiplier: 1.1}; further keys:",
          "clipping-norm, clipping (flat, per-layer, automatic, adaptive), sampling (poisson,",
          "truncated with cap, shuffled, cyclic with groups), multiplicity, shift, flips, averaging,",
          "micro-batch",
        ]),
      .init("evaluate-every", "rounds between two measurements", range: "1 or more"),
    ])

  /// The defaults of all options, also of those that are not written when they are at them.
  public static var writtenDefaults: [String: String] {
    get throws {
      let defaults = TrainingOptions()
      var texts: [String: String] = [
        "optimizer": defaults.optimizer.name, "nesterov": "\(defaults.nesterov)",
        "clipping-norm": "none", "schedule": "constant", "warm-up": "\(defaults.warmUp)",
        "label-smoothing": "0", "dp-sgd": "none",
      ]
      for entry in try ParameterCoding.node(of: defaults).entries ?? [] {
        texts[entry.key] = entry.node.plainText
      }
      return texts
    }
  }
}
