public import Components
public import FileFormats
internal import GradientInversion
public import Learning
public import Tensors

/// A model, its weights and what was observed of a client, read from files of any framework.
public struct InversionFiles: Sendable {
  /// The model with the parameters that differ from its defaults.
  public let model: String
  /// The model's structure.
  public let network: Network
  /// The weights that the client started from.
  public let parameters: Vector
  /// The observed numbers, in the order of the model's parameters; running statistics that the file
  /// leaves out are 0.
  public let observed: [Double]
  /// What the user should know about the file.
  public let notes: [String]

  /// Reads and checks.
  ///
  /// - Parameters:
  ///   - model: The model as an experiment names it.
  ///   - shape: One example's shape: channels, height, width, or a number of features.
  ///   - weights: An array for every parameter, by name, in PyTorch's layouts.
  ///   - gradient: An array for every trained parameter, likewise.
  /// - Throws: `ConfigurationError` with everything that is wrong, each with file and array.
  public init(
    model node: ConfigurationNode, shape: [Int], weights: TensorArchive, gradient: TensorArchive
  ) throws {
    let component = try Catalogue.standard.component(node, role: .model)
    guard let family = component.component as? any ModelFamily else {
      throw ConfigurationError("'\(component.label)' is no model", at: component.position)
    }
    model = component.label
    guard family.preparedShape(shape) == shape else {
      throw ConfigurationError(
        "--shape: \(component.label) takes images of \(family.preparedShape(shape)), got \(shape)",
        at: nil)
    }
    let classes = try GradientTask.classes(family, shape: shape, weights: weights)
    do {
      network = try family.network(inputShape: shape, classes: classes)
    } catch let error as LearningError {
      throw ConfigurationError("--shape: \(error) (for shape \(shape))", at: nil)
    }
    parameters = try Vector(GradientTask.doubles(weights, of: network).map { Float($0) })
    observed = try GradientTask.doubles(
      Self.filled(gradient, network: network), of: network)
    notes = Self.notes(observed, of: network, file: gradient.file)
  }

  /// The archive with zeros for running statistics that it leaves out: no gradient has any.
  private static func filled(_ archive: TensorArchive, network: Network) -> TensorArchive {
    let missing = network.layout.segments.filter { segment in
      (segment.kind == .statistics || segment.kind == .counter) && archive[segment.name] == nil
    }
    return TensorArchive(
      file: archive.file,
      tensors: archive.tensors
        + missing.map { segment in
          NamedTensor(
            name: segment.name, shape: segment.shape,
            values: .float64([Double](repeating: 0, count: segment.range.count)))
        })
  }

  /// What the last layer's gradient says of how the file was made.
  private static func notes(_ observed: [Double], of network: Network, file: String) -> [String] {
    guard let head = try? HeadGradient(observed, of: network), let bias = head.bias else {
      return []
    }
    var notes: [String] = []
    let negative = -bias.reduce(0) { $0 + min($1, 0) }
    let positive = bias.reduce(0) { $0 + max($1, 0) }
    if negative > 1.001 {
      notes.append(
        "\(file): the last bias's gradient sums to \(Figures.short(negative)) over its negative "
          + "entries, where that of a mean cross-entropy cannot exceed 1: the loss was summed over "
          + "the batch, or scaled; inversion by cosine does not mind, that by distance does")
    }
    if positive > 0, abs(positive - negative) > 1e-3 * max(positive, negative) {
      notes.append(
        "\(file): the last bias's gradient sums to \(Figures.short(positive - negative)), where that "
          + "of the cross-entropy sums to 0: it was clipped in part, disturbed, or is another loss's"
      )
    }
    if bias.count > 2, bias.count(where: { $0 < 0 }) > 1, bias.count(where: { $0 > 0 }) == 1 {
      notes.append(
        "\(file): one class's bias goes up and all others go down, as in a step along a single "
          + "example's gradient: is this a trained difference? Say --unit delta")
    }
    return notes
  }
}

/// Numbers in messages.
enum Figures {
  /// Three digits.
  static func short(_ value: Double) -> String {
    let digits = 1000.0
    return abs(value) >= 1 || value == 0
      ? "\((value * digits).rounded() / digits)" : "\((value * 1e6).rounded() / 1e6)"
  }
}
