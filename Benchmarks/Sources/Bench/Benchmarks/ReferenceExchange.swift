import Foundation
import Learning
import Tensors

/// A network, parameters and a batch laid out in a folder for PyTorch, and what came back.
///
/// The files are raw little-endian numbers: `weights`, `x`, `v` in the scalar type, `y` as Int64.
struct ReferenceExchange {
  /// The scalar type of both sides.
  enum Precision: String, CaseIterable {
    case float64
    case float32

    /// The largest error allowed, relative to the largest value.
    var tolerance: Double { self == .float64 ? 1e-10 : 1e-5 }
    /// Its name in Swift.
    var label: String { self == .float64 ? "Double" : "Float" }
  }

  let model: String
  let network: Network
  let examples: LabeledExamples
  let precision: Precision
  private let folder: URL

  /// Writes parameters and batch to a folder of their own.
  init(
    model: String, network: Network, parameters: Vector, examples: LabeledExamples,
    precision: Precision
  ) throws {
    self.model = model
    self.network = network
    self.examples = examples
    self.precision = precision
    folder = FileManager.default.temporaryDirectory
      .appending(path: "rampart-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write(parameters.array, "weights")
    try write(examples.features, "x")
    try Data(bytes: examples.labels.map(Int64.init), as: Int64.self)
      .write(to: folder.appending(path: "y"))
  }

  /// Removes the folder.
  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Writes values in the exchange's precision.
  func write(_ values: [Float], _ name: String) throws {
    let file = folder.appending(path: name)
    switch precision {
    case .float64: try Data(bytes: values.map(Double.init), as: Double.self).write(to: file)
    case .float32: try Data(bytes: values, as: Float.self).write(to: file)
    }
  }

  /// Reads values that PyTorch has written.
  func read(_ name: String) throws -> [Double] {
    let data = try Data(contentsOf: folder.appending(path: name))
    switch precision {
    case .float64: return data.values(Double.self)
    case .float32: return data.values(Float.self).map(Double.init)
    }
  }

  /// What PyTorch is asked.
  func question(_ name: String, isTraining: Bool = false) -> Question {
    Question(
      question: name, folder: folder.path(percentEncoded: false), model: model,
      shape: examples.shape, classes: examples.classes, dtype: precision.rawValue,
      segments: network.layout.segments.map { .init(name: $0.name, shape: $0.shape) },
      training: isTraining)
  }

  struct Question: Encodable {
    let `do` = "reference"
    var question: String
    var folder: String
    var model: String
    var shape: [Int]
    var classes: Int
    var dtype: String
    var segments: [Segment]
    var training: Bool?
    var batch: Int?
    var steps: Int?
    var rate: Double?
    var momentum: Double?

    struct Segment: Encodable {
      var name: String
      var shape: [Int]
    }
  }
}

extension Data {
  /// The bytes of `values`.
  init<Value: BitwiseCopyable>(bytes values: [Value], as: Value.Type) {
    self = values.withUnsafeBytes { Data($0) }
  }

  /// The bytes as values.
  func values<Value: BitwiseCopyable>(_ type: Value.Type) -> [Value] {
    withUnsafeBytes { bytes in
      (0..<(bytes.count / MemoryLayout<Value>.stride)).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.stride, as: Value.self)
      }
    }
  }
}
