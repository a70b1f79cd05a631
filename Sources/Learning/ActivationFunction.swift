/// A function applied to every value, in PyTorch's definitions.
public enum ActivationFunction: Sendable, Hashable, CustomStringConvertible {
  /// `max(x, 0)`; its derivative at 0 is 0.
  case relu
  /// `x` above 0, `slope x` below.
  case leakyReLU(slope: Double = 0.01)
  /// `x` above 0, `alpha (e^x - 1)` below.
  case elu(alpha: Double = 1)
  /// `1 / (1 + e^-x)`.
  case sigmoid
  /// The hyperbolic tangent.
  case tanh
  /// `log(1 + e^(beta x)) / beta`.
  case softplus(beta: Double = 1)
  /// `x Phi(x)` with the normal distribution function, the exact form.
  case gelu
  /// `x / (1 + e^-x)`.
  case silu

  /// As configurations write it.
  public var name: String {
    switch self {
    case .relu: "relu"
    case .leakyReLU: "leaky-relu"
    case .elu: "elu"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .softplus: "softplus"
    case .gelu: "gelu"
    case .silu: "silu"
    }
  }

  /// The name, with the parameter if there is one.
  public var description: String {
    switch self {
    case .leakyReLU(let parameter), .elu(let parameter), .softplus(let parameter):
      "\(name)(\(parameter))"
    default: name
    }
  }

  /// Whether the parameter, if there is one, is a positive number.
  var isValid: Bool {
    switch self {
    case .leakyReLU(let parameter), .elu(let parameter), .softplus(let parameter):
      parameter > 0 && parameter.isFinite
    default: true
    }
  }
}
