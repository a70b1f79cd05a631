import Components

/// Written as experiments write it: `sgd`, `adam`, `adamw: {beta2: 0.99}`. What is left out is as in
/// code.
extension Optimizer: Codable {
  /// Reads a name, or a name with coefficients.
  public init(from decoder: any Decoder) throws {
    let choice = try NamedChoice(
      from: decoder, kind: "optimizer", known: ["sgd", "adam", "adamw"])
    switch choice.name {
    case "adam": self = .adam(try Self.coefficients(choice))
    case "adamw": self = .adamW(try Self.coefficients(choice))
    default:
      _ = try choice.parameters(NamedChoice.Nothing())
      self = .sgd
    }
  }

  /// Writes the name, and the coefficients unless they are the defaults.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .sgd: try NamedChoice.encode(name, nil, to: encoder)
    case .adam(let adam), .adamW(let adam):
      try NamedChoice.encode(name, adam == AdamCoefficients() ? nil : adam, to: encoder)
    }
  }

  private static func coefficients(_ choice: NamedChoice) throws -> AdamCoefficients {
    try choice.parameters(AdamCoefficients()) { adam, check in
      for (key, beta) in [("beta1", adam.beta1), ("beta2", adam.beta2)] {
        check.belowOne(key, beta)
      }
      check.positive("epsilon", adam.epsilon)
    }
  }
}

/// Written as experiments write it: `constant`, `cosine`, `step: {every: 10, factor: 0.5}`. What is
/// left out is as in code.
extension LearningRateSchedule.Shape: Codable {
  /// Reads a name, or a name with parameters.
  public init(from decoder: any Decoder) throws {
    let choice = try NamedChoice(
      from: decoder, kind: "schedule", known: ["constant", "step", "cosine"])
    switch choice.name {
    case "step":
      self = .step(
        try choice.parameters(LearningRateSchedule.StepDecay()) { step, check in
          check.oneOrMore("every", step.every)
          check.positive("factor", step.factor)
        })
    case "cosine":
      self = .cosine(
        try choice.parameters(LearningRateSchedule.CosineDecay()) { cosine, check in
          let length = cosine.length ?? 1
          check.oneOrMore("length", length)
          check.notNegative("minimum", cosine.minimum)
        })
    default:
      _ = try choice.parameters(NamedChoice.Nothing())
      self = .constant
    }
  }

  /// Writes the name, and the parameters unless they are the defaults.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .constant: try NamedChoice.encode("constant", nil, to: encoder)
    case .step(let step):
      try NamedChoice.encode(
        "step", step == LearningRateSchedule.StepDecay() ? nil : step, to: encoder)
    case .cosine(let cosine):
      try NamedChoice.encode(
        "cosine", cosine == LearningRateSchedule.CosineDecay() ? nil : cosine, to: encoder)
    }
  }
}
