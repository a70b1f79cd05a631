import Foundation
import Learning
import Randomness

/// A perceptron in plain loops over nested arrays: the independent judge of the training core.
struct PlainMLP {
  /// Features, hidden widths, classes.
  var widths: [Int]

  var parameterCount: Int { zip(widths, widths.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 } }

  /// The same structure as a network of the library.
  func network() throws -> Network {
    var layers: [Layer] = []
    for outputs in widths.dropFirst() {
      if !layers.isEmpty { layers.append(.relu) }
      layers.append(.dense(outputs: outputs))
    }
    return try Network(input: [widths[0]], layers)
  }

  /// Mean loss and gradient over rows `x` with labels `y`, by the chain rule, one example at a time.
  func lossAndGradient(_ w: [Double], _ x: [[Double]], _ y: [Int]) -> (Double, [Double]) {
    var loss = 0.0
    var gradient = [Double](repeating: 0, count: w.count)
    for (row, label) in zip(x, y) {
      var h = [row]
      var starts = [0]
      for (l, (n, m)) in zip(widths, widths.dropFirst()).enumerated() {
        let at = starts[l]
        var output = [Double](repeating: 0, count: m)
        for o in 0..<m {
          var z = w[at + m * n + o]
          for i in 0..<n { z += w[at + o * n + i] * h[l][i] }
          output[o] = l < widths.count - 2 ? max(z, 0) : z
        }
        h.append(output)
        starts.append(at + (n + 1) * m)
      }
      let z = h[widths.count - 1]
      let sum = z.reduce(0) { $0 + exp($1) }
      loss += (log(sum) - z[label]) / Double(x.count)
      var d = z.indices.map { (exp(z[$0]) / sum - ($0 == label ? 1 : 0)) / Double(x.count) }
      for l in stride(from: widths.count - 2, through: 0, by: -1) {
        let (n, m, at) = (widths[l], widths[l + 1], starts[l])
        for o in 0..<m {
          gradient[at + m * n + o] += d[o]
          for i in 0..<n { gradient[at + o * n + i] += d[o] * h[l][i] }
        }
        var below = [Double](repeating: 0, count: n)
        for i in 0..<n where h[l][i] > 0 {
          for o in 0..<m { below[i] += d[o] * w[at + o * n + i] }
        }
        d = below
      }
    }
    return (loss, gradient)
  }
}

/// Random data whose features are exact in `Float`, and parameters to try on it.
struct Problem {
  var plain: PlainMLP
  var examples: LabeledExamples
  var rows: [[Double]]
  var parameters: [Double]

  init(_ widths: [Int], examples count: Int, using generator: inout Generator) throws {
    plain = PlainMLP(widths: widths)
    let features = generator.normals(count * widths[0])
    let classes = widths[widths.count - 1]
    examples = try LabeledExamples(
      features: features, labels: (0..<count).map { _ in Int32(generator.uniform(below: classes)) },
      shape: [widths[0]], classes: classes)
    rows = (0..<count).map { row in
      features[(row * widths[0])..<((row + 1) * widths[0])].map(Double.init)
    }
    parameters = (0..<plain.parameterCount).map { _ in
      Double(Float(0.5 * generator.normal()))
    }
  }

  var labels: [Int] { examples.labels.map(Int.init) }

  /// The judge's answer on a batch.
  func reference(_ batch: [Int], at parameters: [Double]? = nil) -> (Double, [Double]) {
    plain.lossAndGradient(
      parameters ?? self.parameters, batch.map { rows[$0] }, batch.map { labels[$0] })
  }
}
