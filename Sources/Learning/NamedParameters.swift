internal import Components
public import Tensors

/// One tensor of a model by name, as weight files hold it.
public struct NamedParameter<Value: BinaryFloatingPoint & Sendable>: Sendable, Hashable {
  /// Its name: `fc1.weight`.
  public let name: String
  /// Its shape in PyTorch's layout: `[outputs, inputs]` for a dense weight.
  public let shape: [Int]
  /// Its values, row-major.
  public let values: [Value]

  /// A tensor of these values.
  ///
  /// - Precondition: there are as many values as the product of `shape`.
  public init(name: String, shape: [Int], values: [Value]) {
    precondition(values.count == shape.reduce(1, *), "\(name): \(values.count) values for \(shape)")
    self.name = name
    self.shape = shape
    self.values = values
  }
}

extension ParameterLayout {
  /// The flat vector that holds these tensors, given in any order.
  ///
  ///     let weights = try network.layout.parameters(from: [
  ///       NamedParameter(name: "fc1.weight", shape: [2, 3], values: [1, 2, 3, 4, 5, 6]),
  ///       NamedParameter(name: "fc1.bias", shape: [2], values: [0, 0]),
  ///     ])
  ///
  /// PyTorch's batch counters (names that end in `num_batches_tracked`) are ignored: no pass reads
  /// them.
  ///
  /// - Throws: `LearningError.parametersDoNotFit` with every tensor that is missing, there twice or
  ///   not part of the model, has another shape or holds a value that is not finite.
  /// - Complexity: O(`count`).
  public func parameters(
    from tensors: [NamedParameter<Float>]
  ) throws(LearningError) -> Vector {
    Vector(try flattened(tensors))
  }

  /// The flat parameters that hold these tensors, in double precision; as the form for `Float`.
  public func parameters(
    from tensors: [NamedParameter<Double>]
  ) throws(LearningError) -> [Double] {
    try flattened(tensors)
  }

  /// The tensors of a flat vector, in the order of the segments.
  ///
  /// - Throws: `LearningError.sizeMismatch` unless `parameters` has `count` values.
  public func named(_ parameters: Vector) throws(LearningError) -> [NamedParameter<Float>] {
    try split(parameters.array)
  }

  /// The tensors of flat parameters in double precision, in the order of the segments.
  ///
  /// - Throws: `LearningError.sizeMismatch` unless `parameters` has `count` values.
  public func named(_ parameters: [Double]) throws(LearningError) -> [NamedParameter<Double>] {
    try split(parameters)
  }

  private func split<Value>(_ parameters: [Value]) throws(LearningError) -> [NamedParameter<Value>]
  {
    guard parameters.count == count else {
      throw .sizeMismatch(
        place: "naming parameters", what: "values", got: parameters.count, expected: count)
    }
    return segments.map { segment in
      NamedParameter(
        name: segment.name, shape: segment.shape, values: Array(parameters[segment.range]))
    }
  }

  private func flattened<Value>(
    _ tensors: [NamedParameter<Value>]
  ) throws(LearningError) -> [Value] {
    var problems: [String] = []
    var given: [String: NamedParameter<Value>] = [:]
    for tensor in tensors where given.updateValue(tensor, forKey: tensor.name) != nil {
      problems.append("'\(tensor.name)' is there twice")
    }
    var parameters: [Value] = []
    parameters.reserveCapacity(count)
    for segment in segments {
      let place = "'\(segment.name)'"
      guard let tensor = given[segment.name] else {
        problems.append("\(place) is missing; expected shape \(segment.shape)")
        continue
      }
      if tensor.shape != segment.shape {
        let isTransposed = tensor.shape.count == 2 && tensor.shape.reversed() == segment.shape
        problems.append(
          "\(place) has shape \(tensor.shape); expected \(segment.shape)"
            + (isTransposed ? " (outputs first, as in PyTorch: transpose it)" : ""))
      }
      if let index = tensor.values.firstIndex(where: { !$0.isFinite }) {
        problems.append("\(place) has the value \(tensor.values[index]) at flat index \(index)")
      }
      parameters += tensor.values
    }
    problems += strangers(among: tensors.map(\.name))
    guard problems.isEmpty else { throw .parametersDoNotFit(problems: problems) }
    return parameters
  }

  /// What is wrong with names that the layout does not have.
  private func strangers(among names: [String]) -> [String] {
    let known = segments.map(\.name)
    let missing = known.filter { !names.contains($0) }
    return names.compactMap { name in
      guard !known.contains(name), !name.hasSuffix("num_batches_tracked") else { return nil }
      let nearest = NearestName.find(name, in: missing) ?? NearestName.find(name, in: known)
      return "'\(name)' is no part of the model" + (nearest.map { "; nearest: '\($0)'" } ?? "")
    }
  }
}
