import Foundation
import Learning
import Tensors

/// The `mlp` trained by calls of OpenBLAS alone, in the data flow of our own training: what leaving
/// the framework brings before any kernel is written.
///
/// One thread a client. Biases are prefilled into the outputs, and the product of a weight gradient
/// runs straight into the weights, after the input gradient has been taken from them.
final class PlainBLAS {
  private typealias Memory = UnsafeMutablePointer<Float>

  private static let widths = [784, 200, 200, 10]
  private let batch: Int
  private let count: Int
  private let labels: [Int]
  private let features: Memory
  private let start: Memory
  private let parameters: Memory
  private let activations: [Memory]
  private let gradients: [Memory]

  /// Training of one client of 784 features from `start`, parameters of the `mlp`.
  init(_ client: LabeledExamples, start: Vector, batch: Int) {
    func memory(_ values: [Float]) -> Memory {
      let memory = Memory.allocate(capacity: values.count)
      for (index, value) in values.enumerated() { (memory + index).initialize(to: value) }
      return memory
    }
    let widths = Self.widths
    count = zip(widths, widths.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
    precondition(start.count == count && client.featureCount == widths[0])
    self.batch = batch
    labels = client.labels.map(Int.init)
    features = memory(client.features)
    self.start = memory(start.array)
    parameters = memory(start.array)
    activations = widths.map { memory([Float](repeating: 0, count: $0 * batch)) }
    gradients = widths.map { memory([Float](repeating: 0, count: $0 * batch)) }
  }

  deinit {
    for memory in [features, start, parameters] + activations + gradients { memory.deallocate() }
  }

  /// The parameters after the last epoch.
  var result: [Float] { (0..<count).map { parameters[$0] } }

  /// An epoch from the common start, in the order of the examples; returns how many it took.
  func epoch() -> Int {
    parameters.update(from: start, count: count)
    for first in stride(from: 0, to: labels.count, by: batch) {
      step(first, rows: min(batch, labels.count - first), rate: 0.01)
    }
    return labels.count
  }

  private func step(_ first: Int, rows: Int, rate: Float) {
    let widths = Self.widths
    let depth = widths.count - 1
    var weights = parameters
    var layers: [UnsafeMutablePointer<Float>] = []
    for layer in 0..<depth {
      layers.append(weights)
      weights += (widths[layer] + 1) * widths[layer + 1]
    }
    func input(_ layer: Int) -> UnsafePointer<Float> {
      layer == 0
        ? UnsafePointer(features + first * widths[0]) : UnsafePointer(activations[layer])
    }

    for layer in 0..<depth {
      let (inputs, outputs) = (widths[layer], widths[layer + 1])
      let y = activations[layer + 1]
      let bias = layers[layer] + inputs * outputs
      for row in 0..<rows { (y + row * outputs).update(from: bias, count: outputs) }
      BLAS.gemm(
        transposeB: true, m: rows, n: outputs, k: inputs, a: input(layer), lda: inputs,
        b: layers[layer], ldb: inputs, beta: 1, c: y, ldc: outputs)
      if layer < depth - 1 { for i in 0..<(rows * outputs) { y[i] = max(y[i], 0) } }
    }
    softmax(first, rows)
    for layer in (0..<depth).reversed() {
      let (inputs, outputs) = (widths[layer], widths[layer + 1])
      let dy = gradients[layer + 1]
      if layer > 0 {
        let dx = gradients[layer]
        BLAS.gemm(
          m: rows, n: inputs, k: outputs, a: dy, lda: outputs, b: layers[layer], ldb: inputs,
          c: dx, ldc: inputs)
        let x = input(layer)
        for i in 0..<(rows * inputs) where x[i] <= 0 { dx[i] = 0 }
      }
      BLAS.gemm(
        transposeA: true, m: outputs, n: inputs, k: rows, alpha: -rate, a: dy, lda: outputs,
        b: input(layer), ldb: inputs, beta: 1, c: layers[layer], ldc: inputs)
      let bias = layers[layer] + inputs * outputs
      for row in 0..<rows {
        BLAS.axpy(count: outputs, alpha: -rate, x: dy + row * outputs, y: bias)
      }
    }
  }

  /// The gradient of the mean cross-entropy by the logits.
  private func softmax(_ first: Int, _ rows: Int) {
    let classes = Self.widths[Self.widths.count - 1]
    let logits = activations[activations.count - 1]
    let gradient = gradients[gradients.count - 1]
    for row in 0..<rows {
      let range = (row * classes)..<((row + 1) * classes)
      let most = range.reduce(-Float.infinity) { max($0, logits[$1]) }
      var sum: Float = 0
      for i in range {
        gradient[i] = exp(logits[i] - most)
        sum += gradient[i]
      }
      for i in range { gradient[i] /= sum * Float(rows) }
      gradient[range.lowerBound + labels[first + row]] -= 1 / Float(rows)
    }
  }
}
