internal import Glibc
public import Learning
public import Tensors

extension Imprint {
  /// How strongly the bins act on what follows: little, so that the client's loss looks ordinary.
  private static let outflow = 1e-3

  /// The malicious weights: those of `parameters` but for the first layers.
  ///
  /// The first hidden layer must have a unit for each threshold or more, others stay shut; the
  /// sparse form needs a second one as wide.
  ///
  /// - Throws: `InversionError` if the model has no such layers; a server that may modify the
  ///   architecture puts them in front.
  public func plant(
    in parameters: Vector, of network: Network
  ) throws(InversionError) -> Vector {
    let first = try DenseTensors.first(of: network, method: "an imprint")
    let units = form == .sparse ? bins : thresholds.count
    guard first.inputs == query.count, first.outputs >= units else {
      throw .sizeMismatch(
        what: "inputs and units of the first layer", got: first.outputs,
        expected: "\(query.count) inputs and at least \(units) units")
    }
    var weights = parameters.array
    for unit in 0..<first.outputs {
      let row = first.row(unit)
      let open = unit < units
      // The sparse form's first layer counts down to the bin's upper end.
      let sign = form == .sparse ? -1.0 : 1.0
      for (place, weight) in zip(row, query) { weights[place] = open ? Float(sign * weight) : 0 }
      let edge = form == .sparse && open ? thresholds[unit + 1] : open ? thresholds[unit] : 0
      weights[first.bias.lowerBound + unit] = open ? Float(-sign * edge) : -1
    }
    let second = try DenseTensors("fc2", of: network)
    if form == .sparse {
      try plantBins(second, network, &weights)
      plantOutflow(try DenseTensors("fc3", of: network), units: units, &weights)
    } else {
      plantOutflow(second, units: units, &weights)
    }
    return Vector(weights)
  }

  /// `relu(width_j - u_j)`, where `u_j = relu(t_(j+1) - h)`: shut below the bin, constant above it.
  private func plantBins(
    _ second: DenseTensors, _ network: Network, _ weights: inout [Float]
  ) throws(InversionError) {
    let layers = network.layers.filter { $0 != .flatten }
    guard second.inputs >= bins, second.outputs >= bins, !second.bias.isEmpty, layers.count > 3,
      layers[3] == .relu
    else {
      throw .unsuitableModel(
        method: "a sparse imprint",
        reason: "it has no second hidden layer of \(bins) units with a bias and a rectifier")
    }
    for unit in 0..<second.outputs {
      for place in second.row(unit) { weights[place] = 0 }
      let open = unit < bins
      if open { weights[second.row(unit).lowerBound + unit] = -1 }
      weights[second.bias.lowerBound + unit] =
        open ? Float(thresholds[unit + 1] - thresholds[unit]) : -1
    }
  }

  /// Every bin acts on the layer after it in the same way, differently on each of its units.
  private func plantOutflow(_ next: DenseTensors, units: Int, _ weights: inout [Float]) {
    for output in 0..<next.outputs {
      // Distinct, and without a common part that a softmax would not see.
      let strength = Self.outflow * cos(1 + Double(output))
      for unit in 0..<next.inputs {
        weights[next.row(output).lowerBound + unit] = unit < units ? Float(strength) : 0
      }
    }
  }

  /// What one bin gives away.
  public struct Bin: Sendable, Hashable {
    /// The bin, from 0.
    public let index: Int
    /// The bin's part of the bias gradient.
    public let biasGradient: Double
    /// The example, or a weighted mean of the bin's.
    public let input: [Float]
    /// Whether `h` of what came out lies in the bin, as that of a single example must.
    public let isConsistent: Bool
  }

  /// The bins that hold anything, by the gradient, or the sum of gradients, under planted weights.
  ///
  /// - Parameter threshold: Bins below this share of the largest bias gradient count as empty.
  /// - Throws: `InversionError` if the gradient does not fit the model.
  public func extract(
    _ gradient: [Double], of network: Network, threshold: Double = 1e-5
  ) throws(InversionError) -> [Bin] {
    guard gradient.count == network.parameterCount else {
      throw .sizeMismatch(
        what: "values of the gradient", got: gradient.count,
        expected: "\(network.parameterCount), the model's parameters")
    }
    let first = try DenseTensors.first(of: network, method: "an imprint")
    let units = form == .sparse ? bins : thresholds.count
    guard first.outputs >= units, !first.bias.isEmpty else {
      throw .sizeMismatch(
        what: "units of the first layer", got: first.outputs, expected: "at least \(units)")
    }
    return self.bins(
      of: (0..<units).map {
        (gradient[first.bias.lowerBound + $0], Array(gradient[first.row($0)]))
      }, threshold: threshold)
  }

  /// The bins of units' gradients, in order.
  func bins(of units: [(bias: Double, weight: [Double])], threshold: Double) -> [Bin] {
    /// What a unit has that the next has not; all of it in the sparse form and in the last unit.
    func next(_ bin: Int) -> Int? { form != .sparse && bin + 1 < units.count ? bin + 1 : nil }
    let shares = (0..<bins).map { bin in
      units[bin].bias - (next(bin).map { units[$0].bias } ?? 0)
    }
    let largest = shares.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { return [] }
    return (0..<bins).compactMap { bin in
      guard abs(shares[bin]) > threshold * largest else { return nil }
      let above = next(bin).map { units[$0].weight }
      let input = units[bin].weight.indices.map {
        Float((units[bin].weight[$0] - (above?[$0] ?? 0)) / shares[bin])
      }
      let value = Self.value(query, input)
      let upper = bin + 1 < thresholds.count ? thresholds[bin + 1] : .infinity
      let slack = 1e-4 * max(1, abs(value))
      return Bin(
        index: bin, biasGradient: shares[bin], input: input,
        isConsistent: value > thresholds[bin] - slack && value <= upper + slack)
    }
  }
}
